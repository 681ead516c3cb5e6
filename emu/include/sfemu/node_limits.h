/* SPDX-License-Identifier: MIT */
/*
 * What a node gives to the invocations on it. All of it is off by default: then each invocation
 * begins at once, and all share the node's speed equally, as in the published model.
 */
#ifndef SFEMU_NODE_LIMITS_H
#define SFEMU_NODE_LIMITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_NODE_ELEMENTS 1000u
#define SFE_MAX_CORES 65536u
#define SFE_KEEP_ALIVE_NS 600000000000ull /* default of keep_alive: 10 min */

struct sfe_node_limits {
	/* The node's speed is that of all its cores together, and an invocation runs on one core at
	 * a time. 0: an invocation that is alone gets the whole speed. */
	uint32_t cores;
	/* Bytes that the arguments, outputs and states of the invocations in progress may take;
	 * further ones wait. 0: no limit. */
	uint64_t memory;
	/* Invocations of one function at a time; further ones wait. 0: no limit. */
	uint32_t concurrency;
	/* An invocation for which no instance of its function is idle waits for a new one to start.
	 * An idle instance ends keep_alive_ns after its last use. 0: functions start at once. */
	uint64_t cold_start_ns, keep_alive_ns;
};

enum sfe_node_key { /* bits: which keys an element says */
	SFE_NODE_CORES = 1,
	SFE_NODE_MEMORY = 2,
	SFE_NODE_CONCURRENCY = 4,
	SFE_NODE_COLD_START = 8,
	SFE_NODE_KEEP_ALIVE = 16,
};

struct sfe_node_element {   /* of `nodes:` */
	char *node, *model; /* a pattern of names, or of models; NULL: not given */
	unsigned keys;      /* enum sfe_node_key */
	struct sfe_node_limits limits;
	unsigned line; /* in the file, for errors */
};

struct sfe_node_elements {
	uint32_t n;
	struct sfe_node_element *of; /* later ones win, key by key */
	char *file;                  /* for errors */
};

#ifdef __cplusplus
}
#endif

#endif
