/* SPDX-License-Identifier: MIT */
/*
 * The messages between the orchestrator and its workers.
 *
 * The control socket (a SOCK_SEQPACKET pair, not part of the emulated network) carries only
 * commands and records, one struct a message. All times are CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef SFE_NODES_CONTROL_H
#define SFE_NODES_CONTROL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "nodes/base/call_key.h"

#define SFE_CREATED_NAME 65u /* bytes of a state's name, with the final 0 */

enum sfe_ctl_type {
	/* orchestrator -> worker */
	SFE_CTL_GO,   /* struct sfe_ctl_go: start this job, whose client the worker is, at a time */
	SFE_CTL_STOP, /* struct sfe_ctl_header: send the records, then SFE_CTL_BYE, then exit */
	/*
	 * header: act as a process that was killed. The kernel ends the worker's connections, its
	 * states are gone, and the jobs whose client it is fail. Only the records survive: they
	 * are sent at once.
	 */
	SFE_CTL_CRASH,
	SFE_CTL_RESTART, /* header: after a crash, act as a process that was just started */
	SFE_CTL_PLACED,  /* struct sfe_ctl_placed: the answer to SFE_CALL_PLACE */
	SFE_CTL_WARM_UP, /* header: open the connections that jobs will use (nodes/warm_up/) */
	/* worker -> orchestrator */
	SFE_CTL_READY, /* header: listening */
	SFE_CTL_JOB,   /* struct sfe_ctl_job: a job of this client ended; sent at once */
	/* Sent upon STOP; on the virtual clock also before, whenever there are many. */
	SFE_CTL_INVOCATION, /* struct sfe_ctl_invocation */
	SFE_CTL_TRANSFER,   /* struct sfe_ctl_transfer */
	SFE_CTL_ATTEMPT,    /* struct sfe_ctl_attempt */
	SFE_CTL_STATE,  /* struct sfe_ctl_state: a state that this node holds at the end; upon STOP
			 */
	SFE_CTL_SHARED, /* struct sfe_ctl_shared; as those */
	SFE_CTL_SHARED_HELD, /* struct sfe_ctl_shared_held; upon STOP, and in a crash */
	SFE_CTL_CREATED,     /* struct sfe_ctl_created; before the records of such states */
	SFE_CTL_CALL,     /* struct sfe_ctl_call: a call of a function at run time; sent at once */
	SFE_CTL_CALL_RUN, /* struct sfe_ctl_call_run: its invocation; as those */
	SFE_CTL_STDERR,   /* struct sfe_ctl_stderr; sent upon STOP */
	SFE_CTL_WARMED,   /* struct sfe_ctl_warmed: a connection of a warm-up; sent at once */
	SFE_CTL_ERROR,    /* struct sfe_ctl_error: the worker cannot go on; it exits after it */
	SFE_CTL_BYE,      /* header: nothing follows */
};

struct sfe_ctl_header {
	uint32_t type; /* enum sfe_ctl_type */
	uint32_t node; /* of the worker */
};

struct sfe_ctl_go {
	struct sfe_ctl_header header;
	uint32_t job; /* index into the deployment's jobs, as everywhere below */
	uint64_t at_ns;
};

struct sfe_ctl_job {
	struct sfe_ctl_header header;
	uint32_t job;
	int32_t status;    /* 0 or a negative errno; -ETIME: its client gave it up at job_timeout */
	uint32_t attempts; /* how often its client started it */
	uint32_t attempt;  /* the attempt that ended the job */
	uint64_t start_ns, end_ns;
	uint64_t attempt_ns;    /* when that attempt began; 0: not known, it is an earlier one */
	uint64_t return_digest; /* XXH3-64 of the return value */
	uint64_t return_bytes;
	uint64_t return_kept_at; /* see nodes/worker/kept_bytes.h */
	char reason[160];        /* why it failed; empty if it did not */
};

