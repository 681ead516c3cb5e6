/* SPDX-License-Identifier: MIT */
/* The strategies side by side: the parts of the response time, its distribution, and the traffic. */
'use strict';
sfemu.parts = [
	['sending_s', 'sending the bytes', 0], ['propagation_s', "links' delays", 1], ['queueing_s', 'waiting behind other jobs', 2],
	['tcp_start_s', "TCP's start", 3], ['headers_s', 'headers', 4], ['retries_s', 'failed attempts, retries', 9], ['link_changes_s', 'changed links', 10],
	['retransmissions_s', 'lost packets', 11], ['window_s', 'acknowledgements', 12], ['queue_waits_s', 'queues beyond fair shares', 17], ['processing_s', 'computing', 5],
	['unexplained_s', 'unexplained', 6], ['vain_s', 'runs in vain', 7],
	['overlap_s', 'hidden behind computing', 15, -1],
	['starting_s', "nodes' queues and cold starts", 8], /* only in runs with `nodes` */
].map(([column, label, i, sign = 1]) => ({column, label, color: `var(--p${i})`, sign}));
/* Parts that are shown only where they are. */
sfemu.rareParts = ['other_paths_s', 'vain_s', 'overlap_s', 'starting_s', 'retries_s', 'link_changes_s', 'retransmissions_s', 'window_s', 'queue_waits_s'];
sfemu.shownParts = (parts, rows) => parts.filter(p => !sfemu.rareParts.includes(p.column) || rows.some(r => Math.abs(r[p.column] ?? 0) >= 1e-6));

/* The marks of stacked bars over the labels of y; negative parts extend to the left of 0. */
sfemu.partBars = (rows, parts, y, extra = () => ({})) => {
	const cells = rows.flatMap(r => parts.map(p => ({y: y(r), part: p.label, color: p.color, s: p.sign * (r[p.column] ?? 0), ...extra(r)})));
	return Plot.barX(cells, {y: 'y', x: 's', fill: 'color', stroke: 'var(--card)', strokeWidth: 0.5, title: d => `${d.y}, ${d.part}: ${sfemu.seconds(d.s)}`, ...(cells[0] && 'fy' in cells[0] ? {fy: 'fy'} : {})});
};

sfemu.meanFigure = (host, run) => {
	const rows = run.strategies.rows.filter(r => r.compared_jobs > 0);
	if (!rows.length) return;
	const parts = sfemu.shownParts(sfemu.parts, rows);
	const certain = rows.filter(r => r.compared_confidence_s !== null);
	const interval = {y: 'strategy', x1: d => Math.max(0, d.compared_mean_s - d.compared_confidence_s), x2: d => d.compared_mean_s + d.compared_confidence_s};
	sfemu.figure(host, {
		id: `response-${run.i}`, title: 'What the response time is made of', table: run.strategies,
		caption: `Mean of ${sfemu.population(run)}; the line on a bar is the mean's 95 % confidence interval.`,
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 64 * rows.length, marginLeft: at.marginLeft, marginRight: 24,
			x: {label: 'mean response time', tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(2, Math.floor(width / 140)), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: rows.map(r => r.strategy), padding: 0.5, axis: at.inside ? null : 'left'},
			color: {type: 'identity'},
			marks: [
				sfemu.partBars(rows, parts, r => r.strategy),
				Plot.ruleY(certain, {...interval, stroke: 'var(--card)', strokeWidth: 4.5}),
				Plot.ruleY(certain, {...interval, stroke: 'currentColor', strokeWidth: 1.5, marker: 'tick'}),
				Plot.text(rows, {y: 'strategy', x: 0, dy: -20, dx: 2, text: d => (at.inside ? `${d.strategy}: ` : '') + (certain.includes(d) ? `${sfemu.seconds(d.compared_mean_s)} ± ${sfemu.seconds(d.compared_confidence_s)}` : sfemu.seconds(d.compared_mean_s)), textAnchor: 'start', fontWeight: 'bold'}),
				Plot.ruleX([0]),
			],
		}, parts),
	});
};

/* Which jobs the response times are of: the same in each figure. */
sfemu.population = run => {
	const r = run.strategies.rows[0];
	return !r ? 'no jobs' : r.compared_jobs === r.jobs && run.strategies.rows.every(s => s.jobs === r.jobs) ? `all ${r.jobs} jobs` : `the ${r.compared_jobs} of ${r.jobs} jobs that every strategy has done`;
};

