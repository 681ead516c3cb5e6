/* SPDX-License-Identifier: MIT */
/* What was changed in a state: which ranges, how they are said, and what they make of the base. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/http/head_changes.h"
#include "tests/unit/unit.h"

#define ROOM 4000u

static struct buffer_pool pool;

static void expect_ranges(const struct changes *c, const char *text)
{
	struct text t = {0};

	head_changes_add(&t, 1, 2, c);
	CU_ASSERT_STRING_EQUAL(t.bytes, text);
	text_clear(&t);
}

static void test_add(void)
{
	struct changes c = {.base = 1, .size = 1000};

	changes_add(&c, 100, 10);
	changes_add(&c, 300, 0);
	changes_add(&c, 50, 10);
	expect_ranges(&c, ", s2=1/1000/50+10/100+10");
	changes_add(&c, 60, 5); /* they meet */
	changes_add(&c, 95, 5);
	expect_ranges(&c, ", s2=1/1000/50+15/95+15");
	changes_add(&c, 52, 3); /* is in one */
	changes_add(&c, 200, 1);
	changes_add(&c, 40, 100); /* two are in it */
	expect_ranges(&c, ", s2=1/1000/40+100/200+1");
	CU_ASSERT_EQUAL(changes_bytes(&c), 101);
	CU_ASSERT(changes_are_valid(&c, 1000) && !changes_are_valid(&c, 999));
	changes_cut(&c, 201);
	expect_ranges(&c, ", s2=1/1000/40+100/200+1");
	changes_cut(&c, 100);
	expect_ranges(&c, ", s2=1/1000/40+60");
	changes_cut(&c, 40);
	expect_ranges(&c, ", s2=1/1000");
}

/* Of nine ranges the two that are closest become one. */
static void test_bounded(void)
{
	struct changes c = {.size = 5000};

	for (uint64_t i = 0; i < 8; i++)
		changes_add(&c, 500 * i, 10);
	changes_add(&c, 3200, 10);
	CU_ASSERT_EQUAL(c.n, 8);
	expect_ranges(
		&c, ", s2=0/5000/0+10/500+10/1000+10/1500+10/2000+10/2500+10/3000+210/3500+10");
	changes_add(&c, 4999, 1);
	CU_ASSERT_EQUAL(c.n, 8);
	expect_ranges(
		&c, ", s2=0/5000/0+10/500+10/1000+10/1500+10/2000+10/2500+10/3000+510/4999+1");
}

static struct slice content(const uint8_t *bytes, uint64_t size)
{
	struct slice s;

	CU_ASSERT_FATAL(!slice_new(&pool, size, &s));
	if (size)
		memcpy(s.data, bytes, size);
	return s;
}

/* What travels: the bytes of the ranges. */
static struct slice bytes_of(const struct changes *c, const struct slice *now)
{
	struct slice s;
	uint64_t at = 0;

	CU_ASSERT_FATAL(!slice_new(&pool, changes_bytes(c), &s));
	for (uint32_t i = 0; i < c->n; i++) {
		memcpy(s.data + at, now->data + c->range[i].offset, c->range[i].bytes);
		at += c->range[i].bytes;
	}
	return s;
}

static void expect_applied(
	const struct changes *c, const struct slice *base, const struct slice *now)
{
	struct slice travelled = bytes_of(c, now), out = {0};

	CU_ASSERT(changes_are_valid(c, ROOM));
	CU_ASSERT_EQUAL_FATAL(changes_apply(c, &pool, base, &travelled, &out), 0);
	CU_ASSERT(out.size == now->size && (!now->size || !memcmp(out.data, now->data, out.size)));
	slice_drop(&out);
	slice_drop(&travelled);
}

static uint32_t draw(uint32_t n)
{
	static uint64_t x = 1;

	x = x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(x >> 33) % n;
}

/* As a function does it: changes, appends and cuts. */
static void change_at_random(struct changes *c, uint8_t *now, uint64_t *size)
{
	uint64_t n;

	switch (draw(4)) {
	case 0:
		n = draw((uint32_t)*size + 1);
		changes_cut(c, n);
		*size = n;
		break;
	case 1:
		n = draw(100);
		if (*size + n > ROOM)
			break;
		changes_add(c, *size, n);
		memset(now + *size, (int)draw(256), n);
		*size += n;
		break;
	default:
		if (!*size)
			break;
		uint64_t at = draw((uint32_t)*size);
		n = draw((uint32_t)(*size - at < 50 ? *size - at : 50) + 1);
		changes_add(c, at, n);
		memset(now + at, (int)draw(256), n);
	}
}

