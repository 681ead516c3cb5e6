/* SPDX-License-Identifier: MIT */
/* The bytes that travel: pseudo-random, the same for the same key everywhere. */
#ifndef SFE_NODES_PAYLOAD_H
#define SFE_NODES_PAYLOAD_H

#include <stdint.h>

/* Fills data with stream `stream` of the key (splitmix64: 8 bytes a step). data may be NULL if
 * bytes is 0. */
void payload_fill(uint64_t key, uint64_t stream, void *data, uint64_t bytes);

/* The key of what the client makes for a job: stream 0 is its first argument, 1 + i its state i. */
uint64_t payload_job_key(uint64_t seed, uint32_t job_number);

#endif
