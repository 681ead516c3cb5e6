/* SPDX-License-Identifier: MIT */
/* Shared by all figures: the frame, saving, the data table, units, colours, legends. */
'use strict';
const sfemu = {figures: [], strategies: [], runs: []};

/* ---- formatting of numbers */
sfemu.digits = x => {
	const a = Math.abs(x);
	return a === 0 ? '0' : x.toFixed(a < 10 ? 2 : a < 100 ? 1 : 0);
};
sfemu.scaled = (x, units) => {
	if (x === null || x === undefined || Number.isNaN(x)) return '–';
	if (x === 0) return '0';
	const [factor, name] = units.find(([f]) => Math.abs(x) >= f * 0.9995) || units[units.length - 1];
	return `${sfemu.digits(x / factor)}\u00a0${name}`; /* no line ends between them */
};
/* Seconds are used up to ten minutes, so that an axis from 0 to 90 has round numbers. */
sfemu.seconds = s => sfemu.scaled(s, Math.abs(s) >= 600 ? [[60, 'min']] : [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs']]);
sfemu.bytes = b => sfemu.scaled(b, [[1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB'], [1, 'B']]);
sfemu.rate = b => sfemu.scaled(b, [[1e9, 'Gbit/s'], [1e6, 'Mbit/s'], [1e3, 'kbit/s'], [1, 'bit/s']]);
sfemu.share = x => x === null ? '–' : `${sfemu.digits(100 * x)}\u00a0%`;
/* For axes: without trailing zeros. */
sfemu.tick = format => x => format(x).replace(/(\.\d*?)0+(?=\u00a0|$)/, '$1').replace(/\.(?=\u00a0|$)/, '');

/* ---- data */
/* Converts {file, columns, rows: [[…]]} to the same with rows as objects. */
sfemu.table = raw => ({
	file: raw.file, aRow: raw.a_row,
	columns: raw.columns.map(([name, unit, meaning]) => ({name, unit, meaning})),
	rows: raw.rows.map(values => Object.fromEntries(raw.columns.map(([name], i) => [name, values[i]]))),
});
/* columns: names, or columns of their own, whose of(row) is the value. */
sfemu.only = (table, columns, rows = table.rows, file = table.file) => ({
	file, aRow: table.aRow, rows,
	columns: columns.map(name => typeof name === 'string' ? table.columns.find(c => c.name === name) : name),
});
sfemu.cellOf = (column, row) => column.of ? column.of(row) : row[column.name];
sfemu.csv = table => {
	// What a spreadsheet takes for a formula becomes a text.
	const text = v => typeof v === 'string' && /^[=+@\t\r-]/.test(v) && isNaN(Number(v)) ? `'${v}` : String(v);
	const cell = v => v === null || v === undefined ? '' : /[",\n\r]/.test(text(v)) ? `"${text(v).replaceAll('"', '""')}"` : text(v);
	return [table.columns.map(c => c.name), ...table.rows.map(r => table.columns.map(c => sfemu.cellOf(c, r)))]
		.map(line => line.map(cell).join(',')).join('\n') + '\n';
};

/* ---- colours: a strategy has the same one in each figure of a page, a built-in one without options on each page */
sfemu.order = ['PureFaaS', 'StatePropagate', 'StateLocal', 'UnchainedExternal', 'UnchainedInEdge', 'UnchainedInFunction', 'UnchainedInClient', 'Adaptive', 'Oracle'];
sfemu.colors = sfemu.order.map((_, i) => `var(--c${i})`);
sfemu.dashes = ['none', '7 3', '2 3', '9 3 2 3', '4 4', '1 3', '12 4', '6 2 1 2 1 2', '3 1'];
/* d3 has no more that can be filled. */
sfemu.symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye',
	{draw: (path, size) => { const r = Math.sqrt(size * 0.38); path.moveTo(-1.3 * r, -0.75 * r); path.lineTo(1.3 * r, -0.75 * r); path.lineTo(0, 1.5 * r); path.closePath(); }},
	{draw: (path, size) => { const r = Math.sqrt(size / 6); path.rect(-1.7 * r, -0.8 * r, 3.4 * r, 1.6 * r); }}];
/*
 * The number of each strategy's look: of those above their place there; the others take, in the page's order, the first number that no
 * strategy of the page has. From the tenth on colours come again, with other dashes and symbols.
 */
sfemu.looks = strategies => {
	const numbers = new Map(strategies.filter(s => sfemu.order.includes(s)).map(s => [s, sfemu.order.indexOf(s)]));
	const taken = new Set(numbers.values());
	for (const strategy of strategies) {
		let i = 0;
		if (numbers.has(strategy)) continue;
		while (taken.has(i)) i++;
		taken.add(i);
		numbers.set(strategy, i);
	}
	return numbers;
};
sfemu.look = strategy => {
	const i = sfemu.looks(sfemu.strategies).get(strategy) ?? sfemu.order.indexOf(strategy), n = sfemu.order.length, other = (i + Math.floor(i / n)) % n;
	return {label: strategy, color: sfemu.colors[i % n], dash: sfemu.dashes[other], symbol: sfemu.symbols[other]};
};

/* ---- legends: inside the picture, so that a saved picture has them */
sfemu.legend = (items, width) => {
	let x = 0, y = 12;
	const placed = items.map(item => {
		const w = 30 + 7.2 * item.label.length;
		if (x + w > width && x) { x = 0; y += 20; }
		const at = {x, y, item};
		x += w;
		return at;
	});
	return {height: y + 14, draw(svg) {
		const g = d3.select(svg).append('g').attr('class', 'legend').attr('font-size', 12).attr('text-anchor', 'start');
		for (const {x, y, item} of placed) {
			if (item.dash !== undefined) {
				g.append('line').attr('x1', x).attr('x2', x + 18).attr('y1', y).attr('y2', y).attr('stroke', item.color)
					.attr('stroke-width', 2.5).attr('stroke-dasharray', item.dash);
			} else {
				g.append('rect').attr('x', x + 4).attr('y', y - 6).attr('width', 12).attr('height', 12).attr('fill', item.color);
			}
			if (item.symbol) {
				g.append('path').attr('transform', `translate(${x + 9},${y})`).attr('fill', item.color)
					.attr('d', d3.symbol(item.symbol.draw ? item.symbol : d3[`symbol${item.symbol[0].toUpperCase()}${item.symbol.slice(1)}`], 55)());
			}
			g.append('text').attr('x', x + 23).attr('y', y).attr('dy', '0.35em').attr('fill', 'currentColor').text(item.label);
		}
		return svg;
	}};
};

/* Names are beside the bars if there is room, otherwise above each bar (then inside is true). */
sfemu.names = (names, width) => {
	const room = 16 + 6.9 * d3.max(names, n => n.length);
	return room <= width * 0.37 ? {inside: false, marginLeft: room} : {inside: true, marginLeft: 12};
};

/* Plot with the options that all figures share; legend: its items. */
sfemu.plot = (width, options, legend = []) => {
	const key = sfemu.legend(legend, width);
	const top = (legend.length ? key.height : 0) + (options.marginTop ?? (options.y?.label?.startsWith('↑') ? 30 : 22));
	/* Plot would put the label of y where the legend is. */
	const yLabel = options.y?.label?.startsWith('↑') ? options.y.label : null;
	if (yLabel) options = {...options, y: {...options.y, label: null}};
	const svg = Plot.plot({
		width, height: (options.bodyHeight ?? 260) + top + (options.marginBottom ?? 42), marginBottom: 42, ...options, marginTop: top,
		labelArrow: 'none',
		style: {background: 'transparent', color: 'var(--ink)', fontSize: '12px', fontFamily: 'system-ui, "DejaVu Sans", sans-serif', overflow: 'visible'},
	});
	if (yLabel) d3.select(svg).append('text').attr('x', 2).attr('y', top - 12).attr('text-anchor', 'start').attr('fill', 'currentColor').text(yLabel);
	return legend.length ? key.draw(svg) : svg;
};

/* ---- the frame */
sfemu.element = (name, attributes = {}, ...children) => {
	const e = document.createElement(name);
	for (const [k, v] of Object.entries(attributes)) if (k === 'onclick') e.addEventListener('click', v); else e.setAttribute(k, v);
	e.append(...children);
	return e;
};
sfemu.save = (text, type, name) => {
	const url = URL.createObjectURL(new Blob([text], {type}));
	const a = sfemu.element('a', {href: url, download: name});
	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
};
/* A picture for use outside the page: the page's colours are written into it. */
sfemu.svgText = svg => {
	const style = getComputedStyle(document.documentElement);
	const copy = svg.cloneNode(true);
	copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
	copy.setAttribute('style', `background: var(--page); color: var(--ink); font: 12px sans-serif;`);
	return new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z0-9-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
};

sfemu.maxShown = 300;
sfemu.tableElement = (table, label) => {
	const {element} = sfemu;
	const number = table.columns.map(c => table.rows.some(r => typeof sfemu.cellOf(c, r) === 'number'));
	const head = element('tr', {}, ...table.columns.map((c, i) => element('th', {scope: 'col', title: c.meaning + (c.unit ? ` (${c.unit})` : ''), ...(number[i] && {class: 'number'})}, c.name)));
	const body = table.rows.slice(0, sfemu.maxShown).map(r => element('tr', {}, ...table.columns.map((c, i) => element('td', number[i] ? {class: 'number'} : {}, String(sfemu.cellOf(c, r) ?? '')))));
	const meanings = element('details', {}, element('summary', {}, 'What the columns mean'), element('dl', {class: 'columns'}, ...table.columns.flatMap(c =>
		[element('dt', {}, c.name), element('dd', {}, c.meaning.replaceAll('`', '') + (c.unit ? ` (${c.unit})` : ''))])));
	return element('div', {}, meanings, element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Data of: ${label}`},
		element('table', {}, element('caption', {}, table.rows.length > sfemu.maxShown ? `The first ${sfemu.maxShown} of ${table.rows.length} rows; the CSV file has all.` : `A row is ${table.aRow}.`),
			element('thead', {}, head), element('tbody', {}, ...body))));
};

/* Heading levels without a gap: the result section has no heading between its own and its figures'. */
sfemu.level = host => host.dataset.part === 'details' ? 'h4' : 'h3';

/*
 * The reader's part of a time axis: dragged over the picture, or by buttons. whole() is all of the axis; show() draws again.
 */
sfemu.timeTools = (plot, title, whole, show) => {
	const {element} = sfemu;
	let shown = null; /* null: all */
	const now = () => shown ?? whole();
	const set = (from, to) => {
		const [first, last] = whole(), least = (last - first) / 1e4;
		const a = Math.max(first, Math.min(from, to)), b = Math.min(last, Math.max(from, to));
		shown = b - a >= last - first ? null : b - a >= least ? [a, b] : shown;
		show();
	};
	const by = (low, high) => () => { const [a, b] = now(); set(a + low * (b - a), b + high * (b - a)); };
	const button = (text, words, onclick) => element('button', {type: 'button', 'data-time': words, 'aria-label': `${words}: ${title}`, title: words, onclick}, text);
	let begun = null, mark = null;
	const at = e => { const svg = plot.querySelector('svg'), x = svg.scale('x'); return Math.max(x.domain[0], Math.min(x.domain[1], x.invert((e.clientX - svg.getBoundingClientRect().left) * svg.viewBox.baseVal.width / svg.getBoundingClientRect().width))); };
	plot.classList.add('time');
	plot.addEventListener('pointerdown', e => {
		if (e.button || !plot.querySelector('svg')?.scale) return;
		e.preventDefault();
		begun = at(e);
		mark = d3.select(plot.querySelector('svg')).append('rect').attr('fill', 'var(--link)').attr('fill-opacity', 0.18).attr('height', '100%');
		plot.setPointerCapture(e.pointerId);
	});
	plot.addEventListener('pointermove', e => {
		if (begun === null) return;
		const x = plot.querySelector('svg').scale('x'), [a, b] = d3.sort([x.apply(begun), x.apply(at(e))]);
		mark.attr('x', a).attr('width', b - a);
	});
	const ended = keep => e => {
		if (begun === null) return;
		const from = begun;
		mark.remove();
		begun = null;
		if (keep) set(from, at(e));
	};
	plot.addEventListener('pointerup', ended(true));
	plot.addEventListener('pointercancel', ended(false));
	plot.addEventListener('dblclick', () => { shown = null; show(); });
	return {now, reset: () => { shown = null; }, buttons: [button('+', 'zoom in on time', by(0.25, -0.25)), button('−', 'zoom out', by(-0.5, 0.5)), button('←', 'earlier', by(-0.4, -0.4)), button('→', 'later', by(0.4, 0.4)), button('all', 'all of the time', () => { shown = null; show(); })]};
};

/*
 * A figure: {id, title, caption, table, draw(width, time) -> svg, wide, time, choices}. It is drawn again when its width changes. Its data
 * table is made when it is opened. time: [first, last] of its time axis, of which the reader may choose a part. What it returns has
 * changed(): caption, table and time are others now.
 */
sfemu.figure = (host, f) => {
	const {element} = sfemu;
	const plot = element('div', {class: 'plot'});
	const summary = element('summary'), data = element('details', {}, summary), caption = element('p');
	const fill = () => { if (data.open && data.children.length === 1) data.append(sfemu.tableElement(f.table, f.title)); };
	data.addEventListener('toggle', fill);
	let drawn = 0;
	const draw = () => {
		const width = Math.floor(plot.clientWidth);
		if (!width || width === drawn) return;
		drawn = width;
		const svg = f.draw(width, time?.now());
		svg.setAttribute('role', 'img');
		svg.setAttribute('aria-label', `${f.title}. ${f.caption}`);
		plot.replaceChildren(svg);
	};
	const again = () => { drawn = 0; draw(); };
	const time = f.time ? sfemu.timeTools(plot, f.title, () => f.time, again) : null;
	const tools = element('div', {class: 'tools'}, ...(time?.buttons ?? []),
		element('button', {type: 'button', 'data-save': 'svg', 'aria-label': `Save as SVG: ${f.title}`, onclick: () => sfemu.save(sfemu.svgText(plot.querySelector('svg')), 'image/svg+xml', `${f.id}.svg`)}, 'Save SVG'),
		element('button', {type: 'button', 'data-save': 'csv', 'aria-label': `Save data as CSV: ${f.title}`, onclick: () => sfemu.save(sfemu.csv(f.table), 'text/csv', `${f.id}.csv`)}, 'Save CSV'),
		data);
	const say = () => {
		caption.textContent = f.caption;
		summary.textContent = `Data: ${f.table.rows.length} rows`;
	};
	say();
	const frame = element('figure', {id: f.id, 'aria-labelledby': `${f.id}-title`, ...(f.wide && {class: 'wide'})},
		element('figcaption', {}, element(sfemu.level(host), {id: `${f.id}-title`}, f.title), caption), ...(f.choices ? [f.choices] : []), plot, tools);
	host.append(frame);
	new ResizeObserver(draw).observe(plot);
	draw();
	sfemu.figures.push(f.id);
	return {changed() {
		say();
		time?.reset();
		while (data.children.length > 1) data.lastChild.remove();
		fill();
		again();
	}};
};
