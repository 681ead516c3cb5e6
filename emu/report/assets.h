/* SPDX-License-Identifier: MIT */
/* Files embedded in the program: the page's style and scripts, and the library that draws the
 * figures. */
#ifndef SFE_REPORT_ASSETS_H
#define SFE_REPORT_ASSETS_H

#include <stddef.h>

struct sfe_asset {
	const char *name, *begin, *end;
};

/* The scripts are in the order in which the page loads them; name is NULL after the last. */
extern const struct sfe_asset sfe_report_style, sfe_report_scripts[];
extern const struct sfe_asset sfe_report_sweep_scripts[]; /* of a sweep's page */

#endif
