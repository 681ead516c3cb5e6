/* SPDX-License-Identifier: MIT */
#include "emu/model/yaml_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct pass {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one; deleted when the next is asked for */
	bool have_event;
	const char *file;
	struct sfe_yaml_index *index;
	struct sfe_error *err;
};

static unsigned line_of(const struct pass *p)
{
	return (unsigned)p->event.start_mark.line + 1;
}

static int next(struct pass *p)
{
	if (p->have_event)
		yaml_event_delete(&p->event);
	p->have_event = yaml_parser_parse(&p->parser, &p->event);
	if (p->have_event)
		return 0;
	if (p->parser.error == YAML_MEMORY_ERROR)
		return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
	/* A reader's error (bytes that are not UTF-8) has an offset and no mark; the parser stands
	 * near it. */
	bool reader = p->parser.error == YAML_READER_ERROR;
	size_t line = reader ? p->parser.mark.line : p->parser.problem_mark.line;
	return sfe_fail_at(p->err, -EINVAL, p->file, (unsigned)line + 1,
		reader ? "write the file in UTF-8"
		       : "check indentation, quotes, brackets and ': ' around here",
		"not YAML: %s", p->parser.problem ? p->parser.problem : "cannot be parsed");
}

/* Anchors are refused with the aliases that they are for. */
static int refuse_anchor(struct pass *p, const yaml_char_t *anchor)
{
	if (!anchor)
		return 0;
	return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "write the value out",
		"anchors (&) and aliases (*) are not allowed");
}

/* A text of a key or value goes into one-line messages and C strings. */
static int check_text(struct pass *p)
{
	const yaml_char_t *text = p->event.data.scalar.value;
	size_t len = p->event.data.scalar.length;

	if (len > SFE_YAML_MAX_VALUE)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "shorten it",
			"a text of more than %u bytes", SFE_YAML_MAX_VALUE);
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] == 0x7f)
			return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p),
				"write it on one line, without \\ escapes",
				"a text with a control character or a line break");
	return 0;
}

static int add(struct pass *p, const char *path, enum sfe_yaml_kind kind, unsigned line)
{
	struct sfe_yaml_index *x = p->index;
	const struct sfe_yaml_entry *before = sfe_yaml_find(x, path);

	if (before)
		return sfe_fail_at(p->err, -EINVAL, p->file, line, "keep one of them",
			"the key '%.100s' is there already, in line %u", path, before->line);
	if (x->n == SFE_YAML_MAX_ENTRIES)
		return sfe_fail_at(p->err, -EINVAL, p->file, line, "split the file",
			"more than %u keys and values", SFE_YAML_MAX_ENTRIES);
	if (!(x->n & (x->n - 1))) { /* full at each power of two */
		void *more = reallocarray(x->entry, x->n ? 2 * x->n : 1, sizeof(*x->entry));
		if (!more)
			return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
		x->entry = more;
	}
	char *copy = strdup(path);
	if (!copy)
		return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
	x->entry[x->n++] = (struct sfe_yaml_entry){copy, kind, line};
	return 0;
}

static int read_mapping(struct pass *p, const char *path, unsigned depth);
static int read_list(struct pass *p, const char *path, unsigned depth);

/* The current event begins the value of `path`; leaves the value's last event as the current one.
 */
static int read_value(struct pass *p, const char *path, unsigned line, unsigned depth)
{
	int ret;

	if (depth > SFE_YAML_MAX_DEPTH)
		return sfe_fail_at(p->err, -EINVAL, p->file, line,
			"see scenarios/README.md for the keys", "nested more than %u deep",
			SFE_YAML_MAX_DEPTH);
	switch (p->event.type) {
	case YAML_SCALAR_EVENT:
		ret = refuse_anchor(p, p->event.data.scalar.anchor);
		ret = ret ? ret : check_text(p);
		return ret ? ret : add(p, path, SFE_YAML_VALUE, line);
	case YAML_MAPPING_START_EVENT:
		ret = refuse_anchor(p, p->event.data.mapping_start.anchor);
		ret = ret ? ret : add(p, path, SFE_YAML_MAPPING, line);
		return ret ? ret : read_mapping(p, path, depth);
	case YAML_SEQUENCE_START_EVENT:
		ret = refuse_anchor(p, p->event.data.sequence_start.anchor);
		ret = ret ? ret : add(p, path, SFE_YAML_LIST, line);
		return ret ? ret : read_list(p, path, depth);
	default:
		return refuse_anchor(p, (const yaml_char_t *)"an alias");
	}
}

