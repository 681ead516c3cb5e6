/* SPDX-License-Identifier: MIT */
/*
 * Measures a direction of a link with series of UDP packets. Each function fills its part of the
 * row and judges it. Nothing is in flight afterwards.
 */
#ifndef SFE_VERIFY_VERIFY_SERIES_H
#define SFE_VERIFY_VERIFY_SERIES_H

#include "emu/verify/verify_measure.h"

/* Single packets, far apart: delay, loss, duplication. */
int sfe_verify_delay(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row);
/* Full packets at 95 % of the rate: none may be lost or reordered. */
int sfe_verify_steady(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row);
/* More packets at once than the queue holds: it fills, and drains at the rate. */
int sfe_verify_burst(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row);

#endif
