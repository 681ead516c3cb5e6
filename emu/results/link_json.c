/* SPDX-License-Identifier: MIT */
#include "emu/results/link_json.h"

#include <stdlib.h>

static void add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text ? text : ""));
}

static const char *host_name(const struct sfe_plan *p, uint32_t host)
{
	return host == SFE_NONE ? "" : p->hosts[host].name;
}

json_object *sfe_link_json(const struct sfe_plan *plan, const struct sfe_link_count *c,
	const struct sfe_link_spec *spec, bool counted)
{
	const struct sfe_link *link = &plan->topology->links[c->link];
	json_object *o = json_object_new_object();

	add_text(o, "link", link->name);
	add_text(o, "kind", sfe_link_kind_name(link->kind));
	add_text(o, "direction", c->direction == SFE_UP ? "up" : "down");
	add_text(o, "from", host_name(plan, c->from));
	add_text(o, "to", host_name(plan, c->to));
	for (const struct sfe_link_attribute *a = sfe_link_attributes; a->name; a++) {
		char *text = sfe_link_attribute_text(a, spec);
		add_text(o, a->name, text);
		free(text);
	}
	if (counted) {
		json_object_object_add(o, "wire_bytes", json_object_new_uint64(c->wire_bytes));
		json_object_object_add(o, "packets", json_object_new_uint64(c->packets));
		json_object_object_add(o, "drops", json_object_new_uint64(c->drops));
		json_object_object_add(o, "losses", json_object_new_uint64(c->losses));
	}
	return o;
}
