/* SPDX-License-Identifier: MIT */
#include "emu/analyze/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "emu/analyze/link_layer.h"

#define SECTION_HEADER 0x0a0d0d0au
#define INTERFACE 1u
#define OLD_PACKET 2u
#define SIMPLE_PACKET 3u
#define PACKET 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define OPTION_RESOLUTION 9u
#define OPTION_OFFSET 14u
#define BLOCK_BYTES 12u /* of type and two lengths */

struct interface {
	enum sfe_link_layer layer;
	uint16_t link_type;
	uint32_t snap_bytes; /* 0: no limit */
	uint64_t units;      /* in a second */
	int64_t offset_seconds;
};

struct sfe_pcapng {
	FILE *file;
	bool swapped;
	uint8_t *block; /* its body */
	uint32_t room, length;
	struct interface *interfaces;
	uint32_t n_interfaces, interfaces_room;
	uint64_t last_ns; /* a simple packet has no time: it has that of the packet before it */
	const char *damage;
};

static uint32_t get32(const struct sfe_pcapng *p, const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return p->swapped ? __builtin_bswap32(v) : v;
}

static uint16_t get16(const struct sfe_pcapng *p, const uint8_t *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return p->swapped ? __builtin_bswap16(v) : v;
}

bool sfe_pcapng_is(FILE *file)
{
	int first = getc(file);

	/* No pcap file begins with this byte. */
	return first != EOF && ungetc(first, file) == (SECTION_HEADER & 0xff);
}

/* ---- blocks */

static int damaged(struct sfe_pcapng *p, const char *why)
{
	p->damage = why;
	return -1;
}

static int read_body(struct sfe_pcapng *p, uint32_t total, uint32_t already)
{
	uint8_t end[4];

	if (total < BLOCK_BYTES + already || total % 4 || total > SFE_PCAPNG_MAX_BLOCK_BYTES)
		return damaged(p, "a block of an impossible length");
	p->length = total - BLOCK_BYTES;
	if (p->length > p->room) {
		void *more = realloc(p->block, p->length);
		if (!more)
			return damaged(p, "out of memory");
		p->block = more;
		p->room = p->length;
	}
	if (fread(p->block + already, 1, p->length - already, p->file) != p->length - already ||
		fread(end, 1, sizeof(end), p->file) != sizeof(end))
		return damaged(p, "the file ends in a block");
	return get32(p, end) == total ? 1 : damaged(p, "a block whose two lengths differ");
}

/* A section begins: its byte order is known only from its third field. */
static int read_section(struct sfe_pcapng *p, const uint8_t length[4])
{
	uint8_t magic[4];
	uint32_t native;

	if (fread(magic, 1, sizeof(magic), p->file) != sizeof(magic))
		return damaged(p, "the file ends in a block");
	memcpy(&native, magic, sizeof(native));
	if (native != BYTE_ORDER_MAGIC && native != __builtin_bswap32(BYTE_ORDER_MAGIC))
		return damaged(p, "a section without a byte order");
	p->swapped = native != BYTE_ORDER_MAGIC;
	p->n_interfaces = 0;
	int r = read_body(p, get32(p, length), sizeof(magic));
	if (r != 1)
		return r;
	if (p->length < 16 || get16(p, p->block + 4) != 1)
		return damaged(p, "a section of an unknown version");
	return 1;
}

/* Reads the next block into p->block. 0: the end. */
static int read_block(struct sfe_pcapng *p, uint32_t *type)
{
	uint8_t head[8];
	size_t n = fread(head, 1, sizeof(head), p->file);

	if (!n && !ferror(p->file))
		return 0;
	if (n != sizeof(head))
		return damaged(p, "the file ends in a block");
	*type = get32(p, head);
	if (*type == SECTION_HEADER)
		return read_section(p, head + 4);
	return read_body(p, get32(p, head + 4), 0);
}

/* ---- interfaces */

/* Powers of 10 or of 2, as the option says; 0: more than 64 bits can count. */
static uint64_t units_of(uint8_t resolution)
{
	uint64_t units = 1;

	if (resolution & 0x80)
		return (resolution & 0x7f) < 64 ? 1ull << (resolution & 0x7f) : 0;
	if (resolution > 19)
		return 0;
	for (uint8_t i = 0; i < resolution; i++)
		units *= 10;
	return units;
}

static void interface_options(
	const struct sfe_pcapng *p, struct interface *i, const uint8_t *at, uint32_t left)
{
	while (left >= 4) {
		uint16_t code = get16(p, at), length = get16(p, at + 2);
		uint32_t whole = 4u + (length + 3u) / 4 * 4;
		if (!code || whole > left)
			return;
		if (code == OPTION_RESOLUTION && length == 1)
			i->units = units_of(at[4]);
		if (code == OPTION_OFFSET && length == 8) {
			uint64_t v;
			memcpy(&v, at + 4, sizeof(v));
			i->offset_seconds = (int64_t)(p->swapped ? __builtin_bswap64(v) : v);
		}
		at += whole;
		left -= whole;
	}
}

