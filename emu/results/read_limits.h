/* SPDX-License-Identifier: MIT */
/* How much is read of a results folder at most, by name. */
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

/* Where a folder has the topology of its run. */
#define SFE_TOPOLOGY_FOLDER "topology"

/* How many bytes of that file of a results folder are read at most. */
uint64_t sfe_results_limit(const char *name);
/* The limits as a part of the data dictionary, in Markdown. */
void sfe_results_describe_limits(FILE *out);

#endif
