/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int sfe_reader_no_memory(const struct sfe_scenario_reader *r)
{
	return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
}

__attribute__((format(printf, 4, 5))) int sfe_reader_fail_key(const struct sfe_scenario_reader *r,
	const char *path, const char *todo, const char *fmt, ...)
{
	const struct sfe_key *key = sfe_key_find(path);
	const struct sfe_tree *entry;
	char what[sizeof(r->err->what)], where[sizeof(r->err->where)], group[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (key && r->set[key - sfe_keys]) {
		snprintf(where, sizeof(where), "--set %s", r->set[key - sfe_keys]);
		return sfe_fail(r->err, -EINVAL, where, todo, "%s: %s", path, what);
	}
	snprintf(group, sizeof(group), "%s", path);
	while (!(entry = sfe_tree_find(r->tree, group))) {
		char *dot = strrchr(group, '.');
		if (!dot)
			break;
		*dot = '\0';
	}
	return sfe_fail_at(
		r->err, -EINVAL, r->file, entry ? entry->line : 1, todo, "%s: %s", path, what);
}

int sfe_reader_add_place(
	const struct sfe_scenario_reader *r, const char *path, const struct sfe_error *cause)
{
	if (cause->code == -ENOMEM)
		return sfe_reader_no_memory(r);
	return sfe_reader_fail_key(r, path, cause->todo, "%s", cause->what);
}

int sfe_reader_fail_unknown(
	const struct sfe_scenario_reader *r, const char *path, const char *where, unsigned line)
{
	char group[64], keys[250], todo[sizeof(keys) + sizeof(group) + 32];

	snprintf(group, sizeof(group), "%s", path);
	do {
		char *dot = strrchr(group, '.');
		*(dot ? dot : group) = '\0';
	} while (!sfe_key_list(group, keys, sizeof(keys)) && *group);
	if (*group)
		snprintf(todo, sizeof(todo), "the keys of %s are %s", group, keys);
	else
		snprintf(todo, sizeof(todo), "keys: %s", keys);
	if (line)
		return sfe_fail_at(
			r->err, -EINVAL, where, line, todo, "unknown key '%.100s'", path);
	return sfe_fail(r->err, -EINVAL, where, todo, "unknown key '%.100s'", path);
}
