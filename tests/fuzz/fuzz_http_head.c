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
static const uint32_t node[] = {0, 0};
static const struct sfe_deployed_job jobs[] = {{&job, 0, node}, {&job, 1, node}};
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

static void unpack(const struct wire *w, const struct http_head *head, enum wire_kind kind)
{
	struct buffer_pool pool = {0};
	struct slice body = {0};
	struct package package = {0};

	if (head->fields & HEAD_STATUS)
		return;
	CHECK(head->body_bytes <= 1003 + 7); /* what the job can need */
	CHECK(!slice_new(&pool, head->body_bytes, &body));
	CHECK(!wire_unpack(w, head, kind, &body, &package));
	CHECK(package.value.size == (head->parts.items[0].value));
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
					     : &sfe_state_local;
	int rc = http_head_read(&head, request, data + 1, size - 1, &used);
	CHECK(rc == 1 || rc == 0 || rc == -EBADMSG || rc == -EMSGSIZE);
	if (rc == 1) {
		CHECK(used && used <= size - 1);
		check_list(&head.parts);
		check_list(&head.holders);
		check_list(&head.versions);
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
