/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/peer_table.h"
#include "tests/unit/unit.h"

#define MANY 10000u

static void test_peers(void)
{
	struct peer_table t = {0};
	struct peer *first = peer_table_get(&t, 7);

	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	CU_ASSERT_PTR_NULL(peer_table_find(&t, 6));
	first->lost = true;
	/* In any order, and none moves while the table grows. */
	for (uint32_t i = 0; i < MANY; i++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(peer_table_get(&t, i * 7919u % MANY));
	CU_ASSERT_EQUAL(t.n, MANY);
	CU_ASSERT_PTR_EQUAL(peer_table_find(&t, 7), first);
	CU_ASSERT(first->lost);
	for (uint32_t i = 0; i < MANY; i++) {
		struct peer *peer = peer_table_find(&t, i);
		CU_ASSERT_PTR_NOT_NULL_FATAL(peer);
		CU_ASSERT(peer->node == i && peer->lost == (i == 7) && TAILQ_EMPTY(&peer->idle));
		CU_ASSERT_PTR_EQUAL(peer_table_get(&t, i), peer);
	}
	peer_table_clear(&t);
	CU_ASSERT_PTR_NULL(peer_table_find(&t, 7));
}

/* A worker takes no memory for nodes that it never talks to. */
static void test_few(void)
{
	struct peer_table t = {0};

	CU_ASSERT_PTR_NOT_NULL(peer_table_get(&t, 9999));
	CU_ASSERT(t.n_slots < 16);
	peer_table_clear(&t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"many peers", test_peers},
		{"few peers", test_few},
	};

	return unit_main("peer_table", tests, sizeof(tests) / sizeof(tests[0]));
}
