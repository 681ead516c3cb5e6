/* SPDX-License-Identifier: MIT */
/* Delay laws as text, and files of samples. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/text.h"
#include "sfemu/delay.h"
#include "sfemu/units.h"

#define MAX_WORDS 4
#define MAX_SHAPE 100.0

static const char todo[] =
	"write a time such as 5ms, or normal MEAN SD, uniform LOW HIGH, pareto LEAST SHAPE, "
	"lognormal SHAPE LOCATION SCALE, or table FILE";

static int refuse(struct sfe_error *err, const char *text, const char *why)
{
	return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' %s", text, why);
}

static int read_time(const char *word, uint64_t *ns, struct sfe_error *err)
{
	int r = sfe_parse_time(word, ns, err);

	if (!r && *ns > SFE_MAX_DELAY_NS)
		r = sfe_fail(err, -ERANGE, NULL, "write a value from 0ns to 1h",
			"%.80s is out of range", word);
	return r;
}

static int read_shape(const char *word, double least, double *shape, struct sfe_error *err)
{
	if (sfe_span_double((struct sfe_span){word, strlen(word)}, shape) || *shape < least ||
		*shape > MAX_SHAPE)
		return sfe_fail(err, -EINVAL, NULL, todo, "'%.80s' is not a shape from %g to %g",
			word, least, MAX_SHAPE);
	return 0;
}

/* A line of a sample file: a time with its unit, or a bare number of ms. */
static int read_sample(struct sfe_span line, uint64_t *ns)
{
	char word[64];
	double ms;

	if (line.len >= sizeof(word))
		return -EINVAL;
	memcpy(word, line.at, line.len);
	word[line.len] = 0;
	if (!sfe_span_double(line, &ms)) {
		if (ms < 0 || ms * 1e6 > (double)SFE_MAX_DELAY_NS)
			return -ERANGE;
		*ns = (uint64_t)(ms * 1e6 + 0.5);
		return 0;
	}
	return sfe_parse_time(word, ns, NULL) || *ns > SFE_MAX_DELAY_NS ? -EINVAL : 0;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int read_samples(
	struct sfe_delay_samples *s, const char *text, size_t len, struct sfe_error *err)
{
	struct sfe_lines lines = sfe_lines_begin(text, len);
	struct sfe_span line;
	uint32_t cap = 0;

	while (sfe_lines_next(&lines, &line)) {
		line = sfe_span_trim(line);
		if (!line.len || *line.at == '#')
			continue;
		if (s->n == SFE_MAX_DELAY_SAMPLES)
			return sfe_fail_at(err, -EINVAL, s->file, lines.line, "take fewer",
				"more than %u samples", SFE_MAX_DELAY_SAMPLES);
		if (sfe_grow(&s->ns, &cap, s->n + 1, sizeof(*s->ns)))
			return sfe_fail(err, -ENOMEM, s->file, NULL, "out of memory");
		if (read_sample(line, &s->ns[s->n]))
			return sfe_fail_at(err, -EINVAL, s->file, lines.line,
				"write one delay a line, such as 1.2ms, or a number of ms",
				"'%s' is not a delay from 0 to 1h", SFE_SHOW(line));
		s->n++;
	}
	if (!s->n)
		return sfe_fail(err, -EINVAL, s->file, "write one delay a line", "has no samples");
	qsort(s->ns, s->n, sizeof(*s->ns), ascending);
	return 0;
}

/* Owns the path. */
static int load(char *full, struct sfe_delay_samples **list, const struct sfe_delay_samples **out,
	struct sfe_error *err)
{
	struct sfe_error cause = {0};
	char *text = NULL;
	size_t len;

	for (const struct sfe_delay_samples *s = *list; s; s = s->next)
		if (!strcmp(s->file, full)) {
			free(full);
			*out = s;
			return 0;
		}
	struct sfe_delay_samples *s = calloc(1, sizeof(*s));
	if (!s) {
		free(full);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	s->file = full;
	int r = sfe_input_load(full, &text, &len, NULL, &cause);
	if (!r) {
		s->digest = sfe_input_digest(text, len);
		r = read_samples(s, text, len, &cause);
	}
	free(text);
	if (r) {
		sfe_fail(err, -EINVAL, NULL, cause.todo, "%.250s: %s", cause.where, cause.what);
		sfe_delay_samples_free(s);
		return r == -ENOMEM ? r : -EINVAL;
	}
	s->next = *list;
	*list = s;
	*out = s;
	return 0;
}

int sfe_delay_named(const char *name, struct sfe_delay_samples **list, struct sfe_delay *out,
	struct sfe_error *err)
{
	struct sfe_delay_samples *s = *list;

	if (!*name)
		return refuse(err, name, "is not the path of a file");
	while (s && strcmp(s->file, name) != 0)
		s = s->next;
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s || !(s->file = strdup(name)) || !(s->ns = calloc(1, sizeof(*s->ns)))) {
			sfe_delay_samples_free(s);
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		}
		s->n = 1;
		s->next = *list;
		*list = s;
	}
	*out = (struct sfe_delay){.law = SFE_DELAY_TABLE_OF_SAMPLES, .samples = s};
	return 0;
}

static int read_table(const char *name, const char *folder, struct sfe_delay_samples **samples,
	struct sfe_delay *out, struct sfe_error *err)
{
	char *full;

	if (!samples)
		return sfe_fail(
			err, -EINVAL, NULL, "write the law itself", "a table cannot be used here");
	while (*name == ' ')
		name++;
	if (!*name)
		return refuse(err, name, "is not the path of a file");
	out->law = SFE_DELAY_TABLE_OF_SAMPLES;
	int r = sfe_text_find(name, folder, &full, err);
	return r ? r : load(full, samples, &out->samples, err);
}

