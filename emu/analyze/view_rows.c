/* SPDX-License-Identifier: MIT */
#include "emu/analyze/view_rows.h"

#include <stdio.h>
#include <string.h>

double sfe_row_seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

double sfe_row_since(uint64_t start, uint64_t ns)
{
	return (double)(int64_t)(ns - start) / 1e9;
}

uint64_t sfe_view_start(const struct sfe_analysis *a)
{
	uint64_t start = a->options.start_ns ? a->options.start_ns : UINT64_MAX;

	for (uint32_t i = 0; i < a->n_captures && !a->options.start_ns; i++)
		if (a->captures[i].packets && a->captures[i].first_ns < start)
			start = a->captures[i].first_ns;
	return start == UINT64_MAX ? 0 : start;
}

void sfe_row_file(char out[SFE_FILE_BYTES], const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t n = strlen(name);

	snprintf(out, SFE_FILE_BYTES, "%s",
		n < SFE_FILE_BYTES ? name : name + n - SFE_FILE_BYTES + 1);
}
