/* SPDX-License-Identifier: MIT */
/*
 * The interface of a function: C code that a worker loads from a shared object and calls for each
 * invocation. This header is all that it needs; it links against nothing:
 *
 *	#include <sfemu/function.h>
 *
 *	static int count(struct sfe_call *call)
 *	{
 *		char *out = sfe_output(call, 8);
 *
 *		if (!out)
 *			return -1;
 *		snprintf(out, 8, "%7u", (unsigned)call->argument_bytes);
 *		sfe_compute(call, 40 * call->argument_bytes);
 *		return 0;
 *	}
 *	SFE_FUNCTION(count)
 *
 *	cc -shared -fPIC $(pkg-config --cflags sfemu) -o count.so count.c
 *
 * The time of an invocation is modelled: its operations over the node's speed. The function itself
 * only computes bytes. Every strategy has to leave the same bytes, so they must depend on argument,
 * states, job, step and random numbers of sfe_random, but not on the node, the time, variables of
 * earlier invocations, or anything outside.
 *
 * It runs on a stack of 1 MiB, and must not block, except in sfe_call_function, sfe_get and their
 * kind: there it waits, and other functions run meanwhile. Pointers are valid until it returns, if
 * nothing else is said. Rules that it breaks (a change of a state that it only reads) end the
 *invocation with their reason, whatever it returns.
 */
#ifndef SFEMU_FUNCTION_H
#define SFEMU_FUNCTION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_FUNCTION_ABI 2u

/* How the step uses a state. */
enum sfe_state_access {
	SFE_STATE_UPDATED,   /* reads it and changes it, also in part */
	SFE_STATE_READ_ONLY, /* leaves it as it is */
	SFE_STATE_WRITTEN,   /* replaces it: it begins empty */
};

struct sfe_call_state {   /* a state of the step */
	const char *name; /* "s3" for the state 3 of a job of a trace */
	const void *data; /* may move when the state is changed */
	uint64_t bytes;
	uint32_t access; /* enum sfe_state_access */
};

struct sfe_call;

/* What a function can ask for. Use the functions below. */
struct sfe_call_operations {
	void *(*output)(struct sfe_call *call, uint64_t bytes);
	void *(*change)(struct sfe_call *call, uint32_t state, uint64_t offset, uint64_t bytes);
	void *(*append)(struct sfe_call *call, uint32_t state, uint64_t bytes);
	int (*resize)(struct sfe_call *call, uint32_t state, uint64_t bytes);
	void (*compute)(struct sfe_call *call, uint64_t operations);
	uint64_t (*random)(struct sfe_call *call, const char *stream);
	void (*refuse)(struct sfe_call *call, const char *reason);
	int (*call_function)(struct sfe_call *call, const char *function, const void *argument,
		uint64_t bytes, const void **output, uint64_t *output_bytes);
	int (*cast)(struct sfe_call *call, const char *function, const void *argument,
		uint64_t bytes, uint64_t delay_ns);
	int (*get)(struct sfe_call *call, const char *name, const void **data, uint64_t *bytes);
	int (*put)(struct sfe_call *call, const char *name, const void *data, uint64_t bytes);
	int (*delete_state)(struct sfe_call *call, const char *name);
};

struct sfe_call { /* an invocation; sfemu's */
	const struct sfe_call_operations *operations;
	const char *function; /* the name by which it was called */
	const char *step;     /* the step's name; "3" for the fourth step of a job of a trace */
	const char *node;     /* the node on which it runs; bytes must not depend on it */
	uint32_t job, step_number; /* the job's number in the workload, the step from 0 */
	uint64_t time_ns; /* of the run's clock, at the start; bytes must not depend on it */
	const void *argument;
	uint64_t argument_bytes;
	uint32_t n_states; /* in the order in which the workload has them */
	const struct sfe_call_state *states;
};

/* Room for the output, the return value of the step, which is 0 bytes unless this is called. Its
 * bytes are 0. Called again, it begins anew. NULL: out of memory, or more than 1 GiB. */
static inline void *sfe_output(struct sfe_call *call, uint64_t bytes)
{
	return call->operations->output(call, bytes);
}

/* The number of the state of that name; n_states: the step does not use it. */
static inline uint32_t sfe_state_find(const struct sfe_call *call, const char *name)
{
	uint32_t i = 0;

	for (; i < call->n_states; i++) {
		const char *a = call->states[i].name, *b = name;
		while (*a && *a == *b)
			a++, b++;
		if (*a == *b)
			break;
	}
	return i;
}

/* The bytes from offset on, to be changed in place: only what is asked for counts as changed, and
 * travels. A function that changes other bytes fails. NULL: the step only reads the state, or the
 * range is not within it. */
static inline void *sfe_state_change(
	struct sfe_call *call, uint32_t state, uint64_t offset, uint64_t bytes)
{
	return call->operations->change(call, state, offset, bytes);
}