static void test_random(void)
{
	for (int round = 0; round < 2000; round++) {
		uint8_t bytes[ROOM], was[ROOM];
		uint64_t size = draw(1000), before = size;
		struct changes c = {0};
		for (uint64_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)draw(256);
		memcpy(was, bytes, size);
		for (uint32_t n = draw(30); n--;)
			change_at_random(&c, bytes, &size);
		c.size = size;
		struct slice base = content(was, before), now = content(bytes, size);
		CU_ASSERT(changes_are_all(&c, &base, &now, NULL));
		expect_applied(&c, &base, &now);
		/* By comparing, as of a program; also after what was changed before. */
		struct changes compared = {.size = size};
		changes_compare(&compared, &base, &now);
		CU_ASSERT(compared.n <= 1);
		expect_applied(&compared, &base, &now);
		changes_compare(&c, &now, &base);
		c.size = before;
		expect_applied(&c, &base, &base);
		slice_drop(&base);
		slice_drop(&now);
	}
}

static void test_compare(void)
{
	static const struct {
		const char *before, *after, *ranges;
	} pairs[] = {
		{"abcdef", "abcdef", ""},
		{"abcdef", "abXdef", "/2+1"},
		{"abcdef", "Xbcdeg", "/0+6"},
		{"abcdef", "abcdefgh", "/6+2"},
		{"abcdef", "abc", ""},
		{"abcdef", "abx", "/2+1"},
		{"abcdef", "", ""},
		{"", "abc", "/0+3"},
		{"aaaa", "aaaaaaaa", "/4+4"},
		{"abab", "ababab", "/4+2"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct slice before =
			content((const uint8_t *)pairs[i].before, strlen(pairs[i].before));
		struct slice after =
			content((const uint8_t *)pairs[i].after, strlen(pairs[i].after));
		struct changes c = {.size = after.size};
		char text[64];
		changes_compare(&c, &before, &after);
		snprintf(text, sizeof(text), ", s2=0/%zu%s", strlen(pairs[i].after),
			pairs[i].ranges);
		expect_ranges(&c, text);
		expect_applied(&c, &before, &after);
		slice_drop(&before);
		slice_drop(&after);
	}
}

/* Ranges that do not make the state of this base, and bytes that the function did not ask for. */
static void test_refused(void)
{
	struct slice base = content((const uint8_t *)"abcdefghij", 10),
		     now = content((const uint8_t *)"abXdefghijkl", 12), out;
	struct changes c = {.size = 12, .n = 1, .range = {{2, 1}}};
	struct slice one = content((const uint8_t *)"X", 1),
		     three = content((const uint8_t *)"Xkl", 3);

	CU_ASSERT_EQUAL(changes_apply(&c, &pool, &base, &one, &out), -EBADMSG); /* 10 and 11? */
	changes_add(&c, 11, 1);
	CU_ASSERT_EQUAL(changes_apply(&c, &pool, &base, &three, &out), -EBADMSG);
	changes_add(&c, 10, 1);
	CU_ASSERT_EQUAL(changes_apply(&c, &pool, &base, &one, &out), -EBADMSG);
	CU_ASSERT_EQUAL_FATAL(changes_apply(&c, &pool, &base, &three, &out), 0);
	CU_ASSERT(!memcmp(out.data, now.data, 12));
	slice_drop(&out);
	CU_ASSERT(changes_are_all(&c, &base, &now, NULL));
	now.data[9] = 'J';
	CU_ASSERT(!changes_are_all(&c, &base, &now, NULL));
	now.data[9] = 'j';
	now.data[0] = 'A';
	CU_ASSERT(!changes_are_all(&c, &base, &now, NULL));
	slice_drop(&base);
	slice_drop(&now);
	slice_drop(&one);
	slice_drop(&three);
}

static void test_header(void)
{
	static const struct {
		const char *text;
		int code;
	} texts[] = {
		{"s0=3/70007/100+50/69000+7, s4=0/20", 0},
		{"s0=3/70007", 0},
		{"s0=1/9/0+1/1+1/2+1/3+1/4+1/5+1/6+1/7+1", 0},
		{"s0=1/9/0+1/1+1/2+1/3+1/4+1/5+1/6+1/7+1/8+1", -EBADMSG},
		{"", -EBADMSG},
		{"s0", -EBADMSG},
		{"s0=3", -EBADMSG},
		{"s0=3/", -EBADMSG},
		{"s0=3/7/", -EBADMSG},
		{"s0=3/7/1", -EBADMSG},
		{"s0=3/7/1+", -EBADMSG},
		{"s0=3/7/1+2x", -EBADMSG},
		{"s0=3/7/1+2,", -EBADMSG},
		{"s0=3/7/1+2, ", -EBADMSG},
		{"s0=3/7,s1=3/7", -EBADMSG},
		{"s1=3/7, s0=3/7", -EBADMSG},
		{"s1=3/7, s1=3/7", -EBADMSG},
		{"arg=3/7", -EBADMSG},
		{"s0=99999999999999999999/7", -EBADMSG},
		{"s0=-1/7", -EBADMSG},
	};
	struct head_changes list = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CU_ASSERT_EQUAL(head_changes_read(&list, texts[i].text, strlen(texts[i].text)),
			texts[i].code);
	CU_ASSERT_EQUAL(head_changes_read(&list, texts[0].text, strlen(texts[0].text)), 0);
	CU_ASSERT(list.n == 2 && list.items[1].state == 4 && list.items[1].changes.size == 20);
	CU_ASSERT(!list.items[1].changes.n);
	expect_ranges(&list.items[0].changes, ", s2=3/70007/100+50/69000+7");
	free(list.items);
}

/* As many states as may be in a header, with the longest numbers, and one more. */
static void test_long_header(void)
{
	struct changes c = {.base = 1000, .size = 1u << 30, .n = CHANGES_MAX};
	struct head_changes list = {0};
	struct text t = {0};

	for (uint32_t i = 0; i < CHANGES_MAX; i++)
		c.range[i] = (struct change){(1u << 30) - 2 * (CHANGES_MAX - i), 1};
	for (uint32_t n = 0; n < HEAD_MAX_CHANGED; n++)
		head_changes_add(&t, n, 872 + n, &c);
	const size_t name = strlen("sfemu-changes: ");
	CU_ASSERT_EQUAL(head_changes_read(&list, t.bytes + name, t.length - name), 0);
	CU_ASSERT_EQUAL(list.n, HEAD_MAX_CHANGED);
	CU_ASSERT(!memcmp(&list.items[HEAD_MAX_CHANGED - 1].changes, &c, sizeof(c)));
	CU_ASSERT(t.length < 28000); /* beside parts and versions of 1000 states: 64 KiB */
	head_changes_add(&t, 1, 1000, &c);
	CU_ASSERT_EQUAL(head_changes_read(&list, t.bytes + name, t.length - name), -EBADMSG);
	free(list.items);
	text_clear(&t);
}

static void test_invalid(void)
{
	static const struct changes bad[] = {
		{.size = 11},
		{.size = 10, .n = 1, .range = {{0, 0}}},
		{.size = 10, .n = 1, .range = {{10, 1}}},
		{.size = 10, .n = 1, .range = {{11, UINT64_MAX}}},
		{.size = 10, .n = 1, .range = {{5, UINT64_MAX}}},
		{.size = 10, .n = 2, .range = {{5, 2}, {6, 1}}},
		{.size = 10, .n = 2, .range = {{5, 2}, {2, 1}}},
	};
	const struct changes good = {.size = 10, .n = 2, .range = {{0, 5}, {5, 5}}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT(!changes_are_valid(&bad[i], 10));
	CU_ASSERT(changes_are_valid(&good, 10));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ranges that meet become one", test_add},
		{"there are at most eight", test_bounded},
		{"whatever is changed, the ranges make it of the base", test_random},
		{"contents that are compared", test_compare},
		{"changes of another base, and bytes beside the ranges", test_refused},
		{"ranges that cannot be", test_invalid},
		{"the header", test_header},
		{"the longest header", test_long_header},
	};
	int r = unit_main("changes", tests, sizeof(tests) / sizeof(*tests));

	buffer_pool_clear(&pool);
	return r;
}