/* How much later than under the fastest strategy, job by job, with the interval of the mean difference. */
sfemu.laterFigure = (host, run) => {
	const rows = run.strategies.rows.filter(r => r.compared_jobs > 0), best = d3.least(rows, r => r.compared_mean_s);
	const others = rows.filter(r => r !== best && r.later_confidence_s !== null);
	if (!others.length) return;
	const decided = r => r.later_mean_s - r.later_confidence_s > 0;
	const ends = r => [r.later_mean_s - r.later_confidence_s, r.later_mean_s + r.later_confidence_s];
	sfemu.figure(host, {
		id: `later-${run.i}`, title: `How much later than under ${best.strategy}`,
		caption: `Difference of the response times of the same job, mean of ${sfemu.population(run)}, with its 95 % confidence interval (paired by job). A hollow mark: the interval contains 0, so the difference may be chance.`,
		table: sfemu.only(run.strategies, ['strategy', 'compared_jobs', 'compared_mean_s', 'later_mean_s', 'later_confidence_s'], rows, 'later.csv'),
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 52 * others.length + 12, marginLeft: at.marginLeft, marginRight: 30,
			x: {label: `later than under ${best.strategy}`, domain: d3.extent([0, ...others.flatMap(ends)]), nice: true, tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(2, Math.floor(width / 140)), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: others.map(r => r.strategy), padding: 0.5, axis: at.inside ? null : 'left', type: 'band'},
			color: {type: 'identity'}, symbol: {type: 'identity'},
			marks: [
				Plot.ruleX([0], {strokeWidth: 1.5}),
				Plot.ruleY(others, {y: 'strategy', x1: d => ends(d)[0], x2: d => ends(d)[1], stroke: d => sfemu.look(d.strategy).color, strokeWidth: 2.5, marker: 'tick'}),
				Plot.dot(others, {y: 'strategy', x: 'later_mean_s', r: 6, strokeWidth: 2, stroke: d => sfemu.look(d.strategy).color, fill: d => decided(d) ? sfemu.look(d.strategy).color : 'var(--card)', symbol: d => sfemu.look(d.strategy).symbol, title: d => `${d.strategy}: ${sfemu.seconds(d.later_mean_s)} ± ${sfemu.seconds(d.later_confidence_s)} later`}),
				Plot.text(others, {y: 'strategy', frameAnchor: 'left', dy: -18, dx: 2, textAnchor: 'start', text: d => `${at.inside ? `${d.strategy}: ` : ''}${sfemu.seconds(d.later_mean_s)} ± ${sfemu.seconds(d.later_confidence_s)}`, stroke: 'var(--card)', strokeWidth: 3, fill: 'currentColor'}),
			],
		}),
	});
};

sfemu.ecdfFigure = (host, run) => {
	const done = run.jobs.rows.filter(r => r.status === 'done');
	if (!done.length) return;
	const all = d3.rollup(run.jobs.rows, g => g.length, r => r.strategy), last = Math.max(1e-6, d3.max(done, d => d.response_s));
	/* Of all jobs: those that failed never come, and the line goes on where it is. */
	const lines = d3.groups(done, d => d.strategy).flatMap(([strategy, jobs]) => {
		const steps = d3.sort(jobs, d => d.response_s).map((d, i) => ({strategy, x: Math.max(d.response_s, 1e-6), y: (i + 1) / all.get(strategy)}));
		return [...steps, {strategy, x: last, y: jobs.length / all.get(strategy), end: true}];
	});
	const names = [...new Set(lines.map(d => d.strategy))], failed = run.jobs.rows.length - done.length;
	const bands = names.length <= 4; /* more would overlap and be illegible */
	sfemu.figure(host, {
		id: `distribution-${run.i}`, title: 'How response times are distributed',
		caption: `Share of all jobs that are done within a time (logarithmic axis): the further left a line, the sooner its answers.${failed ? ' Jobs that failed are never done: the lines end below 100 %.' : ''}` + (bands ? ' The bands are where the line of many more such jobs would be, with 95 % confidence (Dvoretzky, Kiefer, Wolfowitz).' : ''),
		table: sfemu.only(run.jobs, ['strategy', 'job', 'steps', 'state_bytes', 'response_s', 'net_delay_s', 'processing_s'], done, 'responses.csv'),
		draw: width => sfemu.plot(width, {
			bodyHeight: 260, marginLeft: 46, marginRight: 24,
			x: {type: 'log', label: 'response time', tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(4, width / 130), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: '↑ share of jobs', tickFormat: '.0%', domain: [0, 1], grid: true},
			marks: names.flatMap(name => {
				const look = sfemu.look(name), own = lines.filter(d => d.strategy === name);
				const far = Math.sqrt(Math.log(2 / 0.05) / (2 * all.get(name)));
				return [Plot.areaY(bands ? own : [], {x: 'x', y1: d => Math.max(0, d.y - far), y2: d => Math.min(1, d.y + far), fill: look.color, fillOpacity: 0.1, curve: 'step-after'}),
					Plot.line(own, {x: 'x', y: 'y', stroke: look.color, strokeWidth: 2.2, strokeDasharray: look.dash, curve: 'step-after'}),
					Plot.dot(own.filter(d => d.end), {x: 'x', y: 'y', fill: look.color, symbol: look.symbol, r: 4.5, title: d => `${name}: ${sfemu.share(d.y)} of ${all.get(name)} jobs are done`})];
			}),
		}, names.map(sfemu.look)),
	});
};

