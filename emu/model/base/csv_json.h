/* SPDX-License-Identifier: MIT */
/* CSV as JSON. */
#ifndef SFE_BASE_CSV_JSON_H
#define SFE_BASE_CSV_JSON_H

#include <stdio.h>

#include "sfemu/error.h"

/*
 * Writes the rows of a CSV file (RFC 4180, a row a line) as an array of objects whose keys are the
 * columns' names. Decimal numbers that were not quoted are numbers, empty cells are null, all else
 * is text. -EINVAL with the line: a row has another number of cells than the header; -ENOMEM.
 */
int sfe_csv_to_json(FILE *in, const char *name, FILE *out, struct sfe_error *err);

#endif