struct sfe_ctl_invocation {
	struct sfe_ctl_header header;
	uint32_t job, step;
	uint32_t attempt;    /* of the job, from 1 */
	uint64_t request_ns; /* the request's head was read */
	uint64_t ready_ns;   /* argument and states are all here */
	uint64_t finish_ns;  /* end of the modelled compute time: ready_ns + service time under
				processor sharing */
	uint64_t ops;
	uint64_t arg_bytes, out_bytes;
	uint64_t state_bytes; /* of the states that it used */
	uint64_t queued_ns;   /* how long it waited until the node let it in */
	uint64_t cold_ns;     /* how long an instance of its function took to start */
	uint64_t begin_ns;    /* the end of both: from now on it fetches states */
	uint64_t waited_ns;   /* of ready_ns to finish_ns: for functions that it called */
	/* From when it was ready for its first run until ready_ns, when it was so for the run that
	 * holds: a state that outlives jobs had refused what the runs before had made of it. */
	uint64_t vain_ns;
	uint32_t cache_hits;  /* of its states: that the node's cache had */
	uint64_t ahead_bytes; /* part of state_bytes: came ahead of the call */
};

/* What the node took for the invocation, in ns: until it let it in, for an instance to start, and
 * to compute. */
static inline uint64_t sfe_time_at_node_ns(const struct sfe_ctl_invocation *v)
{
	return v->queued_ns + v->cold_ns + (v->finish_ns - v->ready_ns) - v->waited_ns;
}

/* The part of it before the invocation could begin. */
static inline uint64_t sfe_starting_ns(const struct sfe_ctl_invocation *v)
{
	return v->queued_ns + v->cold_ns;
}

enum sfe_transfer_kind {
	SFE_TRANSFER_CALL,
	SFE_TRANSFER_RETURN,
	SFE_TRANSFER_FETCH,    /* a state that this node requested */
	SFE_TRANSFER_STORE,    /* a state that this node is to keep */
	SFE_TRANSFER_REPLICA,  /* a copy of a state, in case its keeper crashes */
	SFE_TRANSFER_PREFETCH, /* a copy of a state that this node requested ahead of the call */
	SFE_TRANSFER_CLAIM,    /* a state whose copy came ahead is this node's now: no payload */
	SFE_TRANSFER_PUSH,     /* copies of states that their keeper sent ahead of the call */
	/* Of calls at run time: the argument, of a call or a cast, and the output of a call. */
	SFE_TRANSFER_DYNAMIC_CALL,
	SFE_TRANSFER_DYNAMIC_CAST,
	SFE_TRANSFER_DYNAMIC_RETURN,
	/* States that functions get and put by name. */
	SFE_TRANSFER_DYNAMIC_GET,
	SFE_TRANSFER_DYNAMIC_PUT,
};
#define SFE_TRANSFER_LAST SFE_TRANSFER_DYNAMIC_PUT

/* Of an operation at run time, which the closed form does not know. */
static inline bool sfe_transfer_is_dynamic(uint32_t kind)
{
	return kind >= SFE_TRANSFER_DYNAMIC_CALL && kind <= SFE_TRANSFER_DYNAMIC_PUT;
}

/* How much later than through an idle network the packets of a message came, by why. Only the
 * guest's kernel knows: tools/guest-kernel/patches/0017-tcp-waits.patch. */
struct sfe_ctl_waits {
	int64_t resent_ns;  /* packets were lost, and sent again */
	int64_t window_ns;  /* packets were not sent before acknowledgements had come */
	int64_t queue_ns;   /* packets waited in queues longer than behind those of their message */
	int64_t opening_ns; /* the connection was opened, since its last SYN */
};

