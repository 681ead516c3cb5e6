/* SPDX-License-Identifier: MIT */
/* What a home says of a version that another node has, and which answers that node takes. */
#include <errno.h>

#include "nodes/shared/cached_states.h"
#include "tests/unit/unit.h"

enum { FIXED, VARYING }; /* sizes: 10 bytes; any */

static struct sfe_shared_state states[] = {
	{.name = "fixed", .bytes = 10, .changes = true}, {.name = "varying", .changes = true}};
static struct sfe_shared_instance instances[] = {
	{.state = FIXED}, {.state = VARYING, .sizes_vary = true}};
static const struct sfe_shared_instances all = {.states = states, .n = 2, .of = instances};
static const struct sfe_deployment deployment = {.shared = &all};
static struct host host;
static struct worker worker = {.deployment = &deployment, .host = &host};

static struct slice bytes_of(const char *text)
{
	struct slice s;

	if (slice_new(&host.buffers, strlen(text), &s))
		abort();
	memcpy(s.data, text, s.size);
	return s;
}

static bool is(const struct slice *s, const char *text)
{
	return s->size == strlen(text) && !memcmp(s->data, text, s->size);
}

/* ---- the home */

static void change(struct shared_home *h, uint32_t job, const char *text, bool keeps)
{
	const struct shared_change c = {.job = job,
		.access = SFE_UPDATE,
		.consistency = SFE_LAST_WRITE,
		.read = h->version,
		.keeps = keeps};
	struct slice content = bytes_of(text);
	struct shared_result result;

	CU_ASSERT_EQUAL_FATAL(shared_home_change(h, &c, &content, &result), 0);
}

static void test_since(void)
{
	struct shared_home h = {0};
	struct changes since;
	struct slice old = bytes_of("0123456789"), body = bytes_of("xyz"), whole;

	shared_home_begin(&h, bytes_of("0123456789"));
	change(&h, 1, "012x456789", true);
	change(&h, 2, "012xyz6789", true);
	/* Two changes in one range. */
	CU_ASSERT_FATAL(shared_home_since(&h, &(struct shared_version){0, 0}, &since));
	CU_ASSERT(since.base == 0 && since.size == 10 && since.n == 1);
	CU_ASSERT(since.range[0].offset == 3 && since.range[0].bytes == 3);
	CU_ASSERT_EQUAL_FATAL(changes_apply(&since, &host.buffers, &old, &body, &whole), 0);
	CU_ASSERT(is(&whole, "012xyz6789"));
	/* Of another epoch, later, or longer ago than is kept: nothing is known. */
	CU_ASSERT(!shared_home_since(&h, &(struct shared_version){1, 1}, &since));
	CU_ASSERT(!shared_home_since(&h, &(struct shared_version){0, 3}, &since));
	for (uint32_t i = 0; i < SHARED_MAX_BEFORE; i++)
		change(&h, 3 + i, "01234567", true);
	CU_ASSERT(!shared_home_since(&h, &(struct shared_version){0, 1}, &since));
	CU_ASSERT(shared_home_since(&h, &(struct shared_version){0, 2}, &since));
	CU_ASSERT(since.size == 8 && changes_bytes(&since) == 5);
	/* All of it is other: whole is shorter to say. */
	change(&h, 30, "abcdefgh", true);
	CU_ASSERT(!shared_home_since(&h, &(struct shared_version){0, 10}, &since));
	change(&h, 31, "abcdefghi", false); /* and what was before that is not kept */
	CU_ASSERT(!shared_home_since(&h, &(struct shared_version){0, 11}, &since));
	slice_drop(&old);
	slice_drop(&body);
	slice_drop(&whole);
	shared_home_clear(&h);
}

/* ---- who asks */

static struct shared_use held(uint32_t instance, enum sfe_access access)
{
	return (struct shared_use){.instance = instance,
		.access = access,
		.version = {2, 5},
		.holds = true,
		.held = bytes_of("0123456789")};
}

static struct head_changed ranges(
	uint32_t instance, uint64_t base, uint64_t size, uint64_t offset, uint64_t bytes)
{
	return (struct head_changed){
		instance, {.base = base, .size = size, .n = 1, .range = {{offset, bytes}}}};
}

