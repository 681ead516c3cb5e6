/* SPDX-License-Identifier: MIT */
#include "emu/model/base/yaml_tree.h"
#include "emu/model/base/encoding.h"
#include "emu/model/base/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct pass {
	yaml_parser_t parser;
	yaml_event_t event; /* the current event; deleted before the next is read */
	bool have_event;
	const char *file;
	unsigned flags;
	unsigned entries;
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
	/* A reader's error (bytes that are not UTF-8) has an offset but no mark; the parser is
	 * near it. */
	bool reader = p->parser.error == YAML_READER_ERROR;
	size_t line = reader ? p->parser.mark.line : p->parser.problem_mark.line;
	return sfe_fail_at(p->err, -EINVAL, p->file, (unsigned)line + 1,
		reader ? "write the file in UTF-8"
		       : "check indentation, quotes, brackets and ': ' around here",
		"not YAML: %s", p->parser.problem ? p->parser.problem : "cannot be parsed");
}

/* Anchors are refused because aliases are. */
static int refuse_anchor(struct pass *p, const yaml_char_t *anchor)
{
	if (!anchor)
		return 0;
	return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "write the value out",
		"anchors (&) and aliases (*) are not allowed");
}

/* Keys and values must fit in one-line messages and C strings. */
static int check_text(struct pass *p)
{
	const yaml_char_t *text = p->event.data.scalar.value;
	size_t len = p->event.data.scalar.length;

	if (len > SFE_TREE_MAX_VALUE)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "shorten it",
			"a text of more than %u bytes", SFE_TREE_MAX_VALUE);
	if (!sfe_is_one_line((const char *)text, len))
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p),
			"write it on one line, without \\ escapes",
			"a text with a control character or a line break");
	return 0;
}

static int no_memory(const struct pass *p)
{
	return sfe_fail(p->err, -ENOMEM, p->file, NULL, "out of memory");
}

/* Adds a child of parent, or the root (parent NULL). Owns key, also after an error. */
static int add(struct pass *p, struct sfe_tree *parent, char *key, unsigned line,
	enum sfe_tree_kind kind, struct sfe_tree **out)
{
	struct sfe_tree *t = calloc(1, sizeof(*t));

	if (!t) {
		free(key);
		return no_memory(p);
	}
	*t = (struct sfe_tree){.kind = kind, .line = line, .key = key};
	*out = t;
	if (!parent)
		return 0;
	if (++p->entries > SFE_TREE_MAX_ENTRIES) {
		sfe_tree_free(t);
		return sfe_fail_at(p->err, -EINVAL, p->file, line, "split the file",
			"more than %u keys and values", SFE_TREE_MAX_ENTRIES);
	}
	if (!(parent->n & (parent->n - 1))) { /* full at each power of two */
		void *more = reallocarray(
			parent->child, parent->n ? 2 * parent->n : 1, sizeof(*parent->child));
		if (!more) {
			sfe_tree_free(t);
			return no_memory(p);
		}
		parent->child = more;
	}
	parent->child[parent->n++] = t;
	return 0;
}

static int read_mapping(struct pass *p, struct sfe_tree *t, unsigned depth);
static int read_list(struct pass *p, struct sfe_tree *t, unsigned depth);

/*
 * Reads a value of parent (NULL: the root) that begins at the current event; afterwards its last
 * event is current. Owns key. *root holds a new root also after an error.
 */
static int read_value(struct pass *p, struct sfe_tree *parent, char *key, unsigned line,
	unsigned depth, struct sfe_tree **root)
{
	const yaml_char_t *anchor = NULL;
	enum sfe_tree_kind kind = SFE_TREE_VALUE;
	struct sfe_tree *t = NULL;
	int ret = 0;

	if (depth > SFE_TREE_MAX_DEPTH)
		ret = sfe_fail_at(p->err, -EINVAL, p->file, line,
			"see docs/scenario.md for the keys", "nested more than %u deep",
			SFE_TREE_MAX_DEPTH);
	else if (p->event.type == YAML_SCALAR_EVENT)
		anchor = p->event.data.scalar.anchor;
	else if (p->event.type == YAML_MAPPING_START_EVENT)
		anchor = p->event.data.mapping_start.anchor, kind = SFE_TREE_MAPPING;
	else if (p->event.type == YAML_SEQUENCE_START_EVENT)
		anchor = p->event.data.sequence_start.anchor, kind = SFE_TREE_LIST;
	else
		anchor = (const yaml_char_t *)"an alias";
	ret = ret ? ret : refuse_anchor(p, anchor);
	if (!ret && kind == SFE_TREE_VALUE)
		ret = check_text(p);
	if (ret) {
		free(key);
		return ret;
	}
	ret = add(p, parent, key, line, kind, &t);
	if (ret)
		return ret;
	if (root)
		*root = t;
	if (kind == SFE_TREE_MAPPING)
		return read_mapping(p, t, depth);
	if (kind == SFE_TREE_LIST)
		return read_list(p, t, depth);
	t->text = strdup((const char *)p->event.data.scalar.value);
	return t->text ? 0 : no_memory(p);
}

