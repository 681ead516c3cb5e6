/* SPDX-License-Identifier: MIT */
/*
 * The rules for names: of nodes, links and junctions, and of scenarios and sweeps.
 *
 * A name becomes a cell of a table, a line of /etc/hosts, an interface, a folder under
 * /proc/sys/net, a file, a program's argument, a label in drawings and pages. It has 1 to
 * SFE_MAX_NAME bytes: ASCII letters, digits and any of _ . - and does not begin with . or -. Such
 * names have no special meaning in these places and need no quoting.
 */
#ifndef SFE_BASE_NAME_CHECK_H
#define SFE_BASE_NAME_CHECK_H

#include "emu/model/base/text.h"

/* Patterns of names, as fnmatch() has them: each is compared with each name. */
#define SFE_MAX_PATTERN (2 * SFE_MAX_NAME)
/* Refuses a longer one. Errors have no place. */
int sfe_pattern_check(const char *text, struct sfe_error *err);

/* Checks a name. Errors have no place. */
int sfe_name_check(struct sfe_span name, struct sfe_error *err);

/*
 * The same for a node, link or junction. Its name stands alone, so it also needs a letter, must not
 * read as a number (1e5, 0x10, inf), and must not be a reserved word.
 */
int sfe_name_check_vertex(struct sfe_span name, struct sfe_error *err);

/* Turns a file name into the name of a scenario: characters that names may not have become _. */
void sfe_name_make(char *name);

#endif
