/* SPDX-License-Identifier: MIT */
/*
 * Changes of links and nodes over time: the section `schedule:` of a scenario, and a player that
 * turns it into single changes. Pure: times count from the start of a replay, and nothing here
 * waits.
 */
#ifndef SFEMU_SCHEDULE_H
#define SFEMU_SCHEDULE_H

#include "sfemu/chaos.h"
#include "sfemu/link_rules.h"
#include "sfemu/link_trace.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_SCHEDULE 4096u
#define SFE_MAX_RAMP_STEPS 10000u
#define SFE_NEVER UINT64_MAX

enum sfe_schedule_act {
	SFE_SCHEDULE_SET,
	SFE_SCHEDULE_RAMP,      /* from the present values to the rule's, in equal steps */
	SFE_SCHEDULE_TRACE,     /* rate and delay from a file, step by step */
	SFE_SCHEDULE_DOWN,      /* the link loses all packets; those in flight arrive */
	SFE_SCHEDULE_UP,        /* the link is as if it had never been down */
	SFE_SCHEDULE_PARTITION, /* nodes reach only each other; replaces the last partition */
	SFE_SCHEDULE_HEAL,      /* ends the partition */
	SFE_SCHEDULE_CRASH,     /* the node's worker dies with its states */
	SFE_SCHEDULE_RESTART,   /* a new worker starts, without states */
	SFE_SCHEDULE_CHAOS,     /* random faults of links and nodes */
};

struct sfe_schedule_entry {
	enum sfe_schedule_act act;
	uint64_t from_ns;  /* time of the first occurrence */
	uint64_t every_ns; /* 0: once */
	uint64_t until_ns; /* latest start of an occurrence; SFE_NEVER: no end */
	uint32_t count;    /* most occurrences; 0: any number */
	uint64_t over_ns;  /* duration of a ramp */
	uint32_t steps;
	struct sfe_link_rule rule; /* the links, and the attributes to set */
	struct sfe_link_trace trace;
	uint32_t n_nodes; /* of a partition, crash or restart */
	char **node;      /* names or patterns */
	struct sfe_chaos *chaos;
};

/* Whether the element changes nodes, not links. Not set for chaos, which may change both. */
static inline bool sfe_schedule_of_nodes(const struct sfe_schedule_entry *e)
{
	return e->act >= SFE_SCHEDULE_PARTITION && e->act <= SFE_SCHEDULE_RESTART;
}

struct sfe_schedule {
	uint32_t n;
	struct sfe_schedule_entry *entry; /* in file order */
};

/* The network that a schedule changes. All is borrowed. */
struct sfe_schedule_links {
	uint32_t n;
	const struct sfe_link *link;
	const struct sfe_link_spec *spec; /* two per link, by direction: the state at the start */
	const bool *present;              /* the directions that exist */
	const bool *down;                 /* directions that are down at the start; NULL: none */
	uint32_t n_nodes;
	const struct sfe_node *node;
	uint32_t mtu;  /* the network's */
	uint32_t seed; /* the scenario's, for random faults */
	struct sfe_link_files files;
};

#define SFE_EVENT_TEXT 256u
struct sfe_schedule_change {
	uint64_t at_ns;
	enum sfe_schedule_act
		act; /* never SFE_SCHEDULE_CHAOS, but the act of its fault or of the fault's end */
	uint32_t link; /* SFE_NONE: a change of nodes */
	uint32_t node; /* that crashes or restarts, else SFE_NONE */
	bool already;  /* already down or up: nothing to do */
	enum sfe_link_direction direction;
	/* Of a partition and its end: the nodes cut off now; NULL: none. */
	const bool *set;
	const struct sfe_link_spec *spec; /* complete: the direction's specification from now on */
	char what[SFE_EVENT_TEXT]; /* "rate 1Mbit, loss 5%", "down", "step 2 of 5: …", "crash" */
};

/* Plays a schedule once, from its start. */
struct sfe_player;

/* Every error is an error of the scenario: an element that no link or node matches. */
int sfe_player_new(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_player **out, struct sfe_error *err);
void sfe_player_free(struct sfe_player *p);

/* The time of the next change; SFE_NEVER: no more changes. */
uint64_t sfe_player_next(const struct sfe_player *p);
/*
 * Plays the next element (elements at the same time in file order) and passes each direction that
 * changes to each(), in link order. A result other than 0 of each() ends it with that error. A
 * change to an invalid specification is an error at the element's place.
 */
int sfe_player_step(struct sfe_player *p, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err);

/*
 * Applies an element that is not part of the schedule, now (at_ns is only passed on), to all
 * selected directions or to none. Every change passes check() (may be NULL) before the first is
 * passed to each(). If each() refuses a change, the earlier ones are reverted, through each() too
 * ("reverted"). If each is NULL, the changes are only checked.
 */
int sfe_player_apply(struct sfe_player *p, const struct sfe_schedule_entry *e, uint64_t at_ns,
	int (*check)(const struct sfe_schedule_change *, void *),
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err);

/* Replaces the files of sfe_schedule_links for everything that is played from now on. Borrowed. */
void sfe_player_files(struct sfe_player *p, const struct sfe_link_files *files);

/* Whether the element can be applied now, and the schedule continued after it (as far as its
 * next steps show). Changes nothing. */
int sfe_player_try(
	const struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err);

/* The present specification of each direction, two per link, as when it is up; and which
 * directions are down. Valid as long as p. */
const struct sfe_link_spec *sfe_player_specs(const struct sfe_player *p);
const bool *sfe_player_down(const struct sfe_player *p);

/* Plays the schedule as far as errors can be found before a network exists. */
int sfe_schedule_check(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_error *err);
/* The rule of the first element that sets the attribute; NULL: none does. */
const struct sfe_link_rule *sfe_schedule_sets(
	const struct sfe_schedule *schedule, const char *attribute);

#ifdef __cplusplus
}
#endif

#endif
