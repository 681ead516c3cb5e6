/* SPDX-License-Identifier: MIT */
/*
 * The part of placement that does not depend on the seed: nodes and clients in name order, the
 * functions' affinities, and for each client the nodes grouped by their paths from and to it,
 * because a message takes equal time to all nodes of a group. Read-only after sfe_placer_new:
 * threads share it.
 */
#ifndef SFE_PLACEMENT_PLACER_H
#define SFE_PLACEMENT_PLACER_H

#include "emu/model/placement/affinities.h"
#include "emu/model/placement/pins.h"
#include "emu/model/topology/pair_paths.h"
#include "sfemu/workload.h"

#define SFE_NO_AFFINITY UINT8_MAX
#define SFE_ANY_AFFINITY                                                                           \
	2u /* beside SFE_CPU and SFE_GPU: of functions of workflows, and of those                  \
	      that have an affinity of the scenario */
#define SFE_PLACE_CHOICES 3u

struct sfe_place_group {
	uint32_t forward, back; /* paths; SFE_NONE: no path */
	uint32_t begin, end;    /* its nodes in sfe_placer.member: ranks in name order */
};

struct sfe_place_choice {            /* the groups of one client and affinity */
	uint32_t begin, end;         /* into sfe_placer.group */
	uint32_t cap_begin, cap_end; /* into sfe_placer.capacity: the capacities of these paths */
};

struct sfe_placer {
	const struct sfe_topology *t;
	const struct sfe_workload *w;
	const struct sfe_pair_paths *paths;
	struct sfe_pin_table *pins;        /* NULL: none */
	struct sfe_affinities *affinities; /* of the scenario's functions; NULL: none */
	const struct sfe_placed *placed;   /* NULL: the rule chooses */
	uint32_t *node;                    /* by rank: all nodes in name order */
	uint32_t *client;                  /* client nodes in name order */
	uint32_t *client_of;               /* by node: its index in client */
	uint32_t n_clients;
	/* Of each workflow its clients, in name order: starter[starter_begin[f] …]. */
	uint32_t *starter_begin, *starter;
	uint8_t *affinity; /* by function */
	/* By client and affinity. One more client at the end has all nodes in one group, for
	 * ProcOnly. Any affinity: only if there are such functions. */
	struct sfe_place_choice (*choice)[SFE_PLACE_CHOICES];
	struct sfe_place_group *group;
	uint32_t *member;   /* ranks */
	uint32_t *capacity; /* indexes into sfe_pair_paths.capacity_bps */
	uint32_t n_groups, cap_groups, n_members, cap_members, n_capacities, cap_capacities;
	uint32_t most_groups; /* the most groups of a choice */
};

/* The nodes in name order; the caller's. NULL: out of memory. */
uint32_t *sfe_nodes_by_name(const struct sfe_topology *t);

/* Prepares the routing. rules: NULL for none, else borrowed. Errors: no client; a pattern that
 * matches nothing; too many nodes; -ENOMEM. */
int sfe_placer_new(const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_placement_rules *rules,
	struct sfe_placer **out, struct sfe_error *err);
void sfe_placer_free(struct sfe_placer *p);

/*
 * Draws the jobs of a replication, their clients and the order of placement, a new array of
 * a->n_jobs indexes into a->job. a->n_jobs is 0 if the seed selects no job.
 */
int sfe_placer_draw(const struct sfe_placer *p, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **a, uint32_t **order, struct sfe_error *err);
/* Places the jobs (again, if they were placed before): sets a->node and a->load. */
int sfe_placer_place(const struct sfe_placer *p, enum sfe_placement placement,
	const uint32_t *order, struct sfe_assignment *a, struct sfe_error *err);

#endif
