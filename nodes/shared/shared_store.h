/* SPDX-License-Identifier: MIT */
/* The states that outlive jobs and whose home this node is. Each access is recorded. Those that no
 * workflow declares have numbers after the instances of the deployment. */
#ifndef SFE_NODES_SHARED_STORE_H
#define SFE_NODES_SHARED_STORE_H

#include "nodes/shared/shared_home.h"
#include "nodes/worker/worker_state.h"

/* Puts and deletes by name that the homes on a node remember, of all states. */
#define SHARED_MOST_NAMED (1u << 20)

int shared_store_open(struct worker *w); /* 0 or -ENOMEM */
void shared_store_close(struct worker *w);
/* Tells the orchestrator which versions are here, or are lost now; before a crash too. */
void shared_store_tell(struct worker *w, enum sfe_state_condition condition);
void shared_store_crash(struct worker *w);

struct shared_access {
	struct job_place at;
	uint32_t instance;
	uint32_t access; /* enum sfe_access, or enum sfe_by_name */
	/* By name: the call that the function is; put, delete: the number of the change, and
	 * whether the function knows no version. */
	uint64_t path;
	uint32_t change;
	bool unread, remote; /* remote: another node asks */
};

/* The number of a name that no workflow declares. 0, -ENOENT: nobody has put it; with `create` it
 * gets a number, or -ENOSPC, -ENOMEM. */
int shared_store_created(struct worker *w, const char *name, bool create, uint32_t *instance);

/* The newest version, for a step that reads it; created with its first use. By name it may be
 * absent. NULL: out of memory. */
const struct shared_home *shared_store_read(struct worker *w, const struct shared_access *a);
/* Takes over what a step has made of the version that it has read; changes: only these ranges of
 * it, NULL: all. 0, or what shared_home_change returns; -ENOSPC: of SHARED_MOST_NAMED. */
int shared_store_change(struct worker *w, const struct shared_access *a,
	const struct shared_version *read, const struct changes *changes, struct slice *content,
	struct shared_result *result);

/* Whether the state may have been here before a crash, and nobody has asked for it since. */
bool shared_store_is_gone(const struct worker *w, uint32_t instance);
/* The state comes from a copy, which is left empty. */
void shared_store_restore(
	struct worker *w, const struct shared_access *a, struct shared_home *copy);
/* The state at its home, for messages; the copy of another node's state. */
const struct shared_home *shared_store_home(const struct worker *w, uint32_t instance);
/* Also of a state that functions have created at its home: there is room for it with its first
 * copy. NULL: out of memory. */
struct shared_home *shared_store_copy(struct worker *w, uint32_t instance);
/* Whether the size of the state is not known before. */
bool shared_store_varies(const struct worker *w, uint32_t instance);

#endif
