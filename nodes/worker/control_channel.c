/* SPDX-License-Identifier: MIT */
#include "nodes/worker/control_channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define BATCH 64 /* messages in one system call */

/* Whether to try again after errno: after an interruption, or once a full socket has room. */
static bool try_again(const struct worker *w)
{
	struct pollfd p = {.fd = w->control_fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && poll(&p, 1, -1) >= 0;
}

void control_send(struct worker *w, const void *message, size_t size)
{
	while (send(w->control_fd, message, size, MSG_NOSIGNAL) < 0) {
		if (!try_again(w)) {
			worker_end(w);
			return;
		}
	}
}

void control_send_many(struct worker *w, const void *messages, size_t n, size_t size)
{
	struct mmsghdr headers[BATCH];
	struct iovec vector[BATCH];

	for (size_t done = 0; done < n;) {
		unsigned batch = n - done < BATCH ? (unsigned)(n - done) : BATCH;
		for (unsigned i = 0; i < batch; i++) {
			vector[i] = (struct iovec){(char *)messages + (done + i) * size, size};
			headers[i] = (struct mmsghdr){
				.msg_hdr = {.msg_iov = &vector[i], .msg_iovlen = 1}};
		}
		int sent = sendmmsg(w->control_fd, headers, batch, MSG_NOSIGNAL);
		if (sent >= 0) {
			done += (size_t)sent;
		} else if (!try_again(w)) {
			worker_end(w);
			return;
		}
	}
}
