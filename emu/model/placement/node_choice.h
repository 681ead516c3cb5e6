/* SPDX-License-Identifier: MIT */
/*
 * Which node a rule chooses for one step, with the load that is on the nodes then. assignment.c
 * places all steps with it.
 */
#ifndef SFE_PLACEMENT_NODE_CHOICE_H
#define SFE_PLACEMENT_NODE_CHOICE_H

#include "emu/model/placement/placer.h"
#include "emu/model/placement/state_places.h"

union sfe_speed {
	float ops;     /* speed that one more invocation on the node would get */
	int32_t order; /* the same bits: positive floats are ordered as integers, which compare
			  faster */
};

/* Memory for one placement; arrays by rank, capacity and group of a choice. */
struct sfe_placing {
	struct sfe_placer *p;
	uint32_t *load; /* by rank */
	union sfe_speed *speed;
	double *forward, *back;  /* seconds on a link of that capacity */
	double *transfer, *time; /* to the group and back; the same plus processing on the group's
				    best node */
	struct sfe_state_places states; /* ProcState: where those of the present job are */
};

/* A step of a job, and the best node for it so far, if that was looked for one by one. */
struct sfe_step_choice {
	const struct sfe_job *job;
	uint32_t client, k; /* k: the step */
	uint32_t first;     /* the node's rank; SFE_NONE: none */
	double best;        /* its time (s); INFINITY: none */
};

/* Nothing is placed yet. The placer has to have seen the nodes that will be asked for
 * (sfe_placer_see). 0 or -ENOMEM. Free x with sfe_placing_end in both cases. */
int sfe_placing_start(struct sfe_placing *x, struct sfe_placer *p);
void sfe_placing_end(struct sfe_placing *x);

/*
 * The rank of the node that a rule chooses for the step, the first one in name order among equals;
 * SFE_NONE: there is none. Of ProcState, and where pins or an affinity restrict the nodes, r->first
 * and r->best are set.
 */
uint32_t sfe_node_choose(
	struct sfe_placing *x, enum sfe_placement placement, struct sfe_step_choice *r);

/* ProcState's seconds of a node, without processing. */
double sfe_node_time_with_states(
	const struct sfe_placing *x, const struct sfe_step_choice *r, uint32_t node);

/* Whether the node is of that affinity (SFE_ANY_AFFINITY: any is). */
bool sfe_node_has_affinity(const struct sfe_placer *p, uint32_t node, uint8_t affinity);
/* Whether pins and the affinity of the function leave the node to the step. */
bool sfe_node_may_run(const struct sfe_placer *p, uint32_t client, const struct sfe_job *job,
	uint32_t k, uint32_t node);

#endif
