/* SPDX-License-Identifier: MIT */
/* The section `links:`: reads it from its tree, prints it, applies it. */
#include "sfemu/link_rules.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/text.h"
#include "emu/model/link/link_rules.h"

static const char *const kind_names[] = {"node", "shared", "uplink", "downlink"};
static const char *const direction_names[] = {[SFE_UP] = "up", [SFE_DOWN] = "down"};

bool sfe_link_rule_matches(const struct sfe_link_rule *rule, const char *name,
	enum sfe_link_kind kind, enum sfe_link_direction direction)
{
	return (rule->kind == SFE_ANY || rule->kind == (int)kind) &&
	       (rule->direction == SFE_ANY || rule->direction == (int)direction) &&
	       (!rule->pattern || !fnmatch(rule->pattern, name, 0));
}

int sfe_link_rule_apply(const struct sfe_link_rule *rule, struct sfe_link_files *files,
	struct sfe_link_spec *spec, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < rule->n && !r; i++)
		r = rule->set[i].attribute->set(spec, rule->set[i].text, ".", files, err);
	return r;
}

void sfe_link_rule_free(struct sfe_link_rule *rule)
{
	for (uint32_t i = 0; i < rule->n; i++)
		free(rule->set[i].text);
	free(rule->set);
	free(rule->pattern);
	free(rule->file);
}

void sfe_link_rules_free(struct sfe_link_rules *rules)
{
	for (uint32_t i = 0; i < rules->n; i++)
		sfe_link_rule_free(&rules->rule[i]);
	free(rules->rule);
	*rules = (struct sfe_link_rules){0};
}

static int find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return SFE_ANY;
}

static void list_attributes(char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, "the keys are link, kind, direction");

	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name && used < size; a++)
		used += (size_t)snprintf(buf + used, size - used, ", %s", a->name);
}

/* Reads link, kind or direction. 1: another key. */
int sfe_link_selector_read(struct sfe_link_rule *rule, const struct sfe_tree *t, const char *text,
	const char *file, struct sfe_error *err)
{
	if (!strcmp(t->key, "link")) {
		if (!*text)
			return sfe_tree_fail(t, file, "write a name, or a pattern such as 'link_*'",
				err, "link: is empty");
		struct sfe_error cause = {0};
		if (sfe_pattern_check(text, &cause))
			return sfe_tree_fail(t, file, cause.todo, err, "link: %s", cause.what);
		rule->pattern = strdup(text);
		return rule->pattern ? 0 : sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	}
	if (!strcmp(t->key, "kind")) {
		rule->kind = find(kind_names, SFE_LINK_KINDS, text);
		return rule->kind != SFE_ANY
			       ? 0
			       : sfe_tree_fail(t, file, "write node, shared, uplink or downlink",
					 err, "kind: '%.80s' is not a kind of link", text);
	}
	if (!strcmp(t->key, "direction")) {
		rule->direction = find(direction_names, SFE_DIRECTIONS, text);
		return rule->direction != SFE_ANY
			       ? 0
			       : sfe_tree_fail(t, file,
					 "write up (from a node into the network) or down (back to "
					 "it)",
					 err, "direction: '%.80s' is not a direction", text);
	}
	return 1;
}

int sfe_link_setting_read(struct sfe_link_rule *rule, const struct sfe_tree *t, const char *text,
	const char *file, const char *folder, struct sfe_link_files *files, struct sfe_error *err)
{
	const struct sfe_link_attribute *a = sfe_link_attribute_find(t->key);
	struct sfe_link_spec spec = {0};
	struct sfe_error cause = {0};
	char keys[240];

	if (!a) {
		list_attributes(keys, sizeof(keys));
		return sfe_tree_fail(t, file, keys, err, "unknown key '%.80s' of a link", t->key);
	}
	if (a->set(&spec, text, folder, files, &cause))
		return sfe_tree_fail(t, file, cause.todo, err, "%s: %s", t->key, cause.what);
	rule->set[rule->n].attribute = a;
	rule->set[rule->n].text = sfe_link_attribute_text(a, &spec);
	if (!rule->set[rule->n].text)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	rule->n++;
	return 0;
}

