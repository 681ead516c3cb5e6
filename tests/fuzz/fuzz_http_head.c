/* SPDX-License-Identifier: MIT */
/*
 * What comes over the emulated network: heads of HTTP messages with sfemu's own headers, judged
 * against a small deployment, and what is in order unpacked.
 */
#include <errno.h>

#include "nodes/http/http_head.h"
#include "nodes/http/wire_check.h"
#include "tests/fuzz/fuzz.h"

static uint32_t deps[] = {0, 1};
static struct sfe_step steps[] = {
	{.task = 1, .ops = 10, .arg_bytes = 5, .out_bytes = 7},
	{.task = 2, .ops = 10, .arg_bytes = 7, .out_bytes = 5, .n_deps = 2, .deps = deps},
};
static uint64_t state_bytes[] = {3, 0, 1000};
static const struct sfe_job job = {.n_steps = 2,
	.steps = steps,
	.n_states = 3,
	.state_bytes = state_bytes,
	.states_total_bytes = 1003,
	.return_bytes = 5};
static const struct sfe_job declared = {.n_steps = 2,
	.steps = steps,
	.declared = true,
	.n_states = 3,
	.state_bytes = state_bytes,
	.states_total_bytes = 1003,
	.return_bytes = 5};
static const uint32_t node[] = {0, 0};
static const struct sfe_deployed_job jobs[] = {{.job = &job, .client = 0, .node = node},
	{.job = &declared, .client = 1, .node = node, .sizes_vary = true}};
static const struct sfe_endpoint nodes[] = {{"a", 1, 1e9}, {"b", 2, 1e9}};
static char *names[] = {(char *)"f0"};
static struct sfe_deployment deployment = {.n_nodes = 2,
	.nodes = nodes,
	.n_jobs = 2,
	.jobs = jobs,
	.n_functions = 1,
	.function_names = names};

static void check_list(const struct head_list *l)
{
	CHECK(l->n <= HEAD_MAX_ITEMS);
	for (uint32_t i = 1; i < l->n; i++) /* arg counts as before s0 */
		CHECK(l->items[i].state + 1 > l->items[i - 1].state + 1);
}

/* What is said of changes is said again in the same words. */
static void check_changes(const struct head_changes *changes)
{
	static const char name[] = "sfemu-changes: ";
	struct head_changes again = {0};
	struct text t = {0};

	CHECK(changes->n <= HEAD_MAX_CHANGED);
	for (uint32_t i = 0; i < changes->n; i++)
		head_changes_add(&t, i, changes->items[i].state, &changes->items[i].changes);
	if (!changes->n)
		return;
	CHECK(!head_changes_read(
		&again, t.bytes + sizeof(name) - 1, t.length - (sizeof(name) - 1)));
	CHECK(again.n == changes->n);
	for (uint32_t i = 0; i < again.n; i++)
		CHECK(again.items[i].state == changes->items[i].state &&
			!memcmp(&again.items[i].changes, &changes->items[i].changes,
				sizeof(struct changes)));
	free(again.items);
	text_clear(&t);
}

/* Changes of a version of 100 bytes. */
static void apply(struct buffer_pool *pool, const struct carried *state)
{
	struct slice base, whole;

	if (!state->partial)
		return;
	CHECK(!slice_new(pool, 100, &base));
	memset(base.data, 'b', 100);
	if (!changes_apply(state->changes, pool, &base, &state->bytes, &whole)) {
		CHECK(whole.size == state->changes->size);
		CHECK(changes_are_all(state->changes, &base, &whole, NULL));
		slice_drop(&whole);
	}
	slice_drop(&base);
}

static void unpack(const struct wire *w, const struct http_head *head, enum wire_kind kind)
{
	struct buffer_pool pool = {0};
	struct slice body = {0};
	struct package package = {0};

	if (head->fields & HEAD_STATUS)
		return;
	CHECK(jobs[head->job].sizes_vary || head->body_bytes <= 1003 + 7); /* what the job needs */
	if (head->body_bytes > 1 << 20)
		return;
	CHECK(!slice_new(&pool, head->body_bytes, &body));
	if (body.size)
		memset(body.data, 'c', body.size);
	CHECK(!wire_unpack(w, head, kind, &body, &package));
	CHECK(package.value.size == (head->parts.items[0].value));
	for (uint32_t i = 0; i < package.n_states; i++)
		apply(&pool, &package.states[i]);
	package_drop(&package);
	slice_drop(&body);
	buffer_pool_clear(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head; /* used again, as connections do */
	struct wire w = {.deployment = &deployment};
	struct head_list list = {0};
	char why[200];
	size_t used = 0, ignored;

	if (!size)
		return 0;
	bool request = data[0] & 1;
	deployment.strategy = data[0] & 8    ? &sfe_pure_faas
			      : data[0] & 16 ? &sfe_unchained_in_client
			      : data[0] & 32 ? &sfe_state_propagate
					     : &sfe_state_local;
	int rc = http_head_read(&head, request, data + 1, size - 1, &used);
	CHECK(rc == 1 || rc == 0 || rc == -EBADMSG || rc == -EMSGSIZE);
	if (rc == 1) {
		CHECK(used && used <= size - 1);
		check_list(&head.parts);
		check_list(&head.holders);
		check_list(&head.versions);
		check_changes(&head.changes);
		enum wire_kind kind = data[0] & 2 ? WIRE_CALL : WIRE_RETURN;
		/* Server and client look at these two first. */
		if (!head.chunked && head.body_bytes <= HEAD_MAX_BODY_BYTES &&
			!wire_check(&w, &head, kind, why, sizeof(why)))
			unpack(&w, &head, kind);
		/* What is whole is not whole with a byte less. */
		CHECK(http_head_read(&head, request, data + 1, used - 1, &ignored) == 0);
	}
	if (!head_list_read(&list, (const char *)data + 1, size - 1, data[0] & 4))
		check_list(&list);
	free(list.items);
	return 0;
}
