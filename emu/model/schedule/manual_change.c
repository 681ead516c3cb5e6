/* SPDX-License-Identifier: MIT */
#include "emu/model/schedule/manual_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/link/link_rules.h"

#define PLACE "" /* no file */

/* A leaf of a tree, as the readers of sections take it. */
static struct sfe_tree leaf(char *key, char *text)
{
	return (struct sfe_tree){.kind = SFE_TREE_VALUE, .key = key, .text = text};
}

static int select_links(
	struct sfe_link_rule *rule, const char *key, const char *text, struct sfe_error *err)
{
	struct sfe_tree t = leaf((char *)key, (char *)text);

	return sfe_link_selector_read(rule, &t, text, PLACE, err);
}

/* Reads "NAME", "NAME:up" or "NAME:down". */
static int read_name(
	struct sfe_link_rule *rule, const char *name, bool directed, struct sfe_error *err)
{
	const char *colon = strrchr(name, ':');
	int r;

	if (!colon || (strcmp(colon, ":up") && strcmp(colon, ":down")))
		return select_links(rule, "link", name, err);
	if (directed)
		return sfe_fail(err, -EINVAL, PLACE, "leave one of the two out",
			"'%.80s' gives the direction twice", name);
	r = select_links(rule, "direction", colon + 1, err);
	char *before = r ? NULL : strndup(name, (size_t)(colon - name));
	if (!r)
		r = before ? select_links(rule, "link", before, err)
			   : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	free(before);
	return r;
}

/* Refuses attributes that a running link cannot change, as schedule: does. */
static int refuse_key(const char *key, const char *value, struct sfe_error *err)
{
	if (!strcmp(key, "mtu") || !strcmp(key, "duplex") || !strcmp(key, "medium") ||
		!strcmp(key, "discipline"))
		return sfe_fail(err, -EINVAL, PLACE, "set it under links: in the scenario",
			"%s does not change in a running network", key);
	if (!strcmp(key, "rate") && !strcmp(value, "topology"))
		return sfe_fail(err, -EINVAL, PLACE, "write the rate",
			"a manual change needs a rate, not topology");
	return 0;
}

static int read_setting(struct sfe_link_rule *rule, const char *text, const char *folder,
	struct sfe_link_files *files, struct sfe_error *err)
{
	char *key = strdup(text), *value = key ? strchr(key, '=') : NULL;
	int r;

	if (!key)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!value || value == key || !value[1]) {
		free(key);
		return sfe_fail(err, -EINVAL, PLACE, "write KEY=VALUE, such as rate=1Mbit",
			"'%.80s' sets nothing", text);
	}
	*value++ = 0;
	struct sfe_tree t = leaf(key, value);
	r = refuse_key(key, value, err);
	for (uint32_t i = 0; i < rule->n && !r; i++)
		if (!strcmp(rule->set[i].attribute->name, key))
			r = sfe_fail(err, -EINVAL, PLACE, "leave one of them out",
				"%s is given twice", key);
	r = r ? r : sfe_link_setting_read(rule, &t, value, PLACE, folder, files, err);
	free(key);
	return r;
}

static int read_act(
	const struct sfe_manual_change *h, struct sfe_schedule_entry *e, struct sfe_error *err)
{
	bool set = !strcmp(h->act, "set"), down = !strcmp(h->act, "down");

	if (!set && !down && strcmp(h->act, "up"))
		return sfe_fail(err, -EINVAL, PLACE, "write set KEY=VALUE..., down, or up",
			"'%.80s' is not an action on a link", h->act);
	if (set && !h->n)
		return sfe_fail(err, -EINVAL, PLACE, "write what to set, such as rate=1Mbit",
			"set: sets nothing");
	if (!set && h->n)
		return sfe_fail(err, -EINVAL, PLACE, "use a second command, with set",
			"%s: has no attributes", h->act);
	if (h->n > SFE_MANUAL_CHANGE_SETTINGS)
		return sfe_fail(err, -EINVAL, PLACE, NULL, "more than %u attributes",
			SFE_MANUAL_CHANGE_SETTINGS);
	e->act = set ? SFE_SCHEDULE_SET : down ? SFE_SCHEDULE_DOWN : SFE_SCHEDULE_UP;
	return 0;
}

static int read_all(const struct sfe_manual_change *h, struct sfe_link_files *files,
	struct sfe_schedule_entry *e, struct sfe_error *err)
{
	int r = read_act(h, e, err);

	if (!r && !h->link && !h->kind)
		r = sfe_fail(err, -EINVAL, PLACE, "write a name, or a pattern such as 'link_*'",
			"selects no link");
	r = r || !h->kind ? r : select_links(&e->rule, "kind", h->kind, err);
	r = r || !h->direction ? r : select_links(&e->rule, "direction", h->direction, err);
	r = r || !h->link ? r : read_name(&e->rule, h->link, h->direction, err);
	for (uint32_t i = 0; i < h->n && !r; i++)
		r = read_setting(&e->rule, h->setting[i], h->folder, files, err);
	return r;
}

int sfe_manual_change_read(const struct sfe_manual_change *h, struct sfe_link_files *files,
	struct sfe_schedule_entry *out, struct sfe_error *err)
{
	int r;

	*out = (struct sfe_schedule_entry){.until_ns = SFE_NEVER,
		.rule = {.kind = SFE_ANY, .direction = SFE_ANY, .file = strdup(PLACE)}};
	out->rule.set = calloc((size_t)h->n + 1, sizeof(*out->rule.set));
	r = out->rule.set && out->rule.file ? read_all(h, files, out, err)
					    : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (r)
		sfe_manual_change_free(out);
	return r;
}

void sfe_manual_change_free(struct sfe_schedule_entry *e)
{
	sfe_link_rule_free(&e->rule);
	*e = (struct sfe_schedule_entry){0};
}
