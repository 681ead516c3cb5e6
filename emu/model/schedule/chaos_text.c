/* SPDX-License-Identifier: MIT */
#include "emu/model/schedule/chaos_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "sfemu/units.h"

#define MAX_TIME_NS (8760ull * 3600000000000ull)
#define MAX_EXTRA_NS 60000000000ull
#define ALL_KINDS ((1u << SFE_FAULT_KINDS) - 1)
#define MS 1000000ull
#define RANGE_TEXT 80u

struct reading {
	struct sfe_chaos *chaos;
	const char *file;
	struct sfe_error *err;
};

static int read_time(const struct reading *r, const struct sfe_tree *t, const char *text,
	uint64_t least, uint64_t most, uint64_t *out)
{
	char low[SFE_UNIT_TEXT], high[SFE_UNIT_TEXT];
	struct sfe_error cause = {0};

	if (sfe_parse_time(text, out, &cause))
		return sfe_tree_fail(t, r->file, cause.todo, r->err, "schedule: chaos: %s: %s",
			t->key, cause.what);
	if (*out < least || *out > most)
		return sfe_tree_fail(t, r->file, NULL, r->err,
			"schedule: chaos: %s: '%.40s' is not from %s to %s", t->key, text,
			sfe_format_time(least, low), sfe_format_time(most, high));
	return 0;
}

/* "12.5%", more than 0. */
static int read_share(
	const struct reading *r, const struct sfe_tree *t, const char *text, double *out)
{
	char *end;

	*out = *text >= '0' && *text <= '9' ? strtod(text, &end) / 100 : 0;
	if (!(*out > 0) || *out > 1 || strcmp(end, "%"))
		return sfe_tree_fail(t, r->file, "write a share of more than 0, such as 5%", r->err,
			"schedule: chaos: %s: '%.40s' is not a share up to 100%%", t->key, text);
	return 0;
}

/* "A..B", or one value for both. */
static int split(const struct reading *r, const struct sfe_tree *t, char low[RANGE_TEXT],
	char high[RANGE_TEXT])
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	const char *dots = text ? strstr(text, "..") : NULL;

	if (!text)
		return -EINVAL;
	if (strlen(text) >= RANGE_TEXT)
		return sfe_tree_fail(t, r->file, "write it shorter", r->err,
			"schedule: chaos: %s: is too long", t->key);
	snprintf(low, RANGE_TEXT, "%.*s", dots ? (int)(dots - text) : (int)strlen(text), text);
	snprintf(high, RANGE_TEXT, "%s", dots ? dots + 2 : text);
	return 0;
}

static int fail_order(const struct reading *r, const struct sfe_tree *t)
{
	return sfe_tree_fail(t, r->file, "write the smaller one first", r->err,
		"schedule: chaos: %s: ends below its beginning", t->key);
}

static int read_times(
	const struct reading *r, const struct sfe_tree *t, uint64_t most, uint64_t out[2])
{
	char text[2][RANGE_TEXT];
	int rc = split(r, t, text[0], text[1]);

	for (int i = 0; i < 2 && !rc; i++)
		rc = read_time(r, t, text[i], 1, most, &out[i]);
	return rc || out[0] <= out[1] ? rc : fail_order(r, t);
}

static int read_shares(const struct reading *r, const struct sfe_tree *t, double out[2])
{
	char text[2][RANGE_TEXT];
	int rc = split(r, t, text[0], text[1]);

	for (int i = 0; i < 2 && !rc; i++)
		rc = read_share(r, t, text[i], &out[i]);
	return rc || out[0] <= out[1] ? rc : fail_order(r, t);
}

/* One name, or a list of names. */
static int read_names(const struct reading *r, const struct sfe_tree *t, struct sfe_patterns *out)
{
	bool one = t->kind == SFE_TREE_VALUE;
	unsigned n = one ? 1 : t->n;
	struct sfe_error cause = {0};

	if (t->kind == SFE_TREE_MAPPING || !n)
		return sfe_tree_fail(t, r->file, "write [NAME, ...]; patterns such as 'rpi3_*' too",
			r->err, "schedule: chaos: %s: is not a list of names", t->key);
	out->text = calloc(n, sizeof(*out->text));
	if (!out->text)
		return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	for (; out->n < n; out->n++) {
		const char *text =
			sfe_tree_text(one ? t : t->child[out->n], r->file, t->key, r->err);
		if (!text)
			return -EINVAL;
		if (sfe_pattern_check(text, &cause))
			return sfe_tree_fail(
				t, r->file, cause.todo, r->err, "schedule: chaos: %s", cause.what);
		if (!(out->text[out->n] = strdup(text)))
			return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
	}
	return 0;
}

static int read_kind(const struct reading *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, "kinds", r->err);

	if (!text)
		return -EINVAL;
	for (unsigned k = 0; k < SFE_FAULT_KINDS; k++)
		if (!strcmp(text, sfe_fault_names[k])) {
			if (r->chaos->kinds & 1u << k)
				return sfe_tree_fail(t, r->file,
					"use a second chaos for more of it", r->err,
					"schedule: chaos: kinds: '%s' is given twice", text);
			r->chaos->kinds |= 1u << k;
			return 0;
		}
	return sfe_tree_fail(t, r->file, "write any of down, loss, delay, rate, partition, crash",
		r->err, "schedule: chaos: kinds: '%.40s' is not a kind of fault", text);
}

