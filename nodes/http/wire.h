/* SPDX-License-Identifier: MIT */
/*
 * The messages that workers send to each other: packages and states to HTTP messages. wire_check.h
 * is the other direction. The server (nodes/server/) and the strategies define what they mean.
 */
#ifndef SFE_NODES_WIRE_H
#define SFE_NODES_WIRE_H

#include "nodes/base/call_key.h"
#include "nodes/base/package.h"
#include "nodes/http/outgoing.h"
#include "nodes/http/wire_head.h"

static inline const struct sfe_job *wire_job(const struct wire *w, uint32_t job)
{
	return w->deployment->jobs[job].job;
}

/*
 * Each returns NULL if out of memory. Of states whose changes are known (carried.changes), a call
 * says the changes, and a return or a result has only these: who gets it has the version before.
 */

/* POST /invoke: step package->step is to run on node `to`. */
struct outgoing *wire_call(const struct wire *w, uint32_t to, const struct package *package);
/* POST /return: the job's result, to its client. */
struct outgoing *wire_return(const struct wire *w, uint32_t to, const struct package *package);
/* POST /return without a body: the job failed at this step; code is negative. */
struct outgoing *wire_failure(const struct wire *w, uint32_t to, const struct job_place *at,
	int code, const char *reason);
/* The result as the answer to a call, under strategies whose callee answers with it. */
struct outgoing *wire_result(const struct wire *w, const struct package *package);
/* The same when the invocation failed. */
struct outgoing *wire_no_result(
	const struct wire *w, const struct job_place *at, int code, const char *reason);

/* POST /call, or /cast: a function is to run on node `to`, with this argument. */
struct outgoing *wire_dynamic_call(const struct wire *w, uint32_t to, const struct call_key *key,
	bool cast, const struct slice *argument);
/* The answer when it has ended; of a cast without its output. */
struct outgoing *wire_dynamic_output(
	const struct wire *w, const struct call_key *key, const struct slice *output);
struct outgoing *wire_dynamic_failure(
	const struct wire *w, const struct call_key *key, int code, const char *reason);

/* The first part of a path: /state/<job>/<state>, or /replica/<job>/<state> for a copy. */
#define WIRE_STATE "state"
#define WIRE_REPLICA "replica"
/* GET, and its answer. */
struct outgoing *wire_fetch(const struct wire *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state);
struct outgoing *wire_state(const struct wire *w, uint32_t job, uint32_t step, uint64_t version,
	const struct slice *content);
/*
 * Several states of a job that a step fetches at once: GET /states/<job>, whose sfemu-versions
 * names each state with the version that the step gets. The answer has all of them, in that order,
 * with their lengths in sfemu-parts; without one of them there is no answer but a status.
 */
#define WIRE_STATES "states"
struct wire_given { /* a state of such an answer */
	uint32_t state;
	uint64_t version;
	struct slice content; /* borrowed: the message adds a reference */
};
struct outgoing *wire_fetch_states(const struct wire *w, uint32_t to, const struct job_place *at,
	uint32_t n, const uint32_t *states);
struct outgoing *wire_states(const struct wire *w, uint32_t job, uint32_t step, uint32_t n,
	const struct wire_given *given);
/* PUT: the other node is to keep the state, or a copy of it. partial: it has the version before
 * the state's changes, which are all that is sent. */
struct outgoing *wire_store(const struct wire *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state, const struct carried *s, bool partial);
/*
 * States that outlive jobs: /shared/<instance>. GET, its answer, and PUT of what a step has made of
 * the version that it has read. The answer to a PUT is 200, or 409: the version is not the newest.
 * An epoch other than 0 is in sfemu-epoch.
 */
struct wire_version { /* of a state that outlives jobs, in a message */
	uint32_t instance, epoch;
	uint64_t version;
	const struct slice *content;
	const struct changes *changes; /* only the bytes of these ranges go; NULL: all */
	uint64_t n_effects;            /* go behind them */
	const struct slice *effects;
};
/* A GET may say which version the asker has (only epoch and version of `held` count; NULL: none).
 * Then the answer is 304 without a body if that is the newest one, and of a newer one it may have
 * only the ranges that are other. */
struct outgoing *wire_shared_fetch(const struct wire *w, uint32_t to, const struct job_place *at,
	uint32_t instance, const struct wire_version *held);
struct outgoing *wire_shared_state(
	const struct wire *w, const struct job_place *at, const struct wire_version *newest);
struct outgoing *wire_shared_unchanged(
	const struct wire *w, const struct job_place *at, const struct wire_version *newest);
/* The version is the one that was changed; 412: it is not there any more. */
struct outgoing *wire_shared_give(const struct wire *w, uint32_t to, const struct job_place *at,
	const struct wire_version *change);
/*
 * Copies of such states: /copy/<instance>. PUT of the version that a step has made: its content, or
 * the ranges of it that are other than in the version before. Behind it are changes that the home
 * remembers (32 bytes each), where job and step do not name the only one that is new;
 * 412: the version before them is not there. GET: what is there, with all effects.
 */
struct outgoing *wire_copy(const struct wire *w, uint32_t to, const struct job_place *at,
	const struct wire_version *made);
struct outgoing *wire_copy_fetch(
	const struct wire *w, uint32_t to, const struct job_place *at, uint32_t instance);
struct outgoing *wire_copy_state(
	const struct wire *w, const struct job_place *at, const struct wire_version *held);
/* GET /step/<job>/<step>: whether that node has accepted a call of the step. */
struct outgoing *wire_ask(
	const struct wire *w, uint32_t to, const struct job_place *at, uint32_t step);
/* An answer with a text (may be empty); last: the connection ends after it. */
struct outgoing *wire_answer(unsigned status, const char *text, bool last);

#endif
