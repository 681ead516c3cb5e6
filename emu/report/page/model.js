/* SPDX-License-Identifier: MIT */
/* The closed form against the measurement. */
'use strict';
sfemu.differences = [
	['propagation_s', "links' delays", 1], ['pipelining_s', 'pipelining', 13], ['queueing_s', 'waiting behind other jobs', 2],
	['tcp_start_s', "TCP's start", 3], ['other_paths_s', 'other paths of states', 14], ['headers_s', 'headers', 4],
	['retries_s', 'failed attempts, retries', 9], ['link_changes_s', 'changed links', 10],
	['retransmissions_s', 'lost packets', 11], ['window_s', 'acknowledgements', 12], ['queue_waits_s', 'queues beyond fair shares', 17],
	['unexplained_s', 'unexplained', 6], ['vain_s', 'runs in vain', 7],
	['overlap_s', 'hidden behind computing', 15, -1],
].map(([column, label, i, sign = 1]) => ({column, label, color: `var(--p${i})`, sign}));

sfemu.scatterFigure = (host, run) => {
	const jobs = run.jobs.rows.filter(r => r.status === 'done' && r.predicted_net_delay_s > 0 && r.net_delay_s > 0);
	if (!jobs.length) return;
	const names = [...new Set(jobs.map(d => d.strategy))];
	const span = d3.extent(jobs.flatMap(d => [d.predicted_net_delay_s, d.net_delay_s]));
	sfemu.figure(host, {
		id: `model-${run.i}`, title: 'Closed form against measurement, job by job',
		caption: 'On the line both say the same; above it the network took longer than the closed form says (both axes logarithmic). Jobs without network delay are left out.',
		table: sfemu.only(run.jobs, ['strategy', 'job', 'predicted_net_delay_s', 'net_delay_s', 'propagation_s', 'pipelining_s', 'queueing_s', 'tcp_start_s', 'headers_s', 'other_paths_s', 'retries_s', 'link_changes_s', 'retransmissions_s', 'window_s', 'queue_waits_s', 'unexplained_s'], jobs, 'model.csv'),
		draw: width => sfemu.plot(width, {
			bodyHeight: Math.min(340, width * 0.8), marginLeft: 62, marginRight: 24,
			x: {type: 'log', domain: span, label: 'network delay by the closed form', tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(2, width / 140), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {type: 'log', domain: span, label: '↑ measured network delay', tickFormat: sfemu.tick(sfemu.seconds), ticks: 5, grid: true},
			color: {type: 'identity'}, symbol: {type: 'identity'},
			marks: [
				Plot.link([span], {x1: d => d[0], y1: d => d[0], x2: d => d[1], y2: d => d[1], stroke: 'currentColor', strokeDasharray: '4 4'}),
				...names.map(name => Plot.dot(jobs.filter(d => d.strategy === name), {x: 'predicted_net_delay_s', y: 'net_delay_s', stroke: sfemu.look(name).color, symbol: sfemu.look(name).symbol, r: 4, strokeWidth: 1.6, title: d => `${name}, job ${d.job}: ${sfemu.seconds(d.predicted_net_delay_s)} by the closed form, ${sfemu.seconds(d.net_delay_s)} measured`})),
			],
		}, names.map(sfemu.look).map(({label, color, symbol}) => ({label, color, symbol, dash: '0 99'}))),
	});
};

sfemu.differenceFigure = (host, run) => {
	const measured = run.summary.rows.filter(r => r.net_delay_mean_s !== null && r.predicted_net_delay_mean_s !== null);
	if (!measured.length) return;
	/* In folders of before 2026-12 these two are parts of what is unexplained. */
	const rows = measured.map(r => (r.queue_waits_s ?? null) !== null ? r : {...r, unexplained_s: r.unexplained_s - (r.retransmissions_s ?? 0) - (r.window_s ?? 0)});
	const shown = sfemu.shownParts(sfemu.differences, rows);
	const columns = ['strategy', 'predicted_net_delay_mean_s', 'net_delay_mean_s', ...sfemu.differences.map(d => d.column).filter(c => !['vain_s', 'overlap_s'].includes(c) || rows.some(r => r[c]))];
	sfemu.figure(host, {
		id: `difference-${run.i}`, title: 'What the closed form leaves out',
		caption: 'Measured less predicted network delay in its parts, mean of the jobs that the strategy has done; above each bar: predicted → measured. Pipelining is what the closed form has too much: it lets each link store a whole message before it sends it on.',
		table: sfemu.only(run.summary, columns, rows, 'difference.csv'),
		draw: (width, at = sfemu.names(rows.map(r => r.strategy), width)) => sfemu.plot(width, {
			bodyHeight: 66 * rows.length, marginLeft: at.marginLeft, marginRight: 14,
			x: {label: 'measured less predicted', tickFormat: sfemu.tick(sfemu.seconds), ticks: Math.max(2, Math.floor(width / 140)), grid: true, labelAnchor: 'center', labelOffset: 38},
			y: {label: null, domain: rows.map(r => r.strategy), padding: 0.45, axis: at.inside ? null : 'left'}, color: {type: 'identity'},
			marks: [
				sfemu.partBars(rows, shown, r => r.strategy),
				Plot.text(rows, {y: 'strategy', frameAnchor: 'left', dy: -24, text: d => at.inside ? `${d.strategy}: ${sfemu.seconds(d.predicted_net_delay_mean_s)} → ${sfemu.seconds(d.net_delay_mean_s)}` : `${sfemu.seconds(d.predicted_net_delay_mean_s)} → ${sfemu.seconds(d.net_delay_mean_s)}`, textAnchor: 'start', dx: 2}),
				Plot.ruleX([0]),
			],
		}, shown),
	});
};
