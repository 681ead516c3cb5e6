/* SPDX-License-Identifier: MIT */
/*
 * A scenario: the inputs of one experiment, read from YAML. docs/scenario.md documents each key;
 * --set key.path=value sets a key on the command line.
 */
#ifndef SFEMU_SCENARIO_H
#define SFEMU_SCENARIO_H

#include "sfemu/beside.h"
#include "sfemu/function_spec.h"
#include "sfemu/node_limits.h"
#include "sfemu/placement.h"
#include "sfemu/schedule.h"
#include "sfemu/strategy.h"
#include "sfemu/units.h"
#include "sfemu/workflow.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sfe_arrivals { SFE_ARRIVALS_TRACE, SFE_ARRIVALS_SEQUENTIAL, SFE_ARRIVALS_POISSON };
enum sfe_substrate { SFE_SUBSTRATE_AUTO, SFE_SUBSTRATE_NATIVE, SFE_SUBSTRATE_VM };
enum sfe_keep_what { SFE_KEEP_NOTHING, SFE_KEEP_STATES };
enum sfe_clock { SFE_CLOCK_AUTO, SFE_CLOCK_REAL, SFE_CLOCK_VIRTUAL };

struct sfe_tree;
struct sfe_inputs;
#define SFE_MAX_CAPTURE_FILTER 128u /* bytes, with the final 0 */

#define SFE_MAX_STRATEGIES 64u

/* A strategy of the scenario's own: a shared object (sfemu/strategy.h). */
struct sfe_strategy_plugin {
	/* Its name and flags. Its rules are loaded by workers only: those of info end the process
	 * that calls them. */
	struct sfe_strategy_info info;
	char *name;
	char *file;        /* absolute path, without links */
	char *written;     /* the same with its links; NULL: it was not opened */
	char *where;       /* "file:line", for errors */
	const char *bytes; /* what was read of the file */
	size_t size;
};

struct sfe_scenario {
	char *name;    /* default: the file name without suffix */
	char *file;    /* as given, for errors */
	uint32_t seed; /* default 1 */
	struct {
		char *generate;          /* "iiot", "urban", "cloud", or NULL */
		uint32_t premises;       /* of iiot, default 4 */
		uint32_t cells;          /* of urban, default 5 */
		char *density;           /* of urban: a law; NULL: the default */
		uint32_t racks, servers; /* of the cloudlets; 0: Ether's */
		char *regions;           /* of cloud; NULL: the default */
		bool latency;            /* Ether's latencies on generated links */
		char *nodes, *links,
			*edges; /* absolute paths; relative ones in the YAML start at its folder */
		struct sfe_tree *compose; /* a composition of cells, or NULL */
		char *compose_file;       /* its place, for errors */
	} topology;
	/* By kind of link. rate 0: the topology's capacity. */
	struct sfe_link_spec link[SFE_LINK_KINDS];
	struct {                           /* for UnchainedExternal */
		struct sfe_link_spec link; /* to the cloud and back: 5 Mb/s, 100 ms */
		char *at;                  /* junction it is attached to; NULL: the central one */
	} cloud;
	struct sfe_link_rules links;  /* rules for single links */
	struct sfe_schedule schedule; /* changes over time */
	struct sfe_link_files files;  /* files that rules and schedule name */
	struct {
		char *congestion;           /* default "cubic" */
		bool slow_start_after_idle; /* default true, as in Linux */
		bool sack, timestamps;      /* default true */
		uint32_t rmem_max,
			wmem_max; /* bytes, maxima of tcp_rmem and tcp_wmem; defaults 6 MB, 4 MB */
		uint32_t initial_window; /* segments, default 10 */
		uint32_t mtu;            /* bytes, default 1500 */
	} tcp;
	struct {
		char *tasks;                       /* path, resolved as topology.nodes */
		uint32_t jobs;                     /* number of jobs; 0 ("all"): all of the pool */
		struct sfe_workload_params params; /* functions 10, ops 1e5, arg 1e6, state 1e6 */
		enum sfe_arrivals arrivals;
		double poisson_rate; /* jobs/s */
	} workload;
	struct { /* by name, ascending; n is 0 if there are none */
		uint32_t n;
		struct sfe_function_spec *of;
	} functions;
	struct sfe_workflows workflows;
	struct { /* packet captures; n is 0 if there are none */
		uint32_t n;
		char **of;           /* names of links, nodes and junctions, or "all": every link */
		char *filter;        /* libpcap's syntax, or NULL */
		uint32_t snap_bytes; /* of each packet; 0: all */
		uint64_t file_bytes; /* size at which the next file begins; 0: one file */
		uint32_t files;      /* number of (newest) files that are kept; 0: all */
	} capture;
	struct sfe_node_elements nodes; /* what nodes give to invocations */
	struct sfe_programs programs;   /* in nodes, beside the jobs */
	struct sfe_traffic traffic;     /* between nodes, beside the jobs */
	enum sfe_placement placement;   /* default ProcNet */
	struct sfe_pins pins;
	struct {
		char *from;  /* a results folder with every node, or NULL */
		bool frozen; /* a sweep places once, at its base */
	} placed;
	uint32_t n_strategies;
	/* default: the paper's three; plugins[i] is NULL where strategies[i] is built in */
	const struct sfe_strategy_info *strategies[SFE_MAX_STRATEGIES];
	struct sfe_strategy_plugin *plugins[SFE_MAX_STRATEGIES];
	/* Where strategies[i] is a built-in one with options: the same, the scenario's own. */
	struct sfe_strategy_info *with_options[SFE_MAX_STRATEGIES];
	enum sfe_substrate substrate;
	enum sfe_clock clock;
	uint32_t guest_memory_mb; /* 0: as the topology and the workload need it */
	enum sfe_keep_what keep;  /* in the results, beside what is measured */
	char *results;        /* folder in which a folder for this run is made; default "results" */
	bool results_by_file; /* the scenario's file says so, and no --set */
	struct sfe_inputs *inputs; /* what was read of the files of topology, workload
				      and functions */
	/* A job that takes longer is given up by its client; default 1 h of the run's clock. */
	uint64_t job_timeout_ns;
	bool jobs_may_fail;           /* failed or timed-out jobs do not fail the run */
	struct {                      /* for requests between nodes */
		uint64_t deadline_ns; /* how long an attempt waits for its answer; 0: for ever */
		uint32_t retries;     /* further attempts; needs a deadline */
		uint64_t backoff_ns; /* wait before the first retry, doubled for each further one */
	} invocation;
	uint32_t replicas; /* copies of each changed state, for strategies that keep states on nodes
			    */
};

