/* SPDX-License-Identifier: MIT */
/* The page of a sweep: curves over an axis, small multiples over another one, differences from a baseline. */
'use strict';
sfemu.sweepFigures = [
	{id: 'mean_s', title: 'Mean response time', format: sfemu.seconds, of: 'the jobs done'},
	{id: 'p50_s', title: 'Median response time', format: sfemu.seconds, of: 'the jobs done'},
	{id: 'p95_s', title: '95th percentile of the response time', format: sfemu.seconds, of: 'the jobs done'},
	{id: 'p99_s', title: '99th percentile of the response time', format: sfemu.seconds, of: 'the jobs done; of fewer than 100 jobs a seed it is close to the longest one'},
	{id: 'payload_bytes_hops', title: 'Payload of a job, times the links that it crossed', format: sfemu.bytes, of: 'the jobs done'},
	{id: 'wire_bytes', title: 'Bytes on the wire, of a job', format: sfemu.bytes, of: 'all jobs; links count all jobs of a cell together'},
	{id: 'done_share', title: 'Share of the jobs that were done', format: sfemu.share, of: 'all jobs'},
	{id: 'runs_in_vain', title: 'Runs in vain, of a job', format: sfemu.digits, of: 'all jobs; only where states outlive jobs'},
	{id: 'vain_operations', title: 'Operations in vain, of a job', format: sfemu.digits, of: 'all jobs; only where states outlive jobs'},
	{id: 'shared_overwritten', title: 'Overwritten changes of states, of a job', format: sfemu.digits, of: 'all jobs; only where states outlive jobs'},
];
sfemu.maxPanels = 12;
sfemu.maxValues = 200;

sfemu.sweepOf = raw => {
	const sweep = {...raw, points: sfemu.table(raw.points), pairs: sfemu.table(raw.pairs)};
	sfemu.sweepFigures = sfemu.sweepFigures.filter(f => sweep.points.columns.some(c => c.name === f.id));
	/* The last axis varies fastest. */
	let stride = 1;
	for (const axis of [...sweep.axes].reverse()) { axis.stride = stride; stride *= axis.values.length; }
	sweep.valueOf = (row, axis) => Math.floor(row.combination / axis.stride) % axis.values.length;
	/* What curves can be drawn over. */
	sweep.choices = [
		{id: 'chain', label: 'steps', by: 'chain'}, {id: 'states', label: 'size of the states', by: 'states'},
		...sweep.axes.map((axis, i) => ({id: `axis-${i}`, label: axis.name, by: 'sweep', axis})),
	].filter(c => c.axis ? c.axis.values.length > 1 : new Set(sweep.points.rows.filter(r => r.by === c.by).map(r => r.from)).size > 1);
	/* Which figures two strategies are compared by, along each choice. */
	sweep.comparable = Object.fromEntries(['sweep', 'chain', 'states'].map(by => [by, sfemu.sweepFigures.filter(f => sweep.pairs.rows.some(r => r.by === by && r[`difference_${f.id}`] !== null))]));
	/* The grid's values instead of a combination's number, as columns of a data table. */
	sweep.gridColumns = sweep.axes.map(axis => ({name: axis.name, unit: '', meaning: 'value of the grid', of: row => axis.values[sweep.valueOf(row, axis)]}));
	if (!sweep.choices.length) sweep.choices.push({id: 'all', label: 'all jobs', by: 'sweep'});
	return sweep;
};

sfemu.short = (text, most = 16) => text.length > most ? `${text.slice(0, most - 1)}…` : text;

/* ---- choices */
/* A select with a label; its value is kept in choice[key]. options: [value, text, disabled]. */
sfemu.select = (form, label, options, choice, key, changed) => {
	const {element} = sfemu;
	const select = element('select', {id: `choice-${key}`}, ...options.map(([value, text, disabled]) => element('option', {value: String(value), ...(disabled && {disabled: ''})}, sfemu.short(text, 60))));
	select.value = String(choice[key]);
	select.addEventListener('change', () => { choice[key] = select.value; changed(key); });
	form.append(element('label', {}, label, select));
};