static int read_law(
	char *const *word, int n, const char *text, struct sfe_delay *d, struct sfe_error *err)
{
	int r = -EINVAL;

	if (!strcmp(word[0], "normal") && n == 3) {
		d->law = SFE_DELAY_NORMAL;
		r = read_time(word[1], &d->a_ns, err);
		return r ? r : read_time(word[2], &d->b_ns, err);
	}
	if (!strcmp(word[0], "uniform") && n == 3) {
		d->law = SFE_DELAY_UNIFORM;
		r = read_time(word[1], &d->a_ns, err);
		r = r ? r : read_time(word[2], &d->b_ns, err);
		return r || d->a_ns <= d->b_ns ? r : refuse(err, text, "ends before it begins");
	}
	if (!strcmp(word[0], "pareto") && n == 3) {
		d->law = SFE_DELAY_PARETO;
		r = read_time(word[1], &d->a_ns, err);
		return r ? r : read_shape(word[2], 1.001, &d->shape, err);
	}
	if (!strcmp(word[0], "lognormal") && n == 4) {
		d->law = SFE_DELAY_LOGNORMAL;
		r = read_shape(word[1], 0, &d->shape, err);
		r = r ? r : read_time(word[2], &d->a_ns, err);
		return r ? r : read_time(word[3], &d->b_ns, err);
	}
	if (n > 1)
		return refuse(err, text, "is not a delay");
	d->law = SFE_DELAY_CONSTANT;
	r = read_time(word[0], &d->a_ns, err);
	if (!r && !d->a_ns)
		d->law = SFE_DELAY_NONE;
	return r == -EINVAL && !strchr("-0123456789", *text) ? refuse(err, text, "is not a delay")
							     : r;
}

int sfe_delay_parse(const char *text, const char *folder, struct sfe_delay_samples **samples,
	struct sfe_delay *out, struct sfe_error *err)
{
	struct sfe_delay d = {0};
	struct sfe_delay_netem netem;
	char *copy, *save = NULL, *word[MAX_WORDS + 1];
	int n = 0, r;

	while (*text == ' ')
		text++;
	if (!strncmp(text, "table ", strlen("table "))) {
		r = read_table(text + strlen("table "), folder, samples, &d, err);
	} else {
		copy = strdup(text);
		if (!copy)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		for (char *w = strtok_r(copy, " ", &save); w && n <= MAX_WORDS;
			w = strtok_r(NULL, " ", &save))
			word[n++] = w;
		r = n ? read_law(word, n, text, &d, err) : refuse(err, text, "is not a delay");
		free(copy);
	}
	/* Refuses here what netem cannot represent, before a network is built. */
	if (!r)
		r = sfe_delay_netem_range(&d, &netem, err);
	if (!r)
		*out = d;
	return r;
}

void sfe_delay_samples_free(struct sfe_delay_samples *samples)
{
	while (samples) {
		struct sfe_delay_samples *next = samples->next;
		free(samples->file);
		free(samples->ns);
		free(samples);
		samples = next;
	}
}

int sfe_delay_ether(double shape, double location_ms, double scale_ms, struct sfe_delay *out,
	struct sfe_error *err)
{
	const double max_ms = (double)SFE_MAX_DELAY_NS / 1e6;
	struct sfe_delay_netem netem;

	/* This form refuses NaN too. */
	if (!(shape >= 0 && shape <= MAX_SHAPE && location_ms >= 0 && location_ms <= max_ms &&
		    scale_ms >= 0 && scale_ms <= max_ms))
		return sfe_fail(err, -EINVAL, NULL,
			"give a shape from 0 to 100 and two times from 0 to 1h",
			"lognormal %g %g %g (ms) is not a delay law", shape, location_ms, scale_ms);
	*out = (struct sfe_delay){.law = SFE_DELAY_LOGNORMAL,
		.shape = shape,
		.a_ns = (uint64_t)(location_ms * 1e6 + 0.5),
		.b_ns = (uint64_t)(scale_ms * 1e6 + 0.5)};
	return sfe_delay_netem_range(out, &netem, err);
}

/* The shortest form with 15 or 17 digits that reads back as the same number. */
static const char *real(double value, char buf[32])
{
	snprintf(buf, 32, "%.15g", value);
	if (strtod(buf, NULL) != value)
		snprintf(buf, 32, "%.17g", value);
	return buf;
}

const char *sfe_delay_format(const struct sfe_delay *d, char buf[SFE_DELAY_TEXT])
{
	char a[SFE_UNIT_TEXT], b[SFE_UNIT_TEXT], shape[32];

	sfe_format_time(d->a_ns, a);
	sfe_format_time(d->b_ns, b);
	real(d->shape, shape);
	switch (d->law) {
	case SFE_DELAY_NONE:
		snprintf(buf, SFE_DELAY_TEXT, "0");
		break;
	case SFE_DELAY_CONSTANT:
		snprintf(buf, SFE_DELAY_TEXT, "%s", a);
		break;
	case SFE_DELAY_NORMAL:
		snprintf(buf, SFE_DELAY_TEXT, "normal %s %s", a, b);
		break;
	case SFE_DELAY_UNIFORM:
		snprintf(buf, SFE_DELAY_TEXT, "uniform %s %s", a, b);
		break;
	case SFE_DELAY_PARETO:
		snprintf(buf, SFE_DELAY_TEXT, "pareto %s %s", a, shape);
		break;
	case SFE_DELAY_LOGNORMAL:
		snprintf(buf, SFE_DELAY_TEXT, "lognormal %s %s %s", shape, a, b);
		break;
	case SFE_DELAY_TABLE_OF_SAMPLES:
		snprintf(buf, SFE_DELAY_TEXT, "table %s", d->samples->file);
		break;
	}
	return buf;
}
