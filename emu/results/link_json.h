/* SPDX-License-Identifier: MIT */
/* A direction of a link as JSON: its specification and counters. */
#ifndef SFE_RESULTS_LINK_JSON_H
#define SFE_RESULTS_LINK_JSON_H

#include <json-c/json.h>

#include "emu/net/net.h"

/* Keys: link, kind, direction, from, to; each attribute of links: as text; and if counted
 * wire_bytes, packets, drops, losses. The object is the caller's. */
json_object *sfe_link_json(const struct sfe_plan *plan, const struct sfe_link_count *c,
	const struct sfe_link_spec *spec, bool counted);

#endif
