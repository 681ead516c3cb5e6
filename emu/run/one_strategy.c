/* SPDX-License-Identifier: MIT */
#include "emu/run/one_strategy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "emu/results/results_file.h"

int sfe_one_strategy_write(uint32_t number, int dir, struct sfe_error *err)
{
	FILE *f = number ? sfe_results_open(dir, SFE_ONE_STRATEGY_FILE, "w", err) : NULL;

	if (!f)
		return number ? err ? err->code : -EIO : 0;
	fprintf(f, "%" PRIu32 "\n", number);
	return sfe_results_close(f, SFE_ONE_STRATEGY_FILE, err);
}

int sfe_one_strategy_read(uint32_t *number, int dir, struct sfe_error *err)
{
	*number = 0;
	if (faccessat(dir, SFE_ONE_STRATEGY_FILE, F_OK, 0))
		return 0;
	FILE *f = sfe_results_open(dir, SFE_ONE_STRATEGY_FILE, "r", err);
	if (!f)
		return err ? err->code : -EIO;
	int n = fscanf(f, "%" SCNu32, number);
	fclose(f);
	return n == 1 && *number
		       ? 0
		       : sfe_fail(err, -EINVAL, SFE_ONE_STRATEGY_FILE, NULL, "cannot be read");
}
