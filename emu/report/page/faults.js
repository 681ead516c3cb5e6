/* SPDX-License-Identifier: MIT */
/* Failures, changes by the schedule, and captures: their tables, and the times at which they happened. */
'use strict';
sfemu.list = (host, id, title, caption, table) => {
	const {element} = sfemu;
	host.append(element('figure', {id, class: 'wide', 'aria-labelledby': `${id}-title`},
		element('figcaption', {}, element(sfemu.level(host), {id: `${id}-title`}, title), element('p', {}, caption)), sfemu.tableElement(table, title),
		element('div', {class: 'tools'}, element('button', {type: 'button', 'data-save': 'csv', 'aria-label': `Save data as CSV: ${title}`, onclick: () => sfemu.save(sfemu.csv(table), 'text/csv', `${id}.csv`)}, 'Save CSV'))));
};

/* The jobs by status under each strategy, if not all were done. */
sfemu.outcomeList = (host, run) => {
	const rows = run.summary.rows;
	if (!rows.some(r => r.failed || r.timed_out || r.failed_attempts || r.crashes)) return;
	sfemu.list(host, `outcomes-${run.i}`, 'What became of the jobs', 'Of all jobs, how many were done, failed, or were given up by their clients; what was asked and not answered meanwhile; nodes that crashed, and states that were lost with them.',
		sfemu.only(run.summary, ['strategy', 'jobs', 'done', 'failed', 'timed_out', 'failed_attempts', 'crashes', 'states_lost', ...(run.shared.rows.length ? ['shared_lost'] : []), 'reasons'], rows, 'outcomes.csv'));
};

sfemu.faultList = (host, run) => {
	const failed = run.jobs.rows.filter(r => r.status !== 'done');
	if (failed.length) sfemu.list(host, `faults-${run.i}`, 'What failed', `${failed.length} jobs did not end well.`,
		sfemu.only(run.jobs, ['strategy', 'job', 'client', 'status', 'reason', 'attempts', 'states_lost', 'arrival_s'], failed, 'faults.csv'));
	else if (run.jobs.rows.length) host.append(sfemu.element('p', {class: 'wide', id: `faults-${run.i}`}, 'No job failed: every one ended well.'));
};

/* States that outlive jobs: what became of their changes. */
sfemu.sharedList = (host, run) => {
	if (run.shared.rows.length) sfemu.list(host, `shared-${run.i}`, 'States that outlive jobs', 'What became of the accesses to each state. After a conflict the step ran again, and its run before was in vain; an overwritten change is not in the last version.', run.shared);
};

sfemu.captureList = (host, run) => {
	if (run.captures.rows.length) sfemu.list(host, `captures-${run.i}`, 'Captures', 'Packets that the run kept; they open in Wireshark, and sfemu analyze reads them.', run.captures);
};

/* An event's meaning: whether it begins or ends something, and what. */
sfemu.eventOf = r => {
	const [, fault, over, what] = r.what.match(/^(?:fault (\d+)( over)?: )?(.*)$/s);
	const kind = over ? 'up' : /^(down|crash)/.test(what) ? 'down' : /^(up|restart|heal)/.test(what) ? 'up' : /^partition/.test(what) ? 'down' : 'change';
	return {...r, kind, fault: fault ?? null, y: r.link ? `${r.link} ${r.direction}` : r.node || 'partitions'};
};

/* Pairs each beginning with its end: that of the same fault, or the next up, restart or heal. */
sfemu.eventSpans = rows => {
	const spans = [], last = d3.max(rows, r => r.due_s);
	for (const [, lane] of d3.groups(rows, r => r.y)) {
		lane.forEach((r, i) => {
			const begins = r.fault === null ? r.kind === 'down' : !/^fault \d+ over/.test(r.what);
			if (!begins || /already/.test(r.what)) return;
			const end = lane.slice(i + 1).find(e => r.fault === null ? e.fault === null && e.kind === 'up' : e.fault === r.fault);
			spans.push({y: r.y, from: r.due_s, to: end ? end.due_s : last, what: r.what});
		});
	}
	return spans;
};

