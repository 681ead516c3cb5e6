/* SPDX-License-Identifier: MIT */
/* What the records of a home must say of each other: each violation is found. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/measure/collector_shared.h"
#include "tests/unit/unit.h"

#define N_JOBS 4
#define MOST 32

/* Four jobs, each with one step that updates a global state. */
struct bench {
	struct sfe_shared_state state;
	struct sfe_shared_use use;
	struct sfe_shared_uses uses;
	struct sfe_step step;
	struct sfe_job jobs[N_JOBS];
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_shared_instance instance;
	struct sfe_shared_instances shared;
	struct sfe_deployment deployment;
	struct sfe_job_result results[N_JOBS];
	struct sfe_ctl_shared records[MOST];
	struct sfe_replay replay;
	struct sfe_collector collector;
};

static void make(struct bench *b, enum sfe_consistency consistency)
{
	*b = (struct bench){
		.state = {.name = "s", .scope = SFE_SCOPE_GLOBAL, .consistency = consistency},
		.use = {0, SFE_UPDATE},
		.uses = {1, &b->use},
		.shared = {.states = &b->state, .n = 1, .of = &b->instance},
		.deployment = {.n_jobs = N_JOBS, .jobs = b->deployed, .shared = &b->shared},
		.replay = {.strategy = &sfe_pure_faas,
			.n_jobs = N_JOBS,
			.jobs = b->results,
			.shared = b->records},
		.collector = {.deployment = &b->deployment, .out = &b->replay}};
	for (uint32_t j = 0; j < N_JOBS; j++) {
		b->jobs[j] = (struct sfe_job){
			.number = j, .n_steps = 1, .steps = &b->step, .shared = &b->uses};
		b->deployed[j].job = &b->jobs[j];
	}
}

/* A record of the home, or of a step's node; the digest of version v of epoch e is 1 + v + 100 e.
 */
static struct sfe_ctl_shared *add(struct bench *b, enum sfe_shared_outcome outcome, uint32_t job,
	uint64_t read, uint64_t made)
{
	struct sfe_replay *r = &b->replay;
	uint64_t number = 0;

	for (uint32_t i = 0; i < r->n_shared; i++)
		number += b->records[i].outcome < SFE_SHARED_GOT;
	b->records[r->n_shared] = (struct sfe_ctl_shared){.outcome = outcome,
		.job = job,
		.attempt = 1,
		.access = SFE_UPDATE,
		.number = number,
		.at_ns = 10 * (r->n_shared + 1),
		.version_read = read,
		.version_made = made,
		.digest = 1 + (outcome == SFE_SHARED_WRITTEN ? made : read)};
	b->results[job].ended = true;
	return &b->records[r->n_shared++];
}

static const char *verdict(struct bench *b)
{
	static char what[sizeof(((struct sfe_error *)0)->what)];
	struct sfe_error err = {0};
	int r = sfe_collector_check_shared(&b->collector, &err);

	CU_ASSERT(r == 0 || r == -EPROTO);
	snprintf(what, sizeof(what), "%s", r ? err.what : "fine");
	return what;
}

/* Two jobs read version 0; the second one is refused and runs again. */
static void play(struct bench *b)
{
	make(b, SFE_FIRST_WRITE);
	add(b, SFE_SHARED_READ, 0, 0, 0);
	add(b, SFE_SHARED_READ, 1, 0, 0);
	add(b, SFE_SHARED_GOT, 0, 0, 0);
	add(b, SFE_SHARED_GOT, 1, 0, 0);
	add(b, SFE_SHARED_WRITTEN, 0, 0, 1);
	add(b, SFE_SHARED_CONFLICT, 1, 0, 0)->bytes = 77;
	struct sfe_ctl_shared *again = add(b, SFE_SHARED_AGAIN, 1, 0, 0);
	again->ops = 500;
	again->processing_ns = 50;
	again->vain_bytes = 154;
	add(b, SFE_SHARED_READ, 1, 1, 0);
	add(b, SFE_SHARED_GOT, 1, 1, 0);
	add(b, SFE_SHARED_WRITTEN, 1, 1, 2);
	add(b, SFE_SHARED_REPEATED, 0, 0, 1);
}

