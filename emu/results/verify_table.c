/* SPDX-License-Identifier: MIT */
/* The columns of verify.csv. */
#include "emu/results/verify_table.h"

#define VERIFY(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_verify_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	VERIFY(link, TEXT, "", "its name in the topology"),
	VERIFY(kind, TEXT, "", "`node`, `shared`, `uplink` or `downlink`"),
	VERIFY(direction, TEXT, "", "`up` from a node into the network, or `down`"),
	VERIFY(from, TEXT, "", "the host that sends the probes"),
	VERIFY(to, TEXT, "", "the host that receives them; there is no other between"),
	VERIFY(rate_bps, BIG, "bit/s", "the requested rate"),
	VERIFY(udp_rate_bps, WHOLE, "bit/s",
		"of full packets back to back; empty, like the columns below, if not measured"),
	VERIFY(tcp_goodput_bps, WHOLE, "bit/s", "goodput of the second half of a TCP transfer"),
	VERIFY(tcp_ceiling_bps, WHOLE, "bit/s", "the rate minus headers"),
	VERIFY(delay, TEXT, "", "the requested delay law"),
	VERIFY(asked_p50_s, SECONDS, "s",
		"median of law and transmission time for a frame of 100 bytes"),
	VERIFY(measured_p50_s, SECONDS, "s", "measured median, one way"),
	VERIFY(asked_p99_s, SECONDS, "s", "the same at the 99th percentile"),
	VERIFY(measured_p99_s, SECONDS, "s", "as measured"),
	VERIFY(delay_error_s, SECONDS, "s", "largest deviation from a constant delay"),
	VERIFY(ks, SECONDS, "", "Kolmogorov-Smirnov distance of the delays from their law"),
	VERIFY(ks_limit, SECONDS, "",
		"its limit, exceeded once in 100 times if the delays follow the law"),
	VERIFY(packets, COUNT, "packets", "probes of delay and loss"),
	VERIFY(asked_loss, SECONDS, "", "share of packets"),
	VERIFY(measured_loss, SECONDS, "", "share of the probes"),
	VERIFY(loss_interval, SECONDS, "", "tolerance: 99 of 100 measurements are within it"),
	VERIFY(duplicates, COUNT, "packets", "further copies of probes that arrived"),
	VERIFY(reordered, COUNT, "packets", "packets of all series that arrived after a later one"),
	VERIFY(lost_at_95, COUNT, "packets", "full packets lost at 95 % of the rate"),
	VERIFY(asked_duplicate, SECONDS, "", "further copies for each packet that arrives"),
	VERIFY(measured_duplicate, SECONDS, "", "share of the probes that arrived"),
	VERIFY(duplicate_interval, SECONDS, "", "as `loss_interval`"),
	VERIFY(asked_hurried, SECONDS, "",
		"share of packets that skip a constant delay: reordering, if requested"),
	VERIFY(measured_hurried, SECONDS, "", "share of the probes that arrived, with all copies"),
	VERIFY(hurried_interval, SECONDS, "", "as `loss_interval`"),
	VERIFY(mtu_bytes, COUNT, "bytes", "the requested MTU"),
	VERIFY(largest_bytes, COUNT, "bytes", "largest IP packet that went through"),
	VERIFY(asked_queue_bytes, WHOLE, "bytes", "bytes that may wait for the transmitter"),
	VERIFY(measured_queue_bytes, WHOLE, "bytes",
		"bytes that waited during a burst, besides the frame being sent"),
	VERIFY(stations_rate_bps, WHOLE, "bit/s",
		"what two stations of a half-duplex medium get together that send full packets to "
		"each other"),
	VERIFY(fairness, SECONDS, "",
		"Jain's index of these two as long as both have something to send: 1 if they get "
		"the same, 0.5 if one gets all"),
	VERIFY(asked_beside_s, SECONDS, "s",
		"what a frame of 100 bytes takes at most beside a busy station, where stations "
		"take turns"),
	VERIFY(measured_beside_s, SECONDS, "s", "the longest of 10 such frames"),
	VERIFY(contending, COUNT, "stations",
		"that contend for a medium (`medium: dcf`) and always have full packets to send"),
	VERIFY(asked_saturation_bps, WHOLE, "bit/s",
		"what Bianchi's formula says that they get together"),
	VERIFY(saturation_bps, WHOLE, "bit/s", "what they get"),
	VERIFY(fidelity, TEXT, "",
		"`virtual`, `ok`, `degraded: ` and why the machine was too slow, or `unknown: ` "
		"and why that is unknown"),
	VERIFY(verdict, TEXT, "",
		"`ok`, or what differs from the request; where the machine was too slow, that, "
		"and not the rates and times that come of it"),
};
const struct sfe_table sfe_verify_csv = {.file = "verify.csv",
	.a_row = "a direction of a link, by `sfemu verify`",
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]),
	.row_size = sizeof(struct sfe_verify_row)};
