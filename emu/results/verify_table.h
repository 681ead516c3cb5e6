/* SPDX-License-Identifier: MIT */
/* The rows of verify.csv. */
#ifndef SFE_RESULTS_VERIFY_TABLE_H
#define SFE_RESULTS_VERIFY_TABLE_H

#include "emu/results/table.h"

#define SFE_VERIFY_FIDELITY_BYTES 480

/* A direction of a link; NaN (or -1 for counts): not measured. */
struct sfe_verify_row {
	char link[SFE_NAME_BYTES], kind[16], direction[8];
	char from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint64_t rate_bps;
	double udp_rate_bps, tcp_goodput_bps, tcp_ceiling_bps;
	char delay[96];
	double asked_p50_s, measured_p50_s, asked_p99_s, measured_p99_s;
	double delay_error_s, ks, ks_limit;
	uint32_t packets;
	double asked_loss, measured_loss, loss_interval;
	uint32_t duplicates, reordered, lost_at_95;
	double asked_duplicate, measured_duplicate, duplicate_interval;
	double asked_hurried, measured_hurried, hurried_interval;
	uint32_t mtu_bytes, largest_bytes;
	double asked_queue_bytes, measured_queue_bytes;
	double stations_rate_bps, fairness; /* of two stations of a medium */
	double asked_beside_s, measured_beside_s;
	uint32_t contending; /* stations of a medium that send at the same time */
	double asked_saturation_bps, saturation_bps;
	char fidelity[SFE_VERIFY_FIDELITY_BYTES];
	char verdict[480];
};

extern const struct sfe_table sfe_verify_csv;

#endif
