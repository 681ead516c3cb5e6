/* SPDX-License-Identifier: MIT */
#include "emu/model/base/name_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/topology.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BYTES LETTERS "0123456789_.-"

/* Names with another meaning somewhere, in any case. */
static const struct {
	const char *word, *meaning;
} reserved[] = {
	{"all", "all links here, and all interfaces for the kernel"},
	{"default", "interfaces to come for the kernel"},
	{"localhost", "every machine itself"},
	{"na", "a missing value in tables"},
	{"null", "a missing value in tables"},
	{"none", "a missing value in tables"},
	{"true", "a truth value in tables"},
	{"false", "a truth value in tables"},
};

static bool may_begin(char c)
{
	return c != '.' && c != '-';
}

int sfe_name_check(struct sfe_span name, struct sfe_error *err)
{
	if (!name.len)
		return sfe_fail(err, -EINVAL, NULL, "give it a name", "an empty name");
	if (name.len > SFE_MAX_NAME)
		return sfe_fail(err, -EINVAL, NULL, "shorten it",
			"the name %s has %zu bytes, more than %u", SFE_SHOW(name), name.len,
			SFE_MAX_NAME);
	for (size_t i = 0; i < name.len; i++)
		if (!name.at[i] || !strchr(BYTES, name.at[i]))
			return sfe_fail(err, -EINVAL, NULL, "use letters, digits and any of _ . -",
				"the name %s has a character that names may not have",
				SFE_SHOW(name));
	if (!may_begin(name.at[0]))
		return sfe_fail(err, -EINVAL, NULL, "begin it with a letter, a digit or _",
			"the name %s begins with '%c'", SFE_SHOW(name), name.at[0]);
	return 0;
}

/* Whether programs that read tables or addresses take the text for a number: 1e5, 0x10, inf,
 * 0x7f.1. */
static bool is_number(const char *text)
{
	struct in_addr address;
	char *end;

	strtod(text, &end);
	return !*end || inet_aton(text, &address);
}

int sfe_name_check_vertex(struct sfe_span name, struct sfe_error *err)
{
	char text[SFE_MAX_NAME + 1];
	int r = sfe_name_check(name, err);

	if (r)
		return r;
	snprintf(text, sizeof(text), "%.*s", (int)name.len, name.at);
	if (!strpbrk(text, LETTERS))
		return sfe_fail(err, -EINVAL, NULL, "begin it with a word, such as node_",
			"the name %s has no letter", text);
	if (is_number(text))
		return sfe_fail(err, -EINVAL, NULL, "begin it with a word, such as node_",
			"the name %s reads as a number", text);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcasecmp(text, reserved[i].word))
			return sfe_fail(err, -EINVAL, NULL, "choose another name",
				"the name %s is reserved: it means %s", text, reserved[i].meaning);
	return 0;
}

void sfe_name_make(char *name)
{
	if (strlen(name) > SFE_MAX_NAME)
		name[SFE_MAX_NAME] = '\0';
	for (char *p = name; *p; p++)
		if (!strchr(BYTES, *p))
			*p = '-';
	if (!may_begin(*name))
		*name = '_';
}

int sfe_pattern_check(const char *text, struct sfe_error *err)
{
	return strlen(text) <= SFE_MAX_PATTERN
		       ? 0
		       : sfe_fail(err, -EINVAL, NULL, "shorten it",
				 "a pattern of names has more than %u bytes", SFE_MAX_PATTERN);
}
