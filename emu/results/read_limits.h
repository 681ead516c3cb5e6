/* SPDX-License-Identifier: MIT */
/* Limits on what is read from a results folder. */
#ifndef SFE_RESULTS_READ_LIMITS_H
#define SFE_RESULTS_READ_LIMITS_H

#include <stdint.h>
#include <stdio.h>

#define SFE_LIMIT_MANIFEST_BYTES (1u << 20)
#define SFE_LIMIT_SCENARIO_BYTES (1u << 20)
#define SFE_LIMIT_TABLE_BYTES (512u << 20)
#define SFE_LIMIT_SUMMARY_BYTES (1u << 20)
#define SFE_LIMIT_SUMMARY_ROWS 64u
#define SFE_LIMIT_CAPTURE_POINTS_BYTES (16u << 20)
#define SFE_LIMIT_CAPTURE_POINTS 65536u
#define SFE_LIMIT_HOSTS_BYTES (16u << 20)
#define SFE_LIMIT_TOPOLOGY_BYTES (16u << 20) /* per file; there are three */
/* A network of 10 000 nodes has 25 500 and 49 000. */
#define SFE_LIMIT_NETWORK_VERTICES 65536u
#define SFE_LIMIT_NETWORK_EDGES 262144u
#define SFE_LIMIT_NETWORK_RULES (1u << 24) /* of `links:`, times the number of links */
#define SFE_LIMIT_LOG_BYTES (16u << 20)
#define SFE_LIMIT_CAPTURE_BYTES (1ull << 40)
#define SFE_LIMIT_CAPTURE_FILES 65536u
#define SFE_LIMIT_FOLDER_FILES 100000u
#define SFE_LIMIT_FOLDER_DEPTH 8u

/* The subfolder with a run's topology. */
#define SFE_TOPOLOGY_FOLDER "topology"

/* The largest size of that file that is read. */
uint64_t sfe_results_limit(const char *name);
/* The limits in Markdown, for the data dictionary. */
void sfe_results_describe_limits(FILE *out);

#endif
