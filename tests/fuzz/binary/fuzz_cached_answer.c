/* SPDX-License-Identifier: MIT */
/*
 * What a home answers to a node that has a version of a state that outlives jobs: whatever the head
 * says, the node takes the state that it has, all of a new one, or ranges that make one.
 *
 * The first byte: whether the state's size varies (bit 0), whether a version is here (bit 1), and
 * whether the step changes it (bit 2). Head and body follow.
 */
#include <errno.h>

#include "nodes/shared/cached_states.h"
#include "tests/fuzz/fuzz.h"

#define BYTES 10

static struct sfe_shared_state states[] = {{.name = "s", .bytes = BYTES, .changes = true}};
static struct sfe_shared_instance instances[] = {{.state = 0}, {.state = 0, .sizes_vary = true}};
static const struct sfe_shared_instances all = {.states = states, .n = 2, .of = instances};
static const struct sfe_deployment deployment = {.shared = &all};

static struct slice new_bytes(struct buffer_pool *pool, const void *from, uint64_t size)
{
	struct slice s;

	CHECK(!slice_new(pool, size, &s));
	if (size)
		memcpy(s.data, from, size);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head; /* used again, as connections do */
	struct host host = {0};
	struct worker w = {.deployment = &deployment, .host = &host};
	size_t used;

	if (!size || http_head_read(&head, false, data + 1, size - 1, &used) != 1 || head.chunked)
		return 0;
	const uint8_t *rest = data + 1 + used;
	if (head.body_bytes > size - 1 - used)
		return 0;
	struct shared_use use = {.instance = data[0] & 1,
		.access = data[0] & 4 ? SFE_UPDATE : SFE_READ,
		.version = {2, 5}};
	use.holds = data[0] & 2;
	if (use.holds)
		use.held = new_bytes(&host.buffers, "0123456789", BYTES);
	struct slice body = new_bytes(&host.buffers, rest, head.body_bytes);
	bool unchanged;
	if (cached_shared_is_answer(&w, &use, &head, body.size)) {
		bool held = use.holds, ranges = head.fields & HEAD_CHANGES;
		int r = cached_shared_answer(&w, &use, &head, &body, &unchanged);
		CHECK(!r || (r == -EBADMSG && ranges && !use.bytes.buffer));
		CHECK(!use.holds && !use.held.buffer && (held || (!unchanged && !ranges)));
		CHECK(r || data[0] & 1 || use.bytes.size == BYTES);
		CHECK(r || !unchanged || !memcmp(use.bytes.data, "0123456789", BYTES));
		CHECK(r || ranges || unchanged || use.bytes.size == head.body_bytes);
	}
	slice_drop(&use.bytes);
	slice_drop(&use.held);
	slice_drop(&body);
	buffer_pool_clear(&host.buffers);
	return 0;
}
