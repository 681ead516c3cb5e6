/* SPDX-License-Identifier: MIT */
#include "emu/run/sweep_engine.h"
#include <errno.h>
int sfe_sweep_slurm(struct sfe_sweep_run *run, struct sfe_error *err)
{
	(void)run;
	return sfe_fail(err, -ENOSYS, NULL, NULL, "not yet");
}
