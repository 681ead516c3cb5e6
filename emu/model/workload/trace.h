/* SPDX-License-Identifier: MIT */
/* The rows of a trace file, job by job. */
#ifndef SFE_WORKLOAD_TRACE_H
#define SFE_WORKLOAD_TRACE_H

#include "emu/model/base/text.h"
#include "emu/model/workload/dag.h"

struct sfe_trace {
	struct sfe_lines lines;
	const char *file;
	uint32_t n_skipped; /* rows that the published reader skips */
	bool ended;         /* at the first empty line */
	/* The task that was read ahead: the first one of the next job. */
	bool ahead;
	uint32_t ahead_job;
	double ahead_arrival_s;
	struct sfe_dag_task ahead_task;
	bool ahead_sampled, ahead_unfinished;
	uint32_t cap;
};

void sfe_trace_open(struct sfe_trace *t, const char *text, size_t len, const char *file);
/* 1: *job is the next one, as written, to be freed with sfe_dag_clear; 0: there is none. */
int sfe_trace_next(struct sfe_trace *t, struct sfe_dag *job, struct sfe_error *err);
void sfe_trace_close(struct sfe_trace *t);

#endif
