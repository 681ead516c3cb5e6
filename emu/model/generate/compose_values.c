/* SPDX-License-Identifier: MIT */
/* Counts, draws, rates and latencies of a composition. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/generate/composer.h"
#include "emu/model/generate/ether_links.h"
#include "sfemu/units.h"

#define TWO_PI 6.283185307179586
#define MAX_WORDS 8
#define COPY_ROOM 256 /* longer texts are not counts */
#define MAX_COUNT SFE_MAX_VERTICES
#define MAX_PARAMETER 1e9

struct sfe_tally *sfe_compose_tally(
	struct sfe_composer *c, struct sfe_tallies *tallies, const char *name)
{
	char path[SFE_TREE_MAX_VALUE + 16];

	for (uint32_t i = 0; i < tallies->n; i++)
		if (!strcmp(tallies->at[i].name, name))
			return &tallies->at[i];
	if (sfe_grow(&tallies->at, &tallies->cap, tallies->n + 1, sizeof(*tallies->at))) {
		sfe_builder_fail(c->b, -ENOMEM, NULL, "out of memory");
		return NULL;
	}
	snprintf(path, sizeof(path), "topology.%s", name);
	tallies->at[tallies->n] =
		(struct sfe_tally){.name = name, .stream = sfe_stream_named(c->seed, path)};
	return &tallies->at[tallies->n++];
}

/* Splits into words: "uniform(2, 6)" equals "uniform 2 6", and "2*n" equals "2 * n". Returns
 * their number. */
static unsigned split(const char *text, char copy[COPY_ROOM], char *words[MAX_WORDS])
{
	char *to = copy;
	unsigned n = 0;

	for (const char *p = text; *p && to < copy + COPY_ROOM - 4; p++) {
		if (*p == '*')
			to = stpcpy(to, " * ");
		else
			*to++ = strchr("(), ", *p) ? ' ' : *p;
	}
	*to = '\0';
	for (char *rest = copy, *word; (word = strsep(&rest, " "));) {
		if (!*word)
			continue;
		if (n == MAX_WORDS)
			return n + 1;
		words[n++] = word;
	}
	return n;
}

static bool whole(const char *word, uint64_t *out)
{
	return !sfe_span_u64((struct sfe_span){word, strlen(word)}, out);
}

static bool number(const char *word, double *out)
{
	return !sfe_span_double((struct sfe_span){word, strlen(word)}, out) &&
	       fabs(*out) <= MAX_PARAMETER;
}

/* Box and Muller's method. It uses two random numbers and drops the second normal number. */
static double draw_normal(struct sfe_stream *s)
{
	double radius = sqrt(-2 * log1p(-sfe_stream_real(s)));

	return radius * cos(TWO_PI * sfe_stream_real(s));
}

/* Draws from the law in words. False: not a law. */
static bool draw_law(struct sfe_stream *s, char **words, unsigned n, double *out)
{
	double p[3];
	uint64_t fixed;

	if (n == 1 && whole(words[0], &fixed) && fixed <= MAX_COUNT) {
		*out = (double)fixed;
		return true;
	}
	for (unsigned i = 1; i < n && i <= 3; i++)
		if (!number(words[i], &p[i - 1]))
			return false;
	if (n == 3 && !strcmp(words[0], "uniform") && p[0] == floor(p[0]) && p[1] == floor(p[1]) &&
		p[0] <= p[1]) {
		*out = p[0] + floor(sfe_stream_real(s) * (p[1] - p[0] + 1));
		return true;
	}
	if (n == 3 && !strcmp(words[0], "normal") && p[1] >= 0) {
		*out = p[0] + p[1] * draw_normal(s);
		return true;
	}
	if (n == 4 && !strcmp(words[0], "lognormal") && p[0] >= 0 && p[2] >= 0) {
		*out = p[1] + p[2] * exp(p[0] * draw_normal(s));
		return true;
	}
	return false;
}

