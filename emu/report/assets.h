/* SPDX-License-Identifier: MIT */
/* Files that are part of the program: the page's style and scripts, and the library that it draws
 * with. */
#ifndef SFE_REPORT_ASSETS_H
#define SFE_REPORT_ASSETS_H

#include <stddef.h>

struct sfe_asset {
	const char *name, *begin, *end;
};

/* In the order in which the page has them; name is NULL after the last. */
extern const struct sfe_asset sfe_report_style, sfe_report_scripts[];

#endif
