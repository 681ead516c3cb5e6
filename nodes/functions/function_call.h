/* SPDX-License-Identifier: MIT */
/* One call of a function that is C code: what it gets, what it leaves, and which rules it broke. */
#ifndef SFE_NODES_FUNCTION_CALL_H
#define SFE_NODES_FUNCTION_CALL_H

#include <stdbool.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/buffer.h"
#include "nodes/base/call_key.h"
#include "nodes/base/changes.h"
#include "nodes/functions/function_names.h"
#include "sfemu/function.h"
#include "sfemu/random.h"

#define FUNCTION_MAX_BYTES (1ull << 30) /* of an output or a state */
#define FUNCTION_STATE_NAME 65u         /* bytes of a state's name, with the final 0 */
#define FUNCTION_MAX_STREAMS 32u        /* random streams of a call */
#define FUNCTION_STREAM_NAME 64u        /* bytes of a stream's name, with the final 0 */
#define FUNCTION_MAX_CALLS 1000u        /* of other functions, by one run of a call */
#define FUNCTION_NAME 64u               /* bytes of a function's name, with the final 0 */

struct function_state {
	struct slice *bytes;    /* the caller's; replaced if the state grows */
	uint32_t index;         /* among the job's states */
	uint64_t nominal_bytes; /* its size in the workload */
	uint64_t digest;        /* of a state that is only read, before the call */
	struct slice before;    /* what one that is updated was, meanwhile */
	struct changes asked;   /* what the function asked for */
	struct changes changes; /* that, and those that were there before it */
	char name[FUNCTION_STATE_NAME];
};

struct function_stream {
	char name[FUNCTION_STREAM_NAME];
	struct sfe_stream stream;
};

enum function_request_kind { FUNCTION_CALLS, FUNCTION_CASTS, FUNCTION_USES_NAME };

struct function_request { /* what a function asks for while it runs */
	enum function_request_kind kind;
	uint64_t path, stream; /* of the call (nodes/base/call_key.h) */
	const char *function;  /* which it names; a printable text */
	struct slice argument; /* or what is put */
	uint64_t delay_ns;     /* of a cast */
	/* Of the use of a state by name (named_operation.h): */
	const char *state;
	enum sfe_by_name access;
	uint32_t change;
	bool unread;
	uint32_t epoch; /* before: of the version that the function knows; then of the answer */
	uint64_t version;
	int code; /* the answer: 0, -ENOENT, -EAGAIN, -ENOSPC */
	/* The answer: */
	struct slice output; /* of a call or a get */
	char reason[160];    /* why it failed; empty if it did not */
};

struct function_call {
	struct sfe_call face; /* the first member: what the function sees */
	struct buffer_pool *buffers;
	uint64_t seed;         /* of the experiment's payload */
	uint64_t output_bytes; /* of the sample function: how much it returns */
	struct function_state *states;
	struct sfe_call_state *faces;
	struct slice output;
	uint64_t operations; /* that it asked for */
	uint32_t n_streams;
	struct function_stream *streams;
	bool trusted; /* sfemu's own function: what it reads needs no check */
	/* Serves a request of the function, and takes the argument over; the function waits
	 * meanwhile. */
	void (*serve)(struct function_call *c, struct function_request *request);
	uint64_t path;               /* of the call at run time that it is; 0: it is a step */
	uint64_t stream;             /* likewise: its random numbers follow from it */
	uint32_t n_calls;            /* that it has made */
	uint32_t first_call;         /* calls that earlier runs of the invocation have made */
	uint64_t call_bytes;         /* of their arguments */
	struct slice answer;         /* the output of its last call, or what it got last */
	struct function_names names; /* states that it uses by name */
	char step_name[16], reason[160];
};

/* Room for the states of a call whose other members are set. 0 or -ENOMEM. */
int function_call_open(struct function_call *c, uint32_t n_states);
/* The i-th state; name NULL: that of a state of a job of a trace. One that is written begins empty.
 */
void function_call_state(struct function_call *c, uint32_t i, const char *name, struct slice *bytes,
	uint32_t index, uint64_t nominal_bytes, enum sfe_state_access access);
/* Calls it. 0, or a negative errno with the reason in c->reason; c->output is the caller's. */
int function_call_run(struct function_call *c, const struct sfe_function_plugin *plugin);
void function_call_close(struct function_call *c);

/* For the sample function: room for the output that is not set to 0, NULL: out of memory. */
void *function_call_output(struct function_call *c, uint64_t bytes);

/* How a function sees a state that its step uses so. */
static inline enum sfe_state_access function_access(enum sfe_access access)
{
	return access == SFE_READ    ? SFE_STATE_READ_ONLY
	       : access == SFE_WRITE ? SFE_STATE_WRITTEN
				     : SFE_STATE_UPDATED;
}

/* The seed of a call's random numbers; stream: of a call at run time (call_key.h), else 0. */
uint64_t function_call_seed(uint64_t seed, uint32_t job, uint32_t step, uint64_t stream);

#endif
