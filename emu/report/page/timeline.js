/* SPDX-License-Identifier: MIT */
/* The timeline of a job, which the reader chooses: transfers and computations. */
'use strict';
sfemu.spans = [['call', 'call', 'var(--t0)'], ['fetch', 'fetch of a state', 'var(--t2)'], ['store', 'store of a state', 'var(--t3)'], ['replica', 'copy of a state', 'var(--t4)'], ['prefetch', 'fetch ahead of the call', 'var(--p15)'], ['push', 'push ahead of the call', 'var(--p16)'], ['claim', 'claim of what came ahead', 'var(--p14)'], ['return', 'return', 'var(--t1)'], ['compute', 'computing', 'var(--p5)'], ['vain', 'computing in vain', 'var(--p7)']]
	.map(([what, label, color]) => ({what, label, color}));

sfemu.timelineFigures = (host, run) => {
	const {element, seconds} = sfemu;
	const jobs = d3.groups(run.timelines.rows, r => r.job); /* slowest first */
	if (!jobs.length) return;
	const done = new Set(run.jobs.rows.filter(r => r.status === 'done').map(r => r.job)).size;
	const ofJob = d3.group(run.jobs.rows.filter(r => r.status === 'done'), r => r.job);
	const slowest = job => d3.max(ofJob.get(job) ?? [], r => r.response_s) ?? 0;
	let [job, rows] = jobs[0];
	const select = element('select', {id: `job-${run.i}-choice`}, ...jobs.map(([number]) => element('option', {value: number}, `job ${number}: ${ofJob.get(number)?.[0]?.steps ?? '?'} steps, ${seconds(slowest(number))}`)));
	const figure = sfemu.figure(host, {
		id: `job-${run.i}`, title: 'What a job did when', wide: true,
		choices: element('div', {class: 'choices'}, element('label', {for: select.id}, `a job, slowest first (${jobs.length < done ? `${jobs.length} of ${done} jobs; \`sfemu job\` shows the others` : `all ${jobs.length}`})`, select)),
		get caption() {
			const own = ofJob.get(job) ?? [];
			return `Job ${job}: ${own.map(r => `${seconds(r.response_s)} under ${r.strategy}`).join(', ')}. A line is one of its ${own[0]?.steps ?? '?'} steps; started by ${own[0]?.client ?? 'its client'}.`;
		},
		get table() { return sfemu.only(run.timelines, run.timelines.columns.map(c => c.name), rows, `job-${job}.csv`); },
		get time() { return [0, slowest(job)]; },
		draw: (width, time) => {
			const own = ofJob.get(job) ?? [], strategies = run.strategies.rows.map(r => r.strategy).filter(s => rows.some(r => r.strategy === s));
			const steps = d3.max(rows, r => r.step) + 1, lanes = Math.max(40, 15 * steps + 26);
			return sfemu.plot(width, {
				bodyHeight: strategies.length * lanes, marginLeft: 40, marginRight: 20, marginTop: 26,
				x: {label: "time since the job's start", domain: time, tickFormat: sfemu.tick(seconds), ticks: width < 500 ? 3 : 8, grid: true, labelAnchor: 'center', labelOffset: 38},
				y: {label: 'step', domain: d3.range(steps), padding: 0.15, ticks: steps > 20 ? d3.range(0, steps, 5) : undefined, labelAnchor: 'center'},
				fy: {axis: null, domain: strategies, padding: 0.16}, color: {type: 'identity'},
				marks: [
					Plot.frame({stroke: 'var(--line)'}),
					...sfemu.spans.map(s => Plot.barX(rows.filter(r => r.what === s.what), {fy: 'strategy', y: 'step', x1: 'start_s', x2: 'end_s', fill: s.color, stroke: s.color, strokeWidth: 0.8, clip: true, title: d => d.what === 'vain' ? `${d.strategy}, step ${d.step}: ${d.from} computes for ${seconds(d.end_s - d.start_s)} in vain: another change of its state was first` : d.what === 'compute' ? `${d.strategy}, step ${d.step}: ${d.from} computes for ${seconds(d.end_s - d.start_s)}` : `${d.strategy}, step ${d.step}: ${d.what} from ${d.from} to ${d.to}, ${sfemu.bytes(d.payload_bytes)} in ${seconds(d.end_s - d.start_s)}`})),
					Plot.text(own, {fy: 'strategy', text: d => `${d.strategy}: ${seconds(d.response_s)}`, frameAnchor: 'top-left', dy: -15, fontWeight: 'bold'}),
					Plot.ruleX(own, {fy: 'strategy', x: 'response_s', stroke: 'currentColor', strokeDasharray: '3 2', clip: true}),
				],
			}, sfemu.spans.filter(s => rows.some(r => r.what === s.what)));
		},
	});
	select.addEventListener('change', () => {
		[job, rows] = jobs.find(([number]) => String(number) === select.value);
		figure.changed();
	});
};
