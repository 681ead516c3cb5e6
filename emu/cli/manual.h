/* SPDX-License-Identifier: MIT */
/* What is made from the tables of the verbs in a build: manual pages and the completion of shells.
 */
#ifndef SFE_CLI_MANUAL_H
#define SFE_CLI_MANUAL_H

#include "sfemu/error.h"

/*
 * Writes into an existing folder: man1/sfemu.1 and man1/sfemu-VERB.1 for each verb, and
 * completion/sfemu.bash and completion/_sfemu (zsh). Makes the two folders.
 */
int sfe_manual_write(const char *folder, struct sfe_error *err);

#endif
