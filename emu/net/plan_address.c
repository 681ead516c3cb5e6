/* SPDX-License-Identifier: MIT */
#include "emu/net/plan_address.h"

#include <errno.h>
#include <stdlib.h>

#define NET 0x0a000000u
#define NET_LENGTH 8

/* Makes a breadth-first spanning tree from root (parent). order gets the hosts in that order.
 * Returns how many were reached. */
static uint32_t span(struct sfe_plan *p, uint32_t root, uint32_t *order)
{
	uint32_t n = 0;
	bool *seen = calloc(p->n_hosts, sizeof(*seen));

	if (!seen)
		return 0;
	p->hosts[root].parent = SFE_NONE;
	order[n++] = root;
	seen[root] = true;
	for (uint32_t i = 0; i < n; i++) {
		const struct sfe_host *h = &p->hosts[order[i]];
		for (uint32_t j = 0; j < h->n_ports; j++) {
			uint32_t peer = sfe_plan_peer(p, h, j)->host;
			if (seen[peer])
				continue;
			seen[peer] = true;
			p->hosts[peer].parent = order[i];
			order[n++] = peer;
		}
	}
	free(seen);
	return n;
}

/*
 * The middle of a longest path, which becomes the root. The tree then has the least depth, and the
 * blocks, which may double at each level, stay small.
 */
static uint32_t middle(struct sfe_plan *p, uint32_t *order)
{
	uint32_t n = span(p, 0, order);
	uint32_t far = n ? order[n - 1] : 0;
	uint32_t depth = 0;

	n = span(p, far, order);
	uint32_t at = n ? order[n - 1] : 0;
	for (uint32_t h = at; p->hosts[h].parent != SFE_NONE; h = p->hosts[h].parent)
		depth++;
	for (uint32_t i = 0; i < depth / 2; i++)
		at = p->hosts[at].parent;
	return at;
}

static uint32_t power_above(uint32_t n)
{
	uint32_t size = 1;

	while (size < n && size < (1u << 31))
		size <<= 1;
	return size;
}

struct child {
	uint32_t host, size;
};

/* Large blocks first, so that each begins at a multiple of its own size with no gap. */
static int larger_first(const void *a, const void *b)
{
	const struct child *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->host < y->host ? -1 : 1;
}

static int unreachable(
	const struct sfe_plan *p, const uint32_t *order, uint32_t reached, struct sfe_error *err)
{
	bool *seen = calloc(p->n_hosts, sizeof(*seen));
	uint32_t lost = 0;

	if (!seen)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < reached; i++)
		seen[order[i]] = true;
	while (lost < p->n_hosts - 1 && seen[lost])
		lost++;
	free(seen);
	return sfe_fail(err, -EINVAL, p->hosts[lost].name, "connect it in the edges file",
		"no path reaches it from %s", p->hosts[order[0]].name);
}

static int give_blocks(struct sfe_plan *p, const uint32_t *order, uint32_t *size,
	struct child *children, struct sfe_error *err)
{
	for (uint32_t h = 0; h < p->n_hosts; h++)
		/* Its own address; its children's blocks are added, and the sum rounded up. */
		size[h] = 1;
	for (uint32_t i = p->n_hosts; i-- > 0;) {
		uint32_t h = order[i];
		size[h] = power_above(size[h]);
		if (size[h] > 1u << (32 - NET_LENGTH))
			return sfe_fail(err, -ENOSPC, NULL, "make the topology smaller",
				"more hosts than 10.0.0.0/8 has addresses for, in blocks by "
				"subtree");
		if (p->hosts[h].parent != SFE_NONE)
			size[p->hosts[h].parent] += size[h];
	}

	p->hosts[order[0]].address = NET;
	for (uint32_t i = 0; i < p->n_hosts; i++) {
		struct sfe_host *host = &p->hosts[order[i]];
		uint32_t n = 0;
		for (uint32_t j = 0; j < host->n_ports; j++) {
			uint32_t peer = sfe_plan_peer(p, host, j)->host;
			if (p->hosts[peer].parent == order[i])
				children[n++] = (struct child){peer, size[peer]};
		}
		qsort(children, n, sizeof(*children), larger_first);
		/*
		 * host->address is the block's first address until here. The children's blocks come
		 * first, and the host's own address follows them, so that blocks stay aligned.
		 */
		uint32_t next = host->address;
		for (uint32_t k = 0; k < n; k++) {
			p->hosts[children[k].host].address = next;
			next += children[k].size;
		}
		host->address = next;
		host->block = (uint8_t)(32 - __builtin_ctz(size[order[i]]));
	}
	return 0;
}

int sfe_plan_address(struct sfe_plan *p, struct sfe_error *err)
{
	if (!p->n_hosts)
		return sfe_fail(err, -EINVAL, NULL, NULL, "the topology is empty");
	uint32_t *order = calloc(p->n_hosts, sizeof(*order));
	uint32_t *size = calloc(p->n_hosts, sizeof(*size));
	struct child *children = calloc(p->n_hosts, sizeof(*children));
	int r = -ENOMEM;

	if (!order || !size || !children) {
		sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	} else {
		uint32_t root = middle(p, order);
		uint32_t reached = span(p, root, order);
		if (!reached)
			r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		else if (reached < p->n_hosts)
			r = unreachable(p, order, reached, err);
		else
			r = give_blocks(p, order, size, children, err);
	}
	free(order);
	free(size);
	free(children);
	return r;
}
