/* SPDX-License-Identifier: MIT */
/* Laws of a function: operations and bytes of output as a linear law of the argument's bytes. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "sfemu/function_spec.h"
#include "sfemu/units.h"

#define MAX_TEXT 200u
#define MAX_TERMS 8u

static const char example[] = "write a number or a linear law of the argument, such as %s";

static int refuse(
	enum sfe_law_unit unit, struct sfe_span part, const char *why, struct sfe_error *err)
{
	char todo[128];

	snprintf(todo, sizeof(todo), example,
		unit == SFE_LAW_BYTES ? "40kB, argument / 10, 1kB + 0.5 * argument"
				      : "2e8, 1e6 + 40 * argument");
	return sfe_fail(err, -EINVAL, NULL, todo, "'%s' %s", SFE_SHOW(part), why);
}

/* A factor: a number without a unit. */
static int read_factor(
	enum sfe_law_unit unit, struct sfe_span text, double *out, struct sfe_error *err)
{
	if (sfe_span_double(text, out))
		return refuse(unit, text, "is not a number", err);
	return *out < 0 || signbit(*out) ? refuse(unit, text, "is negative", err) : 0;
}

static int read_constant(
	enum sfe_law_unit unit, struct sfe_span text, double *out, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	char quantity[MAX_TEXT + 1];
	uint64_t bytes;

	if (unit == SFE_LAW_OPERATIONS)
		return read_factor(unit, text, out, err);
	snprintf(quantity, sizeof(quantity), "%.*s", (int)text.len, text.at);
	if (sfe_parse_size(quantity, &bytes, &cause))
		return sfe_fail(err, -EINVAL, NULL, cause.todo, "%s", cause.what);
	*out = (double)bytes;
	return 0;
}

/* The next part of the text up to one of the characters; *end is that character, or 0. A sign of an
 * exponent, as in 1e+6, ends no term. */
static struct sfe_span next_part(struct sfe_span *rest, const char *ends, char *end)
{
	size_t n = 0;

	while (n < rest->len &&
		!(strchr(ends, rest->at[n]) &&
			!(rest->at[n] == '+' && n &&
				(rest->at[n - 1] == 'e' || rest->at[n - 1] == 'E') && n > 1 &&
				rest->at[n - 2] >= '0' && rest->at[n - 2] <= '9')))
		n++;
	struct sfe_span part = {rest->at, n};
	*end = n < rest->len ? rest->at[n] : 0;
	rest->at += n + !!*end;
	rest->len -= n + !!*end;
	return sfe_span_trim(part);
}

/* A product and quotient in which `argument` stands at most once, and not below the line. */
static int read_term(
	enum sfe_law_unit unit, struct sfe_span term, struct sfe_law *law, struct sfe_error *err)
{
	struct sfe_span rest = term;
	double factor = 1, value;
	unsigned arguments = 0;
	char sign = '*', next;

	if (!memchr(term.at, '*', term.len) && !memchr(term.at, '/', term.len) &&
		!sfe_span_is(term, "argument")) {
		int r = read_constant(unit, term, &value, err);
		law->constant += r ? 0 : value;
		return r;
	}
	do {
		struct sfe_span part = next_part(&rest, "*/", &next);
		if (sfe_span_is(part, "argument")) {
			if (arguments++ || sign == '/')
				return refuse(unit, term, "is not linear in the argument", err);
		} else {
			int r = read_factor(unit, part, &value, err);
			if (!r && sign == '/' && !(value > 0))
				r = refuse(unit, term, "divides by 0", err);
			if (r)
				return r;
			factor = sign == '/' ? factor / value : factor * value;
		}
		sign = next;
	} while (next);
	if (!arguments)
		return refuse(unit, term, "is a product without the argument", err);
	law->factor += factor;
	return 0;
}

int sfe_law_parse(
	const char *text, enum sfe_law_unit unit, struct sfe_law *out, struct sfe_error *err)
{
	struct sfe_span all = {text, strlen(text)}, rest = all;
	double most = unit == SFE_LAW_BYTES ? SFE_MAX_OUTPUT_BYTES : SFE_MAX_OPERATIONS;
	unsigned terms = 0;
	char next;

	*out = (struct sfe_law){0};
	if (all.len > MAX_TEXT)
		return refuse(unit, all, "is longer than 200 bytes", err);
	do {
		struct sfe_span term = next_part(&rest, "+", &next);
		int r = ++terms > MAX_TERMS ? refuse(unit, all, "has more than 8 terms", err)
					    : read_term(unit, term, out, err);
		if (r)
			return r;
	} while (next);
	if (!(out->constant <= most))
		return refuse(unit, all,
			unit == SFE_LAW_BYTES ? "is more than 1 GB" : "is more than 1e18", err);
	if (!(out->factor <= SFE_MAX_OPERATIONS))
		return refuse(unit, all, "has a factor of more than 1e18", err);
	return 0;
}

/* A text that reads back as the same number. */
static void format_number(double value, char *buf, size_t size)
{
	struct sfe_span text = {buf, 0};
	double again;

	text.len = (size_t)snprintf(buf, size, "%.15g", value);
	if (sfe_span_double(text, &again) || again < value || again > value)
		snprintf(buf, size, "%.17g", value);
}

const char *sfe_law_format(
	const struct sfe_law *law, enum sfe_law_unit unit, char buf[SFE_LAW_TEXT])
{
	char constant[SFE_UNIT_TEXT], factor[SFE_UNIT_TEXT];

	if (unit == SFE_LAW_BYTES)
		sfe_format_size((uint64_t)law->constant, constant);
	else
		format_number(law->constant, constant, sizeof(constant));
	format_number(law->factor, factor, sizeof(factor));
	if (!(law->factor > 0))
		snprintf(buf, SFE_LAW_TEXT, "%s", constant);
	else if (!(law->constant > 0))
		snprintf(buf, SFE_LAW_TEXT, "%s * argument", factor);
	else
		snprintf(buf, SFE_LAW_TEXT, "%s + %s * argument", constant, factor);
	return buf;
}

uint64_t sfe_law_value(const struct sfe_law *law, uint64_t argument_bytes)
{
	double value = law->constant + law->factor * (double)argument_bytes;

	return (uint64_t)((value < SFE_MAX_OPERATIONS ? value : SFE_MAX_OPERATIONS) + 0.5);
}