sfemu.trafficFigure = (host, run) => {
	const rows = run.strategies.rows.filter(r => r.wire_bytes !== null || r.payload_bytes_hops > 0);
	if (!rows.length) return;
	const cells = rows.flatMap(r => [['payload × links', r.payload_bytes_hops, 1], ['on the wire', r.wire_bytes, 0.55]].filter(([, b]) => b !== null)
		.map(([what, bytes, opacity]) => ({strategy: r.strategy, what, bytes, opacity})));
	sfemu.figure(host, {
		id: `traffic-${run.i}`, title: 'What travelled over the links',
		caption: 'Of all jobs, those that failed too. Payload: arguments, states and return values, times the links that each crossed. On the wire: whole frames as the interfaces counted them, with headers, acknowledgements and retransmissions.',
		table: sfemu.only(run.strategies, ['strategy', 'jobs', 'done', 'payload_bytes_hops', 'wire_bytes', 'drops'], rows, 'traffic.csv'),
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 62 * rows.length, marginLeft: at.marginLeft, marginRight: 12,
			x: {label: 'bytes', tickFormat: sfemu.tick(sfemu.bytes), ticks: Math.max(2, Math.floor(width / 140)), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {axis: null, padding: 0.1, domain: ['payload × links', 'on the wire']}, fy: {label: null, domain: rows.map(r => r.strategy), padding: 0.2, axis: at.inside ? null : 'left'},
			marks: [
				Plot.barX(cells, {fy: 'strategy', y: 'what', x: 'bytes', fill: d => sfemu.look(d.strategy).color, fillOpacity: 'opacity', title: d => `${d.strategy}, ${d.what}: ${sfemu.bytes(d.bytes)}`}),
				Plot.text(cells, {fy: 'strategy', y: 'what', x: 0, text: d => `${at.inside ? `${d.strategy}, ` : ''}${d.what}: ${sfemu.bytes(d.bytes)}`, textAnchor: 'start', dx: 6, fill: 'var(--ink)', stroke: 'var(--card)', strokeWidth: 3}),
				Plot.ruleX([0]),
			],
			color: {type: 'identity'}, opacity: {type: 'identity'},
		}),
	});
};

