/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_placement.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/printable.h"

static int no_memory(const char *file, struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
}

void sfe_placement_clear(struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->pins.n; i++) {
		struct sfe_pin *pin = &s->pins.of[i];
		free(pin->function);
		free(pin->step);
		free(pin->workflow);
		free(pin->client);
		free(pin->node);
	}
	free(s->pins.of);
	free(s->pins.file);
	free(s->placed.from);
	s->pins = (struct sfe_pins){0};
	s->placed.from = NULL;
	s->placed.frozen = false;
}

static int read_pin(
	const struct sfe_tree *t, const char *file, struct sfe_pin *pin, struct sfe_error *err)
{
	static const char *const keys[] = {"function", "step", "workflow", "client", "node", NULL};
	char **const parts[] = {
		&pin->function, &pin->step, &pin->workflow, &pin->client, &pin->node};
	struct sfe_error cause = {0};

	pin->line = t->line;
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, file, "write {step: NAME, node: NAME}", err,
			"placement: pin: an element is not a group of keys");
	int rc = sfe_tree_check_keys(t, file, keys, err);
	for (size_t i = 0; keys[i] && !rc; i++) {
		const struct sfe_tree *c = sfe_tree_get(t, keys[i]);
		const char *text = c ? sfe_tree_text(c, file, keys[i], err) : NULL;
		if (!c)
			continue;
		if (!text)
			return -EINVAL;
		if (!*text || sfe_pattern_check(text, &cause))
			return sfe_tree_fail(c, file,
				*text ? cause.todo
				      : "write a name, or a pattern such as 'server_*'",
				err, "placement: pin: %s: %s", keys[i],
				*text ? cause.what : "is empty");
		*parts[i] = strdup(text);
		rc = *parts[i] ? 0 : no_memory(file, err);
	}
	if (!rc && (!pin->node || t->n < 2))
		return sfe_tree_fail(t, file,
			"write {step: NAME, node: NAME}, or function, workflow or client instead "
			"of "
			"step",
			err, "placement: pin: an element has %s",
			pin->node ? "only a node" : "no node");
	return rc;
}

static int read_pins(
	const struct sfe_tree *t, const char *file, struct sfe_pins *pins, struct sfe_error *err)
{
	int rc = 0;

	if (t->kind != SFE_TREE_LIST || t->n > SFE_MAX_PINS)
		return sfe_tree_fail(t, file, "write pin: [{step: NAME, node: NAME}]", err,
			"placement: pin: is not a list of at most %u elements", SFE_MAX_PINS);
	pins->of = calloc((size_t)t->n + 1, sizeof(*pins->of));
	pins->file = strdup(file);
	if (!pins->of || !pins->file)
		return no_memory(file, err);
	while (pins->n < t->n && !rc) {
		rc = read_pin(t->child[pins->n], file, &pins->of[pins->n], err);
		pins->n++;
	}
	return rc;
}

/* The absolute path of a results folder, which has to be there. */
static int read_from(const struct sfe_tree *t, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "from", err), *why = NULL;
	char *path = NULL, *full;
	struct stat st;

	if (!text)
		return -EINVAL;
	if (s->files.names_only) {
		s->placed.from = strdup(text);
		return s->placed.from ? 0 : no_memory(file, err);
	}
	if (asprintf(&path, "%s%s%s", *text == '/' ? "" : folder, *text == '/' ? "" : "/", text) <
		0)
		return no_memory(file, err);
	full = realpath(path, NULL);
	free(path);
	if (!full || stat(full, &st))
		why = strerror(errno);
	else if (!S_ISDIR(st.st_mode))
		why = "it is not a folder";
	else if (!sfe_is_one_line(full, strlen(full)))
		why = "its full path has a control character or is not UTF-8";
	if (!why) {
		s->placed.from = full;
		return 0;
	}
	free(full);
	return sfe_tree_fail(t, file, "give the results folder of a finished run", err,
		"placement: from: %.200s: %s", text, why);
}

static int read_frozen(const struct sfe_tree *t, const char *file, bool *out, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "frozen", err);

	if (!text)
		return -EINVAL;
	*out = !strcmp(text, "true");
	return *out || !strcmp(text, "false")
		       ? 0
		       : sfe_tree_fail(t, file, "write true or false", err,
				 "placement: frozen: '%.40s' is neither true nor false", text);
}

int sfe_placement_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s,
	int (*rule)(struct sfe_scenario *, const char *, struct sfe_error *), struct sfe_error *err)
{
	static const char *const keys[] = {"rule", "pin", "from", "frozen", NULL};
	int rc = sfe_tree_check_keys(tree, file, keys, err);

	sfe_placement_clear(s);
	for (unsigned i = 0; i < tree->n && !rc; i++) {
		const struct sfe_tree *c = tree->child[i];
		struct sfe_error cause = {0};
		if (!strcmp(c->key, "pin")) {
			rc = read_pins(c, file, &s->pins, err);
		} else if (!strcmp(c->key, "from")) {
			rc = read_from(c, file, folder, s, err);
		} else if (!strcmp(c->key, "frozen")) {
			rc = read_frozen(c, file, &s->placed.frozen, err);
		} else {
			const char *text = sfe_tree_text(c, file, "rule", err);
			if (!text)
				return -EINVAL;
			if (rule(s, text, &cause))
				rc = sfe_tree_fail(c, file, cause.todo, err, "placement: rule: %s",
					cause.what);
		}
	}
	if (!rc && s->placed.from && s->pins.n)
		rc = sfe_tree_fail(tree, file, "keep one of them", err,
			"placement: pin together with from, which says where everything is");
	return rc;
}

static void print_pin(const struct sfe_pin *pin, FILE *out)
{
	const struct {
		const char *key, *text;
	} parts[] = {{"function", pin->function}, {"step", pin->step}, {"workflow", pin->workflow},
		{"client", pin->client}, {"node", pin->node}};
	const char *before = "{";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].text)
			continue;
		fprintf(out, "%s%s: ", before, parts[i].key);
		sfe_tree_print_text(parts[i].text, out);
		before = ", ";
	}
	fputc('}', out);
}

void sfe_placement_print(const struct sfe_scenario *s, FILE *out)
{
	const char *rule = sfe_placement_name(s->placement);

	if (!s->pins.n && !s->placed.from && !s->placed.frozen) {
		fputs(rule, out);
		return;
	}
	fprintf(out, "{rule: %s", rule);
	for (uint32_t i = 0; i < s->pins.n; i++) {
		fputs(i ? ", " : ", pin: [", out);
		print_pin(&s->pins.of[i], out);
	}
	fputs(s->pins.n ? "]" : "", out);
	if (s->placed.from) {
		fputs(", from: ", out);
		sfe_tree_print_text(s->placed.from, out);
	}
	fputs(s->placed.frozen ? ", frozen: true}" : "}", out);
}
