/* SPDX-License-Identifier: MIT */
/*
 * Jobs that change states that outlive them, at the same time, on four workers. The homes record
 * the order. A repetition of that order in this process, without workers, leaves the same bytes in
 * each version, and the same states of each job: also of those whose step ran several times.
 */
#include <xxhash.h>

#include "nodes/functions/function_call.h"
#include "nodes/functions/mix.h"
#include "tests/unit/nodes/workers/shared_lab.h"

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

/* ---- the same in the order of the records */

struct versions {
	uint8_t *content[N_JOBS + 1];
};

/* The change of the state by a job; NULL: there is none. */
static const struct sfe_ctl_shared *change_of(
	const struct outcome *o, const struct bench *b, uint32_t job, uint32_t state)
{
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN && o->records[i].job == job &&
			b->shared.of[o->records[i].instance].state == state)
			return &o->records[i];
	return NULL;
}

/* Calls the function of a job with these versions, and keeps what it makes of them. */
static void apply(const struct outcome *o, const struct bench *b, uint32_t j,
	const struct sfe_ctl_shared *const change[2], struct versions *versions)
{
	struct buffer_pool pool = {0};
	uint64_t key = payload_job_key(SEED, b->jobs[j].number);
	uint8_t argument[100];
	struct slice s[3] = {0};
	struct function_call call = {.buffers = &pool,
		.seed = SEED,
		.output_bytes = 200,
		.trusted = true,
		.face = {.function = "f0",
			.job = b->jobs[j].number,
			.argument = argument,
			.argument_bytes = sizeof(argument)}};

	payload_fill(key, 0, argument, sizeof(argument));
	if (function_call_open(&call, 1 + of_step.n))
		abort();
	for (uint32_t i = 0; i <= of_step.n; i++) {
		uint64_t bytes = i ? states[uses[i - 1].state].bytes : OWN_BYTES;
		if (slice_new(&pool, bytes, &s[i]))
			abort();
		if (i)
			memcpy(s[i].data,
				versions[change[i - 1]->instance]
					.content[change[i - 1]->version_read],
				bytes);
		else
			payload_fill(key, 1, s[i].data, bytes);
		function_call_state(&call, i, i ? states[uses[i - 1].state].name : NULL, &s[i], i,
			bytes, SFE_STATE_UPDATED);
	}
	CU_ASSERT(!function_call_run(&call, &function_mix));
	CU_ASSERT_EQUAL(XXH3_64bits(s[0].data, s[0].size), o->digest[j]);
	for (uint32_t i = 0; i < of_step.n; i++) {
		uint8_t **to = &versions[change[i]->instance].content[change[i]->version_made];
		CU_ASSERT_EQUAL(XXH3_64bits(s[i + 1].data, s[i + 1].size), change[i]->digest);
		CU_ASSERT_PTR_NULL_FATAL(*to);
		*to = malloc(s[i + 1].size);
		if (!*to)
			abort();
		memcpy(*to, s[i + 1].data, s[i + 1].size);
	}
	for (uint32_t i = 0; i < 3; i++)
		slice_drop(&s[i]);
	slice_drop(&call.output);
	function_call_close(&call);
	buffer_pool_clear(&pool);
}

/* A job can be repeated when the versions that it has read are there. */
static void repeat(const struct outcome *o, const struct bench *b)
{
	struct versions versions[8] = {0};
	bool repeated[N_JOBS] = {false};
	uint32_t n = 0;

	CU_ASSERT_FATAL(b->shared.n < 8);
	for (uint32_t i = 0; i < b->shared.n; i++)
		if (!(versions[i].content[0] = malloc(states[b->shared.of[i].state].bytes)))
			abort();
		else
			memcpy(versions[i].content[0], states[b->shared.of[i].state].content,
				states[b->shared.of[i].state].bytes);
	for (uint32_t round = 0; round < o->n_jobs && n < o->n_jobs; round++)
		for (uint32_t j = 0; j < o->n_jobs; j++) {
			const struct sfe_ctl_shared *change[2] = {NULL};
			bool ready = !repeated[j];
			for (uint32_t i = 0; i < of_step.n; i++) {
				change[i] = change_of(o, b, j, uses[i].state);
				CU_ASSERT_PTR_NOT_NULL_FATAL(change[i]);
				ready &= !!versions[change[i]->instance]
						   .content[change[i]->version_read];
			}
			if (!ready)
				continue;
			apply(o, b, j, change, versions);
			repeated[j] = true;
			n++;
		}
	CU_ASSERT_EQUAL(n, o->n_jobs);
	for (uint32_t i = 0; i < b->shared.n; i++)
		for (uint32_t v = 0; v <= N_JOBS; v++)
			free(versions[i].content[v]);
}

/* ---- tests */

