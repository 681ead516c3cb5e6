/* SPDX-License-Identifier: MIT */
/*
 * Adds the words of its argument to the state `total`, which other jobs change at the same time:
 * the put of who was late is refused, and it gets the newest total again. The longest text so far
 * is in the state `longest`, which no workflow has to declare.
 */
#include <errno.h>
#include <sfemu/function.h>
#include <string.h>

static uint64_t count_words(const char *text, uint64_t bytes)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < bytes; i++)
		n += text[i] != ' ' && (i + 1 == bytes || text[i + 1] == ' ');
	return n;
}

static int add(struct sfe_call *call, uint64_t words)
{
	const void *data;
	uint64_t bytes, total;
	int r;

	do {
		total = 0;
		r = sfe_get(call, "total", &data, &bytes);
		if (r && r != -ENOENT)
			return -1;
		if (bytes == sizeof(total))
			memcpy(&total, data, sizeof(total));
		total += words;
		r = sfe_put(call, "total", &total, sizeof(total));
	} while (r == -EAGAIN);
	return r;
}

static int tally(struct sfe_call *call)
{
	const void *data;
	uint64_t bytes;

	if (add(call, count_words(call->argument, call->argument_bytes)))
		return -1;
	int r = sfe_get(call, "longest", &data, &bytes);
	if (r && r != -ENOENT)
		return -1;
	if (bytes < call->argument_bytes &&
		sfe_put(call, "longest", call->argument, call->argument_bytes))
		return -1;
	sfe_compute(call, 50 * call->argument_bytes);
	return 0;
}
SFE_FUNCTION(tally)
