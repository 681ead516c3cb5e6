/* SPDX-License-Identifier: MIT */
/* Puts the figures into their places in the page. */
'use strict';
(() => {
	sfemu.runs = JSON.parse(document.getElementById('data').textContent).map((raw, i) => {
		const run = {i, label: raw.label};
		for (const [name, value] of Object.entries(raw)) if (value && value.rows) run[name] = sfemu.table(value);
		return run;
	});
	sfemu.strategies = [...new Set(sfemu.runs.flatMap(run => run.strategies.rows.map(r => r.strategy)))];
	const parts = {
		result: [sfemu.strategyTable, sfemu.meanFigure, sfemu.ecdfFigure, sfemu.trafficFigure, sfemu.differenceFigure, sfemu.sharedList, sfemu.outcomeList, sfemu.faultList, sfemu.eventFigure, sfemu.attemptFigure],
		details: [sfemu.networkFigure, sfemu.groupFigures, sfemu.scatterFigure, sfemu.nodesFigure, sfemu.loadFigures, sfemu.timelineFigures, sfemu.captureList],
	};
	for (const host of document.querySelectorAll('.figures')) {
		if (host.dataset.part === 'comparison') sfemu.comparisonFigures(host, sfemu.runs);
		else for (const draw of parts[host.dataset.part]) draw(host, sfemu.runs[Number(host.dataset.run)]);
	}
	document.documentElement.dataset.ready = 'yes';
})();
