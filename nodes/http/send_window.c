/* SPDX-License-Identifier: MIT */
/* A file of its own: the kernel's struct tcp_info is newer than that of <netinet/tcp.h>, and the
 * two headers exclude each other. */
#include "nodes/http/send_window.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

uint32_t send_window_segments(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ? 0 : info.tcpi_snd_cwnd;
}
