/* SPDX-License-Identifier: MIT */
/* The fields of one row of a task file, in Spår's or in Alibaba's format. */
#ifndef SFE_WORKLOAD_TASK_ROW_H
#define SFE_WORKLOAD_TASK_ROW_H

#include "emu/model/base/text.h"

struct sfe_task_row { /* the fields of both formats */
	struct sfe_span job, name, cpu, mem, instances;
	struct sfe_span arrival, duration; /* Spår */
	struct sfe_span start, end;        /* Alibaba */
	struct sfe_span status;
	bool alibaba;
	bool partial;   /* a field is empty */
	bool malformed; /* Alibaba: it names a job, and has another number of fields */
};

/* Splits a line into fields; false: a row that the published reader skips. */
bool sfe_task_row_read(struct sfe_span line, struct sfe_task_row *row);
/* The number of its job; false: it has none, or one that is too large. */
bool sfe_task_row_job(const struct sfe_task_row *row, uint32_t *job);

#endif
