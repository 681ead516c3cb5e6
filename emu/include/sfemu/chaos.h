/* SPDX-License-Identifier: MIT */
/*
 * Random faults: expands one element `chaos:` of a schedule into a list of faults, from the links
 * and nodes of a network and a seed. Pure: equal inputs give equal faults.
 */
#ifndef SFEMU_CHAOS_H
#define SFEMU_CHAOS_H

#include "sfemu/link.h"
#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_FAULTS 100000u /* of all elements of a schedule together */

enum sfe_fault_kind {
	SFE_FAULT_DOWN,      /* of a link: it loses every packet */
	SFE_FAULT_LOSS,      /* of a link: it loses more packets */
	SFE_FAULT_DELAY,     /* of a link: it delays packets more */
	SFE_FAULT_RATE,      /* of a link: it keeps a share of its rate */
	SFE_FAULT_PARTITION, /* of nodes: they reach only each other */
	SFE_FAULT_CRASH,     /* of a node */
};
#define SFE_FAULT_KINDS 6
extern const char *const sfe_fault_names[SFE_FAULT_KINDS];

struct sfe_patterns { /* names with the shell's * ? [] */
	uint32_t n;
	char **text;
};

struct sfe_chaos {
	uint32_t faults;
	uint64_t from_ns, over_ns; /* when they begin */
	unsigned kinds;            /* bits: 1 << enum sfe_fault_kind */
	/* Ranges, from [0] to [1]; values are drawn uniformly. */
	uint64_t lasts_ns[2], delay_ns[2];
	double loss[2], rate[2];
	struct sfe_patterns links, nodes; /* that a fault may hit */
	struct sfe_patterns spare;        /* links or nodes that no fault hits */
};

struct sfe_fault {
	uint64_t begin_ns, end_ns;
	enum sfe_fault_kind kind;
	uint32_t link;
	bool direction[SFE_DIRECTIONS]; /* the directions of the link that it hits */
	uint32_t node;                  /* the node that crashes */
	bool *set;                      /* of a partition: its nodes; owned by the list */
	double share;                   /* of packets lost, or of the rate that is kept */
	uint64_t extra_ns;
};

/* Ordered by begin_ns. */
struct sfe_faults {
	uint32_t n;
	struct sfe_fault *fault;
};

struct sfe_chaos_place { /* borrowed */
	uint32_t n_links, n_nodes;
	const struct sfe_link *link;
	const struct sfe_node *node;
	const bool *distinct; /* two per link: the directions that exist and differ (half duplex has
				 one) */
};

/*
 * number: the element's index in the schedule; each element draws from its own random stream.
 * Errors have no place: a name without a match, or a kind of fault without a target.
 */
int sfe_chaos_expand(const struct sfe_chaos *chaos, const struct sfe_chaos_place *place,
	uint32_t seed, uint32_t number, struct sfe_faults *out, struct sfe_error *err);
void sfe_faults_free(struct sfe_faults *faults);
void sfe_chaos_free(struct sfe_chaos *chaos);

/* Prints what the fault does: "loss 12.5%", "down", "delay +120ms", "rate 12.5%", "partition a,
 * b", "crash". */
void sfe_fault_print(const struct sfe_fault *fault, const struct sfe_chaos_place *place, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
