/* SPDX-License-Identifier: MIT */
/* How much memory a guest gets. */
#ifndef SFE_RUN_GUEST_MEMORY_H
#define SFE_RUN_GUEST_MEMORY_H

#include "emu/experiment/experiment.h"
#include "emu/verify/verify.h"

#define SFE_GUEST_MOST_MB 16384u

/*
 * What the scenario says, else 256 MB + 1 MB a namespace + 6 times the payload of all jobs (of the
 * largest, where they run one after the other): arguments and states that may be in flight at a
 * time; and what nodes keep of all jobs in case they are asked again, and copies of states. It
 * follows from the scenario alone, since a kernel that has more memory behaves in another way. Only
 * what a guest touches is taken from the host. To verify the links (else verify is NULL), it is 1
 * GB and 5 times TCP's window more.
 */
uint32_t sfe_guest_memory_mb(
	const struct sfe_experiment *e, const struct sfe_verify_options *verify);

#endif
