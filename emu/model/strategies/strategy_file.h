/* SPDX-License-Identifier: MIT */
/*
 * What a strategy's shared object says of itself, without running any of it: the flags are constant
 * data of the symbol that SFE_STRATEGY makes (sfemu/strategy.h).
 */
#ifndef SFE_STRATEGIES_STRATEGY_FILE_H
#define SFE_STRATEGIES_STRATEGY_FILE_H

#include "sfemu/error.h"
#include "sfemu/strategy.h"

/*
 * Reads the flags. Its rules are not here: those of *out end a process that calls them, since only
 * workers load a plugin. Name and summary are left to the caller. Errors have no place.
 */
int sfe_strategy_file_read(
	const char *bytes, size_t size, struct sfe_strategy_info *out, struct sfe_error *err);

#endif