/*
 * Reads a scenario. sets: n_sets strings "key.path=value", applied in order on top of the file.
 * Errors are -EINVAL with file:line (or "--set" as the place). *out is the caller's.
 */
int sfe_scenario_read(const char *file, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err);
/* The same; relative files in sets start at set_folder. */
int sfe_scenario_read_sets(const char *file, const char *set_folder, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* The same from memory. file is the place for errors, and its folder is where relative files
 * start. */
int sfe_scenario_parse(const char *text, size_t len, const char *file, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* The same for untrusted text: its files stay names and are never opened. The result shows the
 * settings and cannot be run. */
int sfe_scenario_parse_named(const char *text, size_t len, const char *file,
	const char *const *sets, uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err);
/* Writes the resolved scenario: every key, absolute paths. It reads back as the same scenario. */
int sfe_scenario_write(const struct sfe_scenario *s, FILE *out);
void sfe_scenario_free(struct sfe_scenario *s);

/* The scenario's topology, read or generated, with link.KIND.rate applied to the links'
 * capacities. *out is the caller's. */
int sfe_scenario_topology(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err);
/* The jobs of its trace and of its workflows. *out is the caller's; the scenario must outlive it.
 */
int sfe_scenario_workload(
	const struct sfe_scenario *s, struct sfe_workload **out, struct sfe_error *err);
/* The same with other factors for the trace. */
int sfe_scenario_workload_with(const struct sfe_scenario *s,
	const struct sfe_workload_params *params, struct sfe_workload **out, struct sfe_error *err);
/* Where the run that `placement.from` names had its jobs; *out is NULL if none is named, else the
 * caller's. */
int sfe_scenario_placed(
	const struct sfe_scenario *s, struct sfe_placed **out, struct sfe_error *err);
/* Gives the links of a topology from elsewhere those rates. */
void sfe_scenario_set_rates(const struct sfe_scenario *s, struct sfe_topology *t);

#ifdef __cplusplus
}
#endif

#endif
