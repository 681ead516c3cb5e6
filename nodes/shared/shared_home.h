/* SPDX-License-Identifier: MIT */
/*
 * The home of a state that outlives jobs: it has the newest version, and decides which changes take
 * effect, in which order. Pure: no clock, no messages.
 *
 * A change is known by job and step; one that a function makes by the state's name, also by the
 * call that the function is and the number of its changes of the state. It takes effect at most
 * once, however often it is sent. What the home remembers of changes is lost with the state when
 * its node crashes. Then it comes from a copy on another node, with what that remembers, or it
 * begins anew as version 0; either way in another epoch, since versions after that of the copy may
 * have been lost.
 *
 * A copy is such a home too. It takes each change as the home has made it, if it has the version
 * before; else the home sends the content with all that it remembers of changes.
 *
 * Of a version that was changed in part, the changed ranges are enough for who has the version
 * before: so the home keeps a few earlier ones of states whose changes may be late, or that other
 * nodes keep in a cache.
 */
#ifndef SFE_NODES_SHARED_HOME_H
#define SFE_NODES_SHARED_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "nodes/base/changes.h"
#include "nodes/base/control.h"
#include "sfemu/workflow.h"

struct shared_version {
	uint32_t epoch;  /* how often the home has begun anew */
	uint64_t number; /* of the changes in this epoch */
};

struct shared_home { /* all zero: nobody has asked for the state yet */
	bool there;
	bool absent;   /* in this version nothing is there: it was deleted, or not put yet */
	bool restored; /* from a copy: others may not have this version, until the next change */
	struct shared_version version;
	struct slice content;
	uint64_t digest; /* XXH3-64 of the content */
	/* What has taken effect, one for each version, from 1; and a hash table of their indices +
	 * 1, 0: a free slot. */
	size_t n_effects, room, n_slots;
	struct shared_effect *effects;
	uint32_t *slots;
	uint64_t n_named;             /* of the effects: how many were made by name */
	struct shared_before *before; /* SHARED_MAX_BEFORE, or NULL: none was kept */
	uint64_t lost;                /* the version that a crash has destroyed */
	/* The epoch by which copies know this version, or the lost one: of a restored one that of
	 * its copy. As epochs, what is known of the lost version outlives crashes. */
	uint32_t copied_epoch;
};

/* Earlier versions that a home keeps of a state, at most, and the bytes of all of them. */
#define SHARED_MAX_BEFORE 8u
#define SHARED_MAX_BEFORE_BYTES (16ull << 20)

struct shared_change {
	uint32_t job, step;
	enum sfe_access access; /* update or write */
	enum sfe_consistency consistency;
	struct shared_version read; /* that the step has changed; unused for a write */
	/* By name: number is not 0. An update of the version that the function knows, or a write if
	 * it knows none; that of a first-write state takes effect if the state is absent. */
	uint64_t path;
	uint32_t number;
	bool deletes;
	/* What was changed of the version that was read: the content is the bytes of these ranges
	 * only. NULL: it is all of the state. */
	const struct changes *changes;
	struct buffer_pool *buffers; /* for what that makes */
	bool keeps; /* ranges of the version that is the newest now may come late, or be asked for
		     */
	bool full;  /* a further change cannot be remembered: it is refused */
};

struct shared_result {
	enum sfe_shared_outcome outcome;
	struct shared_version made; /* by it: now, or when it came before; else the newest */
	uint64_t unseen;            /* newer versions that the writer had not read */
};

/* The first version, as at the start or after a crash. Takes over the content. */
void shared_home_begin(struct shared_home *h, struct slice content);
/* Takes over the content if the change takes effect, else drops it. 0; -ENODATA: the version that
 * the ranges are of is not here; -EBADMSG: they make no state of it; -ENOSPC: full; -ENOMEM. */
int shared_home_change(struct shared_home *h, const struct shared_change *change,
	struct slice *content, struct shared_result *result);
/* No home counts so far: what a message says beyond them is not so. */
#define SHARED_MAX_VERSION (1ull << 48)
#define SHARED_MAX_EPOCH (1u << 30)
#define SHARED_EFFECT_BYTES 32u /* of a change that is remembered, in a message */
/* What is other in the newest version than in that one, if less than all and both are known; false:
 * it is not. */
bool shared_home_since(
	const struct shared_home *h, const struct shared_version *held, struct changes *since);
struct shared_copied { /* a version, as its home sends it */
	struct shared_version version;
	uint32_t job, step; /* the change that made it */
	/* The content is followed by so many changes that are remembered, the last of them this
	 * one; 0: by none, and job and step name it. */
	uint64_t n_effects;
	/* The content is only these ranges of it; NULL: it is whole. */
	const struct changes *changes;
	struct buffer_pool *buffers;
};
/* On the node of a copy. Takes over the content. 0, also if what is here is as new; -ENODATA: the
 * version before those changes is not here; -EBADMSG: these can be no changes; -ENOMEM. */
int shared_home_copy(
	struct shared_home *h, const struct shared_copied *copied, struct slice *content);
/* What is remembered of the changes after that version, for a message after the content. 0 or
 * -ENOMEM. */
int shared_home_effects(const struct shared_home *h, uint64_t after, struct buffer_pool *buffers,
	struct slice *effects);
/* Whether the copy has all that the crash of the home has destroyed. */
bool shared_home_is_whole(const struct shared_home *h, const struct shared_home *copy);
/* The home goes on with the copy, which is left empty. */
void shared_home_restore(struct shared_home *h, struct shared_home *copy);
/* The node crashes: content and memory are gone. */
void shared_home_crash(struct shared_home *h);
void shared_home_clear(struct shared_home *h);

#endif
