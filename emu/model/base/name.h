/* SPDX-License-Identifier: MIT */
/*
 * The one grammar of names: of nodes, links and junctions, and of scenarios and sweeps.
 *
 * A name becomes a cell of a table, a line of /etc/hosts, an interface, a folder under
 * /proc/sys/net, a file, an argument of a tool, a label of a drawing and of a page. It has 1 to
 * SFE_MAX_NAME bytes: letters, digits and any of _ . - of ASCII, of which the first is no . and no
 * -. That has no meaning in any of these places, so nothing needs to be quoted there.
 */
#ifndef SFE_BASE_NAME_H
#define SFE_BASE_NAME_H

#include "emu/model/base/text.h"

/* Whether it is one. Fills err without a place. */
int sfe_name_check(struct sfe_span name, struct sfe_error *err);

/*
 * The same of a node, link or junction, whose name stands by itself: it has a letter, is no number
 * (1e5, 0x10, inf) and none of the words that mean something else in one of these places.
 */
int sfe_name_check_vertex(struct sfe_span name, struct sfe_error *err);

/* Makes the name of a scenario of a file's: what a name may not have becomes _. */
void sfe_name_make(char *name);

#endif
