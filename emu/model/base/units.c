/* SPDX-License-Identifier: MIT */
#include "sfemu/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_EXPONENT 40 /* beyond it no number with a unit fits in 64 bits */
#define SHOWN_TEXT 60   /* bytes of the user's text in an error */

struct unit {
	const char *name;
	uint64_t factor;
};

struct quantity {
	const char *what;  /* "rate" */
	const char *whole; /* the unit of which it must be a whole number */
	const char *units; /* for errors */
	const char *example;
	const struct unit *unit; /* ascending, ended by a NULL name */
};

static const struct unit rate_units[] = {
	{"bit", 1},
	{"kbit", 1000},
	{"Mbit", 1000000},
	{"Gbit", 1000000000},
	{NULL, 0},
};
static const struct unit time_units[] = {
	{"ns", 1},
	{"us", 1000},
	{"ms", 1000000},
	{"s", 1000000000},
	{"min", 60000000000},
	{"h", 3600000000000},
	{NULL, 0},
};
static const struct unit size_units[] = {
	{"B", 1},
	{"kB", 1000},
	{"KiB", 1024},
	{"MB", 1000000},
	{"MiB", 1 << 20},
	{"GB", 1000000000},
	{"GiB", 1 << 30},
	{NULL, 0},
};

static const struct quantity rate = {
	"rate", "bit/s", "bit, kbit, Mbit, Gbit (a second)", "300Mbit", rate_units};
static const struct quantity duration = {
	"time", "nanoseconds", "ns, us, ms, s, min, h", "2ms", time_units};
static const struct quantity size = {
	"size", "bytes", "B, kB, MB, GB (powers of 1000), KiB, MiB, GiB", "64kB", size_units};

/* A decimal number: digits × 10^exponent. */
struct decimal {
	unsigned __int128 digits;
	int exponent;
	bool overflow;
};

static void add_digit(struct decimal *d, char c, bool fraction)
{
	/* 30 digits are enough for 64 bits and a unit; trailing zeros of a fraction are free. */
	if (d->digits > (unsigned __int128)1000000000000000 * 1000000000000000) {
		if (c != '0')
			d->overflow = true;
		d->exponent += !fraction;
		return;
	}
	d->digits = d->digits * 10 + (unsigned)(c - '0');
	d->exponent -= fraction;
}

/* Reads digits[.digits][e[+-]digits]. Returns the rest; NULL: no number. */
static const char *read_decimal(const char *p, struct decimal *d)
{
	unsigned n = 0;

	*d = (struct decimal){0};
	for (; isdigit((unsigned char)*p); p++, n++)
		add_digit(d, *p, false);
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, n++)
			add_digit(d, *p, true);
	if (!n)
		return NULL;

	const char *e = p;
	if (*e != 'e' && *e != 'E')
		return p;
	int sign = e[1] == '-' ? -1 : 1;
	e += e[1] == '-' || e[1] == '+' ? 2 : 1;
	if (!isdigit((unsigned char)*e))
		return p;
	int exponent = 0;
	for (; isdigit((unsigned char)*e); e++)
		exponent = exponent > 10000 ? exponent : exponent * 10 + (*e - '0');
	d->exponent += sign * exponent;
	return e;
}

/* *out = d × factor. -ERANGE: too large; -EDOM: not a whole number. */
static int scale(const struct decimal *d, uint64_t factor, uint64_t *out)
{
	unsigned __int128 v = d->digits;
	int exponent = d->exponent;

	*out = 0;
	if (!v)
		return 0;
	while (exponent < 0 && v % 10 == 0) {
		v /= 10;
		exponent++;
	}
	if (exponent > MAX_EXPONENT)
		return -ERANGE;
	/* The factor's tens absorb the fraction first, so that nothing overflows early. */
	for (; exponent < 0 && factor % 10 == 0; exponent++)
		factor /= 10;
	if (__builtin_mul_overflow(v, (unsigned __int128)factor, &v))
		return -ERANGE;
	for (; exponent < 0; exponent++) {
		if (v % 10)
			return -EDOM;
		v /= 10;
	}
	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(v, (unsigned __int128)10, &v))
			return -ERANGE;
	if (v > UINT64_MAX)
		return -ERANGE;
	*out = (uint64_t)v;
	return d->overflow ? -EDOM : 0;
}

static int refuse(const struct quantity *q, const char *text, int code, const char *why,
	struct sfe_error *err)
{
	char todo[160];

	snprintf(todo, sizeof(todo), "write a number with one of the units %s, such as %s",
		q->units, q->example);
	return sfe_fail(err, code, NULL, todo, "'%.*s' %s", SHOWN_TEXT, text, why);
}

static int parse(const struct quantity *q, const char *text, uint64_t *out, struct sfe_error *err)
{
	struct decimal d;
	char why[64];

	*out = 0;
	if (*text == '-')
		return refuse(q, text, -EINVAL, "is negative", err);
	const char *p = read_decimal(text, &d);
	if (!p) {
		snprintf(why, sizeof(why), "is not a %s", q->what);
		return refuse(q, text, -EINVAL, why, err);
	}
	while (*p == ' ')
		p++;
	if (!*p && !d.digits)
		return 0;
	if (!*p)
		return refuse(q, text, -EINVAL, "has no unit", err);

	const struct unit *u = q->unit;
	while (u->name && strcmp(u->name, p))
		u++;
	if (!u->name) {
		snprintf(why, sizeof(why), "has a unit that is not one of a %s", q->what);
		return refuse(q, text, -EINVAL, why, err);
	}

	uint64_t value;
	int ret = scale(&d, u->factor, &value);
	if (ret == -ERANGE)
		return refuse(q, text, -ERANGE, "is too large", err);
	if (ret) {
		snprintf(why, sizeof(why), "is not a whole number of %s", q->whole);
		return refuse(q, text, -EINVAL, why, err);
	}
	*out = value;
	return 0;
}

int sfe_parse_rate(const char *text, uint64_t *bps, struct sfe_error *err)
{
	return parse(&rate, text, bps, err);
}

int sfe_parse_time(const char *text, uint64_t *ns, struct sfe_error *err)
{
	return parse(&duration, text, ns, err);
}

int sfe_parse_size(const char *text, uint64_t *bytes, struct sfe_error *err)
{
	return parse(&size, text, bytes, err);
}

static const char *format(const struct quantity *q, uint64_t value, char *buf)
{
	char text[SFE_UNIT_TEXT];

	snprintf(buf, SFE_UNIT_TEXT, "%" PRIu64 "%s", value, q->unit[0].name);
	for (const struct unit *u = q->unit + 1; u->name; u++) {
		if (!value || value % u->factor)
			continue;
		snprintf(text, sizeof(text), "%" PRIu64 "%s", value / u->factor, u->name);
		if (strlen(text) <= strlen(buf))
			memcpy(buf, text, sizeof(text));
	}
	return buf;
}

const char *sfe_format_rate(uint64_t bps, char buf[SFE_UNIT_TEXT])
{
	return format(&rate, bps, buf);
}

const char *sfe_format_time(uint64_t ns, char buf[SFE_UNIT_TEXT])
{
	return format(&duration, ns, buf);
}

const char *sfe_format_size(uint64_t bytes, char buf[SFE_UNIT_TEXT])
{
	return format(&size, bytes, buf);
}
