/* SPDX-License-Identifier: MIT */
/* The rules of the home of a state that outlives jobs. */
#include <errno.h>
#include <xxhash.h>

#include "nodes/shared/shared_home.h"
#include "tests/unit/unit.h"

static struct buffer_pool pool;

static struct slice bytes_of(const char *text)
{
	struct slice s;

	if (slice_new(&pool, strlen(text), &s))
		abort();
	memcpy(s.data, text, s.size);
	return s;
}

static struct shared_result change(struct shared_home *h, uint32_t job, enum sfe_access access,
	enum sfe_consistency consistency, uint32_t epoch, uint64_t read, const char *text)
{
	const struct shared_change c = {job, 3, access, consistency, {epoch, read}};
	struct slice content = bytes_of(text);
	struct shared_result result;

	CU_ASSERT_EQUAL_FATAL(shared_home_change(h, &c, &content, &result), 0);
	CU_ASSERT_PTR_NULL(content.buffer);
	return result;
}

static bool has(const struct shared_home *h, uint64_t version, const char *text)
{
	return h->there && h->version.number == version && h->content.size == strlen(text) &&
	       !memcmp(h->content.data, text, strlen(text)) &&
	       h->digest == XXH3_64bits(text, strlen(text));
}

static void test_first_write(void)
{
	struct shared_home h = {0};

	shared_home_begin(&h, bytes_of("zero"));
	CU_ASSERT(has(&h, 0, "zero"));
	struct shared_result r = change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "one");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 1 && !r.unseen);
	/* Who was too late changes nothing, and may try again with the newest version. */
	r = change(&h, 2, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "late");
	CU_ASSERT(r.outcome == SFE_SHARED_CONFLICT && r.made.number == 1);
	CU_ASSERT(has(&h, 1, "one"));
	r = change(&h, 2, SFE_UPDATE, SFE_FIRST_WRITE, 0, 1, "two");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 2);
	/* A version that there has never been is not the newest either. */
	r = change(&h, 3, SFE_UPDATE, SFE_FIRST_WRITE, 0, 9, "forged");
	CU_ASSERT_EQUAL(r.outcome, SFE_SHARED_CONFLICT);
	/* What replaces all has read nothing: it takes effect, and loses nothing. */
	r = change(&h, 4, SFE_WRITE, SFE_FIRST_WRITE, 0, 0, "three");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 3 && !r.unseen);
	CU_ASSERT(has(&h, 3, "three"));
	shared_home_clear(&h);
}

static void test_last_write(void)
{
	struct shared_home h = {0};

	shared_home_begin(&h, bytes_of("zero"));
	change(&h, 1, SFE_UPDATE, SFE_LAST_WRITE, 0, 0, "one");
	change(&h, 2, SFE_UPDATE, SFE_LAST_WRITE, 0, 1, "two");
	struct shared_result r = change(&h, 3, SFE_UPDATE, SFE_LAST_WRITE, 0, 0, "three");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 3 && r.unseen == 2);
	r = change(&h, 4, SFE_UPDATE, SFE_LAST_WRITE, 0, 99, "four");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.unseen == 3);
	r = change(&h, 5, SFE_WRITE, SFE_LAST_WRITE, 0, 0, "five");
	CU_ASSERT(r.made.number == 5 && !r.unseen);
	CU_ASSERT(has(&h, 5, "five"));
	shared_home_clear(&h);
}

static void test_once(void)
{
	struct shared_home h = {0};

	shared_home_begin(&h, bytes_of("zero"));
	for (uint32_t job = 0; job < 1000; job++) {
		struct shared_result r =
			change(&h, job, SFE_UPDATE, SFE_FIRST_WRITE, 0, job, "change");
		CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == job + 1);
	}
	/* Also with other bytes, from another version, and after many others. */
	for (uint32_t job = 0; job < 1000; job++) {
		struct shared_result r =
			change(&h, job, SFE_UPDATE, SFE_FIRST_WRITE, 0, 1000, "again");
		CU_ASSERT(r.outcome == SFE_SHARED_REPEATED && r.made.number == job + 1);
	}
	CU_ASSERT(has(&h, 1000, "change"));
	shared_home_clear(&h);
}

