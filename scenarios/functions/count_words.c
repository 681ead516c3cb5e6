/* SPDX-License-Identifier: MIT */
/* Counts the words of its argument, a text, into the state "counts": a line "WORD NUMBER" for each
 * word, in the order of the words' bytes. A word is a run of ASCII letters; capitals count as small
 * letters. The output is empty. count_words.py does the same in Python. */
#include <sfemu/function.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct count {
	const char *word;
	size_t bytes;
	uint64_t n;
};

struct counts {
	struct count *all;
	size_t n, room;
};

static int add(struct counts *c, const char *word, size_t bytes, uint64_t n)
{
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 1024;
		struct count *all = realloc(c->all, room * sizeof(*all));
		if (!all)
			return -1;
		c->all = all;
		c->room = room;
	}
	c->all[c->n++] = (struct count){word, bytes, n};
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	int order = memcmp(x->word, y->word, x->bytes < y->bytes ? x->bytes : y->bytes);

	return order ? order : (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Makes letters small in place, and adds each word once for each time that it is there. */
static int add_text(struct counts *c, char *text, size_t bytes)
{
	size_t begin = 0;

	for (size_t i = 0; i <= bytes; i++) {
		char small = i < bytes ? (char)(text[i] | 0x20) : 0;
		if (small >= 'a' && small <= 'z') {
			text[i] = small;
			continue;
		}
		if (i > begin && add(c, text + begin, i - begin, 1))
			return -1;
		begin = i + 1;
	}
	return 0;
}

/* Adds what the state has. 1: it is no table of counts. */
static int add_state(struct counts *c, const char *at, const char *end)
{
	while (at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		const char *line = blank ? memchr(blank, '\n', (size_t)(end - blank)) : NULL;
		uint64_t n = 0;
		if (!line || blank == at || line == blank + 1)
			return 1;
		for (const char *p = blank + 1; p < line; p++) {
			if (*p < '0' || *p > '9')
				return 1;
			n = 10 * n + (uint64_t)(*p - '0');
		}
		if (add(c, at, (size_t)(blank - at), n))
			return -1;
		at = line + 1;
	}
	return 0;
}

/* Sorts, and adds up what belongs to the same word. */
static void sum_up(struct counts *c)
{
	size_t kept = 0;

	if (c->n)
		qsort(c->all, c->n, sizeof(*c->all), compare);
	for (size_t i = 0; i < c->n; i++) {
		if (kept && !compare(&c->all[kept - 1], &c->all[i]))
			c->all[kept - 1].n += c->all[i].n;
		else
			c->all[kept++] = c->all[i];
	}
	c->n = kept;
}

/* Asks only for the range that differs from what is there: then only that travels. */
static int put(struct sfe_call *call, uint32_t state, const char *text, size_t bytes)
{
	const char *old = call->states[state].data;
	size_t old_bytes = call->states[state].bytes, same = 0, end = bytes;

	while (same < bytes && same < old_bytes && text[same] == old[same])
		same++;
	while (bytes == old_bytes && end > same && text[end - 1] == old[end - 1])
		end--;
	if (sfe_state_resize(call, state, bytes))
		return -1;
	void *to = sfe_state_change(call, state, same, end - same);
	if (to && end > same)
		memcpy(to, text + same, end - same);
	return to ? 0 : -1;
}

static int replace(struct sfe_call *call, uint32_t state, const struct counts *c)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);

	if (!f)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		fprintf(f, "%.*s %llu\n", (int)c->all[i].bytes, c->all[i].word,
			(unsigned long long)c->all[i].n);
	int r = fclose(f) ? -1 : put(call, state, text, bytes);
	free(text);
	return r;
}

static int count_words(struct sfe_call *call)
{
	uint32_t state = sfe_state_find(call, "counts");
	struct counts counts = {0};

	if (state == call->n_states)
		return sfe_refuse(call, "the step does not use the state counts");
	const char *table = call->states[state].data;
	char *text = malloc(call->argument_bytes + 1);
	if (!text)
		return -1;
	if (call->argument_bytes)
		memcpy(text, call->argument, call->argument_bytes);
	int r = add_text(&counts, text, call->argument_bytes);
	r = r ? r : add_state(&counts, table, table + call->states[state].bytes);
	if (!r) {
		sum_up(&counts);
		r = replace(call, state, &counts);
	} else if (r > 0) {
		r = sfe_refuse(call, "the state counts is no table of words and numbers");
	}
	free(counts.all);
	free(text);
	return r;
}
SFE_FUNCTION(count_words)
