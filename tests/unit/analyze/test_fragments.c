/* SPDX-License-Identifier: MIT */
#include "emu/analyze/fragments.h"

#include <string.h>

#include "tests/unit/unit.h"

static uint64_t given_up, given_up_bytes;

static void on_given_up(void *arg, uint32_t capture, uint64_t packets, uint64_t wire_bytes)
{
	(void)arg;
	(void)capture;
	given_up += packets;
	given_up_bytes += wire_bytes;
}

static struct sfe_fragments *begin(void)
{
	given_up = given_up_bytes = 0;
	return sfe_fragments_new(1, on_given_up, NULL);
}

/* Adds text as the content of a fragment. */
static struct sfe_datagram *put(struct sfe_fragments *f, uint32_t id, uint32_t offset, bool more,
	const char *text, uint64_t seconds)
{
	const struct sfe_ip ip = {.id = id, .offset = offset, .more = more, .protocol = 6};
	uint32_t n = (uint32_t)strlen(text);
	const struct sfe_cursor content = {(const uint8_t *)text, n, n, 34};
	const struct sfe_packet packet = {
		.time_ns = 1 + seconds * 1000000000u, .wire_bytes = 34 + n};
	bool failed;
	struct sfe_datagram *d = sfe_fragments_add(f, 0, 0, &ip, &content, &packet, &failed);

	CU_ASSERT_FALSE(failed);
	return d;
}

static void test_orders(void)
{
	static const struct {
		uint32_t offset;
		bool more;
		const char *text;
	} pieces[] = {{0, true, "01234567"}, {8, true, "abcdefgh"}, {16, false, "xyz"}};
	static const int orders[][4] = {{0, 1, 2, -1}, {2, 1, 0, -1}, {1, 1, 2, 0}, {2, 0, 2, 1}};

	for (int i = 0; i < 4; i++) {
		struct sfe_fragments *f = begin();
		struct sfe_datagram *d = NULL;
		unsigned n = 0;
		for (int k = 0; k < 4 && orders[i][k] >= 0; k++, n++) {
			int p = orders[i][k];
			CU_ASSERT_PTR_NULL(d);
			d = put(f, 9, pieces[p].offset, pieces[p].more, pieces[p].text, 0);
		}
		CU_ASSERT_PTR_NOT_NULL_FATAL(d);
		CU_ASSERT_EQUAL(d->bytes, 19);
		CU_ASSERT_EQUAL(memcmp(d->data, "01234567abcdefghxyz", 19), 0);
		CU_ASSERT_EQUAL(d->packets, n);
		CU_ASSERT_EQUAL(d->header_bytes, 34 * n);
		sfe_fragments_free(f);
		CU_ASSERT_EQUAL(given_up, 0);
	}
}

/* The first bytes count; a fragment behind the end, or one too long, belongs to nothing. */
static void test_odd_ones(void)
{
	struct sfe_fragments *f = begin();

	/* An end before what is there already. */
	CU_ASSERT_PTR_NULL(put(f, 7, 16, true, "behind..", 0));
	CU_ASSERT_PTR_NULL(put(f, 7, 8, false, "end", 0));
	CU_ASSERT_PTR_NULL(put(f, 7, 0, true, "01234567", 0));
	CU_ASSERT_PTR_NULL(put(f, 1, 8, false, "end", 0));
	CU_ASSERT_PTR_NULL(put(f, 1, 16, true, "behind..", 0));
	CU_ASSERT_PTR_NULL(put(f, 1, 65528, true, "too long", 0));
	CU_ASSERT_PTR_NULL(put(f, 1, 8, false, "END", 0));
	struct sfe_datagram *d = put(f, 1, 0, true, "beginning", 0); /* the last byte is cut off */
	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	CU_ASSERT_EQUAL(d->bytes, 11);
	CU_ASSERT_EQUAL(memcmp(d->data, "beginninend", 11), 0);
	sfe_fragments_free(f);
}

static void test_given_up(void)
{
	struct sfe_fragments *f = begin();

	put(f, 1, 0, true, "01234567", 0);
	CU_ASSERT_PTR_NULL(put(f, 1, 8, false, "x", 31)); /* too late */
	CU_ASSERT_EQUAL(given_up, 1);
	CU_ASSERT_PTR_NOT_NULL(put(f, 1, 0, true, "76543210", 32));
	for (uint32_t i = 0; i < SFE_FRAGMENTS_MAX_DATAGRAMS + 5; i++)
		put(f, 100 + i, 0, true, "01234567", 40);
	CU_ASSERT_EQUAL(given_up, 6);
	CU_ASSERT_PTR_NULL(put(f, 104, 8, false, "x", 41)); /* the oldest have gone */
	CU_ASSERT_PTR_NOT_NULL(put(f, 110, 8, false, "x", 41));
	sfe_fragments_free(f);
	CU_ASSERT_EQUAL(given_up, 1 + SFE_FRAGMENTS_MAX_DATAGRAMS + 5 - 1 + 1);
	CU_ASSERT_EQUAL(given_up_bytes, (given_up - 1) * 42 + 35);
}

static const struct unit_test tests[] = {
	{"any order", test_orders},
	{"odd fragments", test_odd_ones},
	{"limits", test_given_up},
};

int main(void)
{
	return unit_main("analyze fragments", tests, sizeof(tests) / sizeof(tests[0]));
}