/* Room for more bytes at the end of the state. They are 0. NULL: the step only reads the state, out
 * of memory, or more than 1 GiB. */
static inline void *sfe_state_append(struct sfe_call *call, uint32_t state, uint64_t bytes)
{
	return call->operations->append(call, state, bytes);
}

/* Cuts the state, or extends it by bytes that are 0. 0, or -1 as above. */
static inline int sfe_state_resize(struct sfe_call *call, uint32_t state, uint64_t bytes)
{
	return call->operations->resize(call, state, bytes);
}

/* Adds operations to those that the scenario models for the function. */
static inline void sfe_compute(struct sfe_call *call, uint64_t operations)
{
	call->operations->compute(call, operations);
}

/* The next number of a random stream of this invocation. Each name is a stream of its own, which
 * follows from the scenario's seed, the job and the step. */
static inline uint64_t sfe_random(struct sfe_call *call, const char *stream)
{
	return call->operations->random(call, stream);
}

/*
 * Dynamic operations: calls of other functions of the scenario, by their names. The callee runs
 * where the placement rule puts it at that moment, with this argument and no states; it sees job
 * and step of the caller, and may call others in turn. Before a call leaves, the time of the
 * operations so far passes: those of the scenario's `ops`, and those of sfe_compute until then.
 *
 * -1: the call cannot be made, or the callee failed. Then return -1: the invocation fails with that
 * reason. At most 1000 calls and casts an invocation, to a depth of 4, with arguments of 1 GiB in
 * all.
 */

/* A call: waits for the callee's output. *output is valid until the next call or cast. */
static inline int sfe_call_function(struct sfe_call *call, const char *function,
	const void *argument, uint64_t bytes, const void **output, uint64_t *output_bytes)
{
	return call->operations->call_function(
		call, function, argument, bytes, output, output_bytes);
}

/* A cast: a call whose end nobody waits for, neither the function nor the job's client. Its output
 * is dropped. */
static inline int sfe_cast(
	struct sfe_call *call, const char *function, const void *argument, uint64_t bytes)
{
	return call->operations->cast(call, function, argument, bytes, 0);
}

/* A delayed cast: it is placed, and leaves, after so much time of the run's clock, at
 * most an hour. */
static inline int sfe_cast_later(struct sfe_call *call, const char *function, const void *argument,
	uint64_t bytes, uint64_t delay_ns)
{
	return call->operations->cast(call, function, argument, bytes, delay_ns);
}

/*
 * States that outlive jobs, by name. A name that the workflow declares with a scope wider than a
 * job is the state of this job's client, of this function, or the global one. Any other name is a
 * global state with last-write, which its first put creates. -ENOENT, -EAGAIN and -ENOSPC are
 * answers, after which the function goes on; of any other error return -1: the invocation fails
 * with its reason. At most 1000 of these operations an invocation.
 *
 * A put or a delete takes effect once, also if the invocation is repeated: the first put of a name
 * by an invocation is the same one in each repetition.
 */

/* The newest version. *data is valid until the next call, cast or get. -ENOENT: it is not there. */
static inline int sfe_get(
	struct sfe_call *call, const char *name, const void **data, uint64_t *bytes)
{
	return call->operations->get(call, name, data, bytes);
}

/* Replaces the state. -EAGAIN: its consistency is first-write, and the newest version is not the
 * one that this invocation has got or made last: get it again, and put again. -ENOSPC: more names
 * than a run may create. */
static inline int sfe_put(struct sfe_call *call, const char *name, const void *data, uint64_t bytes)
{
	return call->operations->put(call, name, data, bytes);
}

/* -ENOENT: it is not there. -EAGAIN: as above. */
static inline int sfe_delete(struct sfe_call *call, const char *name)
{
	return call->operations->delete_state(call, name);
}

/* The invocation fails with this reason, of one line, and with it the job. */
static inline int sfe_refuse(struct sfe_call *call, const char *reason)
{
	call->operations->refuse(call, reason);
	return -1;
}

struct sfe_function_plugin {
	unsigned abi; /* SFE_FUNCTION_ABI */
	/* 0; any other number fails the job. */
	int (*invoke)(struct sfe_call *call);
};

/* Once in a shared object: names the function that it is. */
#define SFE_FUNCTION_SYMBOL "sfemu_function"
#ifdef __cplusplus
#define SFE_FUNCTION(function)                                                                     \
	extern "C" {                                                                               \
	__attribute__((                                                                            \
		visibility("default"))) extern const struct sfe_function_plugin sfemu_function;    \
	const struct sfe_function_plugin sfemu_function = {SFE_FUNCTION_ABI, function};            \
	}
#else
#define SFE_FUNCTION(function)                                                                     \
	extern const struct sfe_function_plugin sfemu_function;                                    \
	__attribute__((visibility("default")))                                                     \
	const struct sfe_function_plugin sfemu_function = {SFE_FUNCTION_ABI, function};
#endif

#ifdef __cplusplus
}
#endif

#endif
