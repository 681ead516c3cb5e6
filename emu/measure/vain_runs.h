/* SPDX-License-Identifier: MIT */
/* What steps moved in vain, because a state that outlives jobs refused what they had made of it. */
#ifndef SFE_MEASURE_VAIN_RUNS_H
#define SFE_MEASURE_VAIN_RUNS_H

#include "emu/measure/replay_record.h"

/*
 * Takes the fetches and gifts of runs in vain off the paths of their jobs: their time is in
 * sfe_ctl_invocation.vain_ns. on_path: of each transfer of the replay. 0 or -ENOMEM.
 */
int sfe_leave_out_vain(const struct sfe_replay *r, bool *on_path);

#endif
