/* SPDX-License-Identifier: MIT */
/*
 * Random faults: what one element `chaos:` of a schedule becomes, for the links and nodes that
 * there are and a seed. Pure: the same of both gives the same faults.
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
	SFE_FAULT_DOWN,      /* of a link: all is lost */
	SFE_FAULT_LOSS,      /* of a link: so much more is lost */
	SFE_FAULT_DELAY,     /* of a link: so much later */
	SFE_FAULT_RATE,      /* of a link: so much of its rate is left */
	SFE_FAULT_PARTITION, /* of nodes: they reach only each other */
	SFE_FAULT_CRASH,     /* of a node */
};
#define SFE_FAULT_KINDS 6
extern const char *const sfe_fault_names[SFE_FAULT_KINDS];

struct sfe_patterns { /* names, with * ? [] as a shell has them */
	uint32_t n;
	char **text;
};

struct sfe_chaos {
	uint32_t faults;
	uint64_t from_ns, over_ns; /* when they begin */
	unsigned kinds;            /* bits: 1 << enum sfe_fault_kind */
	/* From the first to the second, all alike. */
	uint64_t lasts_ns[2], delay_ns[2];
	double loss[2], rate[2];
	struct sfe_patterns links, nodes; /* that may have a fault */
	struct sfe_patterns spare;        /* and these, links or nodes, have none */
};

struct sfe_fault {
	uint64_t begin_ns, end_ns;
	enum sfe_fault_kind kind;
	uint32_t link;
	bool direction[SFE_DIRECTIONS]; /* of the link: which */
	uint32_t node;                  /* that crashes */
	bool *set;                      /* of a partition, by node; owned by the list */
	double share;                   /* that is lost, or that is left of the rate */
	uint64_t extra_ns;
};

/* In the order in which they begin. */
struct sfe_faults {
	uint32_t n;
	struct sfe_fault *fault;
};

struct sfe_chaos_place { /* all is borrowed */
	uint32_t n_links, n_nodes;
	const struct sfe_link *link;
	const struct sfe_node *node;
	const bool *means; /* which directions there are that can be told apart, two a link */
};

/*
 * number: of the element among the schedule's, since each has a stream of its own. Errors without
 * a place: a name that nothing has, or nothing that a kind could be of.
 */
int sfe_chaos_expand(const struct sfe_chaos *chaos, const struct sfe_chaos_place *place,
	uint32_t seed, uint32_t number, struct sfe_faults *out, struct sfe_error *err);
void sfe_faults_free(struct sfe_faults *faults);
void sfe_chaos_free(struct sfe_chaos *chaos);

/* What the fault does: "loss 12.5%", "down", "delay +120ms", "rate 12.5%", "partition a, b",
 * "crash". */
void sfe_fault_print(const struct sfe_fault *fault, const struct sfe_chaos_place *place, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
