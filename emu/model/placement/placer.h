/* SPDX-License-Identifier: MIT */
/*
 * The part of placement that does not depend on the seed: nodes and clients in name order, the
 * functions' affinities, and for each client the nodes grouped by their paths from and to it,
 * because a message takes equal time to all nodes of a group. Clients that are alike (pair_paths.h)
 * share groups, which hold classes of nodes: the client itself, to which no path leads, is apart
 * from them. Groups are made on first use, by one thread, or all at once (sfe_placer_prepare); then
 * threads share the placer.
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
	uint32_t begin, end;    /* its classes of nodes in sfe_placer.member */
};

struct sfe_place_choice {            /* the groups of a class of clients, for one affinity */
	bool made;                   /* else it is made on first use */
	uint32_t begin, end;         /* into sfe_placer.group */
	uint32_t cap_begin, cap_end; /* into sfe_placer.capacity: the capacities of these paths */
};

struct sfe_placer {
	const struct sfe_topology *t;
	const struct sfe_workload *w;
	struct sfe_pair_paths *paths;
	struct sfe_pin_table *pins;        /* NULL: none */
	struct sfe_affinities *affinities; /* of the scenario's functions; NULL: none */
	const struct sfe_placed *placed;   /* NULL: the rule chooses */
	uint32_t *node;                    /* by rank: all nodes in name order */
	uint32_t *rank_of;                 /* by node */
	uint32_t *client;                  /* client nodes in name order */
	uint32_t n_clients;
	/* Of each workflow its clients, in name order: starter[starter_begin[f] …]. */
	uint32_t *starter_begin, *starter;
	uint8_t *affinity; /* by function */
	/* By affinity: the nodes that have it, as ranks, by class and then ascending. Those of
	 * class k are [rank_begin[k] … rank_begin[k + 1]]. Any affinity: all nodes. */
	uint32_t *rank[SFE_PLACE_CHOICES], *rank_begin[SFE_PLACE_CHOICES];
	/* By class of the client and affinity. One more at the end has all nodes in one group, for
	 * ProcOnly. */
	struct sfe_place_choice (*choice)[SFE_PLACE_CHOICES];
	struct sfe_place_group *group;
	uint32_t *member;   /* classes */
	uint32_t *capacity; /* indexes into sfe_pair_paths.capacity_bps */
	uint32_t n_groups, cap_groups, n_members, cap_members, n_capacities, cap_capacities;
	uint32_t most_groups; /* the most groups of a choice */
	/* While choices are made. */
	struct sfe_place_member *sorting; /* by class */
	uint32_t *seen;                   /* by capacity: the last choice that has it */
	uint32_t n_choices;
};

/* The nodes in name order; the caller's. NULL: out of memory. */
uint32_t *sfe_nodes_by_name(const struct sfe_topology *t);

/* rules: NULL for none, else borrowed. Errors: no client; a pattern that
 * matches nothing; too many nodes; -ENOMEM. */
int sfe_placer_new(const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_placement_rules *rules,
	struct sfe_placer **out, struct sfe_error *err);
void sfe_placer_free(struct sfe_placer *p);

/* Makes the groups of all clients. The routing has to be prepared, too, before threads share the
 * placer. */
int sfe_placer_prepare(struct sfe_placer *p, struct sfe_error *err);
/* Makes the groups for one affinity that a client sees; SFE_NONE: all nodes are equally far.
 * Nothing if they are there. */
int sfe_placer_see(struct sfe_placer *p, uint32_t client, uint8_t affinity);

/* What the client sees. */
static inline const struct sfe_place_choice *sfe_placer_choice(
	const struct sfe_placer *p, uint32_t client, uint8_t affinity)
{
	uint32_t class = client == SFE_NONE ? p->paths->n_classes : p->paths->class_of[client];

	return &p->choice[class][affinity];
}

/*
 * Draws the jobs of a replication, their clients and the order of placement, a new array of
 * a->n_jobs indexes into a->job. a->n_jobs is 0 if the seed selects no job.
 */
int sfe_placer_draw(const struct sfe_placer *p, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **a, uint32_t **order, struct sfe_error *err);
/* Places the jobs (again, if they were placed before): sets a->node and a->load. */
int sfe_placer_place(struct sfe_placer *p, enum sfe_placement placement, const uint32_t *order,
	struct sfe_assignment *a, struct sfe_error *err);

#endif
