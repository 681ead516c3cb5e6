/* SPDX-License-Identifier: MIT */
/* Loss, duplication, corruption and reordering of a link's packets as text. */
#ifndef SFE_LINK_LINK_TEXT_LOSS_H
#define SFE_LINK_LINK_TEXT_LOSS_H

#include "emu/model/link/link_words.h"

int sfe_set_loss(SFE_SET_ARGS);
void sfe_print_loss(const struct sfe_link_spec *s, FILE *out);
int sfe_set_duplicate(SFE_SET_ARGS);
void sfe_print_duplicate(const struct sfe_link_spec *s, FILE *out);
int sfe_set_corrupt(SFE_SET_ARGS);
void sfe_print_corrupt(const struct sfe_link_spec *s, FILE *out);
int sfe_set_reorder(SFE_SET_ARGS);
void sfe_print_reorder(const struct sfe_link_spec *s, FILE *out);

#endif
