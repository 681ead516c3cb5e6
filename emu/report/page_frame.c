/* SPDX-License-Identifier: MIT */
#include "emu/report/page_frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/security/folder.h"

void sfe_html_text(const char *s, FILE *out)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
}

/* Escapes '<', which JSON allows, but which could end the script element that contains it. */
static void write_script_text(const char *text, size_t size, FILE *out)
{
	while (size) {
		const char *mark = memchr(text, '<', size);
		size_t n = mark ? (size_t)(mark - text) : size;
		fwrite(text, 1, n, out);
		if (mark)
			fputs("\\u003c", out);
		n += mark ? 1 : 0;
		text += n;
		size -= n;
	}
}

void sfe_page_rows(const char *name, const struct sfe_rows *rows, FILE *out)
{
	const struct sfe_table *t = rows->table;

	fprintf(out, ",\n\"%s\": {\"file\": ", name);
	sfe_json_text(t->file, out);
	fputs(", \"a_row\": ", out);
	sfe_json_text(t->a_row, out);
	fputs(", \"columns\": [", out);
	for (unsigned i = 0; i < t->n_columns; i++) {
		fputs(i ? ", [" : "[", out);
		sfe_json_text(t->columns[i].name, out);
		fputs(", ", out);
		sfe_json_text(t->columns[i].unit, out);
		fputs(", ", out);
		sfe_json_text(t->columns[i].meaning, out);
		fputc(']', out);
	}
	fputs("], \"rows\": [", out);
	for (unsigned i = 0; i < rows->n; i++) {
		fputs(i ? ",\n" : "\n", out);
		sfe_table_write_json_values(t, (const char *)rows->row + i * t->row_size, out);
	}
	fputs("]}", out);
}

static ssize_t write_escaped(void *out, const char *text, size_t size)
{
	write_script_text(text, size, out);
	return (ssize_t)size;
}

int sfe_page_data(int (*write)(const void *arg, FILE *json), const void *arg, FILE *out)
{
	FILE *json = fopencookie(out, "w", (cookie_io_functions_t){.write = write_escaped});

	if (!json)
		return -ENOMEM;
	fputs("<script type=\"application/json\" id=\"data\">", out);
	int r = write(arg, json);
	if (fclose(json) && !r)
		r = -EIO;
	fputs("</script>\n", out);
	return r;
}

static void write_asset(const struct sfe_asset *asset, FILE *out)
{
	fwrite(asset->begin, 1, (size_t)(asset->end - asset->begin), out);
}

void sfe_page_begin(const char *title, const char *heading, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      /* Nothing is loaded from elsewhere, whatever a results folder contains. */
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>",
		out);
	sfe_html_text(title, out);
	fputs(" &middot; sfemu report</title>\n<style>\n", out);
	write_asset(&sfe_report_style, out);
	fputs("</style>\n</head>\n<body>\n<header><p class=\"brand\">sfemu report</p><h1>", out);
	sfe_html_text(heading, out);
	fputs("</h1></header>\n<main>\n"
	      "<noscript><p class=\"alert\">The figures are drawn by this page's own script, and "
	      "scripts are off.</p></noscript>\n",
		out);
}

void sfe_page_end(const struct sfe_asset *scripts, FILE *out)
{
	for (const struct sfe_asset *a = scripts; a->name; a++) {
		fprintf(out, "<script>/* %s */\n", a->name);
		write_asset(a, out);
		fputs("\n</script>\n", out);
	}
	fputs("</body>\n</html>\n", out);
}

int sfe_page_write_in(int dir, const char *name, int (*write)(const void *arg, FILE *out),
	const void *arg, struct sfe_error *err)
{
	struct sfe_replacement file;
	int r = sfe_replacement_begin(dir, name, &file, err);

	if (r)
		return r;
	r = write(arg, file.out);
	if (r)
		sfe_fail(err, r, name, NULL, "cannot write the report: %s", strerror(-r));
	int ended = sfe_replacement_end(&file, !r, r ? NULL : err);
	return r ? r : ended;
}

int sfe_page_write_to(const char *file, int (*write)(const void *arg, FILE *out), const void *arg,
	struct sfe_error *err)
{
	const char *slash = strrchr(file, '/');
	char *folder = !slash          ? strdup(".")
		       : slash == file ? strdup("/")
				       : strndup(file, (size_t)(slash - file));
	int dir = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int r = 0;

	if (!folder)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	else if (dir < 0)
		r = sfe_fail(err, -errno, file, NULL, "cannot be written: %s", strerror(errno));
	else
		r = sfe_page_write_in(dir, slash ? slash + 1 : file, write, arg, err);
	if (r == -ENOENT || r == -EINVAL)
		err->code = r = -EIO;
	if (r && r != -ENOMEM)
		snprintf(err->where, sizeof(err->where), "%s", file);
	if (dir >= 0)
		close(dir);
	free(folder);
	return r;
}