static int add_interface(struct sfe_pcapng *p)
{
	struct interface i = {.units = 1000000};

	if (p->length < 8)
		return damaged(p, "an interface without a link type");
	if (p->n_interfaces == SFE_PCAPNG_MAX_INTERFACES)
		return damaged(p, "too many interfaces");
	if (p->n_interfaces == p->interfaces_room) {
		uint32_t room = p->interfaces_room ? 2 * p->interfaces_room : 4;
		void *more = reallocarray(p->interfaces, room, sizeof(i));
		if (!more)
			return damaged(p, "out of memory");
		p->interfaces = more;
		p->interfaces_room = room;
	}
	i.link_type = get16(p, p->block);
	i.layer = sfe_link_layer_of(i.link_type);
	i.snap_bytes = get32(p, p->block + 4);
	interface_options(p, &i, p->block + 8, p->length - 8);
	if (!i.units)
		return damaged(p, "an interface with an impossible clock resolution");
	p->interfaces[p->n_interfaces++] = i;
	return 1;
}

/* ---- packets */

static uint64_t nanoseconds(const struct interface *i, uint64_t units)
{
	uint64_t seconds = units / i->units, rest = units % i->units;

	return (seconds + (uint64_t)i->offset_seconds) * 1000000000u +
	       (uint64_t)((unsigned __int128)rest * 1000000000u / i->units);
}

static int fill(struct sfe_pcapng *p, uint32_t interface, uint64_t time_ns, const uint8_t *data,
	uint32_t captured, uint32_t on_wire, struct sfe_packet *packet)
{
	const struct interface *i = &p->interfaces[interface];

	*packet = (struct sfe_packet){.time_ns = time_ns,
		.wire_bytes = on_wire,
		.bytes = captured,
		.data = data,
		.layer = i->layer,
		.link_type = i->link_type};
	p->last_ns = time_ns;
	return 1;
}

static int packet_block(struct sfe_pcapng *p, bool old, struct sfe_packet *packet)
{
	const uint8_t *b = p->block;

	if (p->length < 20)
		return damaged(p, "a packet without a length");
	uint32_t interface = old ? get16(p, b) : get32(p, b), captured = get32(p, b + 12);
	if (interface >= p->n_interfaces)
		return damaged(p, "a packet of an unknown interface");
	if (captured > p->length - 20)
		return damaged(p, "a packet longer than its block");
	uint64_t units = (uint64_t)get32(p, b + 4) << 32 | get32(p, b + 8);
	return fill(p, interface, nanoseconds(&p->interfaces[interface], units), b + 20, captured,
		get32(p, b + 16), packet);
}

static int simple_packet(struct sfe_pcapng *p, struct sfe_packet *packet)
{
	if (p->length < 4)
		return damaged(p, "a packet without a length");
	if (!p->n_interfaces)
		return damaged(p, "a packet of an unknown interface");
	uint32_t on_wire = get32(p, p->block), captured = on_wire,
		 snap = p->interfaces[0].snap_bytes;
	if (snap && captured > snap)
		captured = snap;
	if (captured > p->length - 4)
		return damaged(p, "a packet longer than its block");
	return fill(p, 0, p->last_ns, p->block + 4, captured, on_wire, packet);
}

struct sfe_pcapng *sfe_pcapng_open(FILE *file, const char **why)
{
	struct sfe_pcapng *p = calloc(1, sizeof(*p));
	uint8_t head[8];

	*why = "out of memory";
	if (!p)
		return NULL;
	p->file = file;
	*why = "it begins as pcapng, and has no section";
	if (fread(head, 1, sizeof(head), file) == sizeof(head) &&
		get32(p, head) == SECTION_HEADER) {
		if (read_section(p, head + 4) == 1)
			return p;
		*why = p->damage;
	}
	sfe_pcapng_close(p);
	return NULL;
}

void sfe_pcapng_close(struct sfe_pcapng *p)
{
	if (!p)
		return;
	free(p->block);
	free(p->interfaces);
	free(p);
}

int sfe_pcapng_next(struct sfe_pcapng *p, struct sfe_packet *packet)
{
	uint32_t type;
	int r;

	while ((r = read_block(p, &type)) == 1) {
		switch (type) {
		case INTERFACE:
			r = add_interface(p);
			break;
		case PACKET:
		case OLD_PACKET:
			return packet_block(p, type == OLD_PACKET, packet);
		case SIMPLE_PACKET:
			return simple_packet(p, packet);
		}
		if (r != 1)
			break;
	}
	return r;
}

const char *sfe_pcapng_damage(const struct sfe_pcapng *p)
{
	return p->damage;
}