/* The other axes of the grid: one can be the panels, the rest has one value each. */
sfemu.sweepForm = (form, sweep, choice, changed) => {
	const over = sweep.choices.find(c => c.id === choice.over);
	const rest = sweep.axes.map((axis, i) => ({axis, id: `axis-${i}`})).filter(a => a.axis !== over.axis && a.axis.values.length > 1);
	if (choice.panels !== 'none' && !rest.some(a => a.id === choice.panels)) choice.panels = rest.length ? rest[0].id : '';
	const comparable = sweep.comparable[over.by];
	if (comparable.length && !comparable.some(f => f.id === choice.figure)) choice.figure = comparable[0].id;
	form.replaceChildren();
	sfemu.select(form, 'Curves over', sweep.choices.map(c => [c.id, c.label]), choice, 'over', changed);
	if (rest.length) sfemu.select(form, 'Panels', [...rest.map(a => [a.id, a.axis.name]), ['none', 'one panel']], choice, 'panels', changed);
	for (const a of rest) {
		if (a.id === choice.panels) continue;
		choice[a.id] ??= '0';
		sfemu.select(form, a.axis.name, a.axis.values.slice(0, 1000).map((v, i) => [i, v]), choice, a.id, changed);
	}
	if (sweep.strategies.length < 2) return;
	sfemu.select(form, 'Baseline', sweep.strategies.map(s => [s, s]), choice, 'baseline', changed);
	sfemu.select(form, 'Compared figure', sfemu.sweepFigures.map(f => comparable.includes(f) ? [f.id, f.title] : [f.id, `${f.title}: not by ${over.label}`, true]), choice, 'figure', changed);
};

/* Which two strategies the sentences are of, where there are many. */
sfemu.pairForm = form => {
	const lines = [...document.querySelectorAll('.answers li[data-pair]')], pairs = [...new Set(lines.map(li => li.dataset.pair))];
	if (pairs.length < 4) return;
	const choice = {pair: ''};
	sfemu.select(form, 'Strategies', [['', 'all pairs'], ...pairs.map(p => [p, p])], choice, 'pair', () => {
		for (const li of lines) li.hidden = choice.pair !== '' && li.dataset.pair !== choice.pair;
		for (const details of document.querySelectorAll('section > details')) details.open = choice.pair !== '';
	});
};

/* The rows that are shown, each with x (0, 1, …) and the name of its panel. */
sfemu.sweepView = (sweep, choice) => {
	const over = sweep.choices.find(c => c.id === choice.over);
	const panels = choice.panels.startsWith('axis-') ? sweep.axes[Number(choice.panels.slice(5))] : null;
	const fixed = sweep.axes.map((axis, i) => ({axis, value: Number(choice[`axis-${i}`] ?? 0)})).filter(f => f.axis !== over.axis && f.axis !== panels && f.axis.values.length > 1);
	const take = rows => rows.filter(r => r.by === over.by && fixed.every(f => sweep.valueOf(r, f.axis) === f.value));
	const named = points => {
		let end = points.below === null ? '' : points.below - 1;
		if (over.by === 'states') return `${sfemu.tick(sfemu.bytes)(points.from)}`;
		return end === '' ? `${points.from}+` : end === points.from ? String(points.from) : `${points.from}–${end}`;
	};
	const points = take(sweep.points.rows);
	const sizes = new Map(points.map(r => [r.from, named(r)]));
	const all = over.axis ? over.axis.values : over.by === 'sweep' ? [''] : d3.sort(sizes.keys()).map(from => sizes.get(from));
	const order = over.by === 'sweep' ? null : new Map(d3.sort(sizes.keys()).map((from, i) => [from, i]));
	const place = r => ({...r, x: over.axis ? sweep.valueOf(r, over.axis) : order ? order.get(r.from) : 0,
		panel: panels ? `${panels.name} = ${panels.values[sweep.valueOf(r, panels)]}` : ''});
	const panelNames = panels ? panels.values.map(v => `${panels.name} = ${v}`) : [''];
	const shown = new Set(panelNames.slice(0, sfemu.maxPanels));
	const visible = rows => take(rows).map(place).filter(r => r.x < sfemu.maxValues && shown.has(r.panel));
	const words = [
		fixed.length ? ` ${fixed.map(f => `${f.axis.name} = ${f.axis.values[f.value]}`).join(', ')}.` : '',
		panelNames.length > sfemu.maxPanels ? ` The first ${sfemu.maxPanels} of ${panelNames.length} panels.` : '',
		all.length > sfemu.maxValues ? ` The first ${sfemu.maxValues} of ${all.length} values.` : '',
	].join('');
	/* Nothing is between two names: a line from one to the next would say so. */
	const apart = over.axis && !over.axis.values.every(v => /^[0-9]/.test(v));
	return {over, apart, labels: all.slice(0, sfemu.maxValues), panels: [...shown], words, points: visible(sweep.points.rows), pairs: visible(sweep.pairs.rows)};
};

