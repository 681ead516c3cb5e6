/* SPDX-License-Identifier: MIT */
/* Counts what arrives of a flow: duplicates, packets out of order, delays. Pure. */
#ifndef SFE_BESIDE_FLOW_COUNT_H
#define SFE_BESIDE_FLOW_COUNT_H

#include "emu/measure/replay_record.h"

#define SFE_FLOW_WINDOW 4096u /* in how many packets a duplicate is recognised */
/* Delays as powers of two with 64 steps each: a quantile is right within 1 %. */
#define SFE_FLOW_STEPS 64u
#define SFE_FLOW_POWERS 42u /* up to 2^47 ns, 39 hours */

struct sfe_flow_counter {
	struct sfe_flow_count sum;
	uint32_t newest; /* number of the newest packet */
	uint64_t seen[SFE_FLOW_WINDOW / 64];
	double delay_sum_s;
	uint32_t delay[SFE_FLOW_POWERS * SFE_FLOW_STEPS];
};

/* A packet arrives; numbers count from 0. */
void sfe_flow_count_add(struct sfe_flow_counter *c, uint32_t number, uint64_t delay_ns);
/* The counts, with mean and 95th percentile of the delays (NaN: nothing arrived). */
struct sfe_flow_count sfe_flow_count_sum(const struct sfe_flow_counter *c);

#endif
