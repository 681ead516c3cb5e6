/* SPDX-License-Identifier: MIT */
/*
 * What a picture of a large network shows as one mark: a switch with what hangs at it alone. Marks
 * with one neighbour become part of it, again and again, until few enough are left.
 */
#ifndef SFE_REPORT_SITES_H
#define SFE_REPORT_SITES_H

#include <stdint.h>

#define SFE_REPORT_MOST_MARKS 600u

struct sfe_report_cable {
	uint32_t a, b; /* vertices */
};

/*
 * By vertex the one that it is shown as, an array of n; the caller frees it. Each vertex is shown
 * as itself if there are at most SFE_REPORT_MOST_MARKS with a cable. NULL: out of memory.
 */
uint32_t *sfe_report_sites(uint32_t n, const struct sfe_report_cable *cables, uint32_t n_cables);

#endif
