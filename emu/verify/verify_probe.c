/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_probe_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BYTES (512 << 20) /* the kernel's overhead for each packet counts too */
#define MAX_PAYLOAD 65507
#define BATCH 64
#define LOOKS 32 /* reads while waiting for the rest of a series */

int64_t sfe_probe_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

void sfe_probe_sleep_until(int64_t ns)
{
	struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

int sfe_probe_fail_errno(const char *where, const char *what, struct sfe_error *err)
{
	int code = errno;

	return sfe_fail(err, -code, where, NULL, "cannot %s: %s", what, strerror(code));
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

int sfe_probe_socket_in(const struct sfe_net *net, uint32_t host, int type, const char *ifname,
	uint32_t address, uint16_t port, struct sfe_error *err)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(address), .sin_port = htons(port)};
	const char *name = net->plan->hosts[host].name;
	int on = 1, r = sfe_net_enter(net, host, err);

	if (r)
		return r;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = sfe_net_leave(net, err);
	if (fd < 0)
		return sfe_probe_fail_errno(name, "open a socket", err);
	/* There is no route for a path that is not in the tree. For a socket that is bound to its
	 * interface, the kernel treats the other end as a neighbour. */
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname, (socklen_t)strlen(ifname)) ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		bind(fd, (struct sockaddr *)&sin, sizeof(sin))) {
		r = sfe_probe_fail_errno(name, "bind a socket", err);
		close(fd);
		return r;
	}
	return r ? r : fd;
}

static const struct sfe_cable_end *end_of(const struct sfe_plan *p, uint32_t host, uint32_t port)
{
	const struct sfe_port *at = &p->hosts[host].ports[port];

	return &p->cables[at->cable].end[at->side];
}

int sfe_probe_open(const struct sfe_net *net, uint32_t from, uint32_t from_port, uint32_t to,
	uint32_t to_port, struct sfe_probe_sockets *out, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_cable_end *a = end_of(p, from, from_port), *b = end_of(p, to, to_port);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SFE_PROBE_PORT)};
	int on = 1, room = RECEIVE_BYTES, discover = IP_PMTUDISC_DO;

	*out = (struct sfe_probe_sockets){.tx = -1,
		.rx = -1,
		.from = from,
		.to = to,
		.from_address = p->hosts[from].address,
		.to_address = p->hosts[to].address};
	memcpy(out->from_if, a->ifname, sizeof(out->from_if));
	memcpy(out->to_if, b->ifname, sizeof(out->to_if));
	prctl(PR_SET_TIMERSLACK, 1);
	out->rx = sfe_probe_socket_in(
		net, to, SOCK_DGRAM, out->to_if, out->to_address, SFE_PROBE_PORT, err);
	if (out->rx < 0)
		return out->rx;
	out->tx =
		sfe_probe_socket_in(net, from, SOCK_DGRAM, out->from_if, out->from_address, 0, err);
	if (out->tx < 0) {
		int r = out->tx;
		sfe_probe_close(out);
		return r;
	}
	address.sin_addr.s_addr = htonl(out->to_address);
	if (setsockopt(out->rx, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
		setsockopt(out->rx, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
		setsockopt(out->tx, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
		setsockopt(out->tx, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover)) ||
		connect(out->tx, (struct sockaddr *)&address, sizeof(address))) {
		int r = sfe_probe_fail_errno(p->hosts[from].name, "prepare a probe", err);
		sfe_probe_close(out);
		return r;
	}
	return 0;
}

void sfe_probe_close(struct sfe_probe_sockets *p)
{
	if (p->tx >= 0)
		close(p->tx);
	if (p->rx >= 0)
		close(p->rx);
	p->tx = p->rx = -1;
}

void sfe_probe_series_free(struct sfe_probe_series *s)
{
	free(s->delay_ns);
	free(s->at_ns);
	free(s->again_ns);
	*s = (struct sfe_probe_series){0};
}

struct packet {
	uint32_t series, number;
	int64_t sent_ns;
};
_Static_assert(sizeof(struct packet) < SFE_PROBE_LEAST, "SFE_PROBE_LEAST");

int64_t sfe_probe_stamp(struct msghdr *msg)
{
	struct timespec t;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			return t.tv_sec * 1000000000ll + t.tv_nsec;
		}
	return sfe_probe_now_ns();
}

