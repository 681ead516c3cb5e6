/* SPDX-License-Identifier: MIT */
#include "nodes/http/message_waits.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Of the guest's kernel: two struct sfe_ctl_waits. */
#define TCP_WAITS 1000

bool message_waits_read(int fd, struct message_waits *out)
{
	socklen_t size = sizeof(*out);

	*out = (struct message_waits){0};
	return !getsockopt(fd, IPPROTO_TCP, TCP_WAITS, out, &size) && size == sizeof(*out);
}

struct sfe_ctl_waits message_waits_since(
	const struct sfe_ctl_waits *before, const struct sfe_ctl_waits *now)
{
	return (struct sfe_ctl_waits){
		.resent_ns = now->resent_ns - before->resent_ns,
		.window_ns = now->window_ns - before->window_ns,
		.queue_ns = now->queue_ns - before->queue_ns,
		.opening_ns = now->opening_ns - before->opening_ns,
	};
}
