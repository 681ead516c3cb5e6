/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_head.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "nodes/base/wide_xxh3.h"
#include "nodes/http/http_form.h"

/* W3C trace context: a job under a strategy is a trace, a message of a step a span. All IDs derive
 * from the seed. */
static void add_trace(
	struct text *t, const struct wire *w, uint32_t job, uint32_t step, const char *what)
{
	const char *strategy = w->deployment->strategy->name;
	const uint64_t words[2] = {job, XXH3_64bits(strategy, strlen(strategy))};
	XXH128_hash_t trace = XXH3_128bits_withSeed(words, sizeof(words), w->deployment->seed);
	const uint64_t span_of[3] = {trace.low64, step, XXH3_64bits(what, strlen(what))};
	uint64_t span = XXH3_64bits_withSeed(span_of, sizeof(span_of), trace.high64);

	text_add(t, "traceparent: 00-%016" PRIx64 "%016" PRIx64 "-%016" PRIx64 "-01\r\n",
		trace.high64, trace.low64 | 1, span | 1); /* zero would be invalid */
}

void wire_add_common(
	struct text *t, const struct wire *w, const struct job_place *at, const char *what)
{
	add_trace(t, w, at->job, at->step, what);
	text_add(t,
		"sfemu-job: %" PRIu32 "\r\nsfemu-step: %" PRIu32
		"\r\nsfemu-strategy: %s\r\nsfemu-from: %" PRIu32 "\r\n",
		at->job, at->step, w->deployment->strategy->name, w->node);
	if (at->attempt > 1)
		text_add(t, "sfemu-attempt: %" PRIu32 "\r\n", at->attempt);
}

void wire_add_request(struct text *t, const struct wire *w, uint32_t to, const char *line)
{
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &w->deployment->nodes[to].address, address, sizeof(address));
	text_add(t, "%s HTTP/1.1\r\nHost: %s:%d\r\n", line, address, SFE_PORT);
}

void wire_add_status(struct text *t, unsigned status)
{
	text_add(t, "HTTP/1.1 %u %s\r\n", status, http_status_text(status));
}

void wire_add_end(struct text *t, uint64_t body_bytes)
{
	text_add(t, "Content-Length: %" PRIu64 "\r\n\r\n", body_bytes);
}
