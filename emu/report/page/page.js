/* SPDX-License-Identifier: MIT */
/* Puts the figures where the page has room for them. */
'use strict';
(() => {
	sfemu.runs = JSON.parse(document.getElementById('data').textContent).map((raw, i) => {
		const run = {i, label: raw.label};
		for (const [name, value] of Object.entries(raw)) if (value && value.rows) run[name] = sfemu.table(value);
		return run;
	});
	sfemu.strategies = [...new Set(sfemu.runs.flatMap(run => run.strategies.rows.map(r => r.strategy)))];
	const {element} = sfemu;
	/* A part of a table that is shown as it is. */
	const list = (host, id, title, caption, table) => host.append(element('figure', {id, class: 'wide', 'aria-labelledby': `${id}-title`},
		element('figcaption', {}, element('h4', {id: `${id}-title`}, title), element('p', {}, caption)), sfemu.tableElement(table, title),
		element('div', {class: 'tools'}, element('button', {type: 'button', 'data-save': 'csv', 'aria-label': `Save data as CSV: ${title}`, onclick: () => sfemu.save(sfemu.csv(table), 'text/csv', `${id}.csv`)}, 'Save CSV'))));
	const faults = (host, run) => {
		const failed = run.jobs.rows.filter(r => r.status !== 'done');
		if (failed.length) list(host, `faults-${run.i}`, 'What failed', `${failed.length} jobs did not end well.`,
			sfemu.only(run.jobs, ['strategy', 'job', 'client', 'status', 'reason', 'arrival_s'], failed, 'faults.csv'));
		else if (run.jobs.rows.length) host.append(element('p', {class: 'wide', id: `faults-${run.i}`}, 'No fault happened: every job ended well.'));
	};
	const captures = (host, run) => {
		if (run.captures.rows.length) list(host, `captures-${run.i}`, 'Captures', 'Packets that the run kept; they open in Wireshark, and sfemu analyze reads them.', run.captures);
	};
	const parts = {
		result: [sfemu.strategyTable, sfemu.meanFigure, sfemu.ecdfFigure, sfemu.trafficFigure, sfemu.differenceFigure, faults],
		details: [sfemu.networkFigure, sfemu.groupFigures, sfemu.scatterFigure, sfemu.nodesFigure, sfemu.loadFigures, sfemu.timelineFigures, captures],
	};
	for (const host of document.querySelectorAll('.figures')) {
		if (host.dataset.part === 'comparison') sfemu.comparisonFigures(host, sfemu.runs);
		else for (const draw of parts[host.dataset.part]) draw(host, sfemu.runs[Number(host.dataset.run)]);
	}
	document.documentElement.dataset.ready = 'yes';
})();