static void test_answers(void)
{
	const unsigned version = HEAD_VERSION, changes = HEAD_VERSION | HEAD_CHANGES;
	const struct {
		uint32_t instance;
		bool holds;
		struct http_head head;
		uint64_t bytes;
		struct head_changed changed;
		bool taken;
	} cases[] = {
		/* The newest version is here. */
		{FIXED, true, {.status = 304, .fields = version, .epoch = 2, .version = 5}, 0, {0},
			true},
		{FIXED, false, {.status = 304, .fields = version, .epoch = 2, .version = 5}, 0, {0},
			false},
		{FIXED, true, {.status = 304, .fields = version, .epoch = 2, .version = 6}, 0, {0},
			false},
		{FIXED, true, {.status = 304, .fields = version, .epoch = 1, .version = 5}, 0, {0},
			false},
		{FIXED, true, {.status = 304, .epoch = 2, .version = 5}, 0, {0}, false},
		{FIXED, true, {.status = 304, .fields = version, .epoch = 2, .version = 5}, 1, {0},
			false},
		{VARYING, true, {.status = 304, .fields = changes, .epoch = 2, .version = 5}, 0,
			ranges(VARYING, 5, 10, 0, 1), false},
		/* All of it. */
		{FIXED, true, {.status = 200, .fields = version, .epoch = 3, .version = 1}, 10, {0},
			true},
		{FIXED, false, {.status = 200, .fields = version, .version = 1}, 10, {0}, true},
		{FIXED, true, {.status = 200, .fields = version, .version = 1}, 11, {0}, false},
		{FIXED, true, {.status = 200}, 10, {0}, false},
		{VARYING, false, {.status = 200, .fields = version, .version = 1}, 12345, {0},
			true},
		/* Ranges of what is here. */
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(VARYING, 5, 12, 9, 3), true},
		{VARYING, false, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(VARYING, 5, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 3, .version = 7}, 3,
			ranges(VARYING, 5, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 5}, 3,
			ranges(VARYING, 5, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(VARYING, 4, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(FIXED, 5, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 2,
			ranges(VARYING, 5, 12, 9, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(VARYING, 5, 12, 10, 3), false},
		{VARYING, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(VARYING, 5, 1ull << 40, 9, 3), false},
		{FIXED, true, {.status = 200, .fields = changes, .epoch = 2, .version = 7}, 3,
			ranges(FIXED, 5, 10, 7, 3), false},
		{VARYING, true, {.status = 206, .fields = version, .epoch = 2, .version = 7}, 3,
			{0}, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shared_use use = held(cases[i].instance, SFE_READ);
		struct http_head head = cases[i].head;
		struct head_changed changed = cases[i].changed;
		use.holds = cases[i].holds;
		head.changes.n = head.fields & HEAD_CHANGES ? 1 : 0;
		head.changes.items = &changed;
		bool taken = cached_shared_is_answer(&worker, &use, &head, cases[i].bytes);
		if (taken != cases[i].taken)
			printf("case %zu\n", i);
		CU_ASSERT_EQUAL(taken, cases[i].taken);
		slice_drop(&use.held);
	}
}

static void test_taken(void)
{
	struct head_changed changed = ranges(VARYING, 5, 12, 9, 3);
	struct http_head same = {.status = 304, .fields = HEAD_VERSION, .epoch = 2, .version = 5},
			 part = {.status = 200,
				 .fields = HEAD_VERSION | HEAD_CHANGES,
				 .epoch = 2,
				 .version = 7,
				 .changes = {1, &changed}};
	struct slice none = {0}, body = bytes_of("abc"), kept;
	struct shared_use use = held(VARYING, SFE_READ);
	bool unchanged;

	/* Who reads shares the bytes; who changes them gets a copy. */
	kept = slice_part(&use.held, 0, use.held.size);
	CU_ASSERT_EQUAL(cached_shared_answer(&worker, &use, &same, &none, &unchanged), 0);
	CU_ASSERT(unchanged && is(&use.bytes, "0123456789") && use.bytes.data == kept.data);
	CU_ASSERT(!use.holds && !use.held.buffer && !use.came_bytes);
	slice_drop(&use.bytes);
	slice_drop(&kept);
	use = held(VARYING, SFE_UPDATE);
	kept = slice_part(&use.held, 0, use.held.size);
	CU_ASSERT_EQUAL(cached_shared_answer(&worker, &use, &same, &none, &unchanged), 0);
	CU_ASSERT(unchanged && is(&use.bytes, "0123456789") && use.bytes.data != kept.data);
	slice_drop(&use.bytes);
	slice_drop(&kept);
	/* Ranges make the newest version of the one that is here. */
	use = held(VARYING, SFE_READ);
	CU_ASSERT(cached_shared_is_answer(&worker, &use, &part, body.size));
	CU_ASSERT_EQUAL(cached_shared_answer(&worker, &use, &part, &body, &unchanged), 0);
	CU_ASSERT(!unchanged && is(&use.bytes, "012345678abc") && use.came_bytes == 3);
	CU_ASSERT(use.version.epoch == 2 && use.version.number == 7);
	slice_drop(&use.bytes);
	/* Ranges that leave a gap make nothing. */
	changed = ranges(VARYING, 5, 20, 12, 3);
	use = held(VARYING, SFE_READ);
	CU_ASSERT(cached_shared_is_answer(&worker, &use, &part, body.size));
	CU_ASSERT_EQUAL(cached_shared_answer(&worker, &use, &part, &body, &unchanged), -EBADMSG);
	CU_ASSERT(!use.bytes.buffer && !use.held.buffer);
	slice_drop(&body);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what is other since a version", test_since},
		{"answers of a home", test_answers},
		{"what they make", test_taken},
	};

	int r = unit_main("cached_states", tests, sizeof(tests) / sizeof(tests[0]));
	buffer_pool_clear(&host.buffers);
	return r;
}
