/* SPDX-License-Identifier: MIT */
/* States that functions use by name at run time: which state a name means, where its home is, and
 * what the home does. */
#ifndef SFE_NODES_SHARED_NAMED_H
#define SFE_NODES_SHARED_NAMED_H

#include "nodes/base/named_operation.h"
#include "nodes/shared/shared_store.h"
#include "nodes/worker/worker_state.h"

struct named_state {
	bool created;      /* no workflow declares it */
	uint32_t instance; /* of a declared one */
	uint32_t home;
};

/* NULL, or why the function may not use the name in this job. */
const char *shared_named_find(const struct sfe_deployment *d, uint32_t job, uint32_t function,
	const char *name, struct named_state *out);

struct named_result {
	int code;          /* 0, -ENOENT, -EAGAIN, -ENOSPC, -ENOMEM */
	uint32_t instance; /* UINT32_MAX: it has no number, and no version */
	uint32_t epoch;    /* of the version that was got or made, else of the newest one */
	uint64_t version;
	struct slice content; /* of a get: shared with the home */
};

/* This node is the home: how it is used. The first put of a name gives that a number. remote:
 * another node asks. 0, -ENOENT, -ENOSPC or -ENOMEM. */
int shared_named_access(struct worker *w, const struct named_operation *operation,
	const struct named_state *state, bool remote, struct shared_access *access);
/* What that has come to: code 0 or -ENOMEM; home: the state, of a get; made: of a change. */
struct named_result shared_named_result(const struct shared_access *access, int code,
	const struct shared_home *home, const struct shared_result *made);

#endif
