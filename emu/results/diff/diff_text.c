/* SPDX-License-Identifier: MIT */
/* Compares two texts, manifests or scenarios. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/encoding.h"
#include "emu/model/base/printable.h"
#include "emu/model/base/text.h"
#include "emu/results/diff/diff_text.h"

#define SHOWN 60  /* bytes of a line that are shown */
#define BEFORE 20 /* of them, bytes before the difference */
#define RESULTS_KEY "results:"

static bool is_text(const char *s, size_t n)
{
	return !memchr(s, 0, n < 4096 ? n : 4096);
}

/* The part of the line around the difference, in quotes; control characters as dots. */
static void excerpt(const char *data, size_t size, size_t line, size_t at, char *out, size_t room)
{
	size_t start = at > line + BEFORE ? at - BEFORE : line, n = 0;

	out[n++] = '\'';
	while (start < size && data[start] != '\n' && n < SHOWN && n + 2 < room) {
		out[n++] = (unsigned char)data[start] < ' ' ? '.' : data[start];
		start++;
	}
	out[n++] = '\'';
	out[n] = 0;
}

static void describe(const struct sfe_pair *p, size_t at, struct sfe_difference *d)
{
	size_t line_start = 0, line = 1;
	char a[SHOWN + 4], b[SHOWN + 4];

	for (size_t i = 0; i < at; i++)
		if (p->a[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	if (!is_text(p->a, p->size_a) || !is_text(p->b, p->size_b)) {
		snprintf(d->what, sizeof(d->what), "differs from byte %zu on (%zu and %zu bytes)",
			at, p->size_a, p->size_b);
		return;
	}
	excerpt(p->a, p->size_a, line_start, at, a, sizeof(a));
	excerpt(p->b, p->size_b, line_start, at, b, sizeof(b));
	snprintf(d->what, sizeof(d->what), "line %zu, byte %zu of it: %s and %s", line,
		at - line_start + 1, a, b);
}

bool sfe_diff_text(const struct sfe_pair *p, struct sfe_difference *d)
{
	size_t shorter = p->size_a < p->size_b ? p->size_a : p->size_b, at = 0;

	while (at < shorter && p->a[at] == p->b[at])
		at++;
	describe(p, at, d);
	return true;
}

/* The text without the line of the key `results`, which is only a location. */
static char *without_results(const char *data, size_t size, size_t *out_size)
{
	char *out = malloc(size + 1);
	const char *end = data + size;

	*out_size = 0;
	while (out && data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		size_t n = newline ? (size_t)(newline + 1 - data) : (size_t)(end - data);
		if (n < strlen(RESULTS_KEY) || memcmp(data, RESULTS_KEY, strlen(RESULTS_KEY))) {
			memcpy(out + *out_size, data, n);
			*out_size += n;
		}
		data += n;
	}
	return out;
}

bool sfe_diff_scenario(const struct sfe_pair *p, struct sfe_difference *d)
{
	struct sfe_pair cut = *p;
	char *a = without_results(p->a, p->size_a, &cut.size_a);
	char *b = without_results(p->b, p->size_b, &cut.size_b);
	bool differs = !a || !b;

	cut.a = a;
	cut.b = b;
	if (differs)
		snprintf(d->what, sizeof(d->what), "out of memory while comparing");
	else if (cut.size_a != cut.size_b || memcmp(a, b, cut.size_a))
		differs = sfe_diff_text(&cut, d);
	free(a);
	free(b);
	return differs;
}

/* Facts of the host, its wall clock and the program, as paths in the manifest. */
static const char *const left_out[] = {"started", "wall_s", "boot_s", "build_s", "host_kernel",
	"program", "guest_kernel.path", "inputs.scenario.xxh3"};

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (!strcmp(path, left_out[i]))
			return true;
	return false;
}

/* Keys that were renamed since earlier versions. */
static const struct {
	const char *former, *name;
} renamed[] = {{"changed_by_hand", "manual_changes"}};

/* Gives former keys their present names, and says so in note. */
static void rename_keys(struct json_object *o, char *note, size_t size)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
		struct json_object *value = NULL;
		if (!json_object_object_get_ex(o, renamed[i].former, &value) ||
			json_object_object_get_ex(o, renamed[i].name, NULL))
			continue;
		json_object_object_add(o, renamed[i].name, json_object_get(value));
		json_object_object_del(o, renamed[i].former);
		snprintf(note, size, "%s was renamed to %s", renamed[i].former, renamed[i].name);
	}
}

/* The first difference of two objects, depth first, in a's order; then keys that only b has. */
static bool objects_differ(
	struct json_object *a, struct json_object *b, const char *prefix, char *what, size_t size)
{
	char path[256];

	json_object_object_foreach(a, key, value)
	{
		struct json_object *other = NULL;
		snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "", key);
		if (is_left_out(path))
			continue;
		if (!json_object_object_get_ex(b, key, &other)) {
			snprintf(what, size, "%s is missing in the second", path);
			return true;
		}
		if (json_object_is_type(value, json_type_object) &&
			json_object_is_type(other, json_type_object)) {
			if (objects_differ(value, other, path, what, size))
				return true;
		} else if (!json_object_equal(value, other)) {
			snprintf(what, size, "%s is %.150s and %.150s", path,
				json_object_to_json_string(value),
				json_object_to_json_string(other));
			return true;
		}
	}
	json_object_object_foreach(b, name, unused)
	{
		(void)unused;
		snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "", name);
		if (!is_left_out(path) && !json_object_object_get_ex(a, name, NULL)) {
			snprintf(what, size, "%s is missing in the first", path);
			return true;
		}
	}
	return false;
}

static struct json_object *parse(const char *data, size_t size)
{
	size_t mark = sfe_encoding_mark(data, size);
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = t && size < INT32_MAX
					? json_tokener_parse_ex(t, data + mark, (int)(size - mark))
					: NULL;

	if (t)
		json_tokener_free(t);
	if (o && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	return o;
}

bool sfe_diff_manifest(const struct sfe_pair *p, struct sfe_difference *d)
{
	struct json_object *a = parse(p->a, p->size_a), *b = parse(p->b, p->size_b);
	bool differs = true;

	if (a && b) {
		rename_keys(a, d->columns, sizeof(d->columns));
		rename_keys(b, d->columns, sizeof(d->columns));
		differs = objects_differ(a, b, "", d->what, sizeof(d->what));
	} else
		snprintf(d->what, sizeof(d->what), "%s is not a manifest",
			a ? p->path_b : p->path_a);
	json_object_put(a);
	json_object_put(b);
	sfe_one_line(d->what);
	return differs;
}