/* The main table: one row for each strategy. */
sfemu.strategyTable = (host, run) => {
	const {element, seconds, bytes} = sfemu;
	const rows = run.strategies.rows;
	if (!rows.length) return;
	const best = d3.least(rows.filter(r => r.compared_jobs), r => r.compared_mean_s);
	const pm = (x, ci, format) => ci === null ? format(x) : `${format(x)} ± ${format(ci)}`;
	const n = d3.max(rows, r => r.compared_jobs), few = n < 100;
	const columns = [
		['strategy', r => r.strategy], ['jobs done', r => `${r.done} of ${r.jobs}`],
		['mean (95 %)', r => pm(r.compared_mean_s, r.compared_confidence_s, seconds)], ['median', r => seconds(r.compared_p50_s)],
		['p95', r => seconds(r.compared_p95_s)], [few ? 'p99 *' : 'p99', r => seconds(r.compared_p99_s)],
		['later than the fastest', r => r === best || !r.compared_jobs ? '–' : pm(r.later_mean_s, r.later_confidence_s, seconds)],
		['payload × links', r => bytes(r.payload_bytes_hops)], ['on the wire', r => bytes(r.wire_bytes)], ['drops', r => r.drops ?? '–'],
	];
	if (n) host.append(element('p', {class: 'wide note', id: `population-${run.i}`}, `Response times are of ${sfemu.population(run)}; traffic is of all jobs.${few ? ` * p99 of ${n} jobs lies between the slowest and the one before it: it says little about the tail.` : ''}`));
	host.append(element('div', {class: 'wide scroll', tabindex: '0', role: 'region', 'aria-label': 'The strategies in figures'},
		element('table', {}, element('thead', {}, element('tr', {}, ...columns.map(([name], i) => element('th', {scope: 'col', ...(i && {class: 'number'})}, name)))),
			element('tbody', {}, ...rows.map(r => element('tr', r === best ? {class: 'best'} : {}, ...columns.map(([, cell], i) =>
				i ? element('td', {class: 'number'}, String(cell(r))) : element('th', {scope: 'row'}, cell(r)))))))));
};

/* Several runs: each strategy of each run. */
sfemu.comparisonFigures = (host, runs) => {
	const all = runs.flatMap(run => run.strategies.rows.map(r => ({run: run.label, ...r})));
	const table = {...runs[0].strategies, rows: all, columns: [{name: 'run', unit: '', meaning: 'the results folder'}, ...runs[0].strategies.columns]};
	if (!all.length) return;
	const facet = (id, title, caption, marks, format, label) => sfemu.figure(host, {
		id, title, caption, table, wide: runs.length > 4,
		draw: width => {
			const rows = all.map(r => ({...r, y: `${r.run} · ${r.strategy}`}));
			const narrow = width < 560;
			return sfemu.plot(width, {
				bodyHeight: 40 * rows.length, marginLeft: narrow ? 12 : Math.min(330, 7.2 * d3.max(rows, r => r.y.length)), marginRight: 66,
				x: {label, tickFormat: sfemu.tick(format), ticks: narrow ? 3 : 6, grid: true, zero: true, labelAnchor: 'center', labelOffset: 38},
				y: {label: null, domain: rows.map(r => r.y), axis: narrow ? null : 'left', padding: 0.5},
				color: {type: 'identity'},
				marks: [...marks(rows), ...(narrow ? [Plot.text(rows, {y: 'y', x: 0, text: 'y', textAnchor: 'start', dy: -15, dx: 2})] : []), Plot.ruleX([0])],
			}, [...new Set(all.map(r => r.strategy))].map(sfemu.look).map(({label, color}) => ({label, color})));
		},
	});
	facet('runs-response', 'Mean response time', "All jobs that ended well, with the mean's 95 % confidence interval.", rows => [
		Plot.barX(rows, {y: 'y', x: 'response_mean_s', fill: d => sfemu.look(d.strategy).color, fillOpacity: 0.75}),
		Plot.ruleY(rows.filter(r => r.response_confidence_s !== null), {y: 'y', x1: d => Math.max(0, d.response_mean_s - d.response_confidence_s), x2: d => d.response_mean_s + d.response_confidence_s, stroke: 'currentColor', strokeWidth: 1.5, marker: 'tick'}),
		Plot.text(rows, {y: 'y', x: d => d.response_mean_s + (d.response_confidence_s ?? 0), text: d => sfemu.seconds(d.response_mean_s), textAnchor: 'start', dx: 6}),
	], sfemu.seconds, 'mean response time');
	facet('runs-traffic', 'Bytes on the wire', 'Whole frames on all links, as the interfaces counted them.', rows => [
		Plot.barX(rows, {y: 'y', x: 'wire_bytes', fill: d => sfemu.look(d.strategy).color, fillOpacity: 0.75}),
		Plot.text(rows, {y: 'y', x: 'wire_bytes', text: d => sfemu.bytes(d.wire_bytes), textAnchor: 'start', dx: 6}),
	], sfemu.bytes, 'bytes');
};
