/* SPDX-License-Identifier: MIT */
/* The strategies side by side: the parts of the response time, its distribution, and the traffic. */
'use strict';
sfemu.parts = [
	['sending_s', 'sending the bytes'], ['propagation_s', "links' delays"], ['queueing_s', 'waiting behind other jobs'],
	['tcp_start_s', "TCP's start"], ['headers_s', 'headers'], ['processing_s', 'computing'], ['unexplained_s', 'unexplained'], ['vain_s', 'runs in vain'],
	['starting_s', "nodes' queues and cold starts"], /* only in runs with `nodes` */
].map(([column, label], i) => ({column, label, color: `var(--p${i})`}));

/* The marks of stacked bars over the labels of y; negative parts extend to the left of 0. */
sfemu.partBars = (rows, parts, y, extra = () => ({})) => {
	const cells = rows.flatMap(r => parts.map(p => ({y: y(r), part: p.label, color: p.color, s: r[p.column] ?? 0, ...extra(r)})));
	return Plot.barX(cells, {y: 'y', x: 's', fill: 'color', stroke: 'var(--card)', strokeWidth: 0.5, title: d => `${d.y}, ${d.part}: ${sfemu.seconds(d.s)}`, ...(cells[0] && 'fy' in cells[0] ? {fy: 'fy'} : {})});
};

sfemu.meanFigure = (host, run) => {
	const rows = run.strategies.rows.filter(r => r.compared_jobs > 0);
	if (!rows.length) return;
	const parts = sfemu.parts.filter(p => !['vain_s', 'starting_s'].includes(p.column) || rows.some(r => r[p.column] > 0));
	const certain = rows.filter(r => r.response_confidence_s !== null && r.done === r.compared_jobs);
	const interval = {y: 'strategy', x1: d => Math.max(0, d.compared_mean_s - d.response_confidence_s), x2: d => d.compared_mean_s + d.response_confidence_s};
	sfemu.figure(host, {
		id: `response-${run.i}`, title: 'What the response time is made of', table: run.strategies,
		caption: `Mean of the ${rows[0].compared_jobs} jobs that every strategy has done; the line on a bar is the mean's 95 % confidence interval.`,
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 64 * rows.length, marginLeft: at.marginLeft, marginRight: 24,
			x: {label: 'mean response time', tickFormat: sfemu.tick(sfemu.seconds), ticks: width < 500 ? 3 : 6, grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: rows.map(r => r.strategy), padding: 0.5, axis: at.inside ? null : 'left'},
			color: {type: 'identity'},
			marks: [
				sfemu.partBars(rows, parts, r => r.strategy),
				Plot.ruleY(certain, {...interval, stroke: 'var(--card)', strokeWidth: 4.5}),
				Plot.ruleY(certain, {...interval, stroke: 'currentColor', strokeWidth: 1.5, marker: 'tick'}),
				Plot.text(rows, {y: 'strategy', x: 0, dy: -20, dx: 2, text: d => (at.inside ? `${d.strategy}: ` : '') + (certain.includes(d) ? `${sfemu.seconds(d.compared_mean_s)} ± ${sfemu.seconds(d.response_confidence_s)}` : sfemu.seconds(d.compared_mean_s)), textAnchor: 'start', fontWeight: 'bold'}),
				Plot.ruleX([0]),
			],
		}, parts),
	});
};

sfemu.ecdfFigure = (host, run) => {
	const done = run.jobs.rows.filter(r => r.status === 'done');
	if (!done.length) return;
	const lines = d3.groups(done, d => d.strategy).flatMap(([strategy, jobs]) =>
		d3.sort(jobs, d => d.response_s).map((d, i) => ({strategy, x: Math.max(d.response_s, 1e-6), y: (i + 1) / jobs.length, job: d.job})));
	const names = [...new Set(lines.map(d => d.strategy))];
	const bands = names.length <= 4; /* more would overlap and be illegible */
	sfemu.figure(host, {
		id: `distribution-${run.i}`, title: 'How response times are distributed',
		caption: 'Share of the jobs that are done within a time (logarithmic axis): the further left a line, the sooner its answers.' + (bands ? ' The bands are where the line of many more such jobs would be, with 95 % confidence (Dvoretzky, Kiefer, Wolfowitz).' : ''),
		table: sfemu.only(run.jobs, ['strategy', 'job', 'steps', 'state_bytes', 'response_s', 'net_delay_s', 'processing_s'], done, 'responses.csv'),
		draw: width => sfemu.plot(width, {
			bodyHeight: 260, marginLeft: 46, marginRight: 24,
			x: {type: 'log', label: 'response time', tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(4, width / 130), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: '↑ share of jobs', tickFormat: '.0%', domain: [0, 1], grid: true},
			marks: names.flatMap(name => {
				const look = sfemu.look(name), own = lines.filter(d => d.strategy === name);
				const far = Math.sqrt(Math.log(2 / 0.05) / (2 * own.length));
				return [Plot.areaY(bands ? own : [], {x: 'x', y1: d => Math.max(0, d.y - far), y2: d => Math.min(1, d.y + far), fill: look.color, fillOpacity: 0.1, curve: 'step-after'}),
					Plot.line(own, {x: 'x', y: 'y', stroke: look.color, strokeWidth: 2.2, strokeDasharray: look.dash, curve: 'step-after'}),
					Plot.dot(own.filter((d, i) => i === own.length - 1), {x: 'x', y: 'y', fill: look.color, symbol: look.symbol, r: 4.5})];
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
		caption: 'Payload: arguments, states and return values, times the links that each crossed. On the wire: whole frames as the interfaces counted them, with headers, acknowledgements and retransmissions.',
		table: sfemu.only(run.strategies, ['strategy', 'jobs', 'done', 'payload_bytes_hops', 'wire_bytes', 'drops'], rows, 'traffic.csv'),
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 62 * rows.length, marginLeft: at.marginLeft, marginRight: 12,
			x: {label: 'bytes', tickFormat: sfemu.tick(sfemu.bytes), ticks: width < 500 ? 3 : 6, grid: true, labelAnchor: 'center', labelOffset: 38},
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
	const columns = [
		['strategy', r => r.strategy], ['jobs done', r => `${r.done} of ${r.jobs}`],
		['mean (95 %)', r => pm(r.response_mean_s, r.response_confidence_s, seconds)], ['median', r => seconds(r.response_p50_s)],
		['p95', r => seconds(r.response_p95_s)], ['p99', r => seconds(r.response_p99_s)],
		['later than the fastest', r => r === best || !r.compared_jobs ? '–' : pm(r.later_mean_s, r.later_confidence_s, seconds)],
		['payload × links', r => bytes(r.payload_bytes_hops)], ['on the wire', r => bytes(r.wire_bytes)], ['drops', r => r.drops ?? '–'],
	];
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
