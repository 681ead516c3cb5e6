/* SPDX-License-Identifier: MIT */
/* What a process of workers says when C code of the user's crashes, before it dies of it. */
#ifndef SFE_NODES_FUNCTION_CRASH_H
#define SFE_NODES_FUNCTION_CRASH_H

#include <stdint.h>

/* From now on: the reason goes to the orchestrator over the control channel of this worker. Once a
 * process: a signal has no context but variables of the process. */
void function_crash_watch(int control_fd, uint32_t node);

#endif
