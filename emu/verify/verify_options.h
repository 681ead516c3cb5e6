/* SPDX-License-Identifier: MIT */
/* How `sfemu verify` measures. */
#ifndef SFE_VERIFY_VERIFY_OPTIONS_H
#define SFE_VERIFY_VERIFY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define SFE_VERIFY_PROBES 200u /* default: packets per direction, for delay and loss */
#define SFE_VERIFY_TCP_WINDOW 16000000u
#define SFE_VERIFY_TCP_MOST (65535u << 14) /* the largest window that TCP can announce */

struct sfe_verify_options {
	uint32_t probes;
	uint64_t tcp_window; /* bytes: TCP is measured if no more has to be in flight */
	bool real_clock;     /* time is bounded, and tolerances are wider */
	const char *pattern; /* for the names of links, "*" for all */
	uint32_t sample;     /* so many of these links, evenly spread over them; 0: all */
};

#endif
