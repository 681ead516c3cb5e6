/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/hints.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/topology.h"

#define CLIENT "{client}"
#define JOB "{job}"

struct key {
	uint32_t node;
	char text[];
};

int sfe_hint_check(const char *hint, struct sfe_error *err)
{
	const char *c = hint;

	if (!*hint || strlen(hint) > SFE_MAX_HINT)
		return sfe_fail(err, -EINVAL, "hint", "write a key such as frames-{client}", "%s",
			*hint ? "is longer than 64 bytes" : "is empty");
	while ((c = strpbrk(c, "{}"))) {
		size_t len = !strncmp(c, CLIENT, strlen(CLIENT)) ? strlen(CLIENT)
			     : !strncmp(c, JOB, strlen(JOB))     ? strlen(JOB)
								 : 0;
		if (!len)
			return sfe_fail(err, -EINVAL, "hint",
				"the words in braces are {client} and {job}",
				"'%.64s' has another word in braces", hint);
		c += len;
	}
	return 0;
}

static char *expand(const char *hint, const char *client, uint32_t job, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	while (*hint) {
		if (!strncmp(hint, CLIENT, strlen(CLIENT))) {
			fputs(client, f);
			hint += strlen(CLIENT);
		} else if (!strncmp(hint, JOB, strlen(JOB))) {
			fprintf(f, "%u", job);
			hint += strlen(JOB);
		} else {
			fputc(*hint++, f);
		}
	}
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static int compare(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return strcmp(x->text, y->text);
}

uint32_t *sfe_hints_node(struct sfe_hints *h, const char *hint, const char *client, uint32_t job)
{
	size_t len;
	char *text = expand(hint, client, job, &len);
	struct key *key = text ? malloc(sizeof(*key) + len + 1) : NULL;

	if (key) {
		key->node = SFE_NONE;
		memcpy(key->text, text, len + 1);
	}
	free(text);
	void *found = key ? tsearch(key, &h->keys, compare) : NULL;
	if (!found) {
		free(key);
		return NULL;
	}
	struct key *kept = *(struct key **)found;
	if (kept != key)
		free(key);
	return &kept->node;
}

void sfe_hints_free(struct sfe_hints *h)
{
	if (h->keys)
		tdestroy(h->keys, free);
	h->keys = NULL;
}
