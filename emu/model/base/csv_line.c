/* SPDX-License-Identifier: MIT */
#include "emu/model/base/csv_line.h"

#include <string.h>

bool sfe_csv_split(char *line, struct sfe_csv_cells *out)
{
	char *to = line;

	line[strcspn(line, "\r\n")] = 0;
	for (out->n = 0; out->n < SFE_CSV_MAX_CELLS; line++) {
		bool quoted = *line == '"';
		out->quoted[out->n] = quoted;
		out->at[out->n++] = to;
		if (quoted) {
			for (line++; *line && (*line != '"' || line[1] == '"'); *to++ = *line++)
				line += *line == '"';
			if (*line++ != '"')
				return false;
		}
		while (*line && *line != ',' && !quoted)
			*to++ = *line++;
		bool last = !*line;
		if (!last && *line != ',')
			return false;
		*to++ = 0; /* within the cell: `to` never overtakes `line` */
		if (last)
			return true;
	}
	return false;
}
