/* SPDX-License-Identifier: MIT */
/* What the files of `sfemu analyze` share: the arguments, and the state of the output. */
#ifndef SFE_CLI_ANALYZE_OUTPUT_H
#define SFE_CLI_ANALYZE_OUTPUT_H

#include "emu/analyze/reconcile.h"
#include "emu/analyze/segment_view.h"
#include "emu/analyze/views.h"
#include "emu/run/progress.h"

#define ANALYZE_VIEWS 6u
enum analyze_format { ANALYZE_TEXT, ANALYZE_CSV, ANALYZE_JSON };

struct analyze_view {
	const char *name, *title;
	const struct sfe_table *table;
	int (*rows)(const struct sfe_analysis *, void **, size_t *); /* NULL: sfe_view_flow */
};
/* In the order of their names for --by; the last one is the view of --interval. */
extern const struct analyze_view analyze_views[ANALYZE_VIEWS];

struct analyze_arguments {
	enum analyze_format format;
	bool by[ANALYZE_VIEWS], any_view, messages, segments, one_job, quiet, wide;
	uint32_t job;
	char strategy[SFE_STRATEGY_BYTES]; /* of that job; empty: any */
	uint32_t follow;                   /* number of a connection; 0: none */
	uint64_t interval_ns;
	char **files;
	unsigned n_files;
	char *folder;                       /* results folder, or NULL */
	int dir;                            /* its descriptor */
	struct sfe_capture_folder captures; /* in it */
};

struct analyze_output {
	const struct analyze_arguments *a;
	struct sfe_progress progress;
	uint64_t start_ns;
	unsigned parts_written; /* rows of messages or segments */
	struct sfe_segment_list segments;
	struct sfe_part_row *kept; /* rows to be sorted by time */
	size_t n_kept, kept_room;
	unsigned long long gap_bytes; /* zeros that --follow has written */
	bool gap_too_long;            /* it has ended at one */
	double said_s;                /* when progress was last shown */
	struct sfe_records *records;  /* of the results folder */
	bool no_memory;
	unsigned left_out; /* columns that the terminal had no room for */
};

/* Called for each message while captures are read; arg is the struct analyze_output. */
void analyze_on_message(void *arg, const struct sfe_message_event *e);
/* The same for each segment. */
void analyze_on_segment(void *arg, const struct sfe_segment_event *e);
/* Prints the requested tables, and what could not be read. Returns the exit status. */
int analyze_finish(struct analyze_output *o, struct sfe_analysis *x);

#endif
