/* SPDX-License-Identifier: MIT */
#include "emu/report/assets.h"

/* Embeds a file. The build defines the folders SFE_REPORT_PAGE and SFE_REPORT_LIBRARY. */
#define ASSET(symbol, path)                                                                        \
	__asm__(".section .rodata\n" #symbol "_begin:\n.incbin \"" path "\"\n" #symbol             \
		"_end:\n.byte 0\n.previous\n");                                                    \
	extern const char symbol##_begin[] __attribute__((visibility("hidden")));                  \
	extern const char symbol##_end[] __attribute__((visibility("hidden")))

#define NAMED(symbol, name)                                                                        \
	{                                                                                          \
		name, symbol##_begin, symbol##_end                                                 \
	}

ASSET(asset_style, SFE_REPORT_PAGE "/page.css");
ASSET(asset_d3, SFE_REPORT_LIBRARY "/d3/dist/d3.min.js");
ASSET(asset_plot, SFE_REPORT_LIBRARY "/@observablehq/plot/dist/plot.umd.min.js");
ASSET(asset_figure, SFE_REPORT_PAGE "/figure.js");
ASSET(asset_response, SFE_REPORT_PAGE "/response.js");
ASSET(asset_model, SFE_REPORT_PAGE "/model.js");
ASSET(asset_groups, SFE_REPORT_PAGE "/groups.js");
ASSET(asset_network, SFE_REPORT_PAGE "/network.js");
ASSET(asset_load, SFE_REPORT_PAGE "/load.js");
ASSET(asset_timeline, SFE_REPORT_PAGE "/timeline.js");
ASSET(asset_faults, SFE_REPORT_PAGE "/faults.js");
ASSET(asset_page, SFE_REPORT_PAGE "/page.js");
ASSET(asset_sweep, SFE_REPORT_PAGE "/sweep.js");

const struct sfe_asset sfe_report_style = NAMED(asset_style, "page.css");
#define LIBRARY                                                                                    \
	NAMED(asset_d3, "D3, https://d3js.org, ISC licence, Copyright Mike Bostock"),              \
		NAMED(asset_plot, "Observable Plot, ISC licence, Copyright Observable, Inc.")
const struct sfe_asset sfe_report_scripts[] = {
	LIBRARY,
	NAMED(asset_figure, "figure.js"),
	NAMED(asset_response, "response.js"),
	NAMED(asset_model, "model.js"),
	NAMED(asset_groups, "groups.js"),
	NAMED(asset_network, "network.js"),
	NAMED(asset_load, "load.js"),
	NAMED(asset_timeline, "timeline.js"),
	NAMED(asset_faults, "faults.js"),
	NAMED(asset_page, "page.js"),
	{0},
};
const struct sfe_asset sfe_report_sweep_scripts[] = {
	LIBRARY,
	NAMED(asset_figure, "figure.js"),
	NAMED(asset_sweep, "sweep.js"),
	{0},
};
