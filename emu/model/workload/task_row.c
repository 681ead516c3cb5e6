/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/task_row.h"

#include <string.h>

#define SPAR_FIELDS 7
#define ALIBABA_FIELDS 9

static void read_alibaba_fields(const struct sfe_span *f, bool partial, struct sfe_task_row *row)
{
	*row = (struct sfe_task_row){.name = f[0],
		.instances = f[1],
		.job = f[2],
		.status = f[4],
		.start = f[5],
		.end = f[6],
		.cpu = f[7],
		.mem = f[8],
		.alibaba = true,
		.partial = partial};
}

static bool is_job(struct sfe_span text)
{
	return text.len >= 2 && text.at[0] == 'j' && text.at[1] == '_';
}

/*
 * Keeps empty fields: Alibaba's tasks that never ran have some. A row with more or fewer fields
 * whose third one is a job is malformed.
 */
static bool read_partial_row(struct sfe_span line, struct sfe_task_row *row)
{
	struct sfe_span f[ALIBABA_FIELDS] = {{"", 0}};
	const char *at = line.at, *end = line.at + line.len;
	size_t n = 0;

	for (;; n++) {
		const char *stop = memchr(at, ',', (size_t)(end - at));
		if (n < ALIBABA_FIELDS)
			f[n] = (struct sfe_span){at, (size_t)((stop ? stop : end) - at)};
		if (!stop)
			break;
		at = stop + 1;
	}
	if (n + 1 == ALIBABA_FIELDS && f[0].len) {
		read_alibaba_fields(f, true, row);
		return true;
	}
	*row = (struct sfe_task_row){.name = f[0], .job = f[2], .alibaba = true, .malformed = true};
	return n >= 2 && is_job(f[2]);
}

bool sfe_task_row_read(struct sfe_span line, struct sfe_task_row *row)
{
	struct sfe_span f[ALIBABA_FIELDS];
	size_t n = sfe_span_split(line, ',', f, ALIBABA_FIELDS);

	if (n == ALIBABA_FIELDS)
		read_alibaba_fields(f, false, row);
	else if (n == SPAR_FIELDS && is_job(f[1]))
		*row = (struct sfe_task_row){.arrival = f[0],
			.job = f[1],
			.name = f[2],
			.duration = f[3],
			.cpu = f[4],
			.mem = f[5],
			.instances = f[6]};
	else if (!read_partial_row(line, row))
		return false;
	return is_job(row->job) && !sfe_span_contains(row->name, "task_") &&
	       !sfe_span_contains(row->name, "MergeTask") && !sfe_span_contains(row->name, "Stg");
}

bool sfe_task_row_job(const struct sfe_task_row *row, uint32_t *job)
{
	uint64_t number;

	if (sfe_span_u64((struct sfe_span){row->job.at + 2, row->job.len - 2}, &number) ||
		number >= UINT32_MAX)
		return false;
	*job = (uint32_t)number;
	return true;
}