/* Checks a key at the current event. */
static int check_key(struct pass *p, const struct sfe_tree *mapping)
{
	unsigned line = line_of(p);
	int ret;

	if (p->event.type == YAML_ALIAS_EVENT)
		return refuse_anchor(p, (const yaml_char_t *)"an alias");
	if (p->event.type != YAML_SCALAR_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, line, "write 'key: value'",
			"a key that is not a plain text");
	if ((ret = refuse_anchor(p, p->event.data.scalar.anchor)) || (ret = check_text(p)))
		return ret;
	const char *key = (const char *)p->event.data.scalar.value;
	/* In paths they separate keys. */
	if (!(p->flags & SFE_TREE_DOTTED_KEYS) && strpbrk(key, ".[]"))
		return sfe_fail_at(p->err, -EINVAL, p->file, line,
			"write groups, such as link: {shared: {rate: 1Mbit}}",
			"the key '%.100s' has a dot or a bracket", key);
	const struct sfe_tree *before = sfe_tree_get(mapping, key);
	if (before)
		return sfe_fail_at(p->err, -EINVAL, p->file, line, "keep one of them",
			"the key '%.100s' is already given in line %u", key, before->line);
	return 0;
}

/* Starts at the mapping's start event and ends at its end event. */
static int read_mapping(struct pass *p, struct sfe_tree *t, unsigned depth)
{
	int ret;

	for (;;) {
		if ((ret = next(p)) || p->event.type == YAML_MAPPING_END_EVENT)
			return ret;
		unsigned line = line_of(p);
		if ((ret = check_key(p, t)))
			return ret;
		char *key = strdup((const char *)p->event.data.scalar.value);
		if (!key)
			return no_memory(p);
		if ((ret = next(p))) {
			free(key);
			return ret;
		}
		if ((ret = read_value(p, t, key, line, depth + 1, NULL)))
			return ret;
	}
}

static int read_list(struct pass *p, struct sfe_tree *t, unsigned depth)
{
	int ret;

	for (;;) {
		if ((ret = next(p)) || p->event.type == YAML_SEQUENCE_END_EVENT)
			return ret;
		if ((ret = read_value(p, t, NULL, line_of(p), depth + 1, NULL)))
			return ret;
	}
}

static int read_document(struct pass *p, struct sfe_tree **root)
{
	int ret;

	if ((ret = next(p)) || (ret = next(p))) /* start of stream, start of document */
		return ret;
	if (p->event.type == YAML_STREAM_END_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, 1, "write 'key: value' lines",
			"the file is empty");
	if ((ret = next(p)))
		return ret;
	if (!(p->flags & SFE_TREE_ANY_ROOT) && p->event.type != YAML_MAPPING_START_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "write 'key: value' lines",
			"the file does not hold keys");
	if ((ret = read_value(p, NULL, NULL, line_of(p), 0, root)) || (ret = next(p)) ||
		(ret = next(p))) /* end of document, and what follows */
		return ret;
	if (p->event.type != YAML_STREAM_END_EVENT)
		return sfe_fail_at(p->err, -EINVAL, p->file, line_of(p), "keep one document a file",
			"a second document");
	return 0;
}

int sfe_tree_read(const char *text, size_t len, const char *file, unsigned flags,
	struct sfe_tree **out, struct sfe_error *err)
{
	struct pass p = {.file = file, .flags = flags, .err = err};

	*out = NULL;
	int other = sfe_encoding_check(text, len, file, err);

	if (other)
		return other;
	if (!yaml_parser_initialize(&p.parser))
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	yaml_parser_set_input_string(&p.parser, (const unsigned char *)text, len);
	int ret = read_document(&p, out);
	if (p.have_event)
		yaml_event_delete(&p.event);
	yaml_parser_delete(&p.parser);
	if (ret) {
		sfe_tree_free(*out);
		*out = NULL;
	}
	return ret;
}

