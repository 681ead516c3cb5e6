/* SPDX-License-Identifier: MIT */
/*
 * A results folder as somebody else's: what is read of it is a regular file beneath it, and no
 * larger than its limit. The same limits hold for folders of our own runs.
 */
#ifndef SFE_RESULTS_RESULTS_READ_H
#define SFE_RESULTS_RESULTS_READ_H

#include <stdbool.h>

#include "emu/results/table.h"
#include "sfemu/topology.h"

#define SFE_LIMIT_MANIFEST_BYTES (1u << 20)
#define SFE_LIMIT_SCENARIO_BYTES (1u << 20)
#define SFE_LIMIT_TABLE_BYTES (512u << 20)
#define SFE_LIMIT_SUMMARY_BYTES (1u << 20)
#define SFE_LIMIT_SUMMARY_ROWS 64u
#define SFE_LIMIT_CAPTURE_POINTS_BYTES (16u << 20)
#define SFE_LIMIT_CAPTURE_POINTS 65536u
#define SFE_LIMIT_HOSTS_BYTES (16u << 20)
#define SFE_LIMIT_TOPOLOGY_BYTES (16u << 20) /* each of the three files */
/* A network that is built has far fewer: its routes are worked out pair by pair. */
#define SFE_LIMIT_NETWORK_VERTICES 8192u
#define SFE_LIMIT_NETWORK_EDGES 65536u
#define SFE_LIMIT_NETWORK_RULES (1u << 24) /* of `links:`, times the links */
#define SFE_LIMIT_LOG_BYTES (16u << 20)
#define SFE_LIMIT_CAPTURE_BYTES (1ull << 40)
#define SFE_LIMIT_CAPTURE_FILES 65536u
#define SFE_LIMIT_FOLDER_FILES 100000u
#define SFE_LIMIT_FOLDER_DEPTH 8u

/* The files of the topology that a run used, in Ether's form. */
#define SFE_TOPOLOGY_FOLDER "topology"
#define SFE_TOPOLOGY_FILES 3u
extern const char *const sfe_topology_files[SFE_TOPOLOGY_FILES];

/* How many bytes of that file of a results folder are read at most. */
uint64_t sfe_results_limit(const char *name);
/* The limits as a part of the data dictionary, in Markdown. */
void sfe_results_describe_limits(FILE *out);

/* A file of the folder for reading; NULL and err on failure (-ENOENT: there is none). */
FILE *sfe_results_read(int dir, const char *name, struct sfe_error *err);
/* A whole table of the folder, as sfe_table_read has it. */
int sfe_results_read_table(
	int dir, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err);

/* The same of a table that may be damaged, as sfe_table_read_rest has it; rows beyond the most are
 * left out with a note. */
int sfe_results_read_rest(int dir, const struct sfe_table *table, void **rows, unsigned *n,
	char *note, size_t note_size, struct sfe_error *err);

/* Writes the topology that a run uses into the folder. */
int sfe_results_write_topology(int dir, const struct sfe_topology *t, struct sfe_error *err);

/*
 * The topology of a run: what it wrote down; of a folder without (of sfemu before it wrote one) the
 * files that its scenario names, where they are beneath the folder. A topology that would have to
 * be generated is an error with the reason. *out is the caller's.
 */
int sfe_results_read_topology(int dir, struct sfe_topology **out, struct sfe_error *err);

/*
 * The network of a run with what was set on its links: scenario.yaml (with the sets, as
 * sfe_scenario_read has them; no file that they name is opened), the topology as above, and
 * links.csv, whose rows are the caller's too.
 */
struct sfe_experiment;
struct sfe_link_row;
int sfe_results_read_network(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_experiment **out, struct sfe_link_row **rows, unsigned *n,
	struct sfe_error *err);

#endif
