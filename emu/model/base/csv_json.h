/* SPDX-License-Identifier: MIT */
/* Converts CSV to JSON. */
#ifndef SFE_BASE_CSV_JSON_H
#define SFE_BASE_CSV_JSON_H

#include <stdio.h>

#include "sfemu/error.h"

/*
 * Writes the rows of a CSV file (RFC 4180, one line per row) as an array of objects with the
 * columns' names as keys. Unquoted decimal numbers are numbers, empty cells null, all else text.
 * -EINVAL with the line: a row's number of cells differs from the header's; -ENOMEM.
 */
int sfe_csv_to_json(FILE *in, const char *name, FILE *out, struct sfe_error *err);

#endif
