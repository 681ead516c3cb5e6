/* SPDX-License-Identifier: MIT */
/* Prints a job for people and for programs. */
#ifndef SFE_RESULTS_JOB_PRINT_H
#define SFE_RESULTS_JOB_PRINT_H

#include "emu/results/job/job_record.h"

/* As tables, in lines of that width (0: no limit). Returns how many columns were left out. */
unsigned sfe_job_print(const struct sfe_job_record *j, unsigned width, FILE *out);
/*
 * {"job": N, "accesses": [...], "strategies": [{"outcome": {...}, "steps": [...], "starts": [...],
 * "transfers": [...], "attempts": [...], "states": [...]}], "notes": [...]}. Keys of rows are the
 * columns of the CSV files.
 */
void sfe_job_print_json(const struct sfe_job_record *j, FILE *out);

#endif