static int read_kinds(const struct reading *r, const struct sfe_tree *t)
{
	int rc = 0;

	r->chaos->kinds = 0;
	if (t->kind != SFE_TREE_LIST || !t->n)
		return sfe_tree_fail(t, r->file, "write [down, loss, crash] or the like", r->err,
			"schedule: chaos: kinds: is not a list");
	for (unsigned i = 0; i < t->n && !rc; i++)
		rc = read_kind(r, t->child[i]);
	return rc;
}

static int read_faults(const struct reading *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	char *end;

	if (!text)
		return -EINVAL;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !n || n > SFE_MAX_FAULTS)
		return sfe_tree_fail(t, r->file, NULL, r->err,
			"schedule: chaos: faults: '%.40s' is not a number from 1 to %u", text,
			SFE_MAX_FAULTS);
	r->chaos->faults = (uint32_t)n;
	return 0;
}

static int read_moment(
	const struct reading *r, const struct sfe_tree *t, uint64_t least, uint64_t *out)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);

	return text ? read_time(r, t, text, least, MAX_TIME_NS, out) : -EINVAL;
}

static int read_key(const struct reading *r, const struct sfe_tree *t)
{
	struct sfe_chaos *c = r->chaos;

	if (!strcmp(t->key, "faults"))
		return read_faults(r, t);
	if (!strcmp(t->key, "from"))
		return read_moment(r, t, 0, &c->from_ns);
	if (!strcmp(t->key, "over"))
		return read_moment(r, t, 1, &c->over_ns);
	if (!strcmp(t->key, "kinds"))
		return read_kinds(r, t);
	if (!strcmp(t->key, "lasts"))
		return read_times(r, t, MAX_TIME_NS, c->lasts_ns);
	if (!strcmp(t->key, "delay"))
		return read_times(r, t, MAX_EXTRA_NS, c->delay_ns);
	if (!strcmp(t->key, "loss"))
		return read_shares(r, t, c->loss);
	if (!strcmp(t->key, "rate"))
		return read_shares(r, t, c->rate);
	return read_names(r, t,
		!strcmp(t->key, "links")   ? &c->links
		: !strcmp(t->key, "nodes") ? &c->nodes
					   : &c->spare);
}

int sfe_chaos_read(const struct sfe_tree *tree, const char *file, struct sfe_chaos **out,
	struct sfe_error *err)
{
	static const char *const keys[] = {"faults", "from", "over", "kinds", "lasts", "loss",
		"delay", "rate", "links", "nodes", "spare", NULL};
	struct reading r = {.file = file, .err = err};
	int rc;

	*out = r.chaos = calloc(1, sizeof(*r.chaos));
	if (!r.chaos)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	*r.chaos = (struct sfe_chaos){
		.kinds = ALL_KINDS,
		.lasts_ns = {1000 * MS, 10000 * MS},
		.delay_ns = {10 * MS, 500 * MS},
		.loss = {0.01, 0.3},
		.rate = {0.01, 0.5},
	};
	rc = sfe_tree_check_keys(tree, file, keys, err);
	for (unsigned i = 0; i < tree->n && !rc; i++)
		rc = read_key(&r, tree->child[i]);
	if (!rc && (!r.chaos->faults || !r.chaos->over_ns))
		rc = sfe_tree_fail(tree, file, "write {faults: 200, over: 600s}", err,
			"schedule: chaos: needs faults and over");
	return rc;
}

static void print_times(const char *key, const uint64_t range[2], FILE *out)
{
	char low[SFE_UNIT_TEXT], high[SFE_UNIT_TEXT];

	fprintf(out, ", %s: %s..%s", key, sfe_format_time(range[0], low),
		sfe_format_time(range[1], high));
}

/* The shortest text that reads back as the same share. */
static void print_share(double share, FILE *out)
{
	char text[40];

	for (int digits = 3; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, 100 * share);
		if (strtod(text, NULL) / 100 == share)
			break;
	}
	fprintf(out, "%s%%", text);
}

static void print_shares(const char *key, const double range[2], FILE *out)
{
	fprintf(out, ", %s: ", key);
	print_share(range[0], out);
	fputs("..", out);
	print_share(range[1], out);
}

static void print_names(const char *key, const struct sfe_patterns *p, FILE *out)
{
	for (uint32_t i = 0; i < p->n; i++) {
		if (i)
			fputs(", ", out);
		else
			fprintf(out, ", %s: [", key);
		sfe_tree_print_text(p->text[i], out);
	}
	if (p->n)
		fputc(']', out);
}

void sfe_chaos_print(const struct sfe_chaos *chaos, FILE *out)
{
	char from[SFE_UNIT_TEXT], over[SFE_UNIT_TEXT];
	const char *comma = "";

	fprintf(out, "{faults: %" PRIu32 ", from: %s, over: %s, kinds: [", chaos->faults,
		sfe_format_time(chaos->from_ns, from), sfe_format_time(chaos->over_ns, over));
	for (unsigned k = 0; k < SFE_FAULT_KINDS; k++) {
		if (!(chaos->kinds & 1u << k))
			continue;
		fprintf(out, "%s%s", comma, sfe_fault_names[k]);
		comma = ", ";
	}
	fputc(']', out);
	print_times("lasts", chaos->lasts_ns, out);
	print_shares("loss", chaos->loss, out);
	print_times("delay", chaos->delay_ns, out);
	print_shares("rate", chaos->rate, out);
	print_names("links", &chaos->links, out);
	print_names("nodes", &chaos->nodes, out);
	print_names("spare", &chaos->spare, out);
	fputc('}', out);
}
