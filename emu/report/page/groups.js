/* SPDX-License-Identifier: MIT */
/* Response time and traffic by number of invocations and by size of the states. */
'use strict';
sfemu.groupFigures = (host, run) => {
	const kinds = [
		{by: 'chain', title: 'number of invocations', x: 'invocations of a job', format: d => `${d.from} invocations`},
		{by: 'states', title: 'size of the states', x: 'bytes of all states of a job', format: d => d.from === d.to ? sfemu.bytes(d.from) : `${sfemu.bytes(d.from)} to ${sfemu.bytes(d.to)}`},
	];
	const measures = [
		{id: 'response', title: 'Response time', y: 'response_mean_s', ci: 'response_confidence_s', format: sfemu.seconds, label: '↑ mean response time'},
		{id: 'traffic', title: 'Traffic', y: 'payload_bytes_hops_mean', ci: 'payload_bytes_hops_confidence', format: sfemu.bytes, label: '↑ mean payload × links of a job'},
	];
	for (const kind of kinds) for (const m of measures) {
		const rows = run.groups.rows.filter(r => r.by === kind.by);
		const names = [...new Set(rows.map(r => r.strategy))];
		if (!rows.length) continue;
		/* All groups have the same width; in it the strategies are side by side. */
		const groups = d3.sort(new Set(rows.map(r => r.from)));
		const at = r => groups.indexOf(r.from) + (names.indexOf(r.strategy) - (names.length - 1) / 2) * Math.min(0.16, 0.7 / names.length);
		const labels = groups.map(g => rows.find(r => r.from === g));
		const few = 5;
		sfemu.figure(host, {
			id: `${kind.by}-${m.id}-${run.i}`, title: `${m.title} by ${kind.title}`,
			caption: `Of ${sfemu.population(run)}. ` + (kind.by === 'chain' ? 'Mean of the jobs of as many invocations, with its 95 % confidence interval where there are several. A number at a mark: of so few jobs; single jobs are not joined.'
				: 'Mean of the jobs in a class of state size (classes of about as many jobs), with its 95 % confidence interval. A number at a mark: of so few jobs.'),
			table: sfemu.only(run.groups, run.groups.columns.map(c => c.name), rows),
			draw: width => sfemu.plot(width, {
				bodyHeight: 240, marginLeft: 66, marginRight: 14, marginBottom: kind.by === 'states' ? 66 : 42,
				x: {domain: [-0.6, groups.length - 0.4], label: kind.x, ticks: d3.range(0, groups.length, Math.max(1, Math.ceil(groups.length * (kind.by === 'states' ? 62 : 26) / (width - 80)))), labelAnchor: 'center', labelOffset: kind.by === 'states' ? 60 : 38,
					tickFormat: i => kind.by === 'chain' ? String(groups[i]) : labels[i].from === labels[i].to ? sfemu.bytes(labels[i].from) : `${sfemu.bytes(labels[i].from)}\nto\n${sfemu.bytes(labels[i].to)}`},
				y: {label: m.label, tickFormat: sfemu.tick(m.format), grid: true, zero: true, ticks: 5},
				color: {type: 'identity'},
				marks: [
					Plot.ruleY([0]),
					...names.flatMap(name => {
						const own = rows.filter(r => r.strategy === name), look = sfemu.look(name);
						return [
							Plot.ruleX(own.filter(r => r[m.ci] !== null), {x: at, y1: d => Math.max(0, d[m.y] - d[m.ci]), y2: d => d[m.y] + d[m.ci], stroke: look.color, strokeWidth: 1.5, marker: 'tick'}),
							Plot.line(own, {x: at, y: d => d.jobs > 1 ? d[m.y] : NaN, stroke: look.color, strokeOpacity: 0.45, strokeDasharray: look.dash}),
							Plot.dot(own, {x: at, y: m.y, fill: look.color, symbol: look.symbol, r: 5, title: d => `${name}, ${kind.format(d)}: ${m.format(d[m.y])}, ${d.jobs} jobs`}),
							Plot.text(own.filter(d => d.jobs < few), {x: at, y: m.y, text: d => `${d.jobs}`, dy: names.indexOf(name) % 2 ? 12 : -12, fontSize: 10, fill: look.color, stroke: 'var(--card)', strokeWidth: 3}),
						];
					}),
				],
			}, names.map(sfemu.look)),
		});
	}
};
