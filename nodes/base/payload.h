/* SPDX-License-Identifier: MIT */
/* The payload's bytes: pseudo-random, and the same everywhere for the same key. */
#ifndef SFE_NODES_PAYLOAD_H
#define SFE_NODES_PAYLOAD_H

#include <stdint.h>

/* Fills data with stream `stream` of the key (splitmix64: 8 bytes a round). data may be NULL if
 * bytes is 0. */
void payload_fill(uint64_t key, uint64_t stream, void *data, uint64_t bytes);

/* Bits of the registers that it uses on this processor: 512, 256, or 64. */
unsigned payload_width(void);
/* payload_fill() by registers of at most payload_width() bits; the bytes are the same. */
void payload_fill_by(unsigned width, uint64_t key, uint64_t stream, void *data, uint64_t bytes);

/* The key of a job's initial bytes: stream 0 is its first argument, stream 1 + i its state i. */
uint64_t payload_job_key(uint64_t seed, uint32_t job_number);

#endif
