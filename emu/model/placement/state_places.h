/* SPDX-License-Identifier: MIT */
/*
 * Where the states of a job are while its steps are placed one after the other, if they stay on the
 * nodes (StateLocal): at first at the client; what a step changes is on its node only, and what it
 * only reads is there, too. States that outlive jobs are not among them.
 */
#ifndef SFE_PLACEMENT_STATE_PLACES_H
#define SFE_PLACEMENT_STATE_PLACES_H

#include "emu/model/topology/pair_paths.h"
#include "sfemu/workload.h"

struct sfe_state_place;

struct sfe_state_places {
	const struct sfe_job *job;
	uint32_t cap; /* of `of`, by state */
	struct sfe_state_place *of;
};

/* Begins with a job: all its states are at the client. The job is borrowed. 0 or -ENOMEM. */
int sfe_state_places_begin(struct sfe_state_places *s, const struct sfe_job *job, uint32_t client);
void sfe_state_places_free(struct sfe_state_places *s);

/* The step has run on the node. 0 or -ENOMEM. */
int sfe_state_places_after(struct sfe_state_places *s, uint32_t step, uint32_t node);

/*
 * Seconds to bring the states that the step reads and that are not on the node, one after the
 * other, from the nodes that changed them last; INFINITY: there is no path.
 */
double sfe_state_places_time(const struct sfe_state_places *s, struct sfe_pair_paths *paths,
	uint32_t step, uint32_t node);
/* The same for a node of that class that has none of them. */
double sfe_state_places_class_time(const struct sfe_state_places *s, struct sfe_pair_paths *paths,
	uint32_t step, uint32_t class);

/*
 * A node that has a state which the step reads, beginning with *next = 0; SFE_NONE: that was the
 * last. A node may come more than once.
 */
uint32_t sfe_state_places_next(const struct sfe_state_places *s, uint32_t step, uint64_t *next);

#endif
