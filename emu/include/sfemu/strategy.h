/* SPDX-License-Identifier: MIT */
/*
 * A strategy: where the states of a job live, and how they travel. It is a rule over the job's
 * steps and their placement. Workers, the checks of their messages and the closed form follow the
 * same rule. The built-in strategies are in emu/model/strategies/, one file each. Others are shared
 * objects, built with `cc -shared -fPIC $(pkg-config --cflags sfemu)`, that a scenario names by
 * their paths: docs/strategies.md.
 *
 * A strategy never changes an answer: with every strategy each step gets the same versions of the
 * states.
 */
#ifndef SFEMU_STRATEGY_H
#define SFEMU_STRATEGY_H

#include "sfemu/job_graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: of this header and of sfemu/job_graph.h and sfemu/workload.h,
 * whose structs the rules see. It grows with each change of their layout, but for members that are
 * added at the end of a struct that only pointers lead to. Version 1 had no content in struct
 * sfe_job, version 2 no options in struct sfe_strategy_info, versions 3 and 4 fewer of them. */
#define SFE_STRATEGY_ABI 5

/* Bytes of the name of a strategy with its options, with the final 0. */
#define SFE_STRATEGY_BYTES 128

struct sfe_by_edge; /* emu/model/strategies/by_edge.h */

enum sfe_store { SFE_STORE_NONE, SFE_STORE_CENTRAL, SFE_STORE_CLOUD };

/* A job and where it runs: node indexes. */
struct sfe_placed_job {
	const struct sfe_job *job;
	uint32_t client;
	const uint32_t *node; /* of each step */
	uint32_t store;       /* the node that keeps all states, under strategies that have one */
	/* What was decided for each of its calls, under by=edge; NULL for the rules of others. */
	const struct sfe_by_edge *by_edge;
};

/*
 * What the platform does beside the rule: services that a scenario asks for behind the name, as in
 * StateLocal(fetch=parallel), and that a plugin may ask for itself. All zero: none. They change
 * when bytes travel and in which messages, never where a state is kept, nor its bytes.
 */
enum sfe_fetch {
	SFE_FETCH_SERIAL,   /* a step fetches its states one after the other */
	SFE_FETCH_PARALLEL, /* all at once: those of one node in one request, those of several nodes
			       at the same time. Only with `keeper` */
};

enum sfe_cache {
	SFE_CACHE_OFF,
	SFE_CACHE_ON, /* a node keeps what its steps have fetched, for later steps there, and asks a
			 home first whether its version is still the newest */
};

enum sfe_inline {
	SFE_INLINE_OFF,
	SFE_INLINE_AUTO, /* a state also goes along the calls from the step that left it to one that
			    reads it, where the links beyond those of the direct path take less time
			    for it than a round trip. Only with `keeper`, and steps that call each
			    other */
};

enum sfe_warm {
	SFE_WARM_OFF,
	SFE_WARM_ON, /* connections are open before the jobs begin, and their windows grown */
};

enum sfe_by {
	SFE_BY_JOB,  /* a strategy is chosen for all of a job */
	SFE_BY_EDGE, /* for each call of it: its states go along, or stay where they are. Only of a
			strategy that chooses by predictions */
};

struct sfe_strategy_options {
	unsigned fetch; /* enum sfe_fetch */
	unsigned cache; /* enum sfe_cache */
	/*
	 * 1: when a step is called, its node tells the nodes of the next steps which of their
	 * states are final: these fetch them while it computes. 0: a step fetches when it is
	 * called. Only with `keeper`.
	 */
	unsigned prefetch;
	unsigned inlined; /* enum sfe_inline */
	unsigned warm;    /* enum sfe_warm */
	/*
	 * A bound in microseconds: as soon as a state is final for a step that reads it, its keeper
	 * sends a copy ahead to the step's node, if 2 x delay + size / rate of the path is at most
	 * the bound. 0: no state goes ahead so. Only with `keeper`.
	 */
	unsigned push_us; /* at most SFE_PUSH_MOST_US */
	unsigned by;      /* enum sfe_by */
};
#define SFE_PUSH_MOST_US 3600000000u

