/* SPDX-License-Identifier: MIT */
/* Measures what all stations of a medium get together that contend for it (medium: dcf). */
#ifndef SFE_VERIFY_VERIFY_CONTENTION_H
#define SFE_VERIFY_VERIFY_CONTENTION_H

#include "emu/verify/verify_measure.h"

#define SFE_VERIFY_CONTENDING 32u /* stations that send at the same time, at most */

/* Compares their saturation throughput with Bianchi's formula. Does nothing for other links. */
int sfe_verify_contention(const struct sfe_verifying *v, uint32_t link, struct sfe_verify_row *row);

#endif
