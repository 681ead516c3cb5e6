/* SPDX-License-Identifier: MIT */
/*
 * Transfers that share links, as a fluid: at any time those in flight get max-min fair shares of
 * the links they cross. The time beyond that on an idle link is how long a transfer waits for
 * others, whatever TCP does.
 */
#ifndef SFEMU_SHARING_H
#define SFEMU_SHARING_H

#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_flow {
	double start_s, bits;
	uint32_t n_resources;
	const uint32_t
		*resources;    /* indexes of the links it crosses, each once; none: takes no time */
	double end_s, alone_s; /* results: end time; duration alone */
};

/*
 * capacity_bps: of each resource, more than 0; INFINITY: no limit. The order of flows does not
 * matter. Cost: events x flows in flight x their resources. Errors: -ENOMEM; -EINVAL: a capacity
 * that is 0, negative or NaN.
 */
int sfe_sharing(struct sfe_flow *flows, uint32_t n, const double *capacity_bps,
	uint32_t n_resources, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
