/* SPDX-License-Identifier: MIT */
/* Results as tables of columns, read back: what is taken is written and reads back as that. */
#include "emu/results/table.h"
#include "emu/results/table_columns.h"
#include "tests/fuzz/fuzz.h"

static int read_rows(const char *text, size_t len, void **rows, unsigned *n, struct sfe_error *err)
{
	FILE *f = fmemopen((void *)text, len, "re");

	CHECK(f);
	int rc = sfe_table_read(&sfe_summary_csv, f, rows, n, err);
	fclose(f);
	return rc;
}

static char *write_rows(const void *rows, unsigned n, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	CHECK(f);
	sfe_table_write_header(&sfe_summary_csv, f);
	for (unsigned i = 0; i < n; i++)
		sfe_table_write_row(
			&sfe_summary_csv, (const char *)rows + i * sfe_summary_csv.row_size, f);
	fclose(f);
	return text;
}

/* An input that begins with 0 is rows below the header of today. */
static char *with_header(const uint8_t *data, size_t size, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	CHECK(f);
	if (!data[0])
		sfe_table_write_header(&sfe_summary_csv, f);
	fwrite(data + !data[0], 1, size - !data[0], f);
	fclose(f);
	return text;
}

/* Who reads what is there takes all that a strict reader takes, and says so of no file that is
 * whole. */
static void check_rest(char *text, size_t len, int strict, unsigned n_strict)
{
	FILE *in = len ? fmemopen(text, len, "r") : fopen("/dev/null", "r");
	struct sfe_error err = {0};
	void *rows = NULL;
	unsigned n = 0;
	char note[200];

	CHECK(in);
	int rc = sfe_table_read_rest(
		&sfe_summary_csv, in, UINT64_MAX, &rows, &n, note, sizeof(note), &err);
	fclose(in);
	if (rc)
		check_error(&err, rc);
	if (!strict)
		CHECK(!rc && !note[0] && n == n_strict);
	if (strict)
		CHECK(rc || note[0]);
	free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *rows = NULL, *again = NULL;
	unsigned n = 0, n_again = 0;
	struct sfe_error err = {0};
	size_t len, len_again;

	if (!size)
		return 0;
	char *input = with_header(data, size, &len);
	int rc = read_rows(input, len, &rows, &n, &err);
	check_rest(input, len, rc, n);
	free(input);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	char *text = write_rows(rows, n, &len);
	CHECK(!read_rows(text, len, &again, &n_again, NULL) && n == n_again);
	char *text_again = write_rows(again, n_again, &len_again);
	CHECK(len == len_again && !memcmp(text, text_again, len));
	free(text);
	free(text_again);
	free(rows);
	free(again);
	return 0;
}
