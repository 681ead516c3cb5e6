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

/* The version of the home for a copy, with the changes after that version; NONE: as the next one,
 * which job and step name. */
#define NONE UINT64_MAX
static int copy_after(
	struct shared_home *to, const struct shared_home *from, uint32_t job, uint64_t after)
{
	const uint64_t n = after == NONE ? 0 : from->n_effects - after;
	const struct shared_copied c = {from->version, job, 3, n};
	struct slice effects, content;

	CU_ASSERT_EQUAL_FATAL(shared_home_effects(from, from->n_effects - n, &pool, &effects), 0);
	CU_ASSERT_EQUAL(effects.size, n * SHARED_EFFECT_BYTES);
	CU_ASSERT_EQUAL_FATAL(slice_new(&pool, from->content.size + effects.size, &content), 0);
	memcpy(content.data, from->content.data, from->content.size);
	if (n)
		memcpy(content.data + from->content.size, effects.data, effects.size);
	slice_drop(&effects);
	int r = shared_home_copy(to, &c, &content);
	CU_ASSERT_PTR_NULL(content.buffer);
	return r;
}

static int copy(struct shared_home *to, const struct shared_home *from, uint32_t job, bool whole)
{
	return copy_after(to, from, job, whole ? 0 : NONE);
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

/* Whether a copy has what a crash has destroyed, also of a home that had come from that copy. */
static void test_whole_copy(void)
{
	struct shared_home h = {0}, replica = {0}, late = {0}, other = {0}, none = {0};

	shared_home_begin(&h, bytes_of("zero"));
	change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "one");
	copy(&replica, &h, 1, true);
	copy(&late, &h, 1, true);
	copy(&other, &h, 1, true);
	change(&h, 2, SFE_UPDATE, SFE_FIRST_WRITE, 0, 1, "two");
	copy(&replica, &h, 2, true);
	shared_home_crash(&h);
	CU_ASSERT(shared_home_is_whole(&h, &replica));
	CU_ASSERT(!shared_home_is_whole(&h, &late) && !shared_home_is_whole(&h, &none));
	shared_home_restore(&h, &late);
	shared_home_crash(&h);
	shared_home_crash(&h);
	CU_ASSERT(shared_home_is_whole(&h, &other)); /* as the copy that it came from */
	shared_home_restore(&h, &other);
	change(&h, 3, SFE_UPDATE, SFE_FIRST_WRITE, h.version.epoch, 1, "three");
	shared_home_crash(&h);
	/* The same number, of an epoch before. */
	CU_ASSERT(replica.version.number == 2 && !shared_home_is_whole(&h, &replica));
	shared_home_clear(&replica);
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

/* Only what is new goes with a copy: the changes after the version that it has. */
static void test_copy_new_only(void)
{
	struct shared_home h = {0}, replica = {0};
	struct shared_change c = {
		.job = 1, .step = 3, .access = SFE_WRITE, .consistency = SFE_LAST_WRITE, .path = 7};

	shared_home_begin(&h, bytes_of("zero"));
	for (c.number = 1; c.number <= 100; c.number++) {
		CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_WRITTEN);
		CU_ASSERT_EQUAL(copy_after(&replica, &h, 1, h.version.number - 1), 0);
	}
	CU_ASSERT(has(&replica, 100, "put") && replica.n_effects == 100);
	CU_ASSERT_EQUAL(replica.n_named, 100);
	/* Two at once; who has the first of them takes the second only. */
	for (; c.number <= 103; c.number++)
		by_name(&h, &c);
	CU_ASSERT_EQUAL(copy_after(&replica, &h, 1, 101), -ENODATA);
	CU_ASSERT(has(&replica, 100, "put") && replica.n_effects == 100);
	CU_ASSERT_EQUAL(copy_after(&replica, &h, 1, 99), 0);
	CU_ASSERT(replica.version.number == 103 && replica.n_effects == 103);
	/* All of them are known to the home that goes on with the copy. */
	shared_home_crash(&h);
	shared_home_restore(&h, &replica);
	for (c.number = 1; c.number <= 103; c.number++) {
		struct shared_result r = by_name(&h, &c);
		CU_ASSERT(r.outcome == SFE_SHARED_REPEATED && r.made.number == c.number);
	}
	/* Without room for more, what is new is refused, and what is known is not. */
	c.full = true;
	struct slice content = bytes_of("put");
	struct shared_result r;
	CU_ASSERT_EQUAL(shared_home_change(&h, &c, &content, &r), -ENOSPC);
	CU_ASSERT_PTR_NULL(content.buffer);
	CU_ASSERT(h.version.number == 103 && h.n_effects == 103);
	c.number = 5;
	CU_ASSERT_EQUAL(by_name(&h, &c).outcome, SFE_SHARED_REPEATED);
	shared_home_clear(&h);
}

/* What a job changed of the version that it had read: so many bytes at an offset, and the size
 * after. */
static int ranges(struct shared_home *h, uint32_t job, uint64_t read, const struct changes *changes,
	const char *bytes, struct shared_result *result)
{
	const struct shared_change c = {.job = job,
		.step = 3,
		.access = SFE_UPDATE,
		.consistency = SFE_LAST_WRITE,
		.read = {h->version.epoch, read},
		.changes = changes,
		.buffers = &pool,
		.keeps = true};
	struct slice content = bytes_of(bytes);
	int r = shared_home_change(h, &c, &content, result);

	CU_ASSERT_PTR_NULL(content.buffer);
	return r;
}

