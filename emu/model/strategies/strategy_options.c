/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/strategy_options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "sfemu/units.h"

#define MAX_VALUES 4

/* In the order of names. A value's number is its place. */
static const struct option {
	const char *name;
	size_t at; /* an unsigned of struct sfe_strategy_options */
	const char *value[MAX_VALUES];
	bool keeper;  /* only with the rule `keeper` */
	bool calls;   /* only where steps call each other */
	bool time;    /* or a time: its microseconds */
	bool decides; /* says itself which states go with calls or ahead: not beside by=edge */
	bool chooses; /* only of a strategy that chooses by predictions */
} options[] = {
	{.name = "by",
		.at = offsetof(struct sfe_strategy_options, by),
		.value = {"job", "edge"},
		.chooses = true},
	{"cache", offsetof(struct sfe_strategy_options, cache), {"off", "on"}, false},
	{"fetch", offsetof(struct sfe_strategy_options, fetch), {"serial", "parallel"}, true},
	{"inline", offsetof(struct sfe_strategy_options, inlined), {"off", "auto"}, true, true,
		.decides = true},
	{"prefetch", offsetof(struct sfe_strategy_options, prefetch), {"0", "1"}, true, false},
	{"push", offsetof(struct sfe_strategy_options, push_us), {"off"}, true, false, true,
		.decides = true},
	{"warm", offsetof(struct sfe_strategy_options, warm), {"off", "on"}, false, false},
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

const struct sfe_strategy_info sfe_strategy_not_read = {.options = {.fetch = UINT_MAX,
								.cache = UINT_MAX,
								.prefetch = UINT_MAX,
								.inlined = UINT_MAX,
								.warm = UINT_MAX,
								.push_us = UINT_MAX,
								.by = UINT_MAX}};

static unsigned get(const struct sfe_strategy_options *from, const struct option *o)
{
	unsigned value;

	memcpy(&value, (const char *)from + o->at, sizeof(value));
	return value;
}

static void set(struct sfe_strategy_options *to, const struct option *o, unsigned value)
{
	memcpy((char *)to + o->at, &value, sizeof(value));
}

bool sfe_strategy_is_path(const char *text)
{
	size_t n = strcspn(text, "(");
	const char *slash = strchr(text, '/');

	return slash || (n > 3 && !strncmp(text + n - 3, ".so", 3));
}

size_t sfe_strategy_options_begin(const char *text)
{
	const char *open = strrchr(text, '('), *slash = strrchr(text, '/');

	if (open && (!slash || slash < open))
		return (size_t)(open - text);
	return sfe_strategy_is_path(text) ? strlen(text) : strcspn(text, "+");
}

/* "fetch=serial, fetch=parallel": what may be written. */
static void list(char *out, size_t room, const struct option *only)
{
	size_t used = 0;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options[i];
		for (unsigned v = 0; v < MAX_VALUES && (o->value[v] || (v && o->time)); v++) {
			if (used < room && (!only || only == o))
				used += (size_t)snprintf(out + used, room - used, "%s%s=%s",
					used ? ", " : "write any of ", o->name,
					o->value[v] ? o->value[v] : "20ms (any time)");
			if (!o->value[v])
				break;
		}
	}
}

/* The number of the value that is written; UINT_MAX: there is no such. */
static unsigned find_value(const struct option *o, struct sfe_span value)
{
	struct sfe_error ignored = {0};
	char text[SFE_UNIT_TEXT];
	uint64_t ns;

	for (unsigned v = 0; v < MAX_VALUES && o->value[v]; v++)
		if (sfe_span_is(value, o->value[v]))
			return v;
	if (!o->time || value.len >= sizeof(text))
		return UINT_MAX;
	snprintf(text, sizeof(text), "%.*s", (int)value.len, value.at);
	bool is_one = !sfe_parse_time(text, &ns, &ignored) && ns && ns % 1000 == 0 &&
		      ns / 1000 <= SFE_PUSH_MOST_US;
	return is_one ? (unsigned)(ns / 1000) : UINT_MAX;
}

/* The same as text. */
static const char *value_text(const struct option *o, unsigned value, char text[SFE_UNIT_TEXT])
{
	return o->time && value ? sfe_format_time(1000ull * value, text) : o->value[value];
}

static int fail_word(struct sfe_span word, const struct option *o, struct sfe_error *err)
{
	char todo[256];

	list(todo, sizeof(todo), o);
	if (o)
		return sfe_fail(err, -EINVAL, NULL, todo, "'%s': the option %s has no such value",
			SFE_SHOW(word), o->name);
	return sfe_fail(
		err, -EINVAL, NULL, todo, "there is no option '%s' of strategies", SFE_SHOW(word));
}

/* One "option=value". `seen`: a bit of each that was read. */
static int read_one(struct sfe_span word, const struct sfe_strategy_info *of, unsigned *seen,
	struct sfe_strategy_options *out, struct sfe_error *err)
{
	const char *equals = memchr(word.at, '=', word.len);
	const struct sfe_span name = {word.at, equals ? (size_t)(equals - word.at) : word.len};
	const struct sfe_span value = {
		word.at + name.len + !!equals, word.len - name.len - !!equals};
	const struct option *o = NULL;

