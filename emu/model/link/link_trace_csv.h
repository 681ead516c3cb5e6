/* SPDX-License-Identifier: MIT */
/* Recorded links as rows: our CSV, TheaterQ's, two columns in s and Mb/s. */
#ifndef SFE_LINK_LINK_TRACE_CSV_H
#define SFE_LINK_LINK_TRACE_CSV_H

#include "emu/model/link/link_trace_reader.h"

int sfe_trace_read_csv(struct sfe_trace_reader *r);
int sfe_trace_read_theaterq(struct sfe_trace_reader *r);
int sfe_trace_read_mbps(struct sfe_trace_reader *r);

#endif
