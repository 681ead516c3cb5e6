/* SPDX-License-Identifier: MIT */
/*
 * Reads pcapng files: several interfaces, each with a link type and a clock resolution of its own,
 * and several sections. (libpcap refuses files whose interfaces differ.) Each length is checked.
 */
#ifndef SFE_ANALYZE_PCAPNG_H
#define SFE_ANALYZE_PCAPNG_H

#include <stdio.h>

#include "emu/analyze/packet.h"

#define SFE_PCAPNG_MAX_BLOCK_BYTES (16u << 20)
#define SFE_PCAPNG_MAX_INTERFACES 65536u /* of a section */

struct sfe_pcapng;

/* Whether the file begins as pcapng; nothing of it is consumed. */
bool sfe_pcapng_is(FILE *file);
/* Reads the section header; NULL: *why says why not. The file stays the caller's. */
struct sfe_pcapng *sfe_pcapng_open(FILE *file, const char **why);
void sfe_pcapng_close(struct sfe_pcapng *p);
/* 1: a packet; 0: the end; -1: the rest is damaged, sfe_pcapng_damage says how. */
int sfe_pcapng_next(struct sfe_pcapng *p, struct sfe_packet *packet);
const char *sfe_pcapng_damage(const struct sfe_pcapng *p);

#endif
