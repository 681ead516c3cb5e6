/* SPDX-License-Identifier: MIT */
/*
 * `keep: states`: the final states and return values of finished jobs, as files of a results folder
 * and as rows of states.csv.
 *
 * A file is states/STRATEGY/job-N/NAME, and job-N/return for the return value; of states that
 * outlive jobs shared/NAME, or shared-WORKFLOW/NAME+CLIENT and NAME+FUNCTION, and of those that
 * functions created by name created/NAME: a workflow may declare the same name. A strategy that
 * leaves the same bytes as an earlier one makes no file: its row names that of the earlier one.
 */
#ifndef SFE_RESULTS_KEPT_STATES_H
#define SFE_RESULTS_KEPT_STATES_H

#include "emu/measure/replay_record.h"

#define SFE_KEPT_FOLDER "states"

struct sfe_kept_value;
struct sfe_kept_created;
struct sfe_kept_files { /* what the strategies so far have left */
	const struct sfe_experiment *e;
	size_t *begin;                /* of each job: its first value; the last one: its return */
	struct sfe_kept_value *value; /* as first written */
	size_t shared;                /* the first of those of states that outlive jobs */
	struct sfe_kept_created *created; /* of those that functions created, by name */
	size_t n_created;
	uint64_t n_files; /* that there may be so far, folders included */
};

/* 0 or -ENOMEM. */
int sfe_kept_files_open(
	struct sfe_kept_files *k, const struct sfe_experiment *e, struct sfe_error *err);
/*
 * Writes what a replay under the strategy of that number has left. memory: the file of struct
 * sfe_keep. Bytes that do not have the digest that the replay recorded are -EBADMSG. write_through:
 * nothing may wait for a disk later, as on the virtual clock.
 */
int sfe_kept_files_write(struct sfe_kept_files *k, int dir, int memory, const struct sfe_replay *r,
	uint32_t strategy, bool write_through, struct sfe_error *err);
void sfe_kept_files_free(struct sfe_kept_files *k);

/* The folder and the name of a value's file, under states/STRATEGY. */
#define SFE_KEPT_PARENT_BYTES (3 * SFE_MAX_NAME + 32)
#define SFE_KEPT_NAME_BYTES (6 * SFE_MAX_NAME + 4)
struct sfe_state_row;
void sfe_kept_place(const struct sfe_state_row *row, char parent[SFE_KEPT_PARENT_BYTES],
	char name[SFE_KEPT_NAME_BYTES]);
/* Whether functions created the state by name. */
bool sfe_kept_is_created(const struct sfe_state_row *row);
/* Whether it has a file: of a state that was deleted, nothing is there. */
bool sfe_kept_has_file(const struct sfe_state_row *row);

/* The file's name of a state: letters, digits, _, - and . stay, other bytes become %XX, and so does
 * the first of a name that begins with a dot or is "return". Returns buf. */
const char *sfe_kept_name(const char *state, char *buf, size_t size);

#endif
