/* SPDX-License-Identifier: MIT */
/*
 * Measures the goodput of TCP over a direction of a link, fills its part of the row and judges it.
 * Nothing is in flight afterwards.
 */
#ifndef SFE_VERIFY_VERIFY_TCP_H
#define SFE_VERIFY_VERIFY_TCP_H

#include "emu/verify/verify_measure.h"

int sfe_verify_tcp(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row);

#endif
