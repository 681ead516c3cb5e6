/* SPDX-License-Identifier: MIT */
#include "emu/model/base/text.h"
#include "emu/model/base/encoding.h"
#include "emu/model/base/printable.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NUMBER 64 /* longest number in characters */

struct sfe_lines sfe_lines_begin(const char *text, size_t len)
{
	return (struct sfe_lines){text + sfe_encoding_mark(text, len), text + len, 0};
}

bool sfe_lines_next(struct sfe_lines *lines, struct sfe_span *line)
{
	if (lines->at >= lines->end)
		return false;
	const char *eol = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
	const char *stop = eol ? eol : lines->end;
	line->at = lines->at;
	line->len = (size_t)(stop - lines->at);
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	lines->at = eol ? eol + 1 : lines->end;
	lines->line++;
	return true;
}

size_t sfe_span_split(struct sfe_span text, char sep, struct sfe_span *fields, size_t max)
{
	size_t n = 0;
	const char *at = text.at, *end = text.at + text.len;

	while (at < end) {
		const char *stop = memchr(at, sep, (size_t)(end - at));
		if (!stop)
			stop = end;
		if (stop > at) {
			if (n < max)
				fields[n] = (struct sfe_span){at, (size_t)(stop - at)};
			n++;
		}
		at = stop + 1;
	}
	return n;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct sfe_span sfe_span_trim(struct sfe_span text)
{
	while (text.len && blank(*text.at)) {
		text.at++;
		text.len--;
	}
	while (text.len && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool sfe_span_is(struct sfe_span text, const char *word)
{
	return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

bool sfe_span_contains(struct sfe_span text, const char *word)
{
	return memmem(text.at, text.len, word, strlen(word)) != NULL;
}

int sfe_span_u64(struct sfe_span text, uint64_t *out)
{
	uint64_t v = 0;

	if (!text.len)
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return -EINVAL;
	for (size_t i = 0; i < text.len; i++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
			__builtin_add_overflow(v, (uint64_t)(text.at[i] - '0'), &v))
			return -ERANGE;
	*out = v;
	return 0;
}

/* strtod needs a final 0, and accepts nan, inf, hexadecimal and leading blanks, which are
 * refused here. */
static int number_text(struct sfe_span text, char buf[static MAX_NUMBER])
{
	if (!text.len || text.len >= MAX_NUMBER)
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr("0123456789+-.eE", text.at[i]))
			return -EINVAL;
	memcpy(buf, text.at, text.len);
	buf[text.len] = 0;
	return 0;
}

/*
 * The fast path for "123.45", as nearly all numbers of a trace are: digits and power of ten are
 * exact in a double, so one division gives strtod's result in a tenth of the time (Clinger, 1990).
 * False: another form.
 */
static bool short_decimal(struct sfe_span text, double *out)
{
	static const double power[] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	uint64_t digits = 0;
	size_t dot = text.len;

	if (!text.len || text.len > 15 || text.at[0] == '.' || text.at[text.len - 1] == '.')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '.' && dot == text.len)
			dot = i;
		else if (text.at[i] >= '0' && text.at[i] <= '9')
			digits = digits * 10 + (uint64_t)(text.at[i] - '0');
		else
			return false;
	}
	*out = (double)digits / power[dot == text.len ? 0 : text.len - 1 - dot];
	return true;
}

int sfe_span_double(struct sfe_span text, double *out)
{
	char buf[MAX_NUMBER], *end;

	if (short_decimal(text, out))
		return 0;
	int rc = number_text(text, buf);
	if (rc)
		return rc;
	double v = strtod(buf, &end);
	if (end == buf || *end)
		return -EINVAL;
	if (!isfinite(v))
		return -ERANGE;
	*out = v;
	return 0;
}

int sfe_span_float(struct sfe_span text, float *out)
{
	char buf[MAX_NUMBER], *end;
	int rc = number_text(text, buf);

	if (rc)
		return rc;
	float v = strtof(buf, &end);
	if (end == buf || *end)
		return -EINVAL;
	if (!isfinite(v))
		return -ERANGE;
	*out = v;
	return 0;
}

const char *sfe_span_show(struct sfe_span text, char *buf, size_t size)
{
	size_t n = text.len < size - 1 ? text.len : size - 1;

	for (size_t i = 0; i < n; i++)
		buf[i] = text.at[i] >= 0x20 && text.at[i] < 0x7f ? text.at[i] : '?';
	buf[n] = 0;
	if (n < text.len && n > 3)
		memcpy(buf + n - 3, "...", 3);
	return buf;
}

static int load_stream(FILE *f, const char *file, char **text, size_t *len, struct sfe_error *err)
{
	size_t size = 0, cap = 1 << 16;
	char *buf = malloc(cap);

	while (buf) {
		size_t n = fread(buf + size, 1, cap - 1 - size, f);
		size += n;
		if (!n)
			break;
		if (size < cap - 1)
			continue;
		if (size > SFE_MAX_FILE_BYTES) {
			free(buf);
			return sfe_fail(err, -EFBIG, file, "cut it",
				"the file is larger than %llu bytes", SFE_MAX_FILE_BYTES);
		}
		cap *= 2;
		char *more = realloc(buf, cap);
		if (!more)
			free(buf);
		buf = more;
	}
	if (!buf)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	if (ferror(f)) {
		int rc = -errno;
		free(buf);
		return sfe_fail(err, rc ? rc : -EIO, file, NULL, "cannot read: %s", strerror(-rc));
	}
	buf[size] = 0;
	*text = buf;
	*len = size;
	return 0;
}

/* false: too long */
static bool join(const char *name, const char *folder, char path[PATH_MAX])
{
	bool as_is = *name == '/' || !folder || !strcmp(folder, ".");

	return (size_t)snprintf(path, PATH_MAX, "%s%s%s", as_is ? "" : folder, as_is ? "" : "/",
		       name) < PATH_MAX;
}

char *sfe_text_as_written(const char *name, const char *folder)
{
	char path[PATH_MAX], *here, *full = NULL;

	if (!join(name, folder, path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (*path == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (here && asprintf(&full, "%s/%s", here, path) < 0)
		full = NULL;
	free(here);
	return full;
}

int sfe_text_find(const char *name, const char *folder, char **full, struct sfe_error *err)
{
	char path[PATH_MAX];
	struct stat st;

	*full = NULL;
	if (!join(name, folder, path))
		errno = ENAMETOOLONG;
	else
		*full = realpath(path, NULL);
	if (!*full)
		return sfe_fail(err, -EINVAL, NULL, "give the path of a file that can be read",
			"cannot read %.300s: %s", name, strerror(errno));
	/* Names of files are in messages, tables and scenarios. */
	if (!sfe_is_one_line(*full, strlen(*full))) {
		free(*full);
		*full = NULL;
		return sfe_fail(err, -EINVAL, NULL, "rename it, or what its path leads through",
			"cannot use %.300s: its full path has a control character or is not UTF-8",
			name);
	}
	/* A pipe could block its reader, and can be read only once. */
	if (stat(*full, &st) || !S_ISREG(st.st_mode)) {
		free(*full);
		*full = NULL;
		return sfe_fail(err, -EINVAL, NULL, "give the path of a file that can be read",
			"cannot read %.300s: it is not a regular file", name);
	}
	return 0;
}

int sfe_text_load(const char *file, char **text, size_t *len, struct sfe_error *err)
{
	FILE *f = fopen(file, "re");

	if (!f) {
		int rc = -errno;
		return sfe_fail(err, rc, file, "check the path", "cannot open: %s", strerror(-rc));
	}
	errno = 0;
	*text = NULL;
	int rc = load_stream(f, file, text, len, err);
	fclose(f);
	rc = rc ? rc : sfe_encoding_check(*text, *len, file, err);
	if (!rc && memchr(*text, 0, *len))
		rc = sfe_fail(err, -EINVAL, file, "give a file of text",
			"the file has a byte 0, so it is no text");
	if (rc) {
		free(*text);
		*text = NULL;
	}
	return rc;
}

int sfe_grow(void *array_pointer, uint32_t *cap, uint32_t want, size_t element)
{
	void *old;
	uint32_t n = *cap ? *cap : 16;

	if (want <= *cap)
		return 0;
	while (n < want) {
		if (n > UINT32_MAX / 2)
			return -ENOMEM;
		n *= 2;
	}
	/* The type of the array's pointer is unknown here; memcpy keeps the access well defined. */
	memcpy(&old, array_pointer, sizeof(old));
	void *new = reallocarray(old, n, element);
	if (!new)
		return -ENOMEM;
	memcpy(array_pointer, &new, sizeof(new));
	*cap = n;
	return 0;
}