enum {
	READ_0,
	READ_1,
	GOT_0,
	GOT_1,
	WRITTEN_0,
	CONFLICT_1,
	AGAIN_1,
	READ_1B,
	GOT_1B,
	WRITTEN_1,
	REPEATED_0
};

static void test_fine(void)
{
	struct bench b;
	uint32_t n = 0;

	play(&b);
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	for (uint32_t i = 0; i < b.replay.n_shared; i++)
		if (b.records[i].outcome == SFE_SHARED_CONFLICT) {
			n++;
			CU_ASSERT(b.records[i].ops == 500 && b.records[i].vain_bytes == 154);
		}
	CU_ASSERT_EQUAL(n, 1);
}

static void test_wrong(void)
{
	struct bench b;
#define WRONG(change, want)                                                                        \
	do {                                                                                       \
		play(&b);                                                                          \
		change;                                                                            \
		CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), want));                                 \
	} while (0)

	WRONG(b.records[READ_1B].version_read = 0, "did not get the newest version");
	WRONG(b.records[READ_1B].digest = 9, "did not get the bytes of the newest version");
	WRONG(b.records[GOT_1B].digest = 9, "has other bytes than its home says");
	WRONG(b.records[GOT_1B].version_read = 7, "has other bytes than its home says");
	WRONG(b.records[WRITTEN_1].version_made = 3, "did not make the next version");
	WRONG(b.records[WRITTEN_1].version_read = 0, "changed a version that was not the newest");
	WRONG(b.records[WRITTEN_1].unseen = 1, "another number of versions was lost");
	WRONG(b.records[CONFLICT_1].version_read = 1, "was refused without a conflict");
	WRONG(b.records[REPEATED_0].version_made = 0, "had not been made");
	WRONG(b.records[REPEATED_0].version_made = 3, "had not been made");
	WRONG(b.records[READ_1].number = 40, "a record is missing");
	WRONG(b.records[WRITTEN_1].epoch = 1, "its epoch does not follow");
	WRONG(b.records[WRITTEN_1].job = 0, "its change took effect twice");
	WRONG(b.results[2].ended = true, "job 2 is done with 0 changes");
	WRONG((b.state.consistency = SFE_LAST_WRITE), "was refused without a conflict");
#undef WRONG
}

static void test_last_write(void)
{
	struct bench b;

	make(&b, SFE_LAST_WRITE);
	for (uint32_t j = 0; j < 3; j++)
		add(&b, SFE_SHARED_READ, j, 0, 0);
	for (uint32_t j = 0; j < 3; j++)
		add(&b, SFE_SHARED_WRITTEN, j, 0, j + 1)->unseen = j;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	/* Each has only its own change. The next one goes on from the first of them. */
	CU_ASSERT(b.records[3].kept == 1 && b.records[5].kept == 1);
	add(&b, SFE_SHARED_WRITTEN, 3, 1, 4)->unseen = 2;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT_EQUAL(b.records[6].kept, 2);
	b.records[5].unseen = 1;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "another number of versions was lost"));
}

/* A crash destroys version 1. The step that made it may run once more, and no other may twice. */
static void test_anew(void)
{
	struct bench b;

	make(&b, SFE_FIRST_WRITE);
	add(&b, SFE_SHARED_READ, 0, 0, 0);
	add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	struct sfe_ctl_shared *anew = add(&b, SFE_SHARED_ANEW, 1, 1, 0);
	anew->epoch = 1;
	anew->digest = 1;
	add(&b, SFE_SHARED_READ, 1, 0, 0)->epoch = 1;
	add(&b, SFE_SHARED_WRITTEN, 1, 0, 1)->epoch = 1;
	add(&b, SFE_SHARED_READ, 0, 1, 0)->epoch = 1;
	add(&b, SFE_SHARED_WRITTEN, 0, 1, 2)->epoch = 1;
	for (uint32_t i = 3; i < 7; i++)
		b.records[i].epoch_read = 1;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	anew->version_read = 0;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "another version was lost"));
	anew->version_read = 1;
	b.records[6].job = 1;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "its change took effect twice"));
}