static bool is_law(const char *word)
{
	return !strcmp(word, "uniform") || !strcmp(word, "normal") || !strcmp(word, "lognormal");
}

#define LAWS "uniform 2 6, normal 4 1 or lognormal 0.39 0 5.1"

/* Rounds, and clamps to min and max. */
static int draw(struct sfe_composer *c, const struct sfe_tree *t, const char *stream, double min,
	double max, char **words, unsigned n, uint64_t *out)
{
	struct sfe_tally *tally = sfe_compose_tally(c, &c->streams, stream);
	double value;

	if (!tally)
		return c->b->rc;
	if (!draw_law(&tally->stream, words, n, &value))
		return sfe_compose_fail(c, t,
			"write " LAWS " (shape, location and scale, as Ether has them)",
			"'%.80s' is not a law of a count", t->text);
	*out = (uint64_t)fmin(fmax(round(value), min), max);
	return 0;
}

/* {law: lognormal 0.39 0 5.1, min: 1, max: 20} */
static int draw_group(
	struct sfe_composer *c, const struct sfe_tree *t, const char *stream, uint64_t *out)
{
	static const char *const keys[] = {"law", "min", "max", NULL};
	const struct sfe_tree *law = sfe_tree_get(t, "law");
	char copy[COPY_ROOM], *words[MAX_WORDS];
	uint64_t min, max;

	if (sfe_tree_check_keys(t, c->b->file, keys, &c->b->error))
		return c->b->rc = c->b->error.code;
	if (!law)
		return sfe_compose_fail(
			c, t, "write law: " LAWS, "%s: there is no law", t->key ? t->key : "draw");
	if (sfe_compose_count(c, sfe_tree_get(t, "min"), NULL, 1, &min) ||
		sfe_compose_count(c, sfe_tree_get(t, "max"), NULL, MAX_COUNT, &max) ||
		!sfe_compose_text(c, law, "law"))
		return c->b->rc;
	if (min > max)
		return sfe_compose_fail(
			c, t, "exchange them", "min is %" PRIu64 " and max is %" PRIu64, min, max);
	unsigned n = split(law->text, copy, words);
	return draw(c, law, stream, (double)min, (double)max, words, n, out);
}

int sfe_compose_draw(struct sfe_composer *c, const struct sfe_tree *t, uint64_t *out)
{
	char copy[COPY_ROOM], *words[MAX_WORDS];

	for (const char *p = t->key; *p; p++)
		if (!(isalnum((unsigned char)*p) || *p == '_') || isdigit((unsigned char)t->key[0]))
			return sfe_compose_fail(c, t, "use letters, digits and _",
				"'%.80s' is not a name for a draw", t->key);
	if (is_law(t->key))
		return sfe_compose_fail(
			c, t, "give it another name", "'%s' is the name of a law", t->key);
	if (t->kind == SFE_TREE_MAPPING)
		return draw_group(c, t, t->key, out);
	if (!sfe_compose_text(c, t, t->key))
		return c->b->rc;
	unsigned n = split(t->text, copy, words);
	return draw(c, t, t->key, 1, MAX_COUNT, words, n, out);
}

static int fail_count(struct sfe_composer *c, const struct sfe_tree *t)
{
	return sfe_compose_fail(c, t,
		"write a whole number, a law such as " LAWS
		", the name of a draw, or 2 * that name",
		"%s: '%.80s' is not a count", t->key ? t->key : "count", t->text);
}

static const struct sfe_scope *find(const struct sfe_scope *scope, const char *name)
{
	while (scope && strcmp(scope->name, name))
		scope = scope->around;
	return scope;
}

/* A factor of a count: a number, or the name of a draw. */
static bool factor(const struct sfe_scope *scope, const char *word, uint64_t *out)
{
	const struct sfe_scope *found = find(scope, word);

	if (found)
		*out = found->value;
	return found || whole(word, out);
}