static void test_crash(void)
{
	struct shared_home h = {0};

	/* Nothing is lost of what nobody has changed. */
	shared_home_begin(&h, bytes_of("zero"));
	shared_home_crash(&h);
	CU_ASSERT(!h.there && !h.lost);
	shared_home_begin(&h, bytes_of("zero"));
	CU_ASSERT_EQUAL(h.version.epoch, 0);
	change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "one");
	shared_home_crash(&h);
	shared_home_crash(&h); /* before anybody has asked again */
	CU_ASSERT(!h.there && h.lost == 1);
	shared_home_begin(&h, bytes_of("zero"));
	CU_ASSERT(has(&h, 0, "zero"));
	CU_ASSERT_EQUAL(h.version.epoch, 1);
	/* The effect is lost too: the same step takes effect once more. But its version is of
	 * another epoch, even where the numbers agree. */
	struct shared_result r = change(&h, 2, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "old");
	CU_ASSERT_EQUAL(r.outcome, SFE_SHARED_CONFLICT);
	r = change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 1, 0, "one");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.epoch == 1 && r.made.number == 1);
	r = change(&h, 2, SFE_UPDATE, SFE_LAST_WRITE, 0, 1, "two");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.unseen == 1);
	shared_home_clear(&h);
}

static struct shared_result by_name(struct shared_home *h, const struct shared_change *c)
{
	struct slice content = bytes_of(c->deletes ? "" : "put");
	struct shared_result result;

	CU_ASSERT_EQUAL_FATAL(shared_home_change(h, c, &content, &result), 0);
	CU_ASSERT_PTR_NULL(content.buffer);
	return result;
}

/* Changes that a function makes by the state's name: each has a number, and is made once. */
static void test_by_name(void)
{
	struct shared_home h = {0};
	struct shared_change c = {.job = 1, .step = 3, .access = SFE_WRITE, .number = 1};

	shared_home_begin(&h, bytes_of("zero"));
	/* First-write: who knows no version may only put what is absent. */
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_CONFLICT);
	c.access = SFE_UPDATE;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	struct shared_result r = by_name(&h, &c);
	CU_ASSERT(r.outcome == SFE_SHARED_REPEATED && r.made.number == 1);
	c.number = 2;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_CONFLICT);
	c.read.number = 1;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	/* The same number of a call of the function's is another change; so is the step's own. */
	c.path = 1;
	c.read.number = 2;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	CU_ASSERT(has(&h, 3, "put"));
	r = change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 3, "declared");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 4);
	/* A delete is a version, too. */
	c = (struct shared_change){.job = 2, .access = SFE_UPDATE, .number = 1, .deletes = true};
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_CONFLICT);
	c.read.number = 4;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	CU_ASSERT(h.absent && has(&h, 5, ""));
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_REPEATED);
	c.number = 2;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_ABSENT);
	c = (struct shared_change){.job = 3, .access = SFE_WRITE, .number = 1};
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	CU_ASSERT(!h.absent && has(&h, 6, "put"));
	shared_home_clear(&h);
}

/* The version of the home as the next one of a copy, or whole. */
static int copy(struct shared_home *to, const struct shared_home *from, uint32_t job, bool whole)
{
	const struct shared_copied c = {from->version, job, 3, whole ? from->n_effects : 0};
	struct slice effects, content;

	CU_ASSERT_EQUAL_FATAL(shared_home_effects(from, &pool, &effects), 0);
	CU_ASSERT_EQUAL(effects.size, from->n_effects * SHARED_EFFECT_BYTES);
	CU_ASSERT_EQUAL_FATAL(
		slice_new(&pool, from->content.size + (whole ? effects.size : 0), &content), 0);
	memcpy(content.data, from->content.data, from->content.size);
	if (whole)
		memcpy(content.data + from->content.size, effects.data, effects.size);
	slice_drop(&effects);
	int r = shared_home_copy(to, &c, &content);
	CU_ASSERT_PTR_NULL(content.buffer);
	return r;
}