/* By name: a get, puts of the same invocation, one that is late, a delete, a get of nothing, a put
 * of who knows no version. */
static void play_by_name(struct bench *b)
{
	static const struct {
		enum sfe_shared_outcome outcome;
		enum sfe_by_name access;
		uint32_t job;
		uint64_t read, made;
		uint32_t change;
	} steps[] = {
		{SFE_SHARED_READ, SFE_BY_NAME_GET, 0, 0, 0, 0},
		{SFE_SHARED_GOT, SFE_BY_NAME_GET, 0, 0, 0, 0},
		{SFE_SHARED_WRITTEN, SFE_BY_NAME_PUT, 0, 0, 1, 1},
		{SFE_SHARED_WRITTEN, SFE_BY_NAME_PUT, 0, 1, 2, 2},
		{SFE_SHARED_CONFLICT, SFE_BY_NAME_PUT, 1, 0, 0, 1},
		{SFE_SHARED_WRITTEN, SFE_BY_NAME_DELETE, 0, 2, 3, 3},
		{SFE_SHARED_ABSENT, SFE_BY_NAME_GET, 2, 3, 0, 0},
		{SFE_SHARED_WRITTEN, SFE_BY_NAME_PUT, 2, 0, 4, 1},
		{SFE_SHARED_REPEATED, SFE_BY_NAME_PUT, 0, 1, 2, 2},
		{SFE_SHARED_ASKED, SFE_BY_NAME_PUT, 0, 2, 0, 2},
	};

	make(b, SFE_FIRST_WRITE);
	b->uses.n = 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct sfe_ctl_shared *x =
			add(b, steps[i].outcome, steps[i].job, steps[i].read, steps[i].made);
		x->access = steps[i].access;
		x->change = steps[i].change;
	}
	b->records[4].unread = b->records[7].unread = 1;
}

enum { GET_0, GOT_BY_0, PUT_0, PUT_0B, LATE_1, DELETE_0, ABSENT_2, PUT_2, AGAIN_0B };

static void test_by_name(void)
{
	struct bench b;
#define WRONG(change, want)                                                                        \
	do {                                                                                       \
		play_by_name(&b);                                                                  \
		change;                                                                            \
		CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), want));                                 \
	} while (0)

	play_by_name(&b);
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	/* Who got a version of what is changed, or was told of another one. */
	CU_ASSERT(b.results[0].depends_on_order && b.results[1].depends_on_order &&
		  b.results[2].depends_on_order && !b.results[3].depends_on_order);
	WRONG(b.records[PUT_0B].change = 1, "its change took effect twice");
	WRONG(b.records[PUT_0B].version_read = 0, "changed a version that was not the newest");
	WRONG(b.records[PUT_0].unread = 1, "changed a version that was not the newest");
	WRONG(b.records[LATE_1].version_read = 2;
		b.records[LATE_1].unread = 0, "was refused without a conflict");
	WRONG(b.records[ABSENT_2].outcome = SFE_SHARED_READ, "it got what was not there");
	WRONG(b.records[GET_0].outcome = SFE_SHARED_ABSENT, "told that what is there is not");
	WRONG(b.records[PUT_2].access = SFE_BY_NAME_DELETE, "deleted what was not there");
	WRONG(b.records[GOT_BY_0].digest = 9, "has other bytes than its home says");
	WRONG(b.records[AGAIN_0B].version_made = 9, "had not been made");
	WRONG(b.records[AGAIN_0B].job = 3, "had not been made");
	WRONG(b.records[AGAIN_0B].version_made = 1, "had not been made");
	/* A call of the function's is another invocation. */
	play_by_name(&b);
	b.records[PUT_0B].change = b.records[AGAIN_0B].change = 1;
	b.records[PUT_0B].path = b.records[AGAIN_0B].path = 1;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
#undef WRONG
}