/* The schedule is the same under each strategy: it is drawn once, from the strategy that ran longest. */
sfemu.eventFigure = (host, run) => {
	const {events} = run;
	if (!events?.rows.length) return;
	const longest = d3.greatest(d3.groups(events.rows, r => r.strategy), ([, g]) => g.length)[0];
	const rows = events.rows.filter(r => r.strategy === longest).map(sfemu.eventOf);
	const looks = {down: {label: 'taken down, crashed, cut off', symbol: 'cross', color: 'var(--e0)'}, up: {label: 'brought back', symbol: 'triangle', color: 'var(--e1)'}, change: {label: 'changed', symbol: 'circle', color: 'var(--e2)'}};
	const kinds = Object.keys(looks).filter(k => rows.some(r => r.kind === k));
	const lanes = d3.groupSort(rows, g => d3.min(g, r => r.due_s), r => r.y).slice(0, 60);
	const shown = rows.filter(r => lanes.includes(r.y)), spans = sfemu.eventSpans(shown);
	const texts = rows.length <= 40 && d3.max(d3.rollups(rows, g => g.length, r => r.y), d => d[1]) <= 6;
	sfemu.figure(host, {
		id: `events-${run.i}`, title: 'What the schedule did to links and nodes', table: events, wide: true,
		caption: `${rows.length} changes${lanes.length < new Set(rows.map(r => r.y)).size ? ` (shown: the ${lanes.length} links and nodes that changed first)` : ''}, the same under every strategy until its jobs have ended; point at a mark for what it was.`,
		time: [0, 1.02 * d3.max(rows, r => r.due_s)],
		draw: (width, time) => sfemu.plot(width, {
			bodyHeight: Math.max(46, (lanes.length > 30 ? 18 : 30) * lanes.length), marginLeft: Math.min(190, width / 3), marginRight: 30, marginTop: 16,
			x: {label: "time since the replay's start", domain: time, tickFormat: sfemu.tick(sfemu.seconds), ticks: width < 500 ? 3 : 8, grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: lanes, tickFormat: d => width < 600 && d.length > 15 ? `${d.slice(0, 14)}…` : d, grid: true}, color: {type: 'identity'}, symbol: {type: 'identity'},
			marks: [
				Plot.link(spans, {x1: 'from', x2: 'to', y: 'y', stroke: 'var(--e0)', strokeOpacity: 0.45, strokeWidth: 5, clip: true, title: d => `${sfemu.seconds(d.from)} to ${sfemu.seconds(d.to)}: ${d.y}: ${d.what}`}),
				...kinds.map(k => Plot.dot(shown.filter(r => r.kind === k), {x: 'due_s', y: 'y', stroke: looks[k].color, strokeWidth: 2, symbol: looks[k].symbol, r: lanes.length > 30 ? 3 : 5, clip: true, title: d => `${sfemu.seconds(d.due_s)}: ${d.y}: ${d.what}`})),
				...(texts && width > 800 && time[0] === 0 ? [Plot.text(rows.filter(r => r.kind === 'change'), {x: 'due_s', y: 'y', text: 'what', dy: -11, textAnchor: 'start', dx: -4, fontSize: 11})] : []),
			],
		}, kinds.map(k => ({...looks[k], dash: '0 99'}))),
	});
};

/* The times without an answer, under each strategy. */
sfemu.attemptFigure = (host, run) => {
	const rows = run.attempts?.rows ?? [];
	if (!rows.length) return;
	const strategies = run.strategies.rows.map(r => r.strategy).filter(s => rows.some(r => r.strategy === s));
	const kinds = sfemu.spans.filter(s => rows.some(r => r.kind === s.what));
	sfemu.figure(host, {
		id: `attempts-${run.i}`, title: 'Requests that were not answered', table: run.attempts, wide: true,
		caption: `${rows.length} attempts in all, each from its beginning until it was given up; full circles are those after which nobody asked again.`,
		time: [0, 1.02 * d3.max(rows, r => r.end_s)],
		draw: (width, time, at = sfemu.names(strategies, width)) => sfemu.plot(width, {
			bodyHeight: 54 * strategies.length, marginLeft: at.marginLeft, marginRight: 30, marginTop: 16,
			x: {label: "time since the replay's start", domain: time, tickFormat: sfemu.tick(sfemu.seconds), ticks: width < 500 ? 3 : 8, grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: strategies, padding: 0.3, axis: at.inside ? null : 'left'}, color: {type: 'identity'},
			marks: [
				...kinds.flatMap((k, i) => {
					const own = rows.filter(r => r.kind === k.what), dy = 7 * (i - (kinds.length - 1) / 2);
					const title = d => `${sfemu.seconds(d.begin_s)}: ${d.from} asked ${d.to} (${d.kind} of job ${d.job}, step ${d.step}), attempt ${d.number}: ${d.error} after ${sfemu.seconds(d.end_s - d.begin_s)}`;
					return [Plot.link(own, {x1: 'begin_s', x2: 'end_s', y: 'strategy', dy, stroke: k.color, strokeOpacity: 0.6, strokeWidth: 2, clip: true, title}),
						Plot.dot(own, {x: 'end_s', y: 'strategy', dy, stroke: k.color, fill: d => d.last ? k.color : 'none', r: 3, clip: true, title})];
				}),
				...(at.inside ? [Plot.text(strategies, {y: d => d, frameAnchor: 'left', dy: -22, text: d => d, textAnchor: 'start', dx: 2})] : []),
			],
		}, kinds),
	});
};