	for (size_t i = 0; i < N_OPTIONS && !o; i++)
		o = sfe_span_is(name, options[i].name) ? &options[i] : NULL;
	if (!o)
		return fail_word(word, NULL, err);
	unsigned v = find_value(o, value);
	if (!equals || v == UINT_MAX)
		return fail_word(word, o, err);
	if (*seen & 1u << (o - options))
		return sfe_fail(err, -EINVAL, NULL, "write each option once",
			"the option %s is there twice", o->name);
	if (of->chooses == SFE_CHOOSES_MEASURED)
		return sfe_fail(err, -EINVAL, NULL,
			"omit it, or give it to one of the strategies that it chooses from",
			"%s has no use for the option %s: its jobs follow strategies with their "
			"own options",
			of->name, o->name);
	if (o->chooses && of->chooses != SFE_CHOOSES_PREDICTED)
		return sfe_fail(err, -EINVAL, NULL, "omit it, or name Adaptive",
			"%s has no use for the option %s: it chooses nothing", of->name, o->name);
	if (o->keeper && of->carries)
		return sfe_fail(err, -EINVAL, NULL,
			"omit it, or name a strategy such as StateLocal",
			"%s has no use for the option %s: its states travel with messages, and no "
			"step fetches any",
			of->name, o->name);
	if (o->calls && of->client_invokes)
		return sfe_fail(err, -EINVAL, NULL,
			"omit it, or name a strategy such as StateLocal",
			"%s has no use for the option %s: its client invokes each step, and no "
			"step calls the next",
			of->name, o->name);
	*seen |= 1u << (o - options);
	set(out, o, v);
	return 0;
}

/* by=edge and another option that decides where states go. */
static int check_by_edge(const struct sfe_strategy_info *of,
	const struct sfe_strategy_options *with, struct sfe_error *err)
{
	for (size_t i = 0; i < N_OPTIONS && with->by == SFE_BY_EDGE; i++)
		if (options[i].decides && get(with, &options[i]))
			return sfe_fail(err, -EINVAL, NULL, "omit one of the two",
				"%s has no use for the option %s beside by=edge, which decides for "
				"each call what goes along",
				of->name, options[i].name);
	return 0;
}

int sfe_strategy_options_read(const char *text, const struct sfe_strategy_info *of,
	struct sfe_strategy_options *out, struct sfe_error *err)
{
	size_t n = strlen(text);
	unsigned seen = 0;
	int r = 0;

	*out = of->options;
	if (!n)
		return 0;
	if (*text == '(' && text[n - 1] != ')')
		return sfe_fail(err, -EINVAL, NULL, "write NAME(option=value)",
			"'%.80s': the parenthesis is not closed at the end", text);
	const char *end = *text == '(' ? text + n - 1 : text + n;
	for (const char *at = text + 1; !r; at++) { /* behind ( or + */
		const char *plus = memchr(at, '+', (size_t)(end - at));
		size_t len = (size_t)((plus ? plus : end) - at);
		if (!len)
			return sfe_fail(err, -EINVAL, NULL,
				"write NAME(option=value+option=value), or the name alone",
				"'%.80s': an option is empty", text);
		r = read_one((struct sfe_span){at, len}, of, &seen, out, err);
		at += len;
		if (!plus)
			break;
	}
	return r ? r : check_by_edge(of, out, err);
}

void sfe_strategy_options_name(const char *name, const struct sfe_strategy_options *of,
	const struct sfe_strategy_options *with, char out[SFE_STRATEGY_BYTES])
{
	size_t used = (size_t)snprintf(out, SFE_STRATEGY_BYTES, "%s", name);
	const char *before = "(";

	for (size_t i = 0; i < N_OPTIONS && used < SFE_STRATEGY_BYTES; i++) {
		char text[SFE_UNIT_TEXT];
		if (get(with, &options[i]) == get(of, &options[i]))
			continue;
		used += (size_t)snprintf(out + used, SFE_STRATEGY_BYTES - used, "%s%s=%s", before,
			options[i].name, value_text(&options[i], get(with, &options[i]), text));
		before = "+";
	}
	if (*before == '+' && used < SFE_STRATEGY_BYTES)
		snprintf(out + used, SFE_STRATEGY_BYTES - used, ")");
}

void sfe_strategy_short_name(const char *name, char out[SFE_STRATEGY_BYTES])
{
	size_t n = strlen(name);

	snprintf(out, SFE_STRATEGY_BYTES, "%s", name);
	char *open = strchr(out, '(');
	if (!open || n >= SFE_STRATEGY_BYTES || out[n - 1] != ')')
		return;
	*open = '+';
	out[n - 1] = '\0';
}

void sfe_strategy_table_name(const char *text, char out[SFE_STRATEGY_BYTES])
{
	struct sfe_strategy_options with;
	struct sfe_error ignored = {0};
	char name[SFE_STRATEGY_BYTES];
	size_t n = sfe_strategy_options_begin(text);

	snprintf(out, SFE_STRATEGY_BYTES, "%s", text);
	snprintf(name, sizeof(name), "%.*s", (int)n, text);
	const struct sfe_strategy_info *of = sfe_strategy_find(name);
	of = of ? of : &sfe_strategy_not_read;
	if (!sfe_strategy_options_read(text + n, of, &with, &ignored))
		sfe_strategy_options_name(name, &of->options, &with, out);
}

bool sfe_strategy_options_valid(const struct sfe_strategy_options *of)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		unsigned v = get(of, &options[i]);
		if (options[i].time ? v > SFE_PUSH_MOST_US
				    : v >= MAX_VALUES || !options[i].value[v])
			return false;
	}
	return true;
}

/* Whether the strategy has a use for it. */
static bool fits(const struct option *o, const struct sfe_strategy_info *info)
{
	return (!o->keeper || info->keeper) && (!o->calls || !info->client_invokes) &&
	       (!o->chooses || info->chooses == SFE_CHOOSES_PREDICTED);
}

void sfe_strategy_options_take(
	struct sfe_strategy_info *info, const struct sfe_strategy_options *from)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (fits(&options[i], info))
			set(&info->options, &options[i], get(from, &options[i]));
}

bool sfe_strategy_options_fit(const struct sfe_strategy_info *info)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (get(&info->options, &options[i]) && !fits(&options[i], info))
			return false;
	return true;
}