/* A state that no workflow declares: absent at first, with last-write; it needs a name. */
static void test_created(void)
{
	struct sfe_ctl_created created = {.instance = 1, .name = "new"}, wrong = created;
	struct bench b;

	make(&b, SFE_FIRST_WRITE);
	b.uses.n = 0;
	CU_ASSERT(sfe_collector_takes_created(&b.collector, &created));
	wrong.instance = 2;
	CU_ASSERT_FALSE(sfe_collector_takes_created(&b.collector, &wrong));
	wrong = created;
	memset(wrong.name, 'x', sizeof(wrong.name));
	CU_ASSERT_FALSE(sfe_collector_takes_created(&b.collector, &wrong));
	for (uint32_t j = 0; j < 2; j++) {
		struct sfe_ctl_shared *x = add(&b, SFE_SHARED_WRITTEN, j, 0, j + 1);
		x->instance = 1;
		x->access = SFE_BY_NAME_PUT;
		x->change = x->unread = 1;
		CU_ASSERT(sfe_collector_takes_shared(&b.collector, x));
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "its state was not created"));
	b.replay.created = &created;
	b.replay.n_created = 1;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT_FALSE(b.results[0].depends_on_order);
	b.records[0].access = SFE_BY_NAME_GET;
	b.records[0].outcome = SFE_SHARED_READ;
	b.records[1].version_made = 1;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "it got what was not there"));
	b.records[1].instance = 1 + 4096;
	CU_ASSERT_FALSE(sfe_collector_takes_shared(&b.collector, &b.records[1]));
}

/* A put of version 1 is repeated after a crash, and answered by a home that comes from a copy of
 * version 2: the writer knows version 1 of the new epoch then, and may go on from it. */
static void test_repeated_after_restore(void)
{
	struct bench b;

	make(&b, SFE_LAST_WRITE);
	b.uses.n = 0;
	add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	add(&b, SFE_SHARED_WRITTEN, 1, 1, 2);
	struct sfe_ctl_shared *restored = add(&b, SFE_SHARED_RESTORED, 0, 2, 2);
	restored->digest = b.records[1].digest;
	add(&b, SFE_SHARED_REPEATED, 0, 0, 1);
	add(&b, SFE_SHARED_WRITTEN, 0, 1, 3);
	add(&b, SFE_SHARED_ASKED, 0, 1, 0);
	for (uint32_t i = 0; i < b.replay.n_shared; i++) {
		b.records[i].access = SFE_BY_NAME_PUT;
		b.records[i].change = 1 + (i == 4);
		b.records[i].epoch = i >= 2;
	}
	b.records[4].epoch_read = b.records[5].epoch_read = 1;
	b.records[4].unseen = 1;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	/* It has version 1, not what job 1 made of it. */
	CU_ASSERT_EQUAL(b.records[4].kept, 2);
	b.records[5].version_read = 7;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "has other bytes than its home says"));
}

/* A crash destroys version 2, and the state comes from a copy of version 1: the step that made
 * version 2 may run once more, the one that made version 1 may not. */
static void test_restored(void)
{
	struct bench b;

	make(&b, SFE_FIRST_WRITE);
	add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	add(&b, SFE_SHARED_WRITTEN, 1, 1, 2);
	struct sfe_ctl_shared *restored = add(&b, SFE_SHARED_RESTORED, 1, 2, 1);
	restored->digest = b.records[0].digest;
	add(&b, SFE_SHARED_WRITTEN, 1, 1, 2);
	b.records[2].epoch = b.records[3].epoch = b.records[3].epoch_read = 1;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT(b.records[2].kept == 1 && b.records[3].kept == 2);
	CU_ASSERT_EQUAL(b.replay.shared_sums.overwritten, 0); /* it was made again */
	b.records[3].job = 2;
	b.records[1].job = 3;
	b.results[1].ended = false;
	b.replay.shared_sums.overwritten = 0;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT_EQUAL(b.replay.shared_sums.overwritten, 1); /* it is gone */
	b.records[1].job = b.records[3].job = 1;
	b.records[3].job = 0;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "its change took effect twice"));
	b.records[3].job = 1;
	restored->digest++;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "restored from no version that there was"));
	restored->digest--;
	restored->version_made = 3;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "restored from no version that there was"));
	restored->version_made = 1;
	restored->version_read = 1;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "another version was lost"));
}

/* The state begins anew while no copy answers, and comes from one of before after another crash:
 * what was overwritten before counts once, and what was lost as a whole state does not. */