/* ---- a figure of curves */
/*
 * Which labels of an axis fit side by side, each in `room` pixels: {shown, rows}. In two rows every other one is lower.
 */
sfemu.fitLabels = (labels, room) => {
	const widths = labels.map(l => 7.3 * sfemu.short(l).length + 8);
	for (let every = 1; ; every++) {
		const shown = d3.range(0, labels.length, every);
		const fits = rows => shown.every((at, k) => widths[at] / 2 <= (labels.length - 0.5 - at) * room + 20 &&
			(k + rows >= shown.length || (widths[at] + widths[shown[k + rows]]) / 2 <= (shown[k + rows] - at) * room));
		for (const rows of [1, 2]) if (fits(rows) || every > labels.length) return {shown, rows};
	}
};

/* rows: {x, panel, strategy, value, low, high, n, seeds}; line: where nothing would be different; end: of the axis, if it has one. */
sfemu.curves = (view, sweep, rows, {format, line, names, end}, width) => {
	const left = 70, room = (width - left - 14) / Math.max(1, view.labels.length);
	const {shown, rows: tickRows} = sfemu.fitLabels(view.labels, room), lower = 15 * (tickRows - 1);
	const ends = rows.flatMap(r => [r.value, r.low ?? r.value, r.high ?? r.value]).concat(line);
	const [least, most] = d3.extent(ends), span = most - least || Math.abs(most) || 1;
	const allCounts = d3.groups(rows, r => r.panel, r => r.x).flatMap(([panel, xs]) => xs.map(([x, group]) => {
		const [a, b] = d3.extent(group, r => r.n);
		return {panel, x, text: a === b ? `${a}` : `${a}–${b}`};
	}));
	const every = Math.ceil((6.4 * d3.max(allCounts, c => c.text.length) + 4) / room), counts = allCounts.filter(c => c.x % every === 0);
	/* Over names, the marks of several strategies are side by side. */
	const aside = view.apart ? Math.min(0.16, 0.6 / names.length) : 0;
	const several = view.panels.length > 1;
	return sfemu.plot(width, {
		bodyHeight: view.panels.length * (several ? 170 : 240), marginLeft: left, marginRight: 14, marginTop: several ? 24 : 14, marginBottom: 42 + lower,
		x: {domain: [-0.5, view.labels.length - 0.5], label: view.over.by === 'sweep' ? sfemu.short(view.over.label, 40) : view.over.by === 'chain' ? 'steps of a job' : 'bytes of all states of a job, from', labelAnchor: 'center', labelOffset: 38 + lower,
			ticks: shown, tickFormat: i => (tickRows > 1 && shown.indexOf(i) % 2 ? '\n' : '') + sfemu.short(view.labels[i])},
		y: {label: null, tickFormat: sfemu.tick(format), grid: true, ticks: several ? 4 : 6, domain: [least - (least < line ? 0.06 * span : 0), end ?? (most > least ? most : least + span)], nice: false, insetTop: 27},
		fy: {axis: null, domain: view.panels, padding: several ? 0.16 : 0},
		color: {type: 'identity'}, symbol: {type: 'identity'},
		marks: [
			Plot.frame({stroke: 'var(--line)'}),
			Plot.ruleY([line], {stroke: 'currentColor', strokeOpacity: 0.6}),
			...names.flatMap((name, i) => {
				const own = d3.sort(rows.filter(r => r.strategy === name).map(r => ({...r, at: r.x + aside * (i - (names.length - 1) / 2)})), r => r.x), look = sfemu.look(name);
				const banded = own.filter(r => r.low !== null);
				return [
					Plot.areaY(view.apart ? [] : banded, {fy: 'panel', x: 'at', y1: 'low', y2: 'high', fill: look.color, fillOpacity: 0.14}),
					Plot.ruleX(banded, {fy: 'panel', x: 'at', y1: 'low', y2: 'high', stroke: look.color, strokeOpacity: view.apart ? 1 : 0.55, strokeWidth: view.apart ? 2 : 1.2}),
					Plot.lineY(view.apart ? [] : own, {fy: 'panel', x: 'at', y: 'value', stroke: look.color, strokeWidth: 2, strokeDasharray: look.dash}),
					/* Hollow: not all seeds have such jobs. */
					Plot.dot(own, {fy: 'panel', x: 'at', y: 'value', symbol: look.symbol, r: 4, stroke: look.color, strokeWidth: 1.6, fill: r => r.seeds < sweep.seeds.length ? 'var(--card)' : look.color,
						title: r => `${name}, ${view.over.label} ${view.labels[r.x]}${r.panel ? `, ${r.panel}` : ''}: ${format(r.value)}${r.low === null ? '' : ` (${format(r.low)} to ${format(r.high)})`}, ${r.n} jobs, ${r.seeds} of ${sweep.seeds.length} seeds`}),
				];
			}),
			Plot.text(counts, {fy: 'panel', x: 'x', frameAnchor: 'top', dy: 9, text: 'text', fontSize: 10, fill: 'var(--soft)'}),
			...(several ? [Plot.text(view.panels, {fy: d => d, text: d => sfemu.short(d, Math.floor(width / 8)), frameAnchor: 'top-left', dy: -16, fontWeight: 'bold'})] : []),
		],
	}, names.map(sfemu.look));
};

