/* SPDX-License-Identifier: MIT */
/* Reads the rows of a task file (Spår's or Alibaba's batch_task.csv), job by job. */
#ifndef SFE_WORKLOAD_TASK_TRACE_H
#define SFE_WORKLOAD_TASK_TRACE_H

#include "emu/model/base/text.h"
#include "emu/model/workload/dag.h"

struct sfe_task_place {
	struct sfe_span text;
	unsigned line;
	uint32_t job; /* in the order of first rows */
};

struct sfe_task_trace {
	struct sfe_lines lines;
	const char *file;
	uint32_t n_skipped; /* rows that the published reader skips */
	bool ended;         /* reached the first empty line */
	/* The task that was read ahead: the first of the next job. */
	bool ahead;
	uint32_t ahead_job;
	double ahead_arrival_s;
	struct sfe_dag_task ahead_task;
	bool ahead_sampled, ahead_unfinished, ahead_malformed, ahead_cut;
	uint32_t cap;
	/* Where the rows of a job are not together: all rows, put together; else NULL. */
	struct sfe_task_place *place;
	uint32_t n_places, cap_places, next_place;
};

/*
 * Alibaba's rows of a job are put together, in the order of jobs' first rows and of lines; in
 * Spår's format a job that comes again is an error. consecutive: neither, since for the published
 * reader rows that follow each other are one job. To be closed also after an error.
 */
int sfe_task_trace_open(struct sfe_task_trace *t, const char *text, size_t len, const char *file,
	bool consecutive, struct sfe_error *err);
/* 1: *job is the next job, unfinished; free it with sfe_dag_clear. 0: no more jobs. */
int sfe_task_trace_next(struct sfe_task_trace *t, struct sfe_dag *job, struct sfe_error *err);
void sfe_task_trace_close(struct sfe_task_trace *t);

#endif