void sfe_tree_free(struct sfe_tree *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n; i++)
		sfe_tree_free(t->child[i]);
	free(t->child);
	free(t->key);
	free(t->text);
	free(t);
}

static const struct sfe_tree *get(const struct sfe_tree *t, const char *key, size_t len)
{
	for (unsigned i = 0; t && t->kind == SFE_TREE_MAPPING && i < t->n; i++)
		if (!strncmp(t->child[i]->key, key, len) && !t->child[i]->key[len])
			return t->child[i];
	return NULL;
}

const struct sfe_tree *sfe_tree_get(const struct sfe_tree *t, const char *key)
{
	return get(t, key, strlen(key));
}

const struct sfe_tree *sfe_tree_find(const struct sfe_tree *t, const char *path)
{
	while (t && *path) {
		if (*path == '[') {
			char *end;
			unsigned long i = strtoul(path + 1, &end, 10);
			t = *end == ']' && t->kind == SFE_TREE_LIST && i < t->n ? t->child[i]
										: NULL;
			path = t ? end + 1 : path;
		} else {
			size_t len = strcspn(path, ".[");
			t = get(t, path, len);
			path += len;
		}
		path += *path == '.';
	}
	return t;
}

int sfe_tree_fail(const struct sfe_tree *t, const char *file, const char *todo,
	struct sfe_error *err, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return sfe_fail_at(err, -EINVAL, file, t->line, todo, "%s", what);
}

int sfe_tree_check_keys(
	const struct sfe_tree *t, const char *file, const char *const *keys, struct sfe_error *err)
{
	char todo[256] = "the keys are ";
	size_t used = strlen(todo);

	for (unsigned i = 0; keys[i] && used < sizeof(todo); i++)
		used += (size_t)snprintf(
			todo + used, sizeof(todo) - used, "%s%s", i ? ", " : "", keys[i]);
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, file, todo, err, "%s%s where a group of keys belongs",
			t->key ? t->key : "there is ",
			t->key                     ? ": is not a group"
			: t->kind == SFE_TREE_LIST ? "a list"
						   : "a value");
	for (unsigned i = 0; i < t->n; i++) {
		unsigned k = 0;
		while (keys[k] && strcmp(keys[k], t->child[i]->key))
			k++;
		if (!keys[k])
			return sfe_tree_fail(t->child[i], file, todo, err, "unknown key '%.100s'",
				t->child[i]->key);
	}
	return 0;
}

const char *sfe_tree_text(
	const struct sfe_tree *t, const char *file, const char *what, struct sfe_error *err)
{
	if (t->kind == SFE_TREE_VALUE)
		return t->text;
	sfe_tree_fail(t, file, "write one value", err, "%s: is %s where one value belongs", what,
		t->kind == SFE_TREE_LIST ? "a list" : "a group of keys");
	return NULL;
}

/* Always quoted, so that text that looks like a number, a list or null stays text. */
void sfe_tree_print_text(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

void sfe_tree_print(const struct sfe_tree *t, FILE *out)
{
	if (t->kind == SFE_TREE_VALUE) {
		sfe_tree_print_text(t->text, out);
		return;
	}
	fputc(t->kind == SFE_TREE_LIST ? '[' : '{', out);
	for (unsigned i = 0; i < t->n; i++) {
		if (i)
			fputs(", ", out);
		if (t->child[i]->key) {
			sfe_tree_print_text(t->child[i]->key, out);
			fputs(": ", out);
		}
		sfe_tree_print(t->child[i], out);
	}
	fputc(t->kind == SFE_TREE_LIST ? ']' : '}', out);
}

struct sfe_tree *sfe_tree_copy(const struct sfe_tree *t)
{
	struct sfe_tree *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = (struct sfe_tree){.kind = t->kind, .line = t->line};
	if ((t->key && !(copy->key = strdup(t->key))) ||
		(t->text && !(copy->text = strdup(t->text))) ||
		(t->n && !(copy->child = calloc(t->n, sizeof(*copy->child)))))
		goto failed;
	for (; copy->n < t->n; copy->n++)
		if (!(copy->child[copy->n] = sfe_tree_copy(t->child[copy->n])))
			goto failed;
	return copy;
failed:
	sfe_tree_free(copy);
	return NULL;
}
