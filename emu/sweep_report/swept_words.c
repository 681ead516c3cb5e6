/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_words.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emu/results/table.h"

void sfe_say(char *text, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + used, SFE_SENTENCE_BYTES - used, fmt, ap);
	va_end(ap);
}

/* "38.2 to 44.1 ms", "500 ms to 1.50 s" */
static void say_interval(char *text, double from, double to)
{
	char low[24], high[24];

	sfe_seconds_text(from, low, sizeof(low));
	sfe_seconds_text(to, high, sizeof(high));
	char *unit = strchr(low, ' '), *other = strchr(high, ' ');
	if (unit && other && !strcmp(unit, other))
		*unit = 0;
	sfe_say(text, "%s to %s", low, high);
}

void sfe_say_less(char *text, struct sfe_decision d, const char *before, uint32_t jobs)
{
	char mean[24];
	double less = fabs(d.difference);

	sfe_say(text, "%s %s (", sfe_seconds_text(less, mean, sizeof(mean)),
		d.difference < 0 ? "more" : "less");
	if (isnan(d.ci95)) {
		sfe_say(text, "no interval");
	} else {
		sfe_say(text, "%s", before);
		say_interval(text, less - d.ci95, less + d.ci95);
	}
	if (jobs)
		sfe_say(text, ", %u job%s", jobs, sfe_plural(jobs));
	sfe_say(text, ")");
}

const char *sfe_plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

void sfe_say_sizes(char *text, enum sfe_group_by by, double least, double most)
{
	char low[40], high[40];

	sfe_group_text(by, least, low, sizeof(low));
	sfe_group_text(by, most, high, sizeof(high));
	sfe_say(text, by == SFE_BY_CHAIN ? "with " : "with states of ");
	if (!strcmp(low, high))
		sfe_say(text, "%s", high);
	else if (by == SFE_BY_CHAIN)
		sfe_say(text, "%.0f to %s", least, high);
	else
		sfe_say(text, "%s to %s", low, high);
}

bool sfe_unit_follows(const char *text, size_t at)
{
	static const char *const units[] = {"%", "s", "ms", "us", "min", "B", "kB", "MB", "GB",
		"TB", "PB", "step", "steps", "job", "jobs", "seed", "seeds"};
	const char *word = text + at + 1;

	if (text[at] != ' ' || !at || !isdigit((unsigned char)text[at - 1]))
		return false;
	size_t n = *word == '%' ? 1 : 0;
	while (isalpha((unsigned char)word[n]))
		n++;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == n && !memcmp(units[i], word, n))
			return true;
	return false;
}
