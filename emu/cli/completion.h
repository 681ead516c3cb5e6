/* SPDX-License-Identifier: MIT */
/* The completion of shells, from the tables of the verbs. */
#ifndef SFE_CLI_COMPLETION_H
#define SFE_CLI_COMPLETION_H

#include "emu/cli/base/verb.h"

/* verbs: ended by NULL. */
void sfe_completion_bash(const struct sfe_verb *const *verbs, FILE *out);
void sfe_completion_zsh(const struct sfe_verb *const *verbs, FILE *out);

#endif
