/* SPDX-License-Identifier: MIT */
/*
 * A scenario: what one experiment is made from. Read from YAML, each key documented in
 * scenarios/README.md and settable on the command line (--set key.path=value).
 */
#ifndef SFEMU_SCENARIO_H
#define SFEMU_SCENARIO_H

#include "sfemu/schedule.h"
#include "sfemu/strategy.h"
#include "sfemu/units.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sfe_arrivals { SFE_ARRIVALS_TRACE, SFE_ARRIVALS_SEQUENTIAL, SFE_ARRIVALS_POISSON };
enum sfe_substrate { SFE_SUBSTRATE_AUTO, SFE_SUBSTRATE_NATIVE, SFE_SUBSTRATE_VM };
enum sfe_clock { SFE_CLOCK_AUTO, SFE_CLOCK_REAL, SFE_CLOCK_VIRTUAL };

struct sfe_tree;
struct sfe_inputs;
#define SFE_MAX_CAPTURE_FILTER 128u /* bytes, with the final 0 */

struct sfe_scenario {
	char *name;    /* default: the file's base name without suffix */
	char *file;    /* as given; used in errors */
	uint32_t seed; /* default 1 */
	struct {
		char *generate;              /* "iiot", "urban", "cloud", or NULL */
		uint32_t premises;           /* of iiot, default 4 */
		uint32_t cells;              /* of urban, default 5 */
		char *density;               /* of urban: a law, or NULL for ours */
		uint32_t racks, servers;     /* of the cloudlets; 0: what Ether has */
		char *regions;               /* of cloud, or NULL for the default */
		bool latency;                /* Ether's latencies on what is generated */
		char *nodes, *links, *edges; /* paths; relative ones in the YAML are relative to its
						folder, resolved to absolute here */
		struct sfe_tree *compose;    /* a composition of cells, or NULL */
		char *compose_file;          /* where it was written, for errors */
	} topology;
	/* Per kind of link. rate 0: the capacity that the topology gives. */
	struct sfe_link_spec link[SFE_LINK_KINDS];
	struct {                           /* of UnchainedExternal */
		struct sfe_link_spec link; /* to it and back: 5 Mb/s, 100 ms */
		char *at; /* the junction that it hangs on; NULL: the central one */
	} cloud;
	struct sfe_link_rules links;  /* what single links do otherwise */
	struct sfe_schedule schedule; /* what links do otherwise later */
	struct sfe_link_files files;  /* that they name */
	struct {
		char *congestion;            /* default "cubic" */
		bool slow_start_after_idle;  /* default true, as Linux has it */
		bool sack, timestamps;       /* default true */
		uint32_t rmem_max, wmem_max; /* bytes, upper ends of tcp_rmem and tcp_wmem; defaults
						6 MB, 4 MB */
		uint32_t initial_window;     /* segments, default 10 */
		uint32_t mtu;                /* bytes, default 1500 */
	} tcp;
	struct {
		char *tasks;                       /* path, resolved like topology.nodes */
		uint32_t jobs;                     /* wanted; 0 ("all"): every job of the pool */
		struct sfe_workload_params params; /* functions 10, ops 1e5, arg 1e6, state 1e6 */
		enum sfe_arrivals arrivals;
		double poisson_rate; /* jobs/s */
	} workload;
	struct { /* packets that are kept; n is 0 where none are */
		uint32_t n;
		char **of;           /* links, nodes and junctions by name, or "all": every link */
		char *filter;        /* of libpcap, or NULL */
		uint32_t snap_bytes; /* of each packet; 0: whole packets */
		uint64_t file_bytes; /* where a file ends and the next begins; 0: one file */
		uint32_t files;      /* how many, the newest, are kept; 0: all */
	} capture;
	enum sfe_placement placement; /* default ProcNet */
	uint32_t n_strategies;
	const struct sfe_strategy_info
		*strategies[SFE_MAX_STRATEGIES]; /* default: the paper's three */
	enum sfe_substrate substrate;
	enum sfe_clock clock;
	uint32_t guest_memory_mb; /* 0: as the topology and the workload need it */
	char *results; /* folder in which a folder for this run is made; default "results" */
	bool results_by_file; /* the scenario's file says so, and no --set */
	struct sfe_inputs *inputs; /* what was read of the files of topology and workload */
	/* A job that takes longer is given up by its client; default 1 h of the run's clock. */
	uint64_t job_timeout_ns;
	bool jobs_may_fail; /* a run whose jobs fail or time out has done what it should */
	struct {            /* of a request between nodes */
		uint64_t deadline_ns; /* how long an attempt waits for its answer; 0: for ever */
		uint32_t retries;     /* how many attempts may follow; needs a deadline */
		uint64_t backoff_ns; /* before the first of them, doubled before each further one */
	} invocation;
	uint32_t replicas; /* of each changed state, where states stay on nodes */
};

/*
 * Reads the scenario. sets: n_sets strings "key.path=value", applied on top of the file in order.
 * Errors are -EINVAL with file:line (or "--set" as the place). *out is the caller's.
 */
int sfe_scenario_read(const char *file, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err);
/* The same, with relative files of the sets looked for in set_folder. */
int sfe_scenario_read_sets(const char *file, const char *set_folder, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* The same from memory; file stands for the text in errors, and says where relative files are. */
int sfe_scenario_parse(const char *text, size_t len, const char *file, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* The same of a text that somebody else wrote: the files that it names stay names, which nobody
 * opens or looks for. It says what was set, and cannot be run. */
int sfe_scenario_parse_named(const char *text, size_t len, const char *file,
	const char *const *sets, uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* Writes the scenario as resolved, every key, paths absolute, so that reading it back gives the
 * same. */
int sfe_scenario_write(const struct sfe_scenario *s, FILE *out);
void sfe_scenario_free(struct sfe_scenario *s);

/* The topology that it names, read from its files or generated, with the rates of link.KIND.rate as
 * the links' capacities. *out is the caller's. */
int sfe_scenario_topology(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err);
/* The workload that it names. *out is the caller's. */
int sfe_scenario_workload(
	const struct sfe_scenario *s, struct sfe_workload **out, struct sfe_error *err);
/* Gives the links of a topology from elsewhere those rates. */
void sfe_scenario_set_rates(const struct sfe_scenario *s, struct sfe_topology *t);

#ifdef __cplusplus
}
#endif

#endif
