/* SPDX-License-Identifier: MIT */
#include "emu/analyze/fragments.h"

#include <stdlib.h>
#include <string.h>

#define UNIT 8u /* bytes; fragments begin at multiples of it */
#define UNITS (SFE_FRAGMENTED_BYTES / UNIT + 1)

struct packet {
	uint8_t from[16], to[16];
	uint32_t id;
	uint32_t n;                                      /* fragments; 0: unused */
	uint32_t length, have, header_bytes, wire_bytes; /* length 0: the last has not come */
	uint64_t age;
	uint8_t data[SFE_FRAGMENTED_BYTES + UNIT];
	uint8_t there[UNITS / 8 + 1]; /* a bit for each unit */
};

struct sfe_fragments {
	struct packet *packet[SFE_FRAGMENTED_PACKETS]; /* NULL: not needed so far */
	uint64_t age;
};

struct sfe_fragments *sfe_fragments_new(void)
{
	return calloc(1, sizeof(struct sfe_fragments));
}

void sfe_fragments_free(struct sfe_fragments *f)
{
	for (uint32_t i = 0; f && i < SFE_FRAGMENTED_PACKETS; i++)
		free(f->packet[i]);
	free(f);
}

uint32_t sfe_fragments_waiting(const struct sfe_fragments *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; f && i < SFE_FRAGMENTED_PACKETS; i++)
		n += f->packet[i] ? f->packet[i]->n : 0;
	return n;
}

/* The one that a fragment belongs to, begun if there is none; NULL: no memory. */
static struct packet *find(struct sfe_fragments *f, const struct sfe_segment *s, uint32_t *given_up)
{
	struct packet **place = NULL;

	for (uint32_t i = 0; i < SFE_FRAGMENTED_PACKETS; i++) {
		struct packet *p = f->packet[i];
		if (p && p->n && p->id == s->fragment.id && !memcmp(p->from, s->from.address, 16) &&
			!memcmp(p->to, s->to.address, 16))
			return p;
		/* The first unused one, else the oldest. */
		if (!place || (*place && (*place)->n && (!p || !p->n || p->age < (*place)->age)))
			place = &f->packet[i];
	}
	if (!*place && !(*place = malloc(sizeof(**place))))
		return NULL;
	struct packet *p = *place;
	*given_up += p->n;
	p->id = s->fragment.id;
	memcpy(p->from, s->from.address, sizeof(p->from));
	memcpy(p->to, s->to.address, sizeof(p->to));
	p->n = p->length = p->have = p->wire_bytes = 0;
	p->header_bytes = 0;
	p->age = f->age++;
	memset(p->there, 0, sizeof(p->there));
	return p;
}

static void copy(struct packet *p, const struct sfe_fragment *g)
{
	for (uint32_t at = 0; at < g->bytes; at += UNIT) {
		uint32_t unit = (g->offset + at) / UNIT;
		if (p->there[unit / 8] & 1u << unit % 8)
			continue; /* the first one counts, as on Linux for what is the same */
		p->there[unit / 8] |= (uint8_t)(1u << unit % 8);
		p->have++;
	}
	memcpy(p->data + g->offset, g->data, g->bytes);
}

bool sfe_fragments_add(struct sfe_fragments *f, struct sfe_segment *s, uint32_t *wire_bytes,
	enum sfe_packet_kind *kind, uint32_t *given_up)
{
	const struct sfe_fragment g = s->fragment;
	struct packet *p;

	*given_up = 0;
	/* One that was captured short cannot be put together; the others wait in vain. */
	if (g.captured < g.bytes || !g.bytes || g.offset + g.bytes > SFE_FRAGMENTED_BYTES ||
		(g.more && g.bytes % UNIT) || !(p = find(f, s, given_up))) {
		(*given_up)++;
		return false;
	}
	p->n++;
	p->wire_bytes += *wire_bytes;
	if (!g.offset)
		p->header_bytes = s->header_bytes;
	if (!g.more)
		p->length = g.offset + g.bytes;
	copy(p, &g);
	if (!p->length || p->have < (p->length + UNIT - 1) / UNIT)
		return false;
	p->n = 0;
	*wire_bytes = p->wire_bytes;
	*kind = sfe_segment_parse(p->data, p->length, p->header_bytes, s);
	return true;
}
