/* SPDX-License-Identifier: MIT */
/* The load of nodes and links, in total and over time. */
'use strict';
sfemu.nodesFigure = (host, run) => {
	const rows = run.nodes.rows;
	if (!rows.length) return;
	const names = [...new Set(rows.map(r => r.strategy))];
	const shown = d3.groupSort(rows, g => -d3.max(g, r => r.invocations), r => r.node).slice(0, 15);
	const all = new Set(rows.map(r => r.node)).size;
	sfemu.figure(host, {
		id: `nodes-${run.i}`, title: 'Where the functions ran', table: run.nodes,
		caption: `Invocations on a node, under each strategy${all > shown.length ? `; the ${shown.length} busiest of ${all} nodes (the data has all)` : ''}. The same under all where the marks lie on each other.`,
		draw: width => sfemu.plot(width, {
			bodyHeight: 20 * shown.length, marginLeft: Math.min(120, width / 3), marginRight: 24,
			x: {label: 'invocations', grid: true, zero: true, labelAnchor: 'center', labelOffset: 38, ticks: width < 500 ? 4 : 8, tickFormat: 'd'},
			y: {label: null, domain: shown}, color: {type: 'identity'}, symbol: {type: 'identity'},
			marks: [
				Plot.ruleY(shown, {y: d => d, x1: 0, x2: d => d3.max(rows.filter(r => r.node === d), r => r.invocations), stroke: 'var(--line)', strokeWidth: 3}),
				...names.map((name, i) => Plot.dot(rows.filter(r => r.strategy === name && shown.includes(r.node)), {y: 'node', x: 'invocations', stroke: sfemu.look(name).color, strokeWidth: 1.8, symbol: sfemu.look(name).symbol, r: 4 + 1.5 * i, title: d => `${d.node}, ${name}: ${d.invocations} invocations, ${sfemu.seconds(d.processing_s)} of computing`})),
				Plot.ruleX([0]),
			],
		}, names.map(sfemu.look).map(({label, color, symbol}) => ({label, color, symbol, dash: '0 99'}))),
	});
};

sfemu.loadFigures = (host, run) => {
	const kinds = [
		{what: 'link', title: 'The busiest links over time', say: d => `${sfemu.share(d.load)} of the rate, ${sfemu.rate(d.mean_bps)}`, scale: sfemu.share,
			caption: 'How much of its rate a link gives to payload and heads of messages, in the words and colours of the picture of the network. Worked out of the transfers, whose bytes are spread evenly between their start and end. A node\'s own link has a queue each way: ↑ from the node, ↓ to it.'},
		{what: 'node', title: 'The busiest nodes over time', say: d => `${sfemu.digits(d.load)} invocations at once`, scale: x => `${sfemu.digits(x)} at once`,
			caption: 'The stronger the colour, the more invocations compute at once on a node (mean over an interval).'},
	];
	for (const kind of kinds) {
		const rows = run.load.rows.filter(r => r.what === kind.what);
		if (!rows.length) continue;
		const strategies = run.strategies.rows.map(r => r.strategy).filter(s => rows.some(r => r.strategy === s));
		const things = d3.groupSort(rows, g => -d3.sum(g, r => r.load), r => r.name);
		const most = d3.max(rows, r => r.load), end = d3.max(run.load.rows, r => r.end_s);
		sfemu.figure(host, {
			id: `${kind.what}-load-${run.i}`, title: kind.title, caption: kind.caption, wide: true,
			table: sfemu.only(run.load, run.load.columns.map(c => c.name), rows, `${kind.what}-load.csv`),
			time: [0, end],
			draw: (width, time) => {
				const narrow = width < 600;
				const items = kind.what === 'link' ? sfemu.loads : [0.05, 0.25, 1].map(s => ({label: kind.scale(s * most), color: 'var(--busy)', opacity: Math.sqrt(s)}));
				const fill = d => kind.what === 'link' ? sfemu.loadOf(d.load).color : 'var(--busy)', fillOpacity = d => kind.what === 'link' ? 1 : Math.sqrt(d.load / most);
				const svg = sfemu.plot(width, {
					bodyHeight: strategies.length * (things.length * 15 + 26), marginLeft: Math.min(190, width / 3), marginRight: 14, marginTop: 26,
					x: {label: "time since the replay's start", domain: time, tickFormat: sfemu.tick(sfemu.seconds), ticks: narrow ? 3 : 8, labelAnchor: 'center', labelOffset: 38},
					y: {label: null, domain: things, padding: 0.12, tickFormat: d => narrow && d.length > 15 ? `${d.slice(0, 14)}…` : d},
					fy: {axis: null, domain: strategies, padding: 0.12}, opacity: {type: 'identity'}, color: {type: 'identity'},
					marks: [
						Plot.frame({stroke: 'var(--line)'}),
						Plot.barX(rows, {fy: 'strategy', y: 'name', x1: 'start_s', x2: 'end_s', fill, fillOpacity, insetLeft: 0.3, insetRight: 0.3, clip: true, title: d => `${d.name}, ${d.strategy}, ${sfemu.seconds(d.start_s)} to ${sfemu.seconds(d.end_s)}: ${kind.say(d)}`}),
						Plot.text(strategies, {fy: d => d, text: d => d, frameAnchor: 'top-left', dy: -16, fontWeight: 'bold'}),
					],
				}, items);
				d3.select(svg).selectAll('.legend rect').data(items).attr('fill-opacity', d => d.opacity ?? 1);
				return svg;
			},
		});
	}
};
