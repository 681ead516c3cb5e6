/* SPDX-License-Identifier: MIT */
/* The alarms of the state "alarms" as text, a line each: when, what was read, and the mean of the
 * minute before. */
#include <sfemu/function.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor.h"

static void print_degrees(FILE *f, int32_t thousandths)
{
	fprintf(f, "%s%d.%03d", thousandths < 0 ? "-" : "", abs(thousandths) / 1000,
		abs(thousandths) % 1000);
}

static void print_alarm(FILE *f, const struct alarm *a)
{
	fprintf(f, "%02u:%02u:%02u ", (unsigned)(a->reading / 3600),
		(unsigned)(a->reading / 60 % 60), (unsigned)(a->reading % 60));
	print_degrees(f, a->value);
	fputs(" after ", f);
	print_degrees(f, a->mean);
	fputc('\n', f);
}

static int report_alarms(struct sfe_call *call)
{
	uint32_t state = sfe_state_find(call, "alarms");
	char *text = NULL;
	size_t bytes = 0;

	if (state == call->n_states || call->states[state].bytes % sizeof(struct alarm))
		return sfe_refuse(call, "the state alarms is missing or has a wrong size");
	FILE *f = open_memstream(&text, &bytes);
	if (!f)
		return -1;
	const char *alarms = call->states[state].data;
	struct alarm alarm;
	for (uint64_t i = 0; i < call->states[state].bytes / sizeof(alarm); i++) {
		memcpy(&alarm, alarms + i * sizeof(alarm), sizeof(alarm));
		print_alarm(f, &alarm);
	}
	int r = fclose(f) ? -1 : 0;
	void *out = r ? NULL : sfe_output(call, bytes);
	if (out && bytes)
		memcpy(out, text, bytes);
	free(text);
	return out ? 0 : -1;
}
SFE_FUNCTION(report_alarms)
