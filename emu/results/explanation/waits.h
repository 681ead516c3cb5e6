/* SPDX-License-Identifier: MIT */
/* What one transfer took beyond the formulas of an idle network that does not lose or change. */
#ifndef SFE_RESULTS_EXPLANATION_WAITS_H
#define SFE_RESULTS_EXPLANATION_WAITS_H

#include "emu/results/explanation/link_course.h"
#include "nodes/base/control.h"

struct sfe_waiting { /* a transfer. Times are seconds from the replay's start */
	const struct sfe_explained_path *forward, *back;
	const struct sfe_tcp *tcp;
	struct sfe_message message;
	double start_s, done_s; /* start_s: of the attempt that succeeded */
	double computed_s;      /* the closed form and the parts that formulas give */
	double queueing_s;      /* part of it: waiting for other transfers */
	bool known;             /* whether the packets' waits were recorded */
	struct sfe_ctl_waits waits, asked;
};

struct sfe_waits {
	double link_changes_s, retransmissions_s, window_s, queue_waits_s;
};

/*
 * - link_changes_s: sfe_link_course_changes, of which no more counts than the transfer took.
 *
 * The others are sums over the message's packets, as the receiver recorded them, and over those of
 * its request (0 where the kernel records nothing). A packet is later than it could be if it leaves
 * the path's narrowest link later than right after the packet before it, or than it would if it had
 * been sent when the message began and had waited nowhere (tcp_packet_came in
 * tools/guest-kernel/patches/0017-tcp-waits.patch).
 * All of it was after start_s, else the message had begun in an earlier attempt.
 * - retransmissions_s: it came later because it had been lost and was sent again; also SYNs. While
 *   links were down, that is in link_changes_s.
 * - window_s: because acknowledgements had to come before it was sent, less slow start as
 *   sfe_transfer_time has it. After losses, and where acknowledgements wait behind data, windows
 *   are smaller or round trips longer.
 * - queue_waits_s: because it waited in queues, also while the connection was opened, less
 *   queueing_s and what sfe_transfer_time has for acknowledgements in the way and for opening. It
 *   is negative where other messages left it more than its fair share.
 */
struct sfe_waits sfe_waits_of(const struct sfe_waiting *w, const struct sfe_link_course *course);

#endif
