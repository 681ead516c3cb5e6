/* SPDX-License-Identifier: MIT */
/* Messages of the closed form: each takes its time, and adds to the traffic of its job. */
#ifndef SFE_CLOSED_FORM_TRAFFIC_H
#define SFE_CLOSED_FORM_TRAFFIC_H

#include "emu/model/closed_form/closed_form.h"

/* In place of a node: the cloud, which is not part of the topology. */
#define SFE_AT_CLOUD (UINT32_MAX - 1)

struct sfe_traffic {
	uint64_t bytes; /* x links */
	bool overflow;  /* the bytes do not fit in 64 bits */
	bool nowhere;   /* a rule names a node that there is not */
};

static inline void sfe_traffic_add(struct sfe_traffic *t, uint64_t bytes, uint32_t hops)
{
	uint64_t more;

	t->overflow |= __builtin_mul_overflow(bytes, hops, &more) ||
		       __builtin_add_overflow(t->bytes, more, &t->bytes);
}

/* The seconds that a message takes to the cloud, or from there. */
static inline double sfe_traffic_cloud(
	struct sfe_traffic *t, const struct sfe_closed_form *f, uint64_t bytes)
{
	const struct sfe_estimate_params *cloud = &f->cloud;

	if (!bytes)
		return 0;
	sfe_traffic_add(t, bytes, 1);
	return cloud->cloud_latency_s + (double)(8 * bytes) / (1e6 * cloud->cloud_rate_mbps);
}

/* The seconds that a message takes; infinite if there is no path. */
static inline double sfe_traffic_send(struct sfe_traffic *t, const struct sfe_closed_form *f,
	uint32_t from, uint32_t to, uint64_t bytes)
{
	if (from == SFE_AT_CLOUD || to == SFE_AT_CLOUD)
		return sfe_traffic_cloud(t, f, bytes);
	uint32_t path = sfe_pair_path_between(f->paths, from, to);
	if (path != SFE_NONE)
		sfe_traffic_add(t, bytes, f->paths->path[path].hops);
	return sfe_pair_path_time(f->paths, path, bytes);
}

#endif
