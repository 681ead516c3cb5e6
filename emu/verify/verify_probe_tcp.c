/* SPDX-License-Identifier: MIT */
/* The transfer by TCP of a probe. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "emu/verify/verify_probe_internal.h"

#define TCP_CHUNK (1u << 20)

static int tcp_connect(const struct sfe_net *net, const struct sfe_probe_sockets *p,
	const struct sfe_probe_transfer *t, int fd[2], struct sfe_error *err)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PROBE_PORT),
		.sin_addr.s_addr = htonl(p->to_address)};
	int on = 1, room = t->window > 1 << 29 ? 1 << 30 : (int)(2 * t->window);
	int listener = sfe_probe_socket_in(
		net, p->to, SOCK_STREAM, p->to_if, p->to_address, SFE_PROBE_PORT, err);
	int r = 0;

	fd[0] = fd[1] = -1;
	if (listener < 0)
		return listener;
	fd[0] = sfe_probe_socket_in(net, p->from, SOCK_STREAM, p->from_if, p->from_address, 0, err);
	if (fd[0] < 0) {
		close(listener);
		return fd[0];
	}
	struct pollfd ready[2] = {
		{.fd = listener, .events = POLLIN}, {.fd = fd[0], .events = POLLOUT}};
	if (setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
		setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
		setsockopt(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
		setsockopt(fd[0], SOL_SOCKET, SO_MAX_PACING_RATE, &t->pace, sizeof(t->pace)) ||
		listen(listener, 1) ||
		(connect(fd[0], (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS))
		r = sfe_probe_fail_errno(p->from_if, "connect", err);
	else if (poll(ready, 1, 60000) <= 0 ||
		 (fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0)
		r = sfe_fail(err, -ETIME, p->from_if, NULL, "a TCP connection does not come about");
	/* reno stays in slow start until all is sent. On a long path, cubic would leave slow start
	 * much earlier (HyStart). */
	else if (setsockopt(fd[0], IPPROTO_TCP, TCP_CONGESTION, "reno", strlen("reno")))
		r = sfe_probe_fail_errno(p->from_if, "choose reno", err);
	close(listener);
	return r;
}

/* Reads what has arrived, without copying it: with MSG_TRUNC, TCP discards the bytes. *at: when the
 * last of them arrived. */
static ssize_t tcp_read(int fd, int64_t *at)
{
	char control[64];
	struct iovec iov = {NULL, TCP_CHUNK};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_TRUNC);

	if (n > 0)
		*at = sfe_probe_stamp(&msg);
	return n;
}

static int tcp_transfer(int fd[2], const struct sfe_probe_transfer *t, double *goodput_bps)
{
	static char chunk[TCP_CHUNK];
	uint64_t sent = 0, received = 0, half = 0, late = 0;
	const uint64_t bytes = t->bytes;
	int64_t end = sfe_probe_now_ns() + (int64_t)t->limit_ns, half_at = 0, late_at = 0, at = 0;

	while (received < bytes) {
		ssize_t n = 1;
		while (n > 0) {
			uint64_t may = received + t->ahead < bytes ? received + t->ahead : bytes;
			uint64_t want = may - sent < TCP_CHUNK ? may - sent : TCP_CHUNK;
			if (!want)
				break;
			n = send(fd[0], chunk, want, MSG_NOSIGNAL);
			sent += n > 0 ? (uint64_t)n : 0;
		}
		/* Packets are read at intervals, not one by one: the kernel has stamped them. */
		int64_t now = sfe_probe_now_ns();
		if (now > end)
			return -ETIME;
		sfe_probe_sleep_until(now + (int64_t)t->look_ns);
		while ((n = tcp_read(fd[1], &at)) > 0) {
			received += (uint64_t)n;
			if (!half_at && received >= bytes / 2) {
				half_at = at;
				half = received;
			}
			/* The end is not measured: the last segment is not full and waits (Nagle).
			 */
			if (received < bytes / 16 * 15) {
				late = received;
				late_at = at;
			}
		}
		if (!n && received < bytes)
			return -ECONNRESET;
	}
	*goodput_bps =
		late_at > half_at ? (double)(late - half) * 8e9 / (double)(late_at - half_at) : 0;
	return 0;
}

int sfe_probe_tcp(const struct sfe_net *net, const struct sfe_probe_sockets *p,
	const struct sfe_probe_transfer *t, double *goodput_bps, struct sfe_error *err)
{
	/* The connection ends with a reset, so that nothing is left to exchange. */
	const struct linger abort = {.l_onoff = 1};
	int fd[2];
	int r = tcp_connect(net, p, t, fd, err);

	if (!r)
		r = tcp_transfer(fd, t, goodput_bps);
	for (int i = 0; i < 2; i++)
		if (fd[i] >= 0) {
			setsockopt(fd[i], SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
			close(fd[i]);
		}
	sfe_probe_sleep_until(sfe_probe_now_ns() + (int64_t)t->settle_ns);
	return r;
}
