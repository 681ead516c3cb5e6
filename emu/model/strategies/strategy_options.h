/* SPDX-License-Identifier: MIT */
/*
 * Options of strategies as text: NAME(option=value+option=value), and the same in short,
 * NAME+option=value+option=value, which no shell and no CSV file needs quoted. Both are read
 * everywhere; tables have the first, names of files the second. The order of options, and options
 * with the value that the strategy has anyway, make no other strategy.
 */
#ifndef SFE_STRATEGIES_STRATEGY_OPTIONS_H
#define SFE_STRATEGIES_STRATEGY_OPTIONS_H

#include <stddef.h>

#include "sfemu/error.h"
#include "sfemu/strategy.h"

/* Whether a text names a plugin, with or without options: it has a slash, or ends in .so. */
bool sfe_strategy_is_path(const char *text);
/*
 * How many characters of the text are the strategy's name, or its path: all before the options.
 * Options of a path are in parentheses only, since a path may have a +.
 */
size_t sfe_strategy_options_begin(const char *text);

/* Stands for a plugin whose file was not read: nobody knows the options that it has anyway, so that
 * all that are written stay in its name. */
extern const struct sfe_strategy_info sfe_strategy_not_read;

/*
 * Reads what is behind the name; empty: there are none. *out has those of the strategy `of` to
 * begin with. -EINVAL: an option or a value that there is not, one twice, one that the strategy has
 * no use for, or a parenthesis too few. A strategy with no rule is a plugin whose file was not
 * read: it may have any. Errors have no place.
 */
int sfe_strategy_options_read(const char *text, const struct sfe_strategy_info *of,
	struct sfe_strategy_options *out, struct sfe_error *err);

/* The name of a strategy with these options, as in tables; those that `of` has anyway are left
 * out. */
void sfe_strategy_options_name(const char *name, const struct sfe_strategy_options *of,
	const struct sfe_strategy_options *options, char out[SFE_STRATEGY_BYTES]);

/* Such a name in short, for names of files. */
void sfe_strategy_short_name(const char *name, char out[SFE_STRATEGY_BYTES]);
/* The name in tables of what a user has written, of any strategy: the options in their order. What
 * has no such options is left as it is. */
void sfe_strategy_table_name(const char *text, char out[SFE_STRATEGY_BYTES]);

/* Whether the values are some that there are: of a plugin's file. */
bool sfe_strategy_options_valid(const struct sfe_strategy_options *options);
/* Gives the strategy those of the options that it has a use for. */
void sfe_strategy_options_take(
	struct sfe_strategy_info *info, const struct sfe_strategy_options *options);
/* Whether the strategy has any use for its options. */
bool sfe_strategy_options_fit(const struct sfe_strategy_info *info);

#endif
