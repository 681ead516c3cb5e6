/* SPDX-License-Identifier: MIT */
/* Prints the field of a key as YAML. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_placement.h"
#include "emu/model/scenario/scenario_strategies.h"

static void print_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (; text && *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* The shortest form with 15 or 17 digits that reads back as the same number. */
static void print_real(double value, FILE *out)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%.15g", value);
	if (strtod(buf, NULL) != value)
		snprintf(buf, sizeof(buf), "%.17g", value);
	fputs(buf, out);
}

/* The word for a value; NULL: none. */
static const char *word_of(const struct sfe_key *key, uint64_t value)
{
	for (const struct sfe_key_word *w = key->words; w && w->word; w++)
		if (w->value == value)
			return w->word;
	return NULL;
}

static void print_number(const struct sfe_key *key, uint32_t value, FILE *out)
{
	const char *word = word_of(key, value);

	if (word)
		fputs(word, out);
	else
		fprintf(out, "%" PRIu32, value);
}

static void print_time(const struct sfe_key *key, uint64_t value, FILE *out)
{
	const char *word = word_of(key, value);
	char buf[SFE_UNIT_TEXT];

	fputs(word ? word : sfe_format_time(value, buf), out);
}

/* A path may contain characters that YAML interprets. */
static void print_attribute(const struct sfe_key *key, const struct sfe_link_spec *spec, FILE *out)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return;
	sfe_key_attribute(key)->print(spec, f);
	if (!fclose(f) && strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789.% -") == len &&
		*text != '-' && *text != '%')
		fputs(text, out);
	else
		print_text(text, out);
	free(text);
}

static void print_arrivals(const struct sfe_scenario *s, FILE *out)
{
	switch (s->workload.arrivals) {
	case SFE_ARRIVALS_TRACE:
		fputs("trace", out);
		break;
	case SFE_ARRIVALS_SEQUENTIAL:
		fputs("sequential", out);
		break;
	case SFE_ARRIVALS_POISSON:
		fputs("poisson ", out);
		print_real(s->workload.poisson_rate, out);
		break;
	}
}

void sfe_key_print(const struct sfe_key *key, const struct sfe_scenario *s, FILE *out)
{
	const void *at = (const char *)s + key->offset;
	char buf[SFE_UNIT_TEXT];

	switch (key->type) {
	case SFE_KEY_NAME:
	case SFE_KEY_CHOICE:
	case SFE_KEY_FILE:
	case SFE_KEY_FOLDER:
	case SFE_KEY_TEXT:
		print_text(*(char *const *)at, out);
		break;
	case SFE_KEY_NUMBER:
	case SFE_KEY_ENUM:
		print_number(key, *(const uint32_t *)at, out);
		break;
	case SFE_KEY_PLACEMENT:
		sfe_placement_print(s, out);
		break;
	case SFE_KEY_FACTOR:
		print_real(*(const double *)at, out);
		break;
	case SFE_KEY_BOOL:
		fputs(*(const bool *)at ? "true" : "false", out);
		break;
	case SFE_KEY_TIME:
		print_time(key, *(const uint64_t *)at, out);
		break;
	case SFE_KEY_SIZE:
		fputs(sfe_format_size(*(const uint32_t *)at, buf), out);
		break;
	case SFE_KEY_LINK:
		print_attribute(key, at, out);
		break;
	case SFE_KEY_ARRIVALS:
		print_arrivals(s, out);
		break;
	case SFE_KEY_STRATEGIES:
		sfe_scenario_print_strategies(s, out);
		break;
	}
}
