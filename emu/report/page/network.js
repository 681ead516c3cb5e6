/* SPDX-License-Identifier: MIT */
/* The topology as a tree around its middle: width shows the rate, colour the load, on a scale that is the same in each run. */
'use strict';
/* The position of each vertex, {name -> {x, y, angle, leaf}}, within a circle of radius 1. */
sfemu.layOut = run => {
	const near = new Map(run.vertices.rows.map(v => [v.name, new Set()]));
	for (const c of run.cables.rows) if (near.has(c.a) && near.has(c.b)) { near.get(c.a).add(c.b); near.get(c.b).add(c.a); }
	const from = start => {
		const parent = new Map([[start, null]]);
		for (const v of parent.keys()) for (const w of near.get(v)) if (!parent.has(w)) parent.set(w, v);
		return parent;
	};
	const last = m => [...m.keys()].pop();
	const first = run.vertices.rows[0].name;
	/* The middle of one of the longest paths. */
	const ways = from(last(from(first)));
	let way = [];
	for (let v = last(ways); v !== null; v = ways.get(v)) way.push(v);
	const parent = from(way[way.length >> 1]);
	/* A vertex that is not connected is placed there too, without a cable. */
	for (const v of near.keys()) if (!parent.has(v)) for (const [w, p] of from(v)) parent.set(w, p ?? way[way.length >> 1]);
	const root = d3.cluster().size([2 * Math.PI, 1]).separation((a, b) => a.parent === b.parent ? 1 : 1.6)(
		d3.stratify().id(d => d[0]).parentId(d => d[1])([...parent]).sort((a, b) => d3.descending(a.height, b.height)));
	return new Map(root.descendants().map(d => [d.id, {x: d.y * Math.sin(d.x), y: -d.y * Math.cos(d.x), angle: d.x, leaf: !d.children}]));
};

sfemu.vertexLooks = {
	client: {label: 'node that starts jobs', symbol: 'circle', color: 'var(--v0)'}, node: {label: 'other node', symbol: 'square', color: 'var(--v1)'},
	shared: {label: 'shared medium', symbol: 'diamond', color: 'var(--v2)'}, junction: {label: 'junction', symbol: 'triangle', color: 'var(--v3)'},
	site: {label: 'site: a junction and what hangs at it alone', symbol: 'square', color: 'var(--v4)'},
};

/* Loads of links as words: the share of the rate, from which on. */
sfemu.loads = [[0, 'idle: less than 1 %'], [0.01, 'low: from 1 %'], [0.1, 'medium: from 10 %'], [0.5, 'high: from 50 %'], [0.9, 'saturated: from 90 %']]
	.map(([from, label], i) => ({from, label, color: `var(--l${i})`}));
sfemu.loadOf = share => sfemu.loads.findLast(l => (share ?? 0) >= l.from);

