/* SPDX-License-Identifier: MIT */
/* Mahimahi's recorded links. */
#ifndef SFE_LINK_LINK_TRACE_MAHIMAHI_H
#define SFE_LINK_LINK_TRACE_MAHIMAHI_H

#include "emu/model/link/link_trace_reader.h"

int sfe_trace_read_mahimahi(struct sfe_trace_reader *r);

#endif