int sfe_compose_count(struct sfe_composer *c, const struct sfe_tree *t,
	const struct sfe_scope *scope, uint64_t preset, uint64_t *out)
{
	char copy[COPY_ROOM], *words[MAX_WORDS];
	uint64_t second = 1;

	*out = preset;
	if (c->b->rc || !t)
		return c->b->rc;
	if (t->kind == SFE_TREE_MAPPING)
		return draw_group(c, t, "count", out);
	if (!sfe_compose_text(c, t, t->key ? t->key : "count"))
		return c->b->rc;
	unsigned n = split(t->text, copy, words);
	if (n && is_law(words[0]))
		return draw(c, t, "count", 1, MAX_COUNT, words, n, out);
	if ((n != 1 && n != 3) || !factor(scope, words[0], out) ||
		(n == 3 && (strcmp(words[1], "*") || !factor(scope, words[2], &second))))
		return fail_count(c, t);
	if (*out > MAX_COUNT || second > MAX_COUNT || *out * second > MAX_COUNT)
		return sfe_compose_fail(c, t, "use a smaller one",
			"%s: more than %u, which is all that a topology may have",
			t->key ? t->key : "count", MAX_COUNT);
	*out *= second;
	return 0;
}

int sfe_compose_rate(
	struct sfe_composer *c, const struct sfe_tree *t, double preset_mbps, double *mbps)
{
	struct sfe_error cause = {0};
	uint64_t bps;

	*mbps = preset_mbps;
	if (c->b->rc || !t)
		return c->b->rc;
	const char *text = sfe_compose_text(c, t, t->key);
	if (!text)
		return c->b->rc;
	if (sfe_parse_rate(text, &bps, &cause))
		return sfe_compose_fail(c, t, cause.todo, "%s: %s", t->key, cause.what);
	if (!bps)
		return sfe_compose_fail(
			c, t, "write one such as 300Mbit", "%s: the rate is 0", t->key);
	*mbps = (double)bps / 1e6;
	return 0;
}

int sfe_compose_latency(
	struct sfe_composer *c, const struct sfe_tree *t, const char *ether, struct sfe_delay *out)
{
	struct sfe_error cause = {0};

	*out = (struct sfe_delay){0};
	if (c->b->rc)
		return c->b->rc;
	if (!t) {
		if (c->ether && ether)
			sfe_ether_latency(ether, out);
		return 0;
	}
	const char *text = sfe_compose_text(c, t, t->key);
	if (!text || !strcmp(text, "none") || sfe_ether_latency(text, out))
		return c->b->rc;
	if (sfe_latency_parse(text, out, &cause))
		return sfe_compose_fail(c, t, cause.todo,
			"%s: not none, not one of " SFE_ETHER_LATENCIES ", and as a law: %s",
			t->key, cause.what);
	return 0;
}

int sfe_compose_figures(
	struct sfe_composer *c, const struct sfe_item *item, struct sfe_node_row *row)
{
	const struct sfe_tree *cpu = item->field[SFE_FIELD_CPU];
	const struct sfe_tree *memory = item->field[SFE_FIELD_MEMORY];
	struct sfe_error cause = {0};
	const char *text;

	if (cpu) {
		if (!(text = sfe_compose_text(c, cpu, "cpu_millis")))
			return c->b->rc;
		if (sfe_span_u64((struct sfe_span){text, strlen(text)}, &row->cpu_millis))
			return sfe_compose_fail(c, cpu,
				"write a whole number, in thousandths of a CPU",
				"cpu_millis: '%.40s' is not a number that fits", text);
	}
	if (memory) {
		if (!(text = sfe_compose_text(c, memory, "memory")))
			return c->b->rc;
		if (sfe_parse_size(text, &row->memory_bytes, &cause))
			return sfe_compose_fail(c, memory, cause.todo, "memory: %s", cause.what);
	}
	return 0;
}