static void test_copy(void)
{
	struct shared_home h = {0}, replica = {0}, late = {0};

	shared_home_begin(&h, bytes_of("zero"));
	change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "one");
	CU_ASSERT_EQUAL(copy(&replica, &h, 1, false), 0);
	change(&h, 2, SFE_UPDATE, SFE_FIRST_WRITE, 0, 1, "two");
	/* Who does not have the version before needs all of it. */
	CU_ASSERT_EQUAL(copy(&late, &h, 2, false), -ENODATA);
	CU_ASSERT(!late.there);
	CU_ASSERT_EQUAL(copy(&late, &h, 2, true), 0);
	CU_ASSERT_EQUAL(copy(&replica, &h, 2, false), 0);
	CU_ASSERT(has(&replica, 2, "two") && has(&late, 2, "two"));
	/* What comes late, or again, changes nothing. */
	CU_ASSERT_EQUAL(copy(&replica, &h, 2, false), 0);
	CU_ASSERT(replica.n_effects == 2 && late.n_effects == 2);
	/* The home goes on with the copy: in another epoch, and no change takes effect again. */
	change(&h, 4, SFE_UPDATE, SFE_FIRST_WRITE, 0, 2, "three");
	shared_home_crash(&h);
	shared_home_restore(&h, &replica);
	CU_ASSERT(has(&h, 2, "two") && h.version.epoch == 1 && !replica.there);
	struct shared_result r = change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 1, 2, "one");
	CU_ASSERT(r.outcome == SFE_SHARED_REPEATED && r.made.number == 1);
	/* Who has read the version that was lost is too late; the step that made it is not. */
	r = change(&h, 5, SFE_UPDATE, SFE_FIRST_WRITE, 0, 3, "four");
	CU_ASSERT_EQUAL(r.outcome, SFE_SHARED_CONFLICT);
	r = change(&h, 4, SFE_UPDATE, SFE_FIRST_WRITE, 1, 2, "three");
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && r.made.number == 3);
	/* A copy of the epoch before is none of the version before. */
	CU_ASSERT_EQUAL(copy(&late, &h, 4, false), -ENODATA);
	CU_ASSERT_EQUAL(copy(&late, &h, 4, true), 0);
	CU_ASSERT(has(&late, 3, "three") && late.version.epoch == 1 && late.n_effects == 3);
	/* Changes that cannot be: of later versions than the copy's, more than there are bytes.
	 * What was there stays. */
	struct shared_copied forged = {{2, 1}, 1, 3, 3};
	struct slice content = bytes_of("short");
	CU_ASSERT_EQUAL(shared_home_copy(&late, &forged, &content), -EBADMSG);
	CU_ASSERT(has(&late, 3, "three") && late.n_effects == 3);
	h.version.number = 1;
	CU_ASSERT_EQUAL(copy(&replica, &h, 4, true), -EBADMSG);
	CU_ASSERT(!replica.there && !replica.n_effects);
	shared_home_clear(&late);
	shared_home_clear(&h);
}

/* A copy knows changes by name, and that a state was deleted. */
static void test_copy_by_name(void)
{
	struct shared_home h = {0}, replica = {0};
	struct shared_change c = {
		.job = 1, .step = 3, .access = SFE_UPDATE, .number = 1, .path = 7};

	shared_home_begin(&h, bytes_of("zero"));
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	c.number = 2;
	c.deletes = true;
	c.read.number = 1;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
	CU_ASSERT_EQUAL(copy(&replica, &h, 1, true), 0);
	CU_ASSERT(replica.absent && replica.n_effects == 2 && has(&replica, 2, ""));
	shared_home_crash(&h);
	shared_home_restore(&h, &replica);
	CU_ASSERT(h.absent && h.version.epoch == 1);
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_REPEATED);
	c.path = 8; /* another call's change */
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_ABSENT);
	/* What a step makes of it is there again, in the copy, too. */
	CU_ASSERT_EQUAL(copy(&replica, &h, 1, true), 0);
	change(&h, 4, SFE_UPDATE, SFE_LAST_WRITE, 1, 2, "again");
	CU_ASSERT_EQUAL(copy(&replica, &h, 4, false), 0);
	CU_ASSERT(!replica.absent && has(&replica, 3, "again"));
	shared_home_clear(&replica);
	shared_home_clear(&h);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"by name", test_by_name},
		{"first-write", test_first_write},
		{"last-write", test_last_write},
		{"at most once", test_once},
		{"crash", test_crash},
		{"copies", test_copy},
		{"copies of changes by name", test_copy_by_name},
	};
	int status = unit_main("shared_home", tests, sizeof(tests) / sizeof(tests[0]));

	buffer_pool_clear(&pool);
	return status;
}
