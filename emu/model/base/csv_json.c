/* SPDX-License-Identifier: MIT */
#include "emu/model/base/csv_json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/csv_line.h"
#include "emu/model/base/printable.h"

/* JSON numbers: -1, 12, 0.5, 1e-9. */
static bool is_number(const char *s)
{
	s += *s == '-';
	if (*s == '0' && s[1] >= '0' && s[1] <= '9')
		return false;
	size_t digits = strspn(s, "0123456789");
	s += digits;
	if (digits && *s == '.') {
		digits = strspn(++s, "0123456789");
		s += digits;
	}
	if (digits && (*s == 'e' || *s == 'E')) {
		s++;
		s += *s == '-' || *s == '+';
		digits = strspn(s, "0123456789");
		s += digits;
	}
	return digits && !*s;
}

static void print_cell(const struct sfe_csv_cells *row, unsigned i, FILE *out)
{
	if (row->quoted[i] || (row->at[i][0] && !is_number(row->at[i])))
		sfe_print_json_text(row->at[i], out);
	else
		fputs(row->at[i][0] ? row->at[i] : "null", out);
}

static int print_rows(FILE *in, const char *name, const struct sfe_csv_cells *header, FILE *out,
	struct sfe_error *err)
{
	struct sfe_csv_cells *row = malloc(sizeof(*row));
	char *line = NULL;
	size_t room = 0;
	unsigned number = 1;
	int r = row ? 0 : sfe_fail(err, -ENOMEM, name, NULL, "out of memory");

	while (!r && getline(&line, &room, in) >= 0) {
		number++;
		if (!sfe_csv_split(line, row) || row->n != header->n) {
			r = sfe_fail_at(err, -EINVAL, name, number, NULL,
				"not a row of %u columns, as the header has", header->n);
			break;
		}
		fputs(number == 2 ? "\n" : ",\n", out);
		for (unsigned i = 0; i < row->n; i++) {
			fputs(i ? ", " : "{", out);
			sfe_print_json_text(header->at[i], out);
			fputs(": ", out);
			print_cell(row, i, out);
		}
		fputc('}', out);
	}
	if (!r && !feof(in))
		r = sfe_fail(err, -EIO, name, NULL, "cannot read it to its end");
	free(line);
	free(row);
	return r;
}

int sfe_csv_to_json(FILE *in, const char *name, FILE *out, struct sfe_error *err)
{
	struct sfe_csv_cells *header = malloc(sizeof(*header));
	char *line = NULL;
	size_t room = 0;
	int r;

	if (!header)
		return sfe_fail(err, -ENOMEM, name, NULL, "out of memory");
	fputc('[', out);
	if (getline(&line, &room, in) < 0 || !sfe_csv_split(line, header))
		r = sfe_fail_at(err, -EINVAL, name, 1, NULL, "there is no header");
	else
		r = print_rows(in, name, header, out, err);
	fputs("]", out);
	free(line);
	free(header);
	return r;
}
