/* SPDX-License-Identifier: MIT */
#ifndef SFE_NODES_OUT_OF_ORDER_H
#define SFE_NODES_OUT_OF_ORDER_H

#include <stdint.h>

/* How many packets of the TCP connection have come after later ones, so far: the sign of losses on
 * the way here. 0 if the kernel does not count them (before 5.4). */
uint32_t out_of_order_packets(int fd);
/* The congestion window of this side, in segments; 0 if the kernel does not say. */
uint32_t send_window_segments(int fd);

#endif
