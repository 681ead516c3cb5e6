/* SPDX-License-Identifier: MIT */
/* The most frequent words of the state "counts" (see count_words.c), which it only reads: the
 * output has a line "NUMBER WORD" for each. Of words with the same number the first in the state
 * comes first. */
#include <sfemu/function.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOP 10

struct line {
	const char *word;
	int bytes;
	unsigned long long n;
};

/* Puts a line behind those that have at least its number. */
static void insert(struct line top[TOP], struct line line)
{
	int at = TOP;

	for (; at && top[at - 1].n < line.n; at--)
		if (at < TOP)
			top[at] = top[at - 1];
	if (at < TOP)
		top[at] = line;
}

static int top_words(struct sfe_call *call)
{
	uint32_t state = sfe_state_find(call, "counts");
	struct line top[TOP] = {0};
	char text[TOP * 300] = "";
	int bytes = 0;

	if (state == call->n_states)
		return sfe_refuse(call, "the step does not use the state counts");
	const char *at = call->states[state].data, *end = at + call->states[state].bytes;
	while (at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		const char *line = blank ? memchr(blank, '\n', (size_t)(end - blank)) : NULL;
		if (!line || blank - at > 255)
			return sfe_refuse(
				call, "the state counts is no table of words and numbers");
		insert(top, (struct line){at, (int)(blank - at), strtoull(blank, NULL, 10)});
		at = line + 1;
	}
	for (int i = 0; i < TOP && top[i].n; i++)
		bytes += snprintf(text + bytes, sizeof(text) - (size_t)bytes, "%llu %.*s\n",
			top[i].n, top[i].bytes, top[i].word);
	void *out = sfe_output(call, (uint64_t)bytes);
	if (!out)
		return -1;
	memcpy(out, text, (size_t)bytes);
	return 0;
}
SFE_FUNCTION(top_words)