/* Which strategy a job follows; only of built-in ones. */
enum sfe_chooses {
	SFE_CHOOSES_NONE,      /* this one */
	SFE_CHOOSES_PREDICTED, /* that of the least predicted response time */
	SFE_CHOOSES_MEASURED,  /* that of the least measured one, of those that ran before */
};

struct sfe_strategy_info {
	unsigned abi;     /* SFE_STRATEGY_ABI */
	const char *name; /* as in scenarios, tables and HTTP headers; of a plugin that of its file,
			     without suffix */
	const char *summary;
	enum sfe_store store; /* the node that holds all states, if there is one */
	/*
	 * The client invokes each step, whose node answers with the result. Else each step calls
	 * the next ones, and the last ones return to the client.
	 */
	bool client_invokes;
	/* A state is created on the node that keeps it, when it is first used. Else the client
	 * creates all of them at the job's start. */
	bool created_on_use;
	/*
	 * A strategy has one of two rules. They are called often, from several processes, and must
	 * give the same for the same arguments.
	 *
	 * Whether the state goes with a message of the job: with a call of step `to` by step
	 * `from` (SFE_CLIENT if the client calls), or with the result of step `from` to the client
	 * (`to` is SFE_CLIENT). NULL: no state ever does.
	 */
	bool (*carries)(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
	/*
	 * The node that keeps the state in the version that `step` gets. The step fetches it from
	 * there, unless the state came with the call; whoever leaves that version gives it to that
	 * node. `step` = the number of steps: the last version. NULL: states that do not travel
	 * stay with the client.
	 */
	uint32_t (*keeper)(const struct sfe_placed_job *job, uint32_t state, uint32_t step);
	/* Calls name the keepers of the states. */
	bool names_keepers;
	/*
	 * What can be done when a node crashes after it has accepted a call. restarts: the client
	 * starts the job again, as it still has all that it created. resumes: the caller calls the
	 * step again, as the argument was all that went with it.
	 */
	bool restarts, resumes;
	/* Changed states are copied to other nodes, as many copies as the scenario asks for. */
	bool copies;
	struct sfe_strategy_options options;
	enum sfe_chooses chooses; /* if it does, the rule is that of states that outlive jobs */
};

extern const struct sfe_strategy_info sfe_pure_faas, sfe_state_propagate, sfe_state_local,
	sfe_unchained_external, sfe_unchained_in_edge, sfe_unchained_in_function,
	sfe_unchained_in_client, sfe_adaptive, sfe_oracle;

/* A built-in or registered one by its name, which is case-sensitive; NULL if there is none. */
const struct sfe_strategy_info *sfe_strategy_find(const char *name);
/* The i-th of the built-in strategies, in the order of lists and tables; NULL past the last. */
const struct sfe_strategy_info *sfe_strategy_at(unsigned i);
/* Makes a strategy known to sfe_strategy_find in this process; it must stay. -EEXIST: the name is
 * that of another, -ENOSPC: more than SFE_MAX_REGISTERED. Not from several threads at once. */
#define SFE_MAX_REGISTERED 64u
int sfe_strategy_register(const struct sfe_strategy_info *info);

/*
 * Once in a shared object: the strategy that it is, as initialisers of the struct above but for abi
 * and name: SFE_STRATEGY(.summary = "…", .keeper = keeper). sfemu reads the flags from the file and
 * calls the rules in workers only.
 */
#define SFE_STRATEGY_SYMBOL "sfemu_strategy"
#define SFE_STRATEGY(...)                                                                          \
	extern const struct sfe_strategy_info sfemu_strategy;                                      \
	__attribute__((visibility("default")))                                                     \
	const struct sfe_strategy_info sfemu_strategy = {.abi = SFE_STRATEGY_ABI, __VA_ARGS__};

#ifdef __cplusplus
}
#endif

#endif
