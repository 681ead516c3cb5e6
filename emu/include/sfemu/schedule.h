/* SPDX-License-Identifier: MIT */
/*
 * Changes of links and nodes in time: the section `schedule:` of a scenario, and what follows from
 * it, change by change. Pure: times count from the start of a replay, and nobody waits here.
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
	SFE_SCHEDULE_RAMP,      /* from what is to what the rule sets, in equal steps */
	SFE_SCHEDULE_TRACE,     /* rate and delay as a file has them, step by step */
	SFE_SCHEDULE_DOWN,      /* all packets are lost; those in flight arrive */
	SFE_SCHEDULE_UP,        /* as it would be had it never been down */
	SFE_SCHEDULE_PARTITION, /* nodes reach only each other; replaces the last partition */
	SFE_SCHEDULE_HEAL,      /* ends the partition */
	SFE_SCHEDULE_CRASH,     /* the node's worker dies, its states with it */
	SFE_SCHEDULE_RESTART,   /* and another one starts, with nothing */
	SFE_SCHEDULE_CHAOS,     /* random faults of links and nodes */
};

struct sfe_schedule_entry {
	enum sfe_schedule_act act;
	uint64_t from_ns;  /* the first time */
	uint64_t every_ns; /* 0: once */
	uint64_t until_ns; /* the last moment at which it may begin; SFE_NEVER: no end */
	uint32_t count;    /* how often at most; 0: any number */
	uint64_t over_ns;  /* how long a ramp takes */
	uint32_t steps;
	struct sfe_link_rule rule; /* which links, and what is set */
	struct sfe_link_trace trace;
	uint32_t n_nodes; /* of a partition, a crash, a restart */
	char **node;      /* names or patterns */
	struct sfe_chaos *chaos;
};

/* Whether it is nodes and not links that it changes; a chaos may be of both. */
static inline bool sfe_schedule_of_nodes(const struct sfe_schedule_entry *e)
{
	return e->act >= SFE_SCHEDULE_PARTITION && e->act <= SFE_SCHEDULE_RESTART;
}

struct sfe_schedule {
	uint32_t n;
	struct sfe_schedule_entry *entry; /* in the order of the file */
};

/* What a schedule is played on. All is borrowed. */
struct sfe_schedule_links {
	uint32_t n;
	const struct sfe_link *link;
	const struct sfe_link_spec *spec; /* two a link, by direction: as they are at the start */
	const bool *there;                /* which of them there are */
	const bool *down;                 /* which are down at the start; NULL: none */
	uint32_t n_nodes;
	const struct sfe_node *node;
	uint32_t mtu;  /* of the network */
	uint32_t seed; /* of the scenario: what a chaos is drawn with */
	struct sfe_link_files files;
};

#define SFE_EVENT_TEXT 256u
struct sfe_schedule_change {
	uint64_t at_ns;
	enum sfe_schedule_act act; /* never a chaos: what its fault is, or what its end is */
	uint32_t link;             /* SFE_NONE: of nodes */
	uint32_t node;             /* that crashes or restarts; SFE_NONE otherwise */
	bool already;              /* it is down, or up, as it should be: nothing is to be done */
	enum sfe_link_direction direction;
	/* Of a partition and its end: the nodes that are apart now; NULL: none are. */
	const bool *set;
	const struct sfe_link_spec *spec; /* complete: all that the direction does from now on */
	char what[SFE_EVENT_TEXT]; /* "rate 1Mbit, loss 5%", "down", "step 2 of 5: …", "crash" */
};

/* One way through a schedule, from its start. */
struct sfe_player;

/* Every error is the scenario's: an element that no link is as it says. */
int sfe_player_new(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_player **out, struct sfe_error *err);
void sfe_player_free(struct sfe_player *p);

/* When something happens next; SFE_NEVER when all is over. */
uint64_t sfe_player_next(const struct sfe_player *p);
/*
 * Plays what is next (at the same time: in the order of the file) and gives each direction that
 * changes to each(), in the order of the links; each() != 0 ends it as that error. A change to what
 * no link can be is an error at the element's place.
 */
int sfe_player_step(struct sfe_player *p, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err);

/*
 * Plays an element that is not of the schedule, now (at_ns, only told on), to all directions or to
 * none: each change goes to check() (which may be NULL) before the first goes to each(); after one
 * that each() refuses, those before it are put back, through each() too ("taken back: ..."). With
 * each NULL it is only looked whether it can be.
 */
int sfe_player_act(struct sfe_player *p, const struct sfe_schedule_entry *e, uint64_t at_ns,
	int (*check)(const struct sfe_schedule_change *, void *),
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err);

/* Other samples for what is played from now on, borrowed as those of sfe_schedule_links. */
void sfe_player_files(struct sfe_player *p, const struct sfe_link_files *files);

/* Whether the element can be played now, and the schedule after it (as far as the next steps of it
 * tell). Changes nothing. */
int sfe_player_look(
	const struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err);

/* How the links are now, two a link, and which directions are down: their specs are those that they
 * have again when they are up. Valid as long as p. */
const struct sfe_link_spec *sfe_player_specs(const struct sfe_player *p);
const bool *sfe_player_down(const struct sfe_player *p);

/* Plays as much as can be known to be wrong before anything is built. */
int sfe_schedule_check(const struct sfe_schedule *schedule, const struct sfe_schedule_links *links,
	struct sfe_error *err);
/* The first element that sets the attribute, NULL if there is none. */
const struct sfe_link_rule *sfe_schedule_sets(
	const struct sfe_schedule *schedule, const char *attribute);

#ifdef __cplusplus
}
#endif

#endif