/* The current event is the mapping's start; at the end it is the mapping's end. */
static int read_mapping(struct pass *p, const char *path, unsigned depth)
{
	char *child;
	int ret;

	for (;;) {
		if ((ret = next(p)) || p->event.type == YAML_MAPPING_END_EVENT)
			return ret;
		unsigned line = line_of(p);
		if (p->event.type == YAML_ALIAS_EVENT)
			return refuse_anchor(p, (const yaml_char_t *)"an alias");
		if (p->event.type != YAML_SCALAR_EVENT)
			return sfe_fail_at(p->err, -EINVAL, p->file, line, "write 'key: value'",
				"a key that is not a plain text");
		if ((ret = refuse_anchor(p, p->event.data.scalar.anchor)) || (ret = check_text(p)))
			return ret;
		/* They would be taken for a path. */
		if (strpbrk((const char *)p->event.data.scalar.value, ".[]"))
			return sfe_fail_at(p->err, -EINVAL, p->file, line,
				"write groups, such as link: {shared: {rate: 1Mbit}}",
				"the key '%.100s' has a dot or a bracket",
				(const char *)p->event.data.scalar.value);
		if (asprintf(&child, "%s%s%s", path, *path ? "." : "",
			    (const char *)p->event.data.scalar.value) < 0)
			return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
		ret = next(p);
		ret = ret ? ret : read_value(p, child, line, depth + 1);
		free(child);
		if (ret)
			return ret;
	}
}

static int read_list(struct pass *p, const char *path, unsigned depth)
{
	char *child;
	int ret;

	for (unsigned i = 0;; i++) {
		if ((ret = next(p)) || p->event.type == YAML_SEQUENCE_END_EVENT)
			return ret;
		if (asprintf(&child, "%s[%u]", path, i) < 0)
			return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
		ret = read_value(p, child, line_of(p), depth + 1);
		free(child);
		if (ret)
			return ret;
	}
}

static int read_document(struct pass *p)
{
	int ret;

	if ((ret = next(p)) || (ret = next(p))) /* the stream's start, the document's */
		return ret;
	if (p->event.type == YAML_STREAM_END_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, 1, "write 'key: value' lines",
			"the file is empty");
	if ((ret = next(p)))
		return ret;
	if (p->event.type != YAML_MAPPING_START_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "write 'key: value' lines",
			"the file does not hold keys");
	if ((ret = refuse_anchor(p, p->event.data.mapping_start.anchor)) ||
		(ret = read_mapping(p, "", 0)) || (ret = next(p)) ||
		(ret = next(p))) /* the document's end, and what follows */
		return ret;
	if (p->event.type != YAML_STREAM_END_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "keep one document a file",
			"a second document");
	return 0;
}

int sfe_yaml_index(const char *text, size_t len, const char *file, struct sfe_yaml_index *index,
	struct sfe_error *err)
{
	struct pass p = {.file = file, .index = index, .err = err};

	*index = (struct sfe_yaml_index){0};
	if (!yaml_parser_initialize(&p.parser))
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	yaml_parser_set_input_string(&p.parser, (const unsigned char *)text, len);
	int ret = read_document(&p);
	if (p.have_event)
		yaml_event_delete(&p.event);
	yaml_parser_delete(&p.parser);
	return ret;
}

const struct sfe_yaml_entry *sfe_yaml_find(const struct sfe_yaml_index *index, const char *path)
{
	for (unsigned i = 0; i < index->n; i++)
		if (!strcmp(index->entry[i].path, path))
			return &index->entry[i];
	return NULL;
}

void sfe_yaml_index_free(struct sfe_yaml_index *index)
{
	for (unsigned i = 0; i < index->n; i++)
		free(index->entry[i].path);
	free(index->entry);
	*index = (struct sfe_yaml_index){0};
}
