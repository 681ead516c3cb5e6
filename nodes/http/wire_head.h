/* SPDX-License-Identifier: MIT */
/* What the heads of all messages between workers have in common. */
#ifndef SFE_NODES_WIRE_HEAD_H
#define SFE_NODES_WIRE_HEAD_H

#include "nodes/base/package.h"
#include "nodes/base/text.h"

struct wire { /* what all messages of a worker depend on */
	const struct sfe_deployment *deployment;
	uint32_t node; /* of the worker */
};

/* A head begins with one of these: a request to node `to`, whose line is "GET /path"; an answer. */
void wire_add_request(struct text *t, const struct wire *w, uint32_t to, const char *line);
void wire_add_status(struct text *t, unsigned status);
/* The headers of every message of a job, by which the analysis attributes each captured byte. */
void wire_add_common(
	struct text *t, const struct wire *w, const struct job_place *at, const char *what);
/* The end of a head that has a body. */
void wire_add_end(struct text *t, uint64_t body_bytes);

#endif
