/* SPDX-License-Identifier: MIT */
/* What one transfer took beyond the formulas of an idle network that does not lose or change. */
#ifndef SFE_RESULTS_EXPLANATION_WAITS_H
#define SFE_RESULTS_EXPLANATION_WAITS_H

#include "emu/results/explanation/link_course.h"

struct sfe_waiting { /* a transfer. Times are seconds from the replay's start */
	const struct sfe_explained_path *forward, *back;
	const struct sfe_tcp *tcp;
	struct sfe_message message;
	double start_s, done_s; /* start_s: of the attempt that succeeded */
	double computed_s;      /* the closed form and the parts that formulas give */
	double queueing_s;      /* part of it: waiting for other transfers */
	uint32_t out_of_order;  /* packets that came after later ones */
	bool may_lose;          /* a link of the path, there or back, lost packets */
	bool lost_before;       /* an earlier message of the connection lost packets */
};

struct sfe_waits {
	double link_changes_s, retransmissions_s, window_s;
};

/*
 * - link changes: sfe_link_course_longer, of which no more counts than the transfer took.
 * - The remainder is unexplained: nothing computes it. It is noted as of lost packets
 *   (retransmissions_s) if the receiver's TCP saw packets out of order
 *   (TCP_INFO); or if the path lost packets and it is at least TCP's smallest retransmission
 *   timeout, 200 ms.
 * - Else it is noted as of waiting for acknowledgements (window_s) if they had to wait behind
 *   data, or the window was small: on a path with a half-duplex medium, whose one queue lengthens
 * the round trip and ends slow start early; beside other transfers, whose shares are not fair from
 * the first packet on; or after losses on the same connection. It is negative, to at most
 * queueing_s, where the other transfers left it more than its fair share. A remainder without such
 * evidence is in none of them.
 */
struct sfe_waits sfe_waits_of(const struct sfe_waiting *w, const struct sfe_link_course *course);
/* Whether packets of the message were lost, as far as its waits tell. */
bool sfe_waits_lost(const struct sfe_waiting *w, const struct sfe_waits *waits);

#endif