/* A message with a payload that this node received from another node. */
struct sfe_ctl_transfer {
	struct sfe_ctl_header header; /* node: the receiver */
	uint32_t job, step; /* the step that it belongs to (of a return: the step that returns) */
	uint32_t from;      /* node index */
	uint32_t kind;      /* enum sfe_transfer_kind */
	uint32_t head_bytes;
	uint32_t request_bytes; /* of a fetch or a get: the size of its request */
	/* The connection that carried it: the node that opened it, and that node's port. */
	uint32_t connected_by, port;
	uint64_t payload_bytes;    /* body, without head */
	uint64_t head_ns, done_ns; /* head read, last byte read */
	bool waits_known;
	struct sfe_ctl_waits waits; /* of the message; and of the request for it */
	struct sfe_ctl_waits asked_waits;
	uint64_t path;     /* of a call at run time, else 0 */
	uint64_t asked_ns; /* of a request beside others: when it was sent; else 0 */
	uint32_t after;    /* of a call: 1 + the step that calls, where the call says it, else 0 */
};

/* A request of this node that failed: its purpose, and the error. */
struct sfe_ctl_attempt {
	struct sfe_ctl_header header;
	uint32_t job, step;
	uint32_t to;     /* node index */
	uint32_t kind;   /* enum sfe_transfer_kind, of the transfer that the request was for */
	uint32_t number; /* of the request, from 1 */
	bool last;       /* no retry follows */
	int32_t code;    /* a negative errno */
	uint64_t begin_ns, end_ns;
};

/* Why a request failed; code is a negative errno. */
static inline const char *sfe_ctl_reason(int32_t code)
{
	return code == -EILSEQ ? "damaged on its way" : strerror(code < 0 ? -code : code);
}

/* A connection that was opened before the jobs. */
struct sfe_ctl_warmed {
	struct sfe_ctl_header header; /* node: it opened it */
	uint32_t to;                  /* node index; UINT32_MAX: none, the node's warm-up is over */
	uint32_t port;                /* of the node that opened it */
	uint32_t window[2];           /* segments: of that node, and of the other one */
	int32_t code;                 /* 0, or why it is not open: a negative errno */
	uint64_t payload_bytes;       /* of filler, in both directions */
	uint64_t end_ns;
};

enum sfe_state_condition {
	SFE_STATE_HELD,    /* by its one owner */
	SFE_STATE_REPLICA, /* a copy, maybe of an old version */
	SFE_STATE_LOST,    /* held by this node when it crashed */
};

struct sfe_ctl_state {
	struct sfe_ctl_header header;
	uint32_t job, state;
	uint64_t bytes;
	uint32_t condition; /* enum sfe_state_condition */
	uint64_t version;   /* how many invocations have changed it */
	uint64_t digest;    /* XXH3-64 */
	uint64_t kept_at;   /* see nodes/worker/kept_bytes.h */
};

enum sfe_call_event {
	SFE_CALL_DELAYED, /* a cast that is to be placed later */
	SFE_CALL_PLACE,   /* asks where it is to run, also when it is repeated */
	SFE_CALL_ENDED,
};

/* From the node of the caller. */
struct sfe_ctl_call {
	struct sfe_ctl_header header;
	struct call_key key;
	uint32_t event; /* enum sfe_call_event */
	uint32_t cast;  /* 1: nobody waits for it */
	uint64_t argument_bytes;
	uint64_t begin_ns; /* the function made the call */
	uint64_t at_ns;    /* of this event */
	uint64_t due_ns;   /* of a delayed cast: when it is to be placed */
	/* Of one that has ended: */
	uint64_t output_bytes; /* of a call */
	uint32_t attempts;     /* requests, 0: none was sent, or the callee is on the same node */
	int32_t status;        /* 0 or a negative errno */
	char reason[160];
};

struct sfe_ctl_placed {
	struct sfe_ctl_header header;
	struct call_key key;
	uint32_t to;      /* node index; UINT32_MAX: no node may run it */
	char reason[160]; /* why */
};

struct sfe_ctl_call_run { /* from the node of the callee, when the function has ended well */
	struct sfe_ctl_header header;
	struct call_key key;
	uint64_t request_ns, ready_ns, finish_ns, waited_ns, queued_ns, cold_ns, ops; /* as above */
};

/* How a function uses such a state by its name at run time: beyond enum sfe_access. */
enum sfe_by_name { SFE_BY_NAME_GET = 3, SFE_BY_NAME_PUT, SFE_BY_NAME_DELETE };

