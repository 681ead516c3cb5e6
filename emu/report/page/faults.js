/* SPDX-License-Identifier: MIT */
/* What failed, what the schedule changed, what was captured: tables that are shown as they are, and when it happened. */
'use strict';
sfemu.list = (host, id, title, caption, table) => {
	const {element} = sfemu;
	host.append(element('figure', {id, class: 'wide', 'aria-labelledby': `${id}-title`},
		element('figcaption', {}, element(sfemu.level(host), {id: `${id}-title`}, title), element('p', {}, caption)), sfemu.tableElement(table, title),
		element('div', {class: 'tools'}, element('button', {type: 'button', 'data-save': 'csv', 'aria-label': `Save data as CSV: ${title}`, onclick: () => sfemu.save(sfemu.csv(table), 'text/csv', `${id}.csv`)}, 'Save CSV'))));
};

sfemu.faultList = (host, run) => {
	const failed = run.jobs.rows.filter(r => r.status !== 'done');
	if (failed.length) sfemu.list(host, `faults-${run.i}`, 'What failed', `${failed.length} jobs did not end well.`,
		sfemu.only(run.jobs, ['strategy', 'job', 'client', 'status', 'reason', 'arrival_s'], failed, 'faults.csv'));
	else if (run.jobs.rows.length) host.append(sfemu.element('p', {class: 'wide', id: `faults-${run.i}`}, 'No job failed: every one ended well.'));
};

sfemu.captureList = (host, run) => {
	if (run.captures.rows.length) sfemu.list(host, `captures-${run.i}`, 'Captures', 'Packets that the run kept; they open in Wireshark, and sfemu analyze reads them.', run.captures);
};

/* The schedule is the same under every strategy: drawn once; what was done by hand is all there is. */
sfemu.eventFigure = (host, run) => {
	const {events} = run;
	if (!events?.rows.length) return;
	const byHand = r => r.what.startsWith('by hand'), done = r => r.what.replace(/^by hand(, earlier)?: /, '');
	const rows = events.rows.filter(r => byHand(r) || r.strategy === events.rows[0].strategy).map(r => ({...r, y: `${r.link} ${r.direction}`,
		kind: done(r).startsWith('down') ? 'down' : done(r).startsWith('up') ? 'up' : 'change'}));
	const hands = rows.filter(byHand).length;
	const looks = {down: {label: 'taken down', symbol: 'cross', color: 'var(--c0)'}, up: {label: 'brought up', symbol: 'triangle', color: 'var(--c2)'}, change: {label: 'changed', symbol: 'circle', color: 'var(--c1)'}};
	const kinds = Object.keys(looks).filter(k => rows.some(r => r.kind === k));
	const lanes = d3.groupSort(rows, g => d3.min(g, r => r.due_s), r => r.y).slice(0, 40);
	const texts = rows.length <= 40 && d3.max(d3.rollups(rows, g => g.length, r => r.y), d => d[1]) <= 6;
	sfemu.figure(host, {
		id: `events-${run.i}`, title: hands ? 'What changed links: the schedule, and by hand' : 'What the schedule did to links', table: events, wide: true,
		caption: `${rows.length} changes${lanes.length < new Set(rows.map(r => r.y)).size ? ` (of the ${lanes.length} links that changed first)` : ''}${hands ? `; ${hands} were made by hand under the strategy that they name, the others by the schedule under every strategy` : ', the same under every strategy'}; point at a mark for what it was.`,
		draw: width => sfemu.plot(width, {
			bodyHeight: Math.max(46, 30 * lanes.length), marginLeft: Math.min(190, width / 3), marginRight: 30, marginTop: 16,
			x: {label: "time since the replay's start", tickFormat: sfemu.tick(sfemu.seconds), ticks: width < 500 ? 3 : 8, zero: true, grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: lanes, tickFormat: d => width < 600 && d.length > 15 ? `${d.slice(0, 14)}…` : d, grid: true}, color: {type: 'identity'}, symbol: {type: 'identity'},
			marks: [
				...kinds.map(k => Plot.dot(rows.filter(r => r.kind === k && lanes.includes(r.y)), {x: 'due_s', y: 'y', stroke: looks[k].color, strokeWidth: 2, symbol: looks[k].symbol, r: 5, title: d => `${sfemu.seconds(d.due_s)}: ${d.link} ${d.direction}: ${d.what}${byHand(d) ? ` (${d.strategy})` : ''}`})),
				...(texts && width > 800 ? [Plot.text(rows.filter(r => r.kind === 'change'), {x: 'due_s', y: 'y', text: 'what', dy: -11, textAnchor: 'start', dx: -4, fontSize: 11})] : []),
			],
		}, kinds.map(k => ({...looks[k], dash: '0 99'}))),
	});
};
