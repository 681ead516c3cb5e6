/* SPDX-License-Identifier: MIT */
/* The timelines of the slowest jobs: transfers and computations. */
'use strict';
sfemu.spans = [['call', 'call', 'var(--p0)'], ['fetch', 'fetch of a state', 'var(--p2)'], ['store', 'store of a state', 'var(--p1)'], ['replica', 'copy of a state', 'var(--p4)'], ['return', 'return', 'var(--p3)'], ['compute', 'computing', 'var(--p5)'], ['vain', 'computing in vain', 'var(--c0)']]
	.map(([what, label, color]) => ({what, label, color}));

sfemu.timelineFigures = (host, run) => {
	for (const [job, rows] of d3.groups(run.timelines.rows, r => r.job)) {
		const strategies = run.strategies.rows.map(r => r.strategy).filter(s => rows.some(r => r.strategy === s));
		const steps = d3.max(rows, r => r.step) + 1;
		const own = run.jobs.rows.filter(r => r.job === job && r.status === 'done');
		const lanes = steps * 13 + 30;
		sfemu.figure(host, {
			id: `job-${job}-${run.i}`, title: `Job ${job}: what happened when`, wide: true,
			caption: `One of the slowest: ${own.map(r => `${sfemu.seconds(r.response_s)} under ${r.strategy}`).join(', ')}. A line is one of its ${own[0]?.steps ?? steps} steps; started by ${own[0]?.client ?? 'its client'}.`,
			table: sfemu.only(run.timelines, run.timelines.columns.map(c => c.name), rows, `job-${job}.csv`),
			draw: width => sfemu.plot(width, {
				bodyHeight: strategies.length * lanes, marginLeft: 40, marginRight: 20, marginTop: 26,
				x: {label: "time since the job's start", domain: [0, d3.max(own, r => r.response_s)], tickFormat: sfemu.tick(sfemu.seconds), ticks: width < 500 ? 3 : 8, grid: true, labelAnchor: 'center', labelOffset: 38},
				y: {label: 'step', domain: d3.range(steps), padding: 0.15, ticks: steps > 20 ? d3.range(0, steps, 5) : undefined, labelAnchor: 'center'},
				fy: {axis: null, domain: strategies, padding: 0.16}, color: {type: 'identity'},
				marks: [
					Plot.frame({stroke: 'var(--line)'}),
					...sfemu.spans.map(s => Plot.barX(rows.filter(r => r.what === s.what), {fy: 'strategy', y: 'step', x1: 'start_s', x2: 'end_s', fill: s.color, stroke: s.color, strokeWidth: 0.8, title: d => d.what === 'vain' ? `${d.strategy}, step ${d.step}: ${d.from} computes for ${sfemu.seconds(d.end_s - d.start_s)} in vain: another change of its state was first` : d.what === 'compute' ? `${d.strategy}, step ${d.step}: ${d.from} computes for ${sfemu.seconds(d.end_s - d.start_s)}` : `${d.strategy}, step ${d.step}: ${d.what} from ${d.from} to ${d.to}, ${sfemu.bytes(d.payload_bytes)} in ${sfemu.seconds(d.end_s - d.start_s)}`})),
					Plot.text(own, {fy: 'strategy', text: d => `${d.strategy}: ${sfemu.seconds(d.response_s)}`, frameAnchor: 'top-left', dy: -15, fontWeight: 'bold'}),
					Plot.ruleX(own, {fy: 'strategy', x: 'response_s', stroke: 'currentColor', strokeDasharray: '3 2'}),
				],
			}, sfemu.spans.filter(s => rows.some(r => r.what === s.what))),
		});
	}
};
