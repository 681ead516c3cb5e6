/* SPDX-License-Identifier: MIT */
/* Writes a scenario as resolved: every key and section, as YAML that reads back as the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_sections.h"
#include "sfemu/scenario.h"

/* Writes the sections of a group ("": top level), after its keys. */
static void write_sections(
	const struct sfe_scenario *s, const char *group, size_t len, unsigned depth, FILE *out)
{
	for (const struct sfe_section *x = sfe_sections; x->path; x++) {
		const char *dot = strrchr(x->path, '.');
		if ((dot ? (size_t)(dot - x->path) : 0) != len || strncmp(x->path, group, len) ||
			!x->is_set(s))
			continue;
		fprintf(out, "%*s%s: ", 2 * (int)depth, "", dot ? dot + 1 : x->path);
		x->print(s, out);
		fputc('\n', out);
	}
}

static bool is_preset(const struct sfe_key *key, const struct sfe_scenario *s)
{
	const void *field = (const char *)s + key->offset;

	if (key->type != SFE_KEY_LINK)
		return !*(const uint32_t *)field;
	char *text = sfe_link_attribute_text(sfe_key_attribute(key), field);
	bool same = text && !strcmp(text, key->preset);
	free(text);
	return same;
}

/* Not for the last key of a group. */
static bool is_omitted(const struct sfe_key *key, const struct sfe_scenario *s)
{
	return key->written_if_set && is_preset(key, s);
}

/* Whether a key is the last of its group. */
static bool ends_group(unsigned key, size_t len)
{
	return key + 1 == sfe_n_keys ||
	       strncmp(sfe_keys[key].path, sfe_keys[key + 1].path, len + 1);
}

int sfe_scenario_write(const struct sfe_scenario *s, FILE *out)
{
	const char *before = "";

	fputs("# A scenario of sfemu " SFE_VERSION " as resolved: every key.\n", out);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		if (is_omitted(&sfe_keys[i], s))
			continue;
		const char *path = sfe_keys[i].path, *part = path;
		/* Skips the groups that are open already, then opens the others. */
		unsigned depth = 0;
		for (const char *dot; (dot = strchr(part, '.')); part = dot + 1, depth++)
			if (strncmp(before, path, (size_t)(dot + 1 - path)))
				fprintf(out, "%*s%.*s:\n", 2 * (int)depth, "", (int)(dot - part),
					part);
		fprintf(out, "%*s%s: ", 2 * (int)depth, "", part);
		sfe_key_print(&sfe_keys[i], s, out);
		fputc('\n', out);
		size_t group = part == path ? 0 : (size_t)(part - path - 1);
		if (group && ends_group(i, group))
			write_sections(s, path, group, depth, out);
		before = path;
	}
	write_sections(s, "", 0, 0, out);
	return ferror(out) ? -EIO : 0;
}