static int read_rule(struct sfe_link_rule *rule, const struct sfe_tree *t, const char *file,
	const char *folder, struct sfe_link_files *files, struct sfe_error *err)
{
	int r = 0;

	*rule = (struct sfe_link_rule){
		.kind = SFE_ANY, .direction = SFE_ANY, .line = t->line, .file = strdup(file)};
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, file, "write {link: NAME, loss: 1%}", err,
			"links: an element is not a group of keys");
	rule->set = calloc(t->n + 1, sizeof(*rule->set));
	if (!rule->set || !rule->file)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	for (unsigned i = 0; i < t->n && !r; i++) {
		const char *text = sfe_tree_text(t->child[i], file, t->child[i]->key, err);
		if (!text)
			return -EINVAL;
		r = sfe_link_selector_read(rule, t->child[i], text, file, err);
		if (r > 0)
			r = sfe_link_setting_read(
				rule, t->child[i], text, file, folder, files, err);
	}
	if (!r && !rule->pattern && rule->kind == SFE_ANY)
		return sfe_tree_fail(t, file, "write link: NAME or kind: KIND (link: '*' for all)",
			err, "links: an element selects no link");
	if (!r && !rule->n)
		return sfe_tree_fail(t, file, "write what to set, such as loss: 1%", err,
			"links: an element sets nothing");
	return r;
}

int sfe_link_rules_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_link_rules rules = {0};
	int r = 0;

	if (tree->kind != SFE_TREE_LIST)
		return sfe_tree_fail(tree, file, "write - {link: NAME, loss: 1%} below it", err,
			"links: is not a list");
	if (tree->n > SFE_MAX_LINK_RULES)
		return sfe_tree_fail(tree, file, "use patterns", err,
			"links: has more than %u elements", SFE_MAX_LINK_RULES);
	rules.rule = calloc(tree->n + 1, sizeof(*rules.rule));
	if (!rules.rule)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	while (rules.n < tree->n && !r) {
		r = read_rule(
			&rules.rule[rules.n], tree->child[rules.n], file, folder, &s->files, err);
		rules.n++;
	}
	if (r) {
		sfe_link_rules_free(&rules);
		return r;
	}
	sfe_link_rules_free(&s->links);
	s->links = rules;
	return 0;
}

bool sfe_link_rules_are_set(const struct sfe_scenario *s)
{
	return s->links.n > 0;
}

void sfe_link_selector_print(const struct sfe_link_rule *rule, const char *word, FILE *out)
{
	const char *comma = "";

	if (rule->pattern) {
		fprintf(out, "%s: ", word);
		sfe_tree_print_text(rule->pattern, out);
		comma = ", ";
	}
	if (rule->kind != SFE_ANY) {
		fprintf(out, "%skind: %s", comma, kind_names[rule->kind]);
		comma = ", ";
	}
	if (rule->direction != SFE_ANY)
		fprintf(out, "%sdirection: %s", comma, direction_names[rule->direction]);
}

void sfe_link_settings_print(const struct sfe_link_rule *rule, FILE *out)
{
	for (uint32_t k = 0; k < rule->n; k++) {
		fprintf(out, "%s%s: ", k ? ", " : "", rule->set[k].attribute->name);
		sfe_tree_print_text(rule->set[k].text, out);
	}
}

void sfe_link_rules_print(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->links.n; i++) {
		fputs(i ? ", {" : "[{", out);
		sfe_link_selector_print(&s->links.rule[i], "link", out);
		fputs(", ", out);
		sfe_link_settings_print(&s->links.rule[i], out);
		fputc('}', out);
	}
	fputc(']', out);
}

void sfe_link_rules_clear(struct sfe_scenario *s)
{
	sfe_link_rules_free(&s->links);
}