static int count_again(struct sfe_probe_series *s, int64_t delay)
{
	if (s->duplicates == s->again_room) {
		uint32_t room = 2 * s->again_room + BATCH;
		int64_t *more = realloc(s->again_ns, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->again_ns = more;
		s->again_room = room;
	}
	s->again_ns[s->duplicates++] = delay;
	return 0;
}

/* 0 or -ENOMEM */
static int count_packet(
	struct sfe_probe_series *s, const struct packet *packet, uint32_t size, int64_t at)
{
	if (packet->number >= s->sent)
		return 0;
	if (s->delay_ns[packet->number] >= 0)
		return count_again(s, at - packet->sent_ns);
	s->delay_ns[packet->number] = at - packet->sent_ns;
	s->at_ns[packet->number] = at;
	if (packet->number < s->last_number)
		s->reordered++;
	else
		s->last_number = packet->number;
	s->largest = size > s->largest ? size : s->largest;
	s->received++;
	return 0;
}

/* Reads all packets that have arrived. 0 or -ENOMEM. */
static int drain(struct sfe_probe_sockets *p, uint32_t series, struct sfe_probe_series *s)
{
	struct packet packet[BATCH];
	char control[BATCH][64];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
	int n, r = 0;

	do {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){&packet[i], sizeof(packet[i])};
			msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i],
				.msg_iovlen = 1,
				.msg_control = control[i],
				.msg_controllen = sizeof(control[i])};
		}
		n = recvmmsg(p->rx, msg, BATCH, MSG_TRUNC, NULL);
		/* Few corrupted packets pass the checksum; those with another series number are
		 * ignored. */
		for (int i = 0; i < n && !r; i++)
			if (msg[i].msg_len >= sizeof(packet[i]) && packet[i].series == series)
				r = count_packet(s, &packet[i], msg[i].msg_len,
					sfe_probe_stamp(&msg[i].msg_hdr));
	} while (n == BATCH && !r);
	return r;
}

/* Sends up to BATCH packets that leave at the same time. */
static int send_batch(struct sfe_probe_sockets *p, uint32_t series, uint32_t n, uint32_t payload,
	struct sfe_probe_series *s, struct sfe_error *err)
{
	static char rest[MAX_PAYLOAD];
	struct packet packet[BATCH];
	struct iovec iov[BATCH][2];
	struct mmsghdr msg[BATCH];
	int64_t now = sfe_probe_now_ns();

	for (uint32_t i = 0; i < n; i++) {
		packet[i] = (struct packet){series, s->sent, now};
		s->delay_ns[s->sent++] = -1;
		iov[i][0] = (struct iovec){&packet[i], sizeof(packet[i])};
		iov[i][1] = (struct iovec){rest, payload - sizeof(packet[i])};
		msg[i].msg_hdr = (struct msghdr){.msg_iov = iov[i], .msg_iovlen = 2};
	}
	s->last_sent_ns = now;
	if (!s->first_sent_ns)
		s->first_sent_ns = now;
	for (uint32_t done = 0; done < n;) {
		int sent = sendmmsg(p->tx, msg + done, n - done, 0);
		/* ENOBUFS: the queue is full, and the packet is lost, as intended. */
		if (sent < 0 && errno != ENOBUFS)
			return sfe_probe_fail_errno(p->from_if, "send a probe", err);
		done += sent > 0 ? (uint32_t)sent : 1;
	}
	return 0;
}

static int start_series(struct sfe_probe_series *s, uint32_t n, struct sfe_error *err)
{
	*s = (struct sfe_probe_series){
		.delay_ns = malloc((n + 1) * sizeof(*s->delay_ns)),
		.at_ns = malloc((n + 1) * sizeof(*s->at_ns)),
	};
	return s->delay_ns && s->at_ns ? 0 : no_memory(err);
}

