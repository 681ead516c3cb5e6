/* SPDX-License-Identifier: MIT */
/*
 * What a scenario runs beside its jobs: programs in nodes, and generated traffic between nodes.
 * Both begin anew under each strategy, and end at the latest with its last job.
 */
#ifndef SFEMU_BESIDE_H
#define SFEMU_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_PROGRAMS 1000u /* elements of `programs:`, and programs on nodes */
#define SFE_MAX_FLOWS 1000u    /* elements of `traffic:`, and flows between nodes */

/* Times are ns from a strategy's time 0. An until of SFE_NEVER (sfemu/schedule.h) is the end of the
 * last job. */
struct sfe_program {
	char *node;  /* a name or pattern: it runs on every node that matches */
	char **word; /* what to execute, with its arguments; or one command line for /bin/sh */
	uint32_t n_words;
	bool shell; /* word[0] is a command line */
	uint64_t at_ns, until_ns;
	unsigned line; /* in the file, for errors */
};

struct sfe_programs {
	uint32_t n;
	struct sfe_program *program;
	char *file; /* for errors */
};

enum sfe_flow_law {
	SFE_FLOW_CONSTANT, /* packets at equal distances */
	SFE_FLOW_POISSON,  /* at independent, exponential distances */
	SFE_FLOW_ONOFF,    /* constant, in periods that are on; periods are exponential */
};

/* Words of scenarios and tables, by enum sfe_flow_law. */
#define SFE_FLOW_LAWS 3u
extern const char *const sfe_flow_law_names[SFE_FLOW_LAWS];

/* Flow number i, from 0, has UDP port SFE_TRAFFIC_PORT + i in both nodes. */
#define SFE_TRAFFIC_PORT 20000u

struct sfe_flow_spec {
	char *from;            /* a name or pattern of nodes */
	char *to;              /* a node */
	uint64_t rate_bps;     /* of IP bytes; of onoff while it is on */
	uint32_t packet_bytes; /* of an IP packet */
	enum sfe_flow_law law;
	uint64_t on_ns, off_ns; /* onoff: mean lengths of the periods */
	uint64_t at_ns, until_ns;
	unsigned line; /* in the file, for errors */
};

struct sfe_traffic {
	uint32_t n;
	struct sfe_flow_spec *flow;
	char *file; /* for errors */
};

#ifdef __cplusplus
}
#endif

#endif