static void test_ranges(void)
{
	const struct changes middle = {.size = 8, .n = 1, .range = {{2, 3}}},
			     tail = {.size = 10, .n = 1, .range = {{8, 2}}},
			     gap = {.size = 12, .n = 1, .range = {{11, 1}}}, cut = {.size = 3};
	struct shared_home h = {0};
	struct shared_result r;

	shared_home_begin(&h, bytes_of("01234567"));
	CU_ASSERT_EQUAL(ranges(&h, 1, 0, &middle, "abc", &r), 0);
	CU_ASSERT(r.outcome == SFE_SHARED_WRITTEN && has(&h, 1, "01abc567"));
	CU_ASSERT_EQUAL(ranges(&h, 2, 1, &tail, "xy", &r), 0);
	CU_ASSERT(has(&h, 2, "01abc567xy"));
	/* Who was late leaves what it had read, with its change. */
	CU_ASSERT_EQUAL(ranges(&h, 3, 0, &tail, "zz", &r), 0);
	CU_ASSERT(r.unseen == 2 && has(&h, 3, "01234567zz"));
	/* The same again, also if that version is gone. */
	CU_ASSERT_EQUAL(ranges(&h, 2, 9, &tail, "xy", &r), 0);
	CU_ASSERT(r.outcome == SFE_SHARED_REPEATED && r.made.number == 2);
	/* Ranges that make no state of it; of a version that is not here. Nothing changes. */
	CU_ASSERT_EQUAL(ranges(&h, 4, 3, &gap, "g", &r), -EBADMSG);
	CU_ASSERT_EQUAL(ranges(&h, 4, 3, &tail, "three", &r), -EBADMSG);
	CU_ASSERT_EQUAL(ranges(&h, 4, 9, &tail, "xy", &r), -ENODATA);
	CU_ASSERT(has(&h, 3, "01234567zz"));
	CU_ASSERT_EQUAL(ranges(&h, 4, 3, &cut, "", &r), 0);
	CU_ASSERT(has(&h, 4, "012"));
	/* The last eight are kept, no more. */
	for (uint32_t job = 10; job < 14; job++)
		CU_ASSERT_EQUAL(
			ranges(&h, job, h.version.number, &(struct changes){.size = 3}, "", &r), 0);
	CU_ASSERT_EQUAL(ranges(&h, 20, 0, &middle, "abc", &r), 0);
	CU_ASSERT(r.unseen == 8 && has(&h, 9, "01abc567"));
	CU_ASSERT_EQUAL(ranges(&h, 21, 0, &middle, "abc", &r), -ENODATA);
	/* No version of before a crash is. */
	shared_home_crash(&h);
	shared_home_begin(&h, bytes_of("01234567"));
	CU_ASSERT_EQUAL(ranges(&h, 22, 3, &middle, "abc", &r), -ENODATA);
	shared_home_clear(&h);
}

/* Of large ones fewer are kept. */
static void test_large_before(void)
{
	const struct changes one = {.size = SHARED_MAX_BEFORE_BYTES / 2, .n = 1, .range = {{0, 1}}};
	struct shared_home h = {0};
	struct shared_result r;
	struct slice large;

	CU_ASSERT_EQUAL_FATAL(slice_new(&pool, one.size, &large), 0);
	memset(large.data, 'a', large.size);
	shared_home_begin(&h, large);
	for (uint32_t job = 0; job < 3; job++)
		CU_ASSERT_EQUAL(ranges(&h, job, job, &one, "b", &r), 0);
	CU_ASSERT_EQUAL(ranges(&h, 8, 0, &one, "c", &r), -ENODATA);
	CU_ASSERT_EQUAL(ranges(&h, 9, 1, &one, "c", &r), 0);
	CU_ASSERT(h.version.number == 4 && h.content.size == one.size && h.content.data[0] == 'c');
	shared_home_clear(&h);
}

/* A copy takes ranges if it has the version before, and only then. */
static void test_copy_ranges(void)
{
	const struct changes tail = {.size = 6, .n = 1, .range = {{4, 2}}};
	struct shared_copied c = {{0, 2}, .job = 2, .step = 3, .changes = &tail, .buffers = &pool};
	struct shared_home h = {0}, replica = {0};
	struct slice content = bytes_of("xy");

	CU_ASSERT_EQUAL(shared_home_copy(&replica, &c, &content), -ENODATA);
	CU_ASSERT(!replica.there);
	shared_home_begin(&h, bytes_of("zero"));
	change(&h, 1, SFE_UPDATE, SFE_FIRST_WRITE, 0, 0, "ones");
	CU_ASSERT_EQUAL(copy(&replica, &h, 1, false), 0);
	content = bytes_of("xyz");
	CU_ASSERT_EQUAL(shared_home_copy(&replica, &c, &content), -EBADMSG);
	CU_ASSERT(has(&replica, 1, "ones"));
	content = bytes_of("xy");
	CU_ASSERT_EQUAL(shared_home_copy(&replica, &c, &content), 0);
	CU_ASSERT(has(&replica, 2, "onesxy") && replica.n_effects == 2);
	/* Not of a version further on, even if the changes since are said. */
	c.version.number = 4;
	c.n_effects = 2;
	CU_ASSERT_EQUAL_FATAL(slice_new(&pool, 2 + 2 * SHARED_EFFECT_BYTES, &content), 0);
	memset(content.data, 0, content.size);
	CU_ASSERT_EQUAL(shared_home_copy(&replica, &c, &content), -EBADMSG);
	CU_ASSERT(has(&replica, 2, "onesxy"));
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
		{"a copy has what was lost", test_whole_copy},
		{"copies", test_copy},
		{"copies of changes by name", test_copy_by_name},
		{"only what is new goes to a copy", test_copy_new_only},
		{"ranges of what was read", test_ranges},
		{"large versions are not kept", test_large_before},
		{"copies of ranges", test_copy_ranges},
	};
	int status = unit_main("shared_home", tests, sizeof(tests) / sizeof(tests[0]));

	buffer_pool_clear(&pool);
	return status;
}
