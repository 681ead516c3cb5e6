/* SPDX-License-Identifier: MIT */
/*
 * How many copies of a packet arrive at the end of a path.
 *
 * A link loses a packet first; then it may duplicate it; then it may corrupt each copy, and a
 * corrupted copy is lost at the receiver. The next link on the path does the same with each copy
 * that it gets.
 */
#ifndef SFE_VERIFY_VERIFY_COPIES_H
#define SFE_VERIFY_VERIFY_COPIES_H

#include "emu/verify/verify_path.h"

struct sfe_verify_copies {
	double loss;      /* probability that no copy arrives */
	double extra;     /* mean number of copies after the first, of a packet that arrives */
	double extra_var; /* its variance */
	/* Of the packets that arrive: share whose first copy was lost, so that a later one was
	 * measured. 0 if nothing is duplicated. */
	double replaced;
	double loss_burstiness, extra_burstiness;
	uint32_t most; /* copies of one packet, at most */
};

void sfe_verify_copies(const struct sfe_verify_path *p, struct sfe_verify_copies *out);

#endif
