/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "sfemu/schedule.h"
#include "sfemu/units.h"

#define MAX_TIME_NS (8760 * 3600000000000ull)

int sfe_window_time(const struct sfe_tree *t, const char *file, const char *section, uint64_t *ns,
	struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, t->key, err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_time(text, ns, &cause))
		return sfe_tree_fail(
			t, file, cause.todo, err, "%s: %s: %s", section, t->key, cause.what);
	return *ns > MAX_TIME_NS ? sfe_tree_fail(t, file, "write a shorter time", err,
					   "%s: %s: more than 8760h", section, t->key)
				 : 0;
}

int sfe_window_until(const struct sfe_tree *t, const char *file, const char *section, uint64_t *ns,
	struct sfe_error *err)
{
	if (t->kind == SFE_TREE_VALUE && !strcmp(t->text, "end")) {
		*ns = SFE_NEVER;
		return 0;
	}
	return sfe_window_time(t, file, section, ns, err);
}

int sfe_window_check(const struct sfe_tree *t, const char *file, const char *section, uint64_t at,
	uint64_t until, struct sfe_error *err)
{
	return at >= until ? sfe_tree_fail(t, file,
				     "write a later until:, or leave it out: it is then the end of "
				     "the last job",
				     err, "%s: an element ends before it begins", section)
			   : 0;
}

int sfe_window_nodes(const struct sfe_tree *t, const char *file, const char *section, char **out,
	struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, t->key, err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (!*text)
		return sfe_tree_fail(t, file, "write a name, or a pattern such as 'rpi3_*'", err,
			"%s: %s: is empty", section, t->key);
	if (sfe_pattern_check(text, &cause))
		return sfe_tree_fail(
			t, file, cause.todo, err, "%s: %s: %s", section, t->key, cause.what);
	*out = strdup(text);
	return *out ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

void sfe_window_print(uint64_t at, uint64_t until, FILE *out)
{
	char text[SFE_UNIT_TEXT];

	fprintf(out, ", at: %s", sfe_format_time(at, text));
	fprintf(out, ", until: %s", until == SFE_NEVER ? "end" : sfe_format_time(until, text));
}
