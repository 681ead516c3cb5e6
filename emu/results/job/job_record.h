/* SPDX-License-Identifier: MIT */
/*
 * What a results folder says of one job, under each strategy. The folder is not trusted, as with
 * all of results_read.h: what cannot be used is left out, and a note says so.
 */
#ifndef SFE_RESULTS_JOB_RECORD_H
#define SFE_RESULTS_JOB_RECORD_H

#include "emu/results/table_columns.h"

#define SFE_JOB_NOTES 8u

struct sfe_job_transfer {
	struct sfe_transfer_row row;
	/* "last": the step began when it was there; "yes": it came before that one; "": no step
	 * waited for it. */
	char waited_for[8];
};

struct sfe_job_kept {
	struct sfe_state_row row;
	char bytes_are[16]; /* "as recorded", "missing" or "others" */
};

struct sfe_access_row { /* a step's use of a state, the same under each strategy */
	uint32_t step;
	char step_name[SFE_MAX_NAME + 1], state[SFE_MAX_NAME + 1], access[8];
	double version_read, version_left; /* NaN: none */
	uint64_t declared_bytes;
};

struct sfe_job_record {
	uint32_t number;
	bool named; /* its steps have names */
	/* Rows of all strategies, in the order of the files; transfers by step and start. */
	unsigned n_outcomes, n_invocations, n_starts, n_transfers, n_attempts, n_kept, n_accesses,
		n_shared, n_choices, n_regrets;
	struct sfe_job_row *outcomes; /* one for each strategy */
	struct sfe_invocation_row *invocations;
	struct sfe_start_row *starts;
	struct sfe_job_transfer *transfers;
	struct sfe_attempt_row *attempts;
	struct sfe_job_kept *kept;
	struct sfe_access_row *accesses;
	struct sfe_shared_row *shared; /* accesses to states that outlive jobs */
	/* Under strategies that choose one for each job: what it could follow, and its regret. */
	struct sfe_choice_row *choices;
	struct sfe_regret_row *regrets;
	unsigned n_notes;
	char notes[SFE_JOB_NOTES][512];
};

/*
 * Reads the job of that number. strategy: under that one only; NULL: under all. A number, or a
 * strategy, that is not there is -EINVAL, and the error says which there are. Free *out with
 * sfe_job_record_free after success.
 */
int sfe_job_record_read(int dir, uint32_t number, const char *strategy, struct sfe_job_record **out,
	struct sfe_error *err);
void sfe_job_record_free(struct sfe_job_record *j);

/* Adds a note, with the file that it is about; no more than SFE_JOB_NOTES. */
void sfe_job_record_note(struct sfe_job_record *j, const char *file, const char *text);

#endif