static int send_series(
	const struct sfe_probe_flow *f, uint32_t series, int64_t next, struct sfe_error *err)
{
	struct sfe_probe_series *s = f->out;
	int r = 0;

	for (; s->sent < f->n && !r; next += (int64_t)f->gap_ns) {
		uint32_t left = f->n - s->sent;
		if (f->gap_ns || !s->sent)
			sfe_probe_sleep_until(next);
		r = send_batch(f->sockets, series,
			f->gap_ns      ? 1
			: left < BATCH ? left
				       : BATCH,
			f->payload, s, err);
		if (!r && f->gap_ns && s->sent % BATCH == 0 && drain(f->sockets, series, s))
			r = no_memory(err);
	}
	return r;
}

static int start_all(const struct sfe_probe_flow *flow, int n, struct sfe_error *err)
{
	int r = 0;

	for (int k = 0; k < n; k++)
		*flow[k].out = (struct sfe_probe_series){0};
	for (int k = 0; k < n && !r; k++)
		r = start_series(flow[k].out, flow[k].n, err);
	return r;
}

/* Reads what arrives until all has, for wait_ns at most. */
static int await(const struct sfe_probe_flow *flow, int n, uint32_t series, uint64_t wait_ns,
	struct sfe_error *err)
{
	int64_t start = sfe_probe_now_ns();
	int r = 0;

	/* The kernel stamps arrivals, so that few reads are enough. */
	for (int i = 1; i <= LOOKS && !r; i++) {
		bool whole = true;
		sfe_probe_sleep_until(start + (int64_t)(wait_ns * (uint64_t)i / LOOKS));
		for (int k = 0; k < n && !r; k++) {
			struct sfe_probe_series *s = flow[k].out;
			if (drain(flow[k].sockets, series, s))
				r = no_memory(err);
			whole = whole && s->received == flow[k].n && !s->duplicates;
		}
		if (whole)
			break;
	}
	return r;
}

int sfe_probe_together(
	const struct sfe_probe_flow *flow, int n, uint64_t wait_ns, struct sfe_error *err)
{
	int64_t next = sfe_probe_now_ns() + 1000000;
	uint32_t series = (uint32_t)next;
	int r = start_all(flow, n, err);

	for (int k = 0; k < n && !r; k++)
		r = send_series(&flow[k], series, next, err);
	return r ? r : await(flow, n, series, wait_ns, err);
}

int sfe_probe_rounds(const struct sfe_probe_flow *flow, int n, uint32_t batch, uint64_t wait_ns,
	struct sfe_error *err)
{
	int64_t next = sfe_probe_now_ns() + 1000000;
	uint32_t series = (uint32_t)next;
	int r = start_all(flow, n, err);

	for (; !r && flow[0].out->sent < flow[0].n; next += (int64_t)flow[0].gap_ns) {
		sfe_probe_sleep_until(next);
		for (int k = 0; k < n && !r; k++) {
			uint32_t left = flow[k].n - flow[k].out->sent;
			uint32_t most = batch < BATCH ? batch : BATCH;
			r = send_batch(flow[k].sockets, series, left < most ? left : most,
				flow[k].payload, flow[k].out, err);
			if (!r && drain(flow[k].sockets, series, flow[k].out))
				r = no_memory(err);
		}
	}
	return r ? r : await(flow, n, series, wait_ns, err);
}

int sfe_probe_udp(struct sfe_probe_sockets *p, uint32_t n, uint32_t payload, uint64_t gap_ns,
	uint64_t wait_ns, struct sfe_probe_series *out, struct sfe_error *err)
{
	const struct sfe_probe_flow flow = {p, n, payload, gap_ns, out};

	return sfe_probe_together(&flow, 1, wait_ns, err);
}

uint32_t sfe_probe_mtu(const struct sfe_probe_sockets *p)
{
	static const char buf[MAX_PAYLOAD];
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	if (getsockopt(p->tx, IPPROTO_IP, IP_MTU, &mtu, &len) || mtu < 28)
		return 0;
	/* A packet with one byte more must be refused. */
	uint32_t more = (uint32_t)mtu - 28 + 1;
	if (more <= MAX_PAYLOAD && (send(p->tx, buf, more, 0) >= 0 || errno != EMSGSIZE))
		return (uint32_t)mtu + 1;
	return (uint32_t)mtu;
}
