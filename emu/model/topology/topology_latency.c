/* SPDX-License-Identifier: MIT */
/* The latencies of links and edges: an optional last column of Ether's files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "sfemu/topology.h"

#define NS_PER_MS 1e6
#define MAX_TEXT 256

const struct sfe_delay *sfe_edge_latency(const struct sfe_topology *t, uint32_t edge)
{
	uint32_t lo = 0, hi = t->n_edge_latencies;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (t->edge_latencies[mid].edge < edge)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == t->n_edge_latencies || t->edge_latencies[lo].edge != edge)
		return NULL;
	return &t->edge_latencies[lo].latency;
}

const struct sfe_delay *sfe_latency_between(
	const struct sfe_topology *t, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < t->n_edge_latencies; i++) {
		const struct sfe_edge_latency *l = &t->edge_latencies[i];
		if (t->file_from[l->edge] == from && t->file_to[l->edge] == to)
			return &l->latency;
	}
	return NULL;
}

/*
 * Converts a latency to the syntax of delay.h: "lognormal(0.25, 0.35, 0.16)" becomes "lognormal
 * 0.25 0.35ms 0.16ms". Numbers that are times get ms, and are then parsed as exactly as other
 * times.
 */
static bool with_units(const char *text, char *out, size_t size)
{
	char copy[MAX_TEXT + 1], *words = copy;
	const char *law = NULL;
	size_t used = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (strchr("(),", *p))
			*p = ' ';
	for (unsigned n = 0; words;) {
		const char *word = strsep(&words, " ");
		double number;

		if (!*word)
			continue;
		if (!n)
			law = word;
		/* the shape parameters of laws are not times */
		bool shape =
			(!strcmp(law, "lognormal") && n == 1) || (!strcmp(law, "pareto") && n == 2);
		bool bare = !sfe_span_double((struct sfe_span){word, strlen(word)}, &number);
		int wrote = snprintf(out + used, size - used, "%s%s%s", n ? " " : "", word,
			bare && !shape ? "ms" : "");
		if (wrote < 0 || (size_t)wrote >= size - used)
			return false;
		used += (size_t)wrote;
		n++;
	}
	return used;
}

int sfe_latency_parse(const char *text, struct sfe_delay *out, struct sfe_error *err)
{
	char law[2 * MAX_TEXT];

	if (strlen(text) > MAX_TEXT)
		return sfe_fail(err, -EINVAL, NULL, "shorten it", "a latency of more than %d bytes",
			MAX_TEXT);
	if (!with_units(text, law, sizeof(law)))
		return sfe_fail(err, -EINVAL, NULL, "write ms, such as 2.5, or a law",
			"'%.80s' is not a latency", text);
	int rc = sfe_delay_parse(law, ".", NULL, out, err);
	/* 0 is an explicit latency too: it excludes defaults. */
	if (!rc && out->law == SFE_DELAY_NONE)
		*out = (struct sfe_delay){.law = SFE_DELAY_CONSTANT};
	return rc;
}

const char *sfe_latency_format(const struct sfe_delay *latency, char buf[SFE_DELAY_TEXT])
{
	double ms = (double)latency->a_ns / NS_PER_MS;

	if (latency->law != SFE_DELAY_CONSTANT)
		return sfe_delay_format(latency, buf);
	/* The shortest decimal that reads back as the same ns. */
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, SFE_DELAY_TEXT, "%.*g", digits, ms);
		if ((uint64_t)(strtod(buf, NULL) * NS_PER_MS + 0.5) == latency->a_ns)
			break;
	}
	return buf;
}
