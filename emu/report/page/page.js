/* SPDX-License-Identifier: MIT */
/* Puts the figures into their places in the page. */
'use strict';
/* The list of what is on the page, from its headings. */
sfemu.contents = () => {
	const {element} = sfemu, several = sfemu.runs.length > 1, items = [];
	for (const section of document.querySelectorAll('main > section')) {
		const heading = section.querySelector('h2');
		if (several && heading) items.push(element('li', {class: 'run'}, element('a', {href: `#${section.id}`}, heading.textContent)));
		for (const f of section.querySelectorAll('figure')) items.push(element('li', {}, element('a', {href: `#${f.id}`}, f.querySelector('figcaption :is(h3, h4)').textContent)));
	}
	if (items.length) document.querySelector('main').prepend(element('nav', {class: 'contents', 'aria-label': 'Contents'},
		element('details', innerWidth > 900 ? {open: ''} : {}, element('summary', {}, 'Contents'), element('ul', {}, ...items))));
};

(() => {
	sfemu.runs = JSON.parse(document.getElementById('data').textContent).map((raw, i) => {
		const run = {i, label: raw.label};
		for (const [name, value] of Object.entries(raw)) if (value && value.rows) run[name] = sfemu.table(value);
		return run;
	});
	sfemu.strategies = [...new Set(sfemu.runs.flatMap(run => run.strategies.rows.map(r => r.strategy)))];
	const parts = {
		result: [sfemu.strategyTable, sfemu.meanFigure, sfemu.laterFigure, sfemu.ecdfFigure, sfemu.trafficFigure, sfemu.differenceFigure, sfemu.sharedList, sfemu.outcomeList, sfemu.faultList, sfemu.eventFigure, sfemu.attemptFigure],
		details: [sfemu.networkFigure, sfemu.groupFigures, sfemu.scatterFigure, sfemu.nodesFigure, sfemu.loadFigures, sfemu.timelineFigures, sfemu.captureList],
	};
	for (const host of document.querySelectorAll('.figures')) {
		if (host.dataset.part === 'comparison') sfemu.comparisonFigures(host, sfemu.runs);
		else for (const draw of parts[host.dataset.part]) draw(host, sfemu.runs[Number(host.dataset.run)]);
	}
	sfemu.contents();
	document.documentElement.dataset.ready = 'yes';
})();
