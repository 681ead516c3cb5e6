/* SPDX-License-Identifier: MIT */
/* Puts TCP segments together that came as fragments of IP packets, of one capture. */
#ifndef SFE_ANALYZE_FRAGMENTS_H
#define SFE_ANALYZE_FRAGMENTS_H

#include "emu/analyze/segment.h"

#define SFE_FRAGMENTED_PACKETS 64u /* that are not whole; then the oldest is given up */
#define SFE_FRAGMENTED_BYTES 65535u

struct sfe_fragments;

struct sfe_fragments *sfe_fragments_new(void);
void sfe_fragments_free(struct sfe_fragments *f);

/*
 * Adds one, whose capture was wire_bytes long. Returns true if the packet is whole: then *s is its
 * segment, whose payload stays until the next call, *kind what parsing it gave, and *wire_bytes
 * those of all its fragments. *given_up: how many fragments were given up, this one perhaps among
 * them.
 */
bool sfe_fragments_add(struct sfe_fragments *f, struct sfe_segment *s, uint32_t *wire_bytes,
	enum sfe_packet_kind *kind, uint32_t *given_up);
/* How many wait for others. */
uint32_t sfe_fragments_waiting(const struct sfe_fragments *f);

#endif
