/* SPDX-License-Identifier: MIT */
#ifndef SFE_NODES_SEND_WINDOW_H
#define SFE_NODES_SEND_WINDOW_H

#include <stdint.h>

/* The congestion window of this side, in segments; 0 if the kernel does not say. */
uint32_t send_window_segments(int fd);

#endif
