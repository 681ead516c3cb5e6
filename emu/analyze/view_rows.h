/* SPDX-License-Identifier: MIT */
/* What the views of an analysis share: their tables, times and names of files. */
#ifndef SFE_ANALYZE_VIEW_ROWS_H
#define SFE_ANALYZE_VIEW_ROWS_H

#include "emu/analyze/analysis_data.h"
#include "emu/results/table.h"

#define SFE_FILE_BYTES 128
#define SFE_SOCKET_BYTES 64

#define SFE_VIEW(name_, a_row_, columns_, row_)                                                    \
	const struct sfe_table name_ = {                                                           \
		#name_, a_row_, columns_, sizeof(columns_) / sizeof((columns_)[0]), sizeof(row_)}

/* The time that the rows count from. */
uint64_t sfe_view_start(const struct sfe_analysis *a);
double sfe_row_seconds(uint64_t ns);
/* From start to a time, which may be before it. */
double sfe_row_since(uint64_t start, uint64_t ns);
/* The file's name without its folders; only the end of a long one. */
void sfe_row_file(char out[SFE_FILE_BYTES], const char *file);

#endif
