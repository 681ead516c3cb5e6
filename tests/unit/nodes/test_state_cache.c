/* SPDX-License-Identifier: MIT */
/* The cache of a node: what was used longest ago goes, within the limit and what invocations leave
 * of it. */
#include "nodes/worker/state_cache.h"
#include "tests/unit/unit.h"

static struct buffer_pool pool;

static struct cached_key key(uint32_t instance)
{
	return cached_key_of_shared(instance);
}

static void put(
	struct state_cache *c, uint32_t instance, uint32_t epoch, uint64_t version, uint64_t bytes)
{
	struct cached_state s = {
		.key = key(instance), .epoch = epoch, .version = version, .bytes = bytes};

	CU_ASSERT_EQUAL_FATAL(slice_new(&pool, bytes, &s.content), 0);
	CU_ASSERT_EQUAL(state_cache_put(c, &s), 0);
}

static bool has(struct state_cache *c, uint32_t instance, uint64_t version)
{
	const struct cached_key k = key(instance);
	const struct cached_state *s = state_cache_find(c, &k);

	return s && s->version == version && s->content.size == s->bytes;
}

static bool is_there(const struct state_cache *c, uint32_t instance)
{
	const struct cached_state *s;

	TAILQ_FOREACH (s, &c->all, list)
		if (s->key.state == instance)
			return true;
	return false;
}

static void test_order(void)
{
	struct state_cache c;

	state_cache_init(&c, 100);
	put(&c, 1, 0, 1, 40);
	put(&c, 2, 0, 1, 40);
	CU_ASSERT(has(&c, 1, 1)); /* used after 2 */
	put(&c, 3, 0, 1, 40);
	CU_ASSERT(is_there(&c, 1) && !is_there(&c, 2) && is_there(&c, 3));
	CU_ASSERT(c.n == 2 && c.bytes == 80);
	put(&c, 4, 0, 1, 100); /* takes all of it */
	CU_ASSERT(c.n == 1 && is_there(&c, 4));
	put(&c, 5, 0, 1, 101); /* does not fit: what is there stays */
	CU_ASSERT(c.n == 1 && is_there(&c, 4) && c.bytes == 100);
	put(&c, 6, 0, 1, 0);
	CU_ASSERT(has(&c, 6, 1) && is_there(&c, 4));
	state_cache_clear(&c);
	CU_ASSERT(!c.n && !c.bytes && !is_there(&c, 6));
	put(&c, 1, 0, 1, 40); /* it can be used again */
	CU_ASSERT(has(&c, 1, 1));
	state_cache_clear(&c);
}

static void test_versions(void)
{
	struct state_cache c;

	state_cache_init(&c, 100);
	put(&c, 1, 0, 3, 40);
	put(&c, 1, 0, 4, 60); /* in its place */
	CU_ASSERT(has(&c, 1, 4) && c.n == 1 && c.bytes == 60);
	put(&c, 1, 0, 2, 10); /* an answer that was overtaken */
	CU_ASSERT(has(&c, 1, 4) && c.bytes == 60);
	put(&c, 1, 1, 0, 20); /* the home has begun anew */
	CU_ASSERT(has(&c, 1, 0) && c.bytes == 20);
	put(&c, 1, 0, 9, 30);
	CU_ASSERT(has(&c, 1, 0) && c.bytes == 20);
	put(&c, 1, 1, 1, 200); /* the later one has no room, and the earlier one no use */
	CU_ASSERT(!c.n && !c.bytes);
	state_cache_clear(&c);
}

/* Of a job, attempts and states are apart. */
static void test_keys(void)
{
	const struct job_place at = {1, 0, 1}, again = {1, 0, 2};
	const struct cached_key own = cached_key_of_job(&at, 7), other = cached_key_of_job(&at, 8),
				later = cached_key_of_job(&again, 7), shared = key(7);
	struct cached_state s = {.key = own, .version = 1, .readers = 2};
	struct state_cache c;

	state_cache_init(&c, 0);
	CU_ASSERT_EQUAL(c.limit, STATE_CACHE_DEFAULT_BYTES);
	CU_ASSERT_PTR_NULL(state_cache_find(&c, &own));
	CU_ASSERT_EQUAL(state_cache_put(&c, &s), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(state_cache_find(&c, &own));
	CU_ASSERT_EQUAL(state_cache_find(&c, &own)->readers, 2);
	CU_ASSERT_PTR_NULL(state_cache_find(&c, &other));
	CU_ASSERT_PTR_NULL(state_cache_find(&c, &later));
	CU_ASSERT_PTR_NULL(state_cache_find(&c, &shared));
	state_cache_remove(&c, state_cache_find(&c, &own));
	CU_ASSERT_PTR_NULL(state_cache_find(&c, &own));
	state_cache_clear(&c);
}

static void test_reserved(void)
{
	struct state_cache c;

	state_cache_init(&c, 100);
	put(&c, 1, 0, 1, 40);
	put(&c, 2, 0, 1, 40);
	state_cache_reserve(&c, 20);
	CU_ASSERT_EQUAL(c.n, 2);
	state_cache_reserve(&c, 21); /* the one that was used longest ago makes room */
	CU_ASSERT(c.n == 1 && is_there(&c, 2));
	put(&c, 3, 0, 1, 80); /* more than is left */
	CU_ASSERT(c.n == 1 && is_there(&c, 2));
	state_cache_reserve(&c, 1000); /* more than there is */
	CU_ASSERT_EQUAL(c.n, 0);
	put(&c, 4, 0, 1, 1);
	CU_ASSERT_EQUAL(c.n, 0);
	state_cache_reserve(&c, 0);
	put(&c, 4, 0, 1, 100);
	CU_ASSERT_EQUAL(c.n, 1);
	state_cache_clear(&c);
}

static void test_many(void)
{
	struct state_cache c;

	state_cache_init(&c, 5000);
	for (uint32_t i = 0; i < 10000; i++)
		put(&c, i, 0, i, 1);
	CU_ASSERT_EQUAL(c.n, 5000);
	for (uint32_t i = 0; i < 10000; i++)
		CU_ASSERT_EQUAL(has(&c, i, i), i >= 5000);
	state_cache_clear(&c);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what was used longest ago goes", test_order},
		{"a later version takes the place of an earlier one", test_versions},
		{"keys", test_keys},
		{"invocations have memory first", test_reserved},
		{"many", test_many},
	};

	int r = unit_main("state_cache", tests, sizeof(tests) / sizeof(tests[0]));
	buffer_pool_clear(&pool);
	return r;
}
