/* SPDX-License-Identifier: MIT */
#include "nodes/worker/control_channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "nodes/base/clock.h"

#define BATCH 64 /* messages in one system call */

/* Whether to try again after errno: after an interruption, or once a full socket has room. */
static bool try_again(const struct worker *w)
{
	struct pollfd p = {.fd = w->control_fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && poll(&p, 1, -1) >= 0;
}

/* Sending may wait until the orchestrator reads, which may be asleep. */
void control_send(struct worker *w, const void *message, size_t size)
{
	while (send(w->control_fd, message, size, MSG_NOSIGNAL) < 0) {
		if (!try_again(w)) {
			worker_end(w);
			return;
		}
	}
	clock_forget();
}

/* One system call: how many it sent, or -1. */
static int send_batch(struct worker *w, const char *messages, size_t n, size_t size, int flags)
{
	struct mmsghdr headers[BATCH];
	struct iovec vector[BATCH];
	unsigned batch = n < BATCH ? (unsigned)n : BATCH;

	for (unsigned i = 0; i < batch; i++) {
		vector[i] = (struct iovec){(char *)messages + i * size, size};
		headers[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vector[i], .msg_iovlen = 1}};
	}
	return sendmmsg(w->control_fd, headers, batch, MSG_NOSIGNAL | flags);
}

void control_send_many(struct worker *w, const void *messages, size_t n, size_t size)
{
	for (size_t done = 0; done < n;) {
		int sent = send_batch(w, (const char *)messages + done * size, n - done, size, 0);
		if (sent >= 0) {
			done += (size_t)sent;
		} else if (!try_again(w)) {
			worker_end(w);
			return;
		}
		clock_forget();
	}
}

size_t control_send_some(struct worker *w, const void *messages, size_t n, size_t size)
{
	int sent = n ? send_batch(w, messages, n, size, MSG_DONTWAIT) : 0;

	return sent > 0 ? (size_t)sent : 0;
}
