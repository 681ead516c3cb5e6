/* SPDX-License-Identifier: MIT */
/* The columns of verify.csv. */
#include "emu/run/verify.h"

#define VERIFY(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_verify_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	VERIFY(link, TEXT, "", "its name in the topology"),
	VERIFY(kind, TEXT, "", "`node`, `shared`, `uplink` or `downlink`"),
	VERIFY(direction, TEXT, "", "`up` from a node into the network, or `down`"),
	VERIFY(from, TEXT, "", "the host that the probes leave"),
	VERIFY(to, TEXT, "", "the host that they reach; nothing else is between"),
	VERIFY(rate_bps, BIG, "bit/s", "asked for"),
	VERIFY(udp_rate_bps, WHOLE, "bit/s",
		"of full packets back to back; empty, as all below, where it was not measured"),
	VERIFY(tcp_goodput_bps, WHOLE, "bit/s", "of a transfer's second half"),
	VERIFY(tcp_ceiling_bps, WHOLE, "bit/s", "what headers leave of the rate"),
	VERIFY(delay, TEXT, "", "the law that was asked for"),
	VERIFY(asked_p50_s, SECONDS, "s",
		"median of law and transmission time for a frame of 100 bytes"),
	VERIFY(measured_p50_s, SECONDS, "s", "median of what was measured, one way"),
	VERIFY(asked_p99_s, SECONDS, "s", "the same at the 99th percentile"),
	VERIFY(measured_p99_s, SECONDS, "s", "as measured"),
	VERIFY(delay_error_s, SECONDS, "s", "largest deviation from a constant delay"),
	VERIFY(ks, SECONDS, "", "Kolmogorov-Smirnov distance of the delays from their law"),
	VERIFY(ks_limit, SECONDS, "",
		"what it exceeds once in a hundred times if they follow the law"),
	VERIFY(packets, COUNT, "packets", "probes of delay and loss"),
	VERIFY(asked_loss, SECONDS, "", "share of packets"),
	VERIFY(measured_loss, SECONDS, "", "share of the probes"),
	VERIFY(loss_interval, SECONDS, "",
		"how far from what was asked 99 of 100 measurements are"),
	VERIFY(duplicates, COUNT, "packets", "probes that arrived twice"),
	VERIFY(reordered, COUNT, "packets", "of all series: those that arrived after a later one"),
	VERIFY(lost_at_95, COUNT, "packets", "of full packets at 95 % of the rate"),
	VERIFY(mtu_bytes, COUNT, "bytes", "asked for"),
	VERIFY(largest_bytes, COUNT, "bytes", "largest IP packet that went through"),
	VERIFY(asked_queue_bytes, WHOLE, "bytes", "that may wait for the transmitter"),
	VERIFY(measured_queue_bytes, WHOLE, "bytes",
		"that waited when more came at once, beside the frame being sent"),
	VERIFY(verdict, TEXT, "", "`ok`, or what is not as asked"),
};
const struct sfe_table sfe_verify_csv = {.file = "verify.csv",
	.a_row = "a direction of a link, by `sfemu verify`",
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.row_size = sizeof(struct sfe_verify_row)};