sfemu.bands = view => view.apart ? 'Bars' : 'Bands';
sfemu.bandWords = (sweep, view) => sweep.seeds.length > 1 ? `${sfemu.bands(view)}: 95\u00a0% intervals over ${sweep.seeds.length}\u00a0seeds.` : `One seed: ${sfemu.bands(view).toLowerCase()}, where there are some, are 95\u00a0% intervals over its jobs.`;
sfemu.countWords = 'Small numbers: jobs. A hollow mark: not all seeds have such jobs.';

sfemu.valueFigures = (host, sweep, view) => {
	const rows = view.points;
	for (const f of sfemu.sweepFigures) {
		const ci = `ci95_${f.id}`, end = f.id === 'done_share' ? 1 : undefined;
		const data = rows.filter(r => r[f.id] !== null).map(r => ({...r, value: r[f.id], low: r[ci] === null ? null : Math.max(0, r[f.id] - r[ci]), high: r[ci] === null ? null : Math.min(end ?? Infinity, r[f.id] + r[ci]), n: f.of.startsWith('the jobs') ? r.done : r.jobs}));
		if (!data.length) continue;
		if (end && data.every(r => r.value === 1)) {
			host.append(sfemu.element('p', {class: 'wide note'}, `${f.title}: all done.${view.words}`));
			continue;
		}
		const names = sweep.strategies.filter(s => data.some(r => r.strategy === s));
		sfemu.figure(host, {
			id: `value-${f.id}`, title: f.title, caption: `Of ${f.of}.${view.words} ${sfemu.bandWords(sweep, view)} ${sfemu.countWords}`,
			table: sfemu.only(sweep.points, [...sweep.gridColumns, 'by', 'from', 'below', 'strategy', 'seeds', 'jobs', 'done', f.id, ci], rows.filter(r => r[f.id] !== null), `${f.id}.csv`),
			draw: width => sfemu.curves(view, sweep, data, {format: f.format, line: 0, names, end}, width),
		});
	}
};

/* A pair with the baseline first; C computed it for one order, and the other one is its mirror. */
sfemu.turned = (r, figure, baseline) => {
	const [d, ci, ratio, low, high] = ['difference', 'ci95', 'ratio', 'low', 'high'].map(name => r[`${name}_${figure}`]);
	const over = x => x === null ? null : 1 / x;
	return r.baseline === baseline ? {strategy: r.strategy, d, ci, ratio, low, high}
		: {strategy: r.baseline, d: d === null ? null : -d, ci, ratio: over(ratio), low: over(high), high: over(low)};
};