static inline bool sfe_is_by_name(uint32_t access)
{
	return access >= SFE_BY_NAME_GET;
}

/* What became of an access to a state that outlives jobs. All but the last three are its home's
 * records, in its order. */
enum sfe_shared_outcome {
	SFE_SHARED_READ,     /* version_read went to the step */
	SFE_SHARED_WRITTEN,  /* version_made is the newest now */
	SFE_SHARED_CONFLICT, /* the newest version had not been read: the step runs again; what was
				put or deleted by name did not take effect */
	SFE_SHARED_REPEATED, /* the step's change has taken effect before, as version_made */
	SFE_SHARED_ANEW,     /* version_read was lost in a crash: version 0 of the next epoch */
	SFE_SHARED_ABSENT,   /* asked for by name, and not there, in version_read */
	SFE_SHARED_RESTORED, /* lost as version_read; a copy had version_made of epoch_from */
	SFE_SHARED_GOT,      /* on the step's node: it has version_read */
	SFE_SHARED_AGAIN,    /* on the step's node: a run was in vain */
	SFE_SHARED_ASKED,    /* on the step's node: what it put or deleted has been answered */
};

struct sfe_ctl_shared {
	struct sfe_ctl_header header; /* node: the home, or the step's */
	uint32_t job, step, attempt;  /* of the job, from 1 */
	uint32_t instance, access, outcome;
	uint32_t epoch, epoch_read; /* of the home now; of version_read */
	uint32_t epoch_from;        /* of a copy */
	uint64_t number;            /* of the home's records for this state, from 0 */
	uint64_t version_read, version_made, unseen;
	uint64_t kept;          /* of version_made: changes that it has. Counted by the collector */
	uint64_t bytes, digest; /* XXH3-64: of what was read, made, or refused */
	uint64_t at_ns;
	/* Of a run in vain; the bytes are those of such states, on the way to the step and back. */
	uint64_t ops, processing_ns, vain_bytes;
	/* Of an access by name: */
	uint64_t path;   /* of the call at run time that makes it, else 0 */
	uint32_t change; /* put, delete: which of that invocation's changes of the state, from 1 */
	uint32_t unread; /* 1: it has neither got nor made a version, version_read is 0 */
	uint64_t begin_ns; /* on the step's node: when it asked */
	/* Of a run in vain: its begin and end; at_ns: the refusal has come. */
	uint64_t ready_ns, finish_ns;
};

/* The name of a state that no workflow declares, from its home. Instances after the declared ones,
 * in the order in which they were created. */
struct sfe_ctl_created {
	struct sfe_ctl_header header;
	uint32_t instance;
	char name[SFE_CREATED_NAME];
};

/* The newest version of a state that outlives jobs, at its home. */
struct sfe_ctl_shared_held {
	struct sfe_ctl_header header;
	uint32_t instance;
	uint32_t condition; /* enum sfe_state_condition: held, or lost in the crash now */
	uint32_t epoch;
	uint32_t absent;                 /* 1: nothing is there in this version */
	uint64_t number;                 /* of the version */
	uint64_t bytes, digest, kept_at; /* as in struct sfe_ctl_state */
};

#define SFE_STDERR_BYTES 2048u /* of an invocation: the end of what it wrote */
#define SFE_STDERR_MAX 100u    /* invocations of a node */

struct sfe_ctl_stderr { /* what a program wrote to standard error */
	struct sfe_ctl_header header;
	uint32_t job, step, attempt; /* of the job, from 1 */
	uint32_t function;
	uint64_t path; /* of a call at run time (call_key.h), else 0 */
	uint64_t written_bytes;
	uint32_t later; /* so many later invocations of the node wrote some, too, beyond those that
			   are kept */
	uint32_t bytes;
	char text[SFE_STDERR_BYTES];
};

struct sfe_ctl_error {
	struct sfe_ctl_header header;
	int32_t code;
	char text[240];
};

#endif