static void test_restored_from_before(void)
{
	struct bench b;

	make(&b, SFE_LAST_WRITE);
	add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	struct sfe_ctl_shared *late = add(&b, SFE_SHARED_WRITTEN, 1, 0, 2);
	late->unseen = 1;
	add(&b, SFE_SHARED_ANEW, 2, 2, 0);
	add(&b, SFE_SHARED_WRITTEN, 2, 0, 1);
	struct sfe_ctl_shared *restored = add(&b, SFE_SHARED_RESTORED, 3, 1, 2);
	restored->digest = late->digest;
	add(&b, SFE_SHARED_WRITTEN, 3, 2, 3);
	b.records[2].epoch = b.records[3].epoch = b.records[3].epoch_read = 1;
	restored->epoch_read = 1;
	b.records[4].epoch = b.records[5].epoch = b.records[5].epoch_read = 2;
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT_EQUAL(b.records[5].kept, 2);
	CU_ASSERT_EQUAL(b.replay.shared_sums.overwritten, 1);
}

/* What a home has at the end is the last version, and no report may be larger than it can be. */
static void test_held(void)
{
	struct bench b;

	make(&b, SFE_FIRST_WRITE);
	b.state.bytes = 10;
	b.instance.first = 0;
	b.replay.strategy = b.deployment.strategy = &sfe_state_local;
	add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	struct sfe_ctl_shared_held held = {.bytes = 10, .number = 1, .digest = b.records[0].digest};
	CU_ASSERT(sfe_collector_valid_held(&b.collector, &held));
	CU_ASSERT_EQUAL(sfe_collector_add_held(&b.collector, &held, NULL), 0);
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	b.replay.kept_shared->digest++;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "another version at the end"));
	held.bytes = 11;
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	b.instance.sizes_vary = true;
	CU_ASSERT(sfe_collector_valid_held(&b.collector, &held));
	held.bytes = (1ull << 30) + 1;
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	held.bytes = 11;
	held.header.node = 1; /* not its home */
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	held = (struct sfe_ctl_shared_held){.instance = 1};
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	free(b.replay.kept_shared);
}

/* The same of a state that a function created: at the home of all of these. */
static void test_held_created(void)
{
	struct sfe_ctl_created created = {.instance = 1, .name = "x"};
	struct bench b;

	make(&b, SFE_FIRST_WRITE);
	b.uses.n = 0;
	b.shared.first_code = 1;
	b.deployment.strategy = &sfe_state_local;
	b.replay.created = &created;
	struct sfe_ctl_shared *x = add(&b, SFE_SHARED_WRITTEN, 0, 0, 1);
	x->instance = 1;
	x->access = SFE_BY_NAME_PUT;
	x->change = x->unread = 1;
	struct sfe_ctl_shared_held held = {.header.node = 1,
		.instance = 1,
		.condition = SFE_STATE_LOST,
		.bytes = 5,
		.number = 1,
		.digest = x->digest};
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held)); /* it has no name yet */
	b.replay.n_created = 1;
	CU_ASSERT(sfe_collector_valid_held(&b.collector, &held));
	CU_ASSERT_EQUAL(sfe_collector_add_held(&b.collector, &held, NULL), 0);
	CU_ASSERT_STRING_EQUAL(verdict(&b), "fine");
	CU_ASSERT_EQUAL(b.replay.shared_sums.lost, 1);
	b.replay.kept_shared[1].version++;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict(&b), "another version at the end"));
	held.header.node = 0; /* not their home */
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	held.header.node = 1;
	held.bytes = (1ull << 30) + 1;
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	held.bytes = 5;
	held.instance = 2;
	CU_ASSERT(!sfe_collector_valid_held(&b.collector, &held));
	free(b.replay.kept_shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a conflict", test_fine},
		{"each violation", test_wrong},
		{"last-write", test_last_write},
		{"begun anew", test_anew},
		{"by name", test_by_name},
		{"created by name", test_created},
		{"restored", test_restored},
		{"restored from before", test_restored_from_before},
		{"repeated after a crash", test_repeated_after_restore},
		{"held", test_held},
		{"held, created", test_held_created},
	};

	return unit_main("collector_shared", tests, sizeof(tests) / sizeof(*tests));
}
