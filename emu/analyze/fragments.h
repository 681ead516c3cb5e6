/* SPDX-License-Identifier: MIT */
/*
 * Puts IP datagrams together from their fragments. Each capture has its own; fragments of different
 * VLANs do not belong together. Of bytes that come twice, the first ones count. A datagram that is
 * not complete after SFE_FRAGMENTS_NS, or that there is no room for, is given up, oldest first.
 */
#ifndef SFE_ANALYZE_FRAGMENTS_H
#define SFE_ANALYZE_FRAGMENTS_H

#include "emu/analyze/ip.h"

#define SFE_FRAGMENTS_MAX_DATAGRAMS 1024u /* incomplete at a time, of all captures */
#define SFE_FRAGMENTS_MAX_BYTES (16u << 20)
#define SFE_FRAGMENTS_NS 30000000000u /* as long as Linux waits for the rest */

struct sfe_fragments;

struct sfe_datagram {
	struct sfe_ip ip; /* of its first fragment */
	uint32_t capture;
	uint32_t packets;                  /* that it came in */
	uint64_t wire_bytes, header_bytes; /* of them; header_bytes: up to the fragments' content */
	uint8_t *data;                     /* what follows the IP header */
	uint32_t bytes;
};

/* given_up: counts the packets of a datagram that does not become complete. hash_seed: keeps others
 * from choosing what collides. */
struct sfe_fragments *sfe_fragments_new(uint64_t hash_seed,
	void (*given_up)(void *arg, uint32_t capture, uint64_t packets, uint64_t wire_bytes),
	void *arg);
/* Gives all up that is not complete, and frees it. */
void sfe_fragments_free(struct sfe_fragments *f);
/*
 * Adds a fragment, whose content is at the cursor and was captured as a whole. Returns the datagram
 * if it is complete now, valid until the next call, or else NULL. *failed: memory ran out. The
 * caller counts the packets of a complete datagram.
 */
struct sfe_datagram *sfe_fragments_add(struct sfe_fragments *f, uint32_t capture, uint32_t vlan,
	const struct sfe_ip *ip, const struct sfe_cursor *content, const struct sfe_packet *packet,
	bool *failed);

#endif
