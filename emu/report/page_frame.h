/* SPDX-License-Identifier: MIT */
/* What all pages of reports have in common: the frame, data for the page's script, the file. */
#ifndef SFE_REPORT_PAGE_FRAME_H
#define SFE_REPORT_PAGE_FRAME_H

#include <stdio.h>

#include "emu/report/assets.h"
#include "emu/report/rows.h"

/* Writes a text with HTML's special characters escaped. */
void sfe_html_text(const char *s, FILE *out);

/* The page up to its <main>, whose content follows, and the rest with these scripts. */
void sfe_page_begin(const char *title, const char *heading, FILE *out);
void sfe_page_end(const struct sfe_asset *scripts, FILE *out);

/* Writes what `write` writes, which is JSON, as the element that the page's script reads. */
int sfe_page_data(int (*write)(const void *arg, FILE *json), const void *arg, FILE *out);
/* A member of a JSON object: a table with its columns, and its rows as arrays of values. A comma
 * stands before it. */
void sfe_page_rows(const char *name, const struct sfe_rows *rows, FILE *json);

/* Writes the file in the folder of a descriptor, as a whole or not at all. */
int sfe_page_write_in(int dir, const char *name, int (*write)(const void *arg, FILE *out),
	const void *arg, struct sfe_error *err);
/* Writes the file to a path of the user, which may contain symbolic links. No error is -ENOENT or
 * -EINVAL: those codes are for the folders that are read. */
int sfe_page_write_to(const char *file, int (*write)(const void *arg, FILE *out), const void *arg,
	struct sfe_error *err);

#endif