static void check(const struct outcome *o, const struct bench *b, uint32_t state)
{
	uint32_t changes = 0, conflicts = 0, vain = 0;
	uint64_t unseen = 0;

	for (uint32_t j = 0; j < o->n_jobs; j++)
		CU_ASSERT_EQUAL(o->ran[j], 1); /* runs in vain are not among the invocations */
	for (uint32_t i = 0; i < o->n; i++) {
		const struct sfe_ctl_shared *x = &o->records[i];
		uint32_t home = sfe_shared_home(&b->shared, x->instance, b->deployment.strategy,
			b->deployment.store, CLOUD);
		if (x->outcome < SFE_SHARED_GOT)
			CU_ASSERT_EQUAL(x->header.node, home);
		if (b->shared.of[x->instance].state != state)
			continue;
		changes += x->outcome == SFE_SHARED_WRITTEN;
		unseen += x->unseen;
		conflicts += x->outcome == SFE_SHARED_CONFLICT;
		vain += x->outcome == SFE_SHARED_AGAIN;
		if (x->outcome == SFE_SHARED_AGAIN && of_step.n == 1) /* for nothing */
			CU_ASSERT_EQUAL(x->vain_bytes, x->header.node == home ? 0 : 2 * x->bytes);
	}
	CU_ASSERT(changes == o->n_jobs && vain == conflicts);
	bool first_write = states[state].consistency == SFE_FIRST_WRITE;
	CU_ASSERT_EQUAL(conflicts > 0, first_write);
	if (first_write || of_step.n == 1)
		CU_ASSERT_EQUAL(unseen > 0, !first_write);
}

/* All jobs start at once: many read before the first one has changed anything. */
static void test_jobs(const struct sfe_shared_use *first, uint32_t n)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_RING};
	struct bench b;

	of_step.n = n;
	for (uint32_t i = 0; i < n; i++)
		uses[i] = first[i];
	make_bench(&b, N_JOBS, 10 * MS);
	for (unsigned i = 0; i < N_STRATEGIES; i++) {
		struct lab lab = {.kind = kinds[i % 2]};
		struct outcome *o = begin(&lab, &b, strategies[i]);
		for (uint32_t j = 0; j < N_JOBS; j++)
			lab_go(&lab, j, 0);
		end(&lab, o);
		for (uint32_t k = 0; k < n; k++)
			check(o, &b, uses[k].state);
		repeat(o, &b);
		free(o);
	}
	sfe_shared_free(&b.shared);
}

static void test_first_write(void)
{
	test_jobs(&(struct sfe_shared_use){FIRST, SFE_UPDATE}, 1);
}

static void test_last_write(void)
{
	test_jobs(&(struct sfe_shared_use){LAST, SFE_UPDATE}, 1);
}

static void test_both(void)
{
	test_jobs((const struct sfe_shared_use[]){{LAST, SFE_UPDATE}, {FIRST, SFE_UPDATE}}, 2);
}

/*
 * The home of the global state crashes after one job, while the step of the next one computes, and
 * loses the first change. The step's version is of a time that the home does not remember: it runs
 * again with version 0.
 */
static void test_crash(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct sfe_ctl_header message = {SFE_CTL_CRASH, CLOUD};
	struct bench b;
	uint32_t begun = 0;

	make_bench(&b, 2, 400 * MS);
	struct outcome *o = begin(&lab, &b, &sfe_pure_faas);
	lab_go(&lab, 0, 0);
	wait_for(&lab, o, 1);
	lab_go(&lab, 1, 0);
	lab_wait_until_computing(b.node[1]);
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	message.type = SFE_CTL_RESTART;
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	end(&lab, o);
	for (uint32_t i = 0; i < o->n; i++) {
		const struct sfe_ctl_shared *x = &o->records[i];
		if (b.shared.of[x->instance].state != FIRST)
			continue;
		if (x->outcome == SFE_SHARED_ANEW) {
			begun++;
			CU_ASSERT(x->version_read == 1 && !x->epoch_read && x->epoch == 1);
		}
		if (x->outcome == SFE_SHARED_CONFLICT)
			CU_ASSERT(x->job == 1 && !x->epoch_read && x->version_read == 1);
		if (x->outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT(x->version_made == 1 && x->epoch == x->job);
	}
	uint32_t first = b.shared.of[0].state == FIRST ? 0 : 1;
	CU_ASSERT_EQUAL(begun, 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_CONFLICT, first), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, first), 2);
	free(o);
	sfe_shared_free(&b.shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"first-write: who was late runs again; the recorded order leaves the same bytes",
			test_first_write},
		{"last-write: all take effect; likewise", test_last_write},
		{"a step with both", test_both},
		{"a home crashes and begins anew", test_crash},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_shared", tests, sizeof(tests) / sizeof(*tests));
}