sfemu.networkFigure = (host, run) => {
	if (!run.vertices.rows.length || !run.cables.rows.length) return;
	const places = sfemu.layOut(run);
	const names = [...new Set(run.cables.rows.map(c => c.strategy))];
	const rates = d3.extent(run.cables.rows.filter(c => c.rate_bps > 0), c => Math.log10(c.rate_bps));
	const widthOf = c => c.rate_bps > 0 ? 1 + 4 * (rates[1] > rates[0] ? (Math.log10(c.rate_bps) - rates[0]) / (rates[1] - rates[0]) : 0.5) : 1;
	const kinds = Object.keys(sfemu.vertexLooks).filter(k => run.vertices.rows.some(v => v.kind === k));
	const busiest = d3.greatest(run.cables.rows, c => c.load ?? 0);
	const say = c => `${c.link || 'cable'}: ${c.rate_bps > 0 ? sfemu.rate(c.rate_bps) : 'no rate'}${c.load !== null ? `, ${sfemu.loadOf(c.load).label.split(':')[0]}: ${sfemu.share(c.load)} of it used, ${sfemu.bytes(c.wire_bytes)}` : ''}`;
	const one = (strategy, size, label) => {
		const cables = run.cables.rows.filter(c => c.strategy === strategy);
		const end = (c, which, axis) => places.get(c[which])?.[axis];
		const line = {x1: c => end(c, 'a', 'x'), y1: c => end(c, 'a', 'y'), x2: c => end(c, 'b', 'x'), y2: c => end(c, 'b', 'y'), strokeWidth: widthOf, strokeLinecap: 'round'};
		const room = label ? 1 + 74 / (size / 2 - 74) : 1.06;
		const marks = [
			Plot.link(d3.sort(cables, c => c.load ?? 0), {...line, stroke: c => sfemu.loadOf(c.load).color, title: say}),
			...kinds.map(k => Plot.dot(run.vertices.rows.filter(v => v.kind === k), {x: v => places.get(v.name).x, y: v => places.get(v.name).y, fill: sfemu.vertexLooks[k].color, stroke: 'var(--card)', strokeWidth: 0.8, symbol: sfemu.vertexLooks[k].symbol, r: k === 'junction' ? 2.6 : k === 'shared' ? 4 : size > 420 ? 4 : 3, title: v => `${v.name} (${v.kind === 'site' ? `site, ${v.model}` : v.kind}): ${v.invocations} invocations`})),
		];
		if (label && places.size <= 200) for (const [name, p] of places) if (p.leaf) {
			const left = p.angle > Math.PI;
			marks.push(Plot.text([name], {x: [p.x * 1.025], y: [p.y * 1.025], text: d => d, fontSize: 9.5, rotate: p.angle * 180 / Math.PI + (left ? 90 : -90), textAnchor: left ? 'end' : 'start'}));
		}
		return Plot.plot({width: size, height: size, margin: 2, axis: null, x: {domain: [-room, room]}, y: {domain: [room, -room]}, opacity: {type: 'identity'}, color: {type: 'identity'}, symbol: {type: 'identity'}, strokeWidth: {type: 'identity'}, marks});
	};
	sfemu.figure(host, {
		id: `topology-${run.i}`, title: 'The network, and what its links carried', wide: true, table: run.cables,
		caption: `A line's width is the link's rate (${sfemu.rate(10 ** rates[0])} to ${sfemu.rate(10 ** rates[1])}, logarithmic), its colour the load, on a scale that is the same in every run: the share of the rate that was used in the busier direction, mean over the replay. ` +
			(busiest?.load ? `The busiest is ${busiest.link} under ${busiest.strategy} with ${sfemu.share(busiest.load)}: ${sfemu.loadOf(busiest.load).label.split(':')[0]}. ` : '') + (kinds.includes('site') ? 'The network is too large for a mark a node: what hangs at one junction alone is a site. ' : '') + 'Point at a line or a mark for its name.',
		draw: width => {
			const columns = Math.min(names.length, Math.max(1, Math.floor(width / 300)));
			const size = Math.min(Math.floor(width / columns), 760);
			const items = [...sfemu.loads, ...kinds.map(k => ({...sfemu.vertexLooks[k], dash: '0 99'}))];
			const key = sfemu.legend(items, width);
			const rows = Math.ceil(names.length / columns), top = key.height + 8;
			const svg = d3.create('svg').attr('width', width).attr('height', top + rows * (size + 24)).attr('viewBox', [0, 0, width, top + rows * (size + 24)]).attr('font-size', 12).attr('font-family', 'system-ui, "DejaVu Sans", sans-serif').attr('fill', 'currentColor');
			key.draw(svg.node());
			names.forEach((name, i) => {
				const x = (i % columns) * size, y = top + Math.floor(i / columns) * (size + 24);
				svg.append('text').attr('x', x + size / 2).attr('y', y + 14).attr('text-anchor', 'middle').attr('font-weight', 'bold').text(name);
				const picture = one(name, size, size >= 430);
				picture.setAttribute('x', x);
				picture.setAttribute('y', y + 22);
				svg.node().append(picture);
			});
			return svg.node();
		},
	});
};
