/* SPDX-License-Identifier: MIT */
/* The memory size of a guest. */
#ifndef SFE_RUN_GUEST_MEMORY_H
#define SFE_RUN_GUEST_MEMORY_H

#include "emu/experiment/experiment.h"
#include "emu/verify/verify.h"

#define SFE_GUEST_MOST_MB 16384u

/*
 * The scenario's value, else 256 MB + 1 MB per namespace + 6 times the payload of all jobs (of the
 * largest job, if they run one after the other): arguments and states that may be in flight at a
 * time; plus what nodes keep of all jobs for retries, and copies of states. It depends on the
 * scenario alone, because a kernel's behaviour depends on its memory. The host provides only what
 * the guest touches. For verification (verify not NULL) add 1 GB and 5 times TCP's window.
 */
uint32_t sfe_guest_memory_mb(
	const struct sfe_experiment *e, const struct sfe_verify_options *verify);

#endif
