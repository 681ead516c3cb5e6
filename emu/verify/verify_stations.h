/* SPDX-License-Identifier: MIT */
/*
 * Measures what two stations of a half-duplex medium get that send at the same time, each to the
 * other, fills its part of the row and, where stations take turns, judges it. Nothing is in flight
 * afterwards.
 */
#ifndef SFE_VERIFY_VERIFY_STATIONS_H
#define SFE_VERIFY_VERIFY_STATIONS_H

#include "emu/verify/verify_measure.h"

int sfe_verify_stations(const struct sfe_verifying *v, uint32_t link, struct sfe_verify_row *row);

/*
 * Jain's fairness index of two flows in the first half of what arrived, as long as both have
 * something to send: 1 if both got the same, 1/2 if one got all. at_ns: times of arrival; negative
 * ones are left out. 0 if nothing arrived. The arrays are sorted in place.
 */
double sfe_verify_fairness(int64_t *one, uint32_t n_one, int64_t *other, uint32_t n_other);

#endif
