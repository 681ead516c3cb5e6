/* SPDX-License-Identifier: MIT */
#include "emu/analyze/fragments.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BUCKETS 1024u
#define BLOCK 8u /* offsets of fragments are multiples of it */
#define MAX_DATAGRAM 65535u
#define MAX_BLOCKS (MAX_DATAGRAM / BLOCK + 1)

struct key {
	uint8_t from[16], to[16];
	uint32_t capture, vlan, id, protocol;
};

struct partial { /* a datagram that is not complete */
	struct sfe_datagram datagram;
	struct key key;
	struct partial *same_hash, *older, *newer;
	uint64_t begin_ns;
	uint32_t length;       /* of the whole; 0: not known, the last fragment has not come */
	uint32_t highest;      /* where the bytes end that are there */
	uint32_t room, blocks; /* blocks: how many are there */
	uint8_t have[(MAX_BLOCKS + 7) / 8];
};

struct sfe_fragments {
	struct partial *bucket[BUCKETS];
	struct partial *oldest, *newest;
	struct partial *whole; /* what the last call returned */
	uint32_t n;
	uint64_t bytes, hash_seed;
	void (*given_up)(void *, uint32_t, uint64_t, uint64_t);
	void *arg;
};

struct sfe_fragments *sfe_fragments_new(
	uint64_t hash_seed, void (*given_up)(void *, uint32_t, uint64_t, uint64_t), void *arg)
{
	struct sfe_fragments *f = calloc(1, sizeof(*f));

	if (f) {
		f->hash_seed = hash_seed;
		f->given_up = given_up;
		f->arg = arg;
	}
	return f;
}

static struct partial **link_of(struct sfe_fragments *f, const struct key *key)
{
	struct partial **link =
		&f->bucket[XXH3_64bits_withSeed(key, sizeof(*key), f->hash_seed) % BUCKETS];

	while (*link && memcmp(&(*link)->key, key, sizeof(*key)))
		link = &(*link)->same_hash;
	return link;
}

/* Takes it out of the tables; the memory stays. */
static void take_out(struct sfe_fragments *f, struct partial *p)
{
	*link_of(f, &p->key) = p->same_hash;
	if (p->older)
		p->older->newer = p->newer;
	else
		f->oldest = p->newer;
	if (p->newer)
		p->newer->older = p->older;
	else
		f->newest = p->older;
	f->n--;
	f->bytes -= p->room;
}

static void free_partial(struct partial *p)
{
	if (p)
		free(p->datagram.data);
	free(p);
}

static void give_up(struct sfe_fragments *f, struct partial *p)
{
	take_out(f, p);
	f->given_up(f->arg, p->datagram.capture, p->datagram.packets, p->datagram.wire_bytes);
	free_partial(p);
}

void sfe_fragments_free(struct sfe_fragments *f)
{
	if (!f)
		return;
	while (f->oldest)
		give_up(f, f->oldest);
	free_partial(f->whole);
	free(f);
}

static struct partial *begin(
	struct sfe_fragments *f, const struct key *key, const struct sfe_ip *ip, uint64_t now_ns)
{
	struct partial *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->key = *key;
	p->begin_ns = now_ns;
	p->datagram.ip = *ip;
	p->datagram.capture = key->capture;
	*link_of(f, key) = p;
	p->older = f->newest;
	if (f->newest)
		f->newest->newer = p;
	else
		f->oldest = p;
	f->newest = p;
	f->n++;
	return p;
}

static bool make_room(struct sfe_fragments *f, struct partial *p, uint32_t bytes)
{
	uint32_t room = p->room ? p->room : 2048;

	while (room < bytes)
		room *= 2;
	if (room == p->room)
		return true;
	while (f->bytes + room - p->room > SFE_FRAGMENTS_MAX_BYTES && f->n > 1)
		give_up(f, f->oldest == p ? p->newer : f->oldest);
	void *more = realloc(p->datagram.data, room);
	if (!more)
		return false;
	p->datagram.data = more;
	f->bytes += room - p->room;
	p->room = room;
	return true;
}

static void put_blocks(struct partial *p, uint32_t offset, const uint8_t *data, uint32_t n)
{
	for (uint32_t at = 0; at < n; at += BLOCK) {
		uint32_t block = (offset + at) / BLOCK;
		if (p->have[block / 8] & 1u << block % 8)
			continue;
		p->have[block / 8] |= (uint8_t)(1u << block % 8);
		p->blocks++;
		memcpy(p->datagram.data + offset + at, data + at, n - at < BLOCK ? n - at : BLOCK);
	}
}

/* Whether the fragment can belong to the datagram; if so, its bytes are added. */
static bool add_content(struct sfe_fragments *f, struct partial *p, const struct sfe_ip *ip,
	const struct sfe_cursor *content, bool *failed)
{
	uint32_t n = content->left, end;

	if (ip->more)
		n -= n % BLOCK;
	end = ip->offset + n;
	if (!n || end > MAX_DATAGRAM || (p->length && end > p->length) ||
		(!ip->more && end < p->highest))
		return false;
	if (!make_room(f, p, end)) {
		*failed = true;
		return false;
	}
	if (!ip->more && !p->length)
		p->length = end;
	if (!ip->offset) /* it says what protocol follows */
		p->datagram.ip = *ip;
	put_blocks(p, ip->offset, content->at, n);
	if (p->highest < end)
		p->highest = end;
	return true;
}

static struct partial *find_or_begin(
	struct sfe_fragments *f, const struct key *key, const struct sfe_ip *ip, uint64_t now_ns)
{
	struct partial *p = *link_of(f, key);

	if (p && now_ns > p->begin_ns && now_ns - p->begin_ns > SFE_FRAGMENTS_NS) {
		give_up(f, p);
		p = NULL;
	}
	if (p)
		return p;
	while (f->n >= SFE_FRAGMENTS_MAX_DATAGRAMS || f->bytes > SFE_FRAGMENTS_MAX_BYTES)
		give_up(f, f->oldest);
	return begin(f, key, ip, now_ns);
}

struct sfe_datagram *sfe_fragments_add(struct sfe_fragments *f, uint32_t capture, uint32_t vlan,
	const struct sfe_ip *ip, const struct sfe_cursor *content, const struct sfe_packet *packet,
	bool *failed)
{
	struct key key;

	*failed = false;
	free_partial(f->whole);
	f->whole = NULL;
	memset(&key, 0, sizeof(key));
	memcpy(key.from, ip->from, sizeof(key.from));
	memcpy(key.to, ip->to, sizeof(key.to));
	key.capture = capture;
	key.vlan = vlan;
	key.id = ip->id;
	/* The header that follows may differ between IPv6 fragments: the first one's counts. */
	key.protocol = ip->v6 ? 0 : ip->protocol;
	struct partial *p = find_or_begin(f, &key, ip, packet->time_ns);
	if (!p) {
		*failed = true;
		return NULL;
	}
	p->datagram.packets++;
	p->datagram.wire_bytes += packet->wire_bytes;
	p->datagram.header_bytes += content->passed;
	if (!add_content(f, p, ip, content, failed) || !p->length || p->blocks * BLOCK < p->length)
		return NULL;
	take_out(f, p);
	f->whole = p;
	p->datagram.bytes = p->length;
	return &p->datagram;
}
