/* SPDX-License-Identifier: MIT */
/* The section `capture`: the links and nodes whose packets are captured. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_capture.h"
#include "sfemu/units.h"

#define MAX_SNAP_BYTES 262144u
#define MIN_SNAP_BYTES 64u /* headers of Ethernet, IP and TCP */
#define MIN_FILE_BYTES 65536u
#define MAX_FILES 10000u
#define MAX_OF 100000u

void sfe_section_capture_clear(struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->capture.n; i++)
		free(s->capture.of[i]);
	free(s->capture.of);
	free(s->capture.filter);
	memset(&s->capture, 0, sizeof(s->capture));
}

static int add(struct sfe_scenario *s, const char *name, struct sfe_error *err)
{
	char **more = reallocarray(s->capture.of, s->capture.n + 1, sizeof(*more));

	if (more)
		s->capture.of = more;
	if (!more || !(more[s->capture.n] = strdup(name)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	s->capture.n++;
	return 0;
}

/* Reads a name or a list of names. */
static int read_of(
	const struct sfe_tree *t, const char *file, struct sfe_scenario *s, struct sfe_error *err)
{
	const char *text;
	int r = 0;

	if (t->kind == SFE_TREE_VALUE)
		return *t->text ? add(s, t->text, err)
				: sfe_tree_fail(t, file, "name links or nodes, or write all", err,
					  "capture: names nothing");
	if (t->kind != SFE_TREE_LIST || t->n > MAX_OF)
		return sfe_tree_fail(t, file, "write a list, such as [link_0, server_1], or all",
			err, "capture: is not a list of names");
	for (unsigned i = 0; i < t->n && !r; i++) {
		text = sfe_tree_text(t->child[i], file, "capture", err);
		r = text ? add(s, text, err) : -EINVAL;
	}
	return r;
}

static int read_number(const struct sfe_tree *t, const char *file, bool size, uint64_t min,
	uint64_t max, uint64_t *out, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, t->key, err);
	struct sfe_error cause = {0};
	char *end;

	if (!text)
		return -EINVAL;
	if (size) {
		if (sfe_parse_size(text, out, &cause))
			return sfe_tree_fail(
				t, file, cause.todo, err, "capture.%s: %s", t->key, cause.what);
	} else {
		errno = 0;
		*out = strtoull(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || errno)
			return sfe_tree_fail(t, file, "write a whole number", err,
				"capture.%s: '%.40s' is not a number", t->key, text);
	}
	if (*out < min || *out > max)
		return sfe_tree_fail(t, file, NULL, err,
			"capture.%s: %llu is not from %llu to %llu", t->key,
			(unsigned long long)*out, (unsigned long long)min, (unsigned long long)max);
	return 0;
}

static int read_group(
	const struct sfe_tree *t, const char *file, struct sfe_scenario *s, struct sfe_error *err)
{
	static const char *const keys[] = {
		"of", "filter", "snap_length", "file_size", "files", NULL};
	int r = sfe_tree_check_keys(t, file, keys, err);

	for (unsigned i = 0; i < t->n && !r; i++) {
		const struct sfe_tree *c = t->child[i];
		const char *text;
		uint64_t n = 0;
		if (!strcmp(c->key, "of")) {
			r = read_of(c, file, s, err);
		} else if (!strcmp(c->key, "filter")) {
			text = sfe_tree_text(c, file, "capture.filter", err);
			if (!text)
				return -EINVAL;
			if (strlen(text) >= SFE_MAX_CAPTURE_FILTER)
				return sfe_tree_fail(c, file, "shorten it", err,
					"capture.filter: more than %u bytes",
					SFE_MAX_CAPTURE_FILTER - 1);
			free(s->capture.filter);
			s->capture.filter = strdup(text);
			r = s->capture.filter ? 0
					      : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		} else if (!strcmp(c->key, "snap_length")) {
			r = read_number(c, file, true, MIN_SNAP_BYTES, MAX_SNAP_BYTES, &n, err);
			s->capture.snap_bytes = (uint32_t)n;
		} else if (!strcmp(c->key, "file_size")) {
			r = read_number(c, file, true, MIN_FILE_BYTES, 1ull << 40,
				&s->capture.file_bytes, err);
		} else {
			r = read_number(c, file, false, 1, MAX_FILES, &n, err);
			s->capture.files = (uint32_t)n;
		}
	}
	if (!r && !s->capture.n)
		r = sfe_tree_fail(t, file, "write of: all, or of: [NAME, ...]", err,
			"capture: has no links or nodes");
	if (!r && s->capture.files && !s->capture.file_bytes)
		r = sfe_tree_fail(t, file, "write file_size: 100MB or the like", err,
			"capture.files: a ring of files needs their size");
	return r;
}

int sfe_section_capture_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	(void)folder;
	sfe_section_capture_clear(s);
	if (tree->kind == SFE_TREE_MAPPING)
		return read_group(tree, file, s, err);
	return read_of(tree, file, s, err);
}

bool sfe_section_capture_is_set(const struct sfe_scenario *s)
{
	return s->capture.n;
}

void sfe_section_capture_print(const struct sfe_scenario *s, FILE *out)
{
	char size[SFE_UNIT_TEXT];

	fputs("{of: [", out);
	for (uint32_t i = 0; i < s->capture.n; i++) {
		fputs(i ? ", " : "", out);
		sfe_tree_print_text(s->capture.of[i], out);
	}
	fputc(']', out);
	if (s->capture.filter) {
		fputs(", filter: ", out);
		sfe_tree_print_text(s->capture.filter, out);
	}
	if (s->capture.snap_bytes)
		fprintf(out, ", snap_length: %s", sfe_format_size(s->capture.snap_bytes, size));
	if (s->capture.file_bytes)
		fprintf(out, ", file_size: %s", sfe_format_size(s->capture.file_bytes, size));
	if (s->capture.files)
		fprintf(out, ", files: %u", s->capture.files);
	fputc('}', out);
}
