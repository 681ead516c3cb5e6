/* SPDX-License-Identifier: MIT */
/* What a process of workers says when a function uses more than its stack, before it dies of it. */
#ifndef SFE_NODES_OVERFLOW_H
#define SFE_NODES_OVERFLOW_H

#include <stdint.h>

/* From now on: the reason goes to the orchestrator as that of this worker. Once a process; a signal
 * has no context, so this is the process's only variable. */
void overflow_watch(int control_fd, uint32_t node);

#endif
