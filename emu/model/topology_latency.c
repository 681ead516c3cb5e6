/* SPDX-License-Identifier: MIT */
/*
 * The latencies of links and edges, which Ether's files have as a last column when they have them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/topology.h"
#include "text.h"

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

int sfe_latency_parse(const char *text, struct sfe_delay *out, struct sfe_error *err)
{
	char ms[MAX_TEXT + 3];
	size_t len = strlen(text);
	double number;

	if (len > MAX_TEXT)
		return sfe_fail(err, -EINVAL, NULL, "shorten it", "a latency of more than %d bytes",
			MAX_TEXT);
	snprintf(ms, sizeof(ms), "%s", text);
	/* A number is ms: said so, it is read as exactly as all times are. */
	if (!sfe_span_double((struct sfe_span){text, len}, &number))
		snprintf(ms, sizeof(ms), "%sms", text);
	int rc = sfe_delay_parse(ms, ".", NULL, out, err);
	/* 0 is a latency too: that it is there says that nothing else shall be taken. */
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
