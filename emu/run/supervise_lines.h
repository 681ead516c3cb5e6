/* SPDX-License-Identifier: MIT */
/* What the lab says of itself (emu/experiment/channel.h), in lines that a hostile guest may have
 * written. */
#ifndef SFE_RUN_SUPERVISE_LINES_H
#define SFE_RUN_SUPERVISE_LINES_H

#include "emu/run/supervisor.h"

/* Reads the available input of the channel; false: it has ended. */
bool sfe_supervisor_read_lines(struct supervisor *s);

#endif