sfemu.comparedFigures = (host, sweep, view, choice) => {
	const f = sfemu.sweepFigures.find(x => x.id === choice.figure);
	const rows = view.pairs.filter(r => r.baseline === choice.baseline || r.strategy === choice.baseline);
	const columns = [...sweep.gridColumns, 'by', 'from', 'below', 'baseline', 'strategy', 'seeds', 'jobs'];
	const lower = f.title[0].toLowerCase() + f.title.slice(1);
	const kinds = [
		{id: 'difference', title: `${f.title}: difference from ${choice.baseline}`, format: f.format, line: 0, value: t => t.d, low: t => t.ci === null ? null : t.d - t.ci, high: t => t.ci === null ? null : t.d + t.ci,
			words: `Below 0: less than under ${choice.baseline}.`, columns: [`difference_${f.id}`, `ci95_${f.id}`]},
		{id: 'ratio', title: `${f.title}: ratio to ${choice.baseline}`, format: sfemu.digits, line: 1, value: t => t.ratio, low: t => t.low, high: t => t.high,
			words: `Below 1: less than under ${choice.baseline}.`, columns: [`ratio_${f.id}`, `low_${f.id}`, `high_${f.id}`]},
	];
	for (const kind of kinds) {
		const data = rows.map(r => { const t = sfemu.turned(r, f.id, choice.baseline); return {...r, strategy: t.strategy, value: kind.value(t), low: kind.low(t), high: kind.high(t), n: r.jobs}; }).filter(r => r.value !== null && r.value !== undefined);
		if (!data.length) {
			host.append(sfemu.element('p', {class: 'wide'}, `Here nothing compares the ${lower} with ${choice.baseline}: choose another baseline or figure.`));
			return;
		}
		const names = sweep.strategies.filter(s => data.some(r => r.strategy === s));
		sfemu.figure(host, {
			id: kind.id, title: kind.title, caption: `${kind.words} ${f.of.startsWith('the jobs') ? 'Over the jobs that both have done, seed by seed.' : 'Of all jobs, seed by seed.'}${view.words} ${sweep.seeds.length > 1 ? `${sfemu.bands(view)}: 95\u00a0% intervals of the paired values; where one does not reach the line, the difference is decided.` : sfemu.bandWords(sweep, view)} ${sfemu.countWords}`,
			table: sfemu.only(sweep.pairs, [...columns, ...kind.columns], rows, `${kind.id}.csv`),
			draw: width => sfemu.curves(view, sweep, data, {...kind, names}, width),
		});
	}
};

(() => {
	const sweep = sfemu.sweepOf(JSON.parse(document.getElementById('data').textContent));
	const form = document.getElementById('choices'), values = document.getElementById('values'), compared = document.getElementById('compared');
	const choice = {over: sweep.choices[0].id, panels: '', baseline: sweep.baseline, figure: 'mean_s'};
	sfemu.strategies = sweep.strategies;
	const draw = () => {
		const view = sfemu.sweepView(sweep, choice);
		sfemu.figures.length = 0;
		values.replaceChildren();
		compared.replaceChildren();
		if (!view.points.length) values.append(sfemu.element('p', {}, 'There is no job to draw.'));
		if (sweep.strategies.length < 2) compared.append(sfemu.element('p', {}, 'This sweep cannot say which strategy is faster: it has one strategy only.'));
		else if (view.points.length) sfemu.comparedFigures(compared, sweep, view, choice);
		sfemu.valueFigures(values, sweep, view);
	};
	const changed = key => {
		/* The form depends on these two. */
		if (key === 'over' || key === 'panels') {
			sfemu.sweepForm(form, sweep, choice, changed);
			document.getElementById(`choice-${key}`)?.focus();
		}
		draw();
	};
	form.addEventListener('submit', e => e.preventDefault());
	sfemu.sweepForm(form, sweep, choice, changed);
	sfemu.pairForm(document.getElementById('pair'));
	draw();
	document.documentElement.dataset.ready = 'yes';
})();
