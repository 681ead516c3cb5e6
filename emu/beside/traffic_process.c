/* SPDX-License-Identifier: MIT */
#include "emu/beside/traffic_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emu/beside/flow_count.h"
#include "emu/beside/flow_law.h"
#include "sfemu/schedule.h"

#define HEADERS 28u /* of IP and UDP */
#define BATCH 64u   /* packets of a system call */
#define MAX_PAYLOAD 65535u
/* What arrives is fetched when so many bytes of memory may be waiting in all sockets: a kernel has
 * limits for all of them together. */
#define FETCH_BYTES (2u << 20)
#define SOCKET_BYTES 1000u /* what a packet takes there beside its own bytes */
/* A flow's queue is that of its links, and not a socket's buffer. */
#define BUFFER (256 << 20)
/* poll entries */
#define CONTROL 0u
#define DUE 1u

struct payload { /* in the order of this machine's bytes: only this process reads it */
	uint32_t number;
	uint32_t sent_ns[2]; /* CLOCK_REALTIME, low half first */
};

struct flow {
	const struct sfe_placed_flow *placed;
	struct sfe_flow_clock clock;
	int out, in; /* sockets in the namespaces of the nodes */
	uint32_t number;
	struct sfe_flow_counter counter;
};

struct process {
	const struct sfe_experiment *e;
	const struct sfe_net *net;
	int control, epoll, timer;
	struct flow *flow;
	struct flow **heap; /* those with packets to come: the next one first */
	uint32_t n_heap;
	uint64_t start_ns;
	uint32_t waiting_bytes; /* at most, in all receiving sockets */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- the flows by the time of their next packet: a binary heap */

/* Equal times in the order of the flows. */
static bool before(const struct flow *a, const struct flow *b)
{
	return a->clock.next_ns != b->clock.next_ns ? a->clock.next_ns < b->clock.next_ns : a < b;
}

static void sink(struct process *p, uint32_t at)
{
	for (uint32_t child; (child = 2 * at + 1) < p->n_heap; at = child) {
		if (child + 1 < p->n_heap && before(p->heap[child + 1], p->heap[child]))
			child++;
		if (!before(p->heap[child], p->heap[at]))
			return;
		struct flow *f = p->heap[at];
		p->heap[at] = p->heap[child];
		p->heap[child] = f;
	}
}

/* The first flow's time has changed. */
static void move_first(struct process *p)
{
	if (p->heap[0]->clock.next_ns == SFE_NEVER)
		p->heap[0] = p->heap[--p->n_heap];
	sink(p, 0);
}

static void fill_heap(struct process *p)
{
	for (uint32_t i = 0; i < p->e->n_flows; i++)
		if (p->flow[i].clock.next_ns != SFE_NEVER)
			p->heap[p->n_heap++] = &p->flow[i];
	for (uint32_t i = p->n_heap / 2; i-- > 0;)
		sink(p, i);
}

/* ---- receiving */

static uint64_t stamp_of(struct msghdr *m)
{
	struct timespec ts = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void count(struct flow *f, const struct payload *head, struct mmsghdr *m)
{
	uint64_t sent = head->sent_ns[0] | (uint64_t)head->sent_ns[1] << 32;
	uint64_t arrived = stamp_of(&m->msg_hdr);

	/* What is not of this flow's size is not of this process. */
	if (m->msg_len == f->placed->spec->packet_bytes - HEADERS)
		sfe_flow_count_add(&f->counter, head->number, arrived > sent ? arrived - sent : 0);
}

static void receive(struct flow *f)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
	} control[BATCH];
	struct payload head[BATCH];
	struct iovec part[BATCH];
	struct mmsghdr packet[BATCH];
	int n;

	do {
		for (unsigned i = 0; i < BATCH; i++) {
			part[i] = (struct iovec){&head[i], sizeof(head[i])};
			packet[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &part[i],
							     .msg_iovlen = 1,
							     .msg_control = &control[i],
							     .msg_controllen = sizeof(control[i])}};
		}
		n = recvmmsg(f->in, packet, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
		for (int i = 0; i < n; i++)
			count(f, &head[i], &packet[i]);
	} while (n == BATCH);
}

static void receive_all(struct process *p)
{
	for (uint32_t i = 0; i < p->e->n_flows; i++)
		receive(&p->flow[i]);
	p->waiting_bytes = 0;
}

/* ---- sending */

static int set_timer(struct process *p)
{
	/* A time of zeros would stop the timer; time 0 is long after the boot. */
	uint64_t at = p->n_heap ? p->start_ns + p->heap[0]->clock.next_ns : 0;
	const struct itimerspec when = {
		.it_value = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)}};

	return timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

/* Sends what is due of the first flow. A packet that this kernel refuses is one that was lost. */
static void send_first(struct process *p, uint64_t now, uint64_t sent_ns)
{
	static unsigned char zeros[MAX_PAYLOAD];
	struct flow *f = p->heap[0];
	struct payload head[BATCH];
	struct iovec part[BATCH][2];
	struct mmsghdr packet[BATCH];
	unsigned n = 0, done = 0;

	for (; n < BATCH && f->clock.next_ns <= now; n++, sfe_flow_law_next(&f->clock)) {
		head[n] = (struct payload){
			f->number++, {(uint32_t)sent_ns, (uint32_t)(sent_ns >> 32)}};
		part[n][0] = (struct iovec){&head[n], sizeof(head[n])};
		part[n][1] = (struct iovec){
			zeros, f->placed->spec->packet_bytes - HEADERS - sizeof(head[n])};
		packet[n] = (struct mmsghdr){.msg_hdr = {.msg_iov = part[n], .msg_iovlen = 2}};
	}
	while (done < n) {
		int r = sendmmsg(f->out, packet + done, n - done, MSG_DONTWAIT);
		done += r > 0 ? (unsigned)r : 1;
	}
	f->counter.sum.sent_packets += n;
	p->waiting_bytes += n * (f->placed->spec->packet_bytes + SOCKET_BYTES);
	if (p->waiting_bytes >= FETCH_BYTES)
		receive_all(p);
	move_first(p);
}

static int send_due(struct process *p)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC) - p->start_ns;

	while (p->n_heap && p->heap[0]->clock.next_ns <= now)
		send_first(p, now, clock_ns(CLOCK_REALTIME));
	return set_timer(p);
}

/* ---- preparation */

static struct sockaddr_in address_of(const struct process *p, uint32_t node, uint32_t flow)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)(SFE_TRAFFIC_PORT + flow)),
		.sin_addr.s_addr = p->e->endpoints[node].address};
}

/* A socket in one node, connected to the other. */
static int open_socket(const struct process *p, uint32_t node, uint32_t other, uint32_t flow,
	int *out, struct sfe_error *err)
{
	const struct sockaddr_in here = address_of(p, node, flow),
				 there = address_of(p, other, flow);
	const int on = 1, bytes = BUFFER, fragment = IP_PMTUDISC_DONT;
	const char *name = p->e->endpoints[node].name;
	int r = sfe_net_enter(p->net, p->net->plan->host_of_vertex[node], err);

	if (r)
		return r;
	*out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*out < 0 || setsockopt(*out, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) ||
		setsockopt(*out, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) ||
		setsockopt(*out, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
		setsockopt(*out, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment)) ||
		bind(*out, (const struct sockaddr *)&here, sizeof(here)) ||
		connect(*out, (const struct sockaddr *)&there, sizeof(there)))
		return sfe_fail(err, -errno, name, NULL, "cannot prepare traffic: UDP port %u: %s",
			SFE_TRAFFIC_PORT + flow, strerror(errno));
	return 0;
}

static int watch(const struct process *p, int fd, uint32_t what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int prepare_flow(struct process *p, uint32_t i, struct sfe_error *err)
{
	struct flow *f = &p->flow[i];

	f->placed = &p->e->flows[i];
	f->clock = sfe_flow_law_begin(f->placed->spec, p->e->scenario->seed, f->placed->stream);
	int r = open_socket(p, f->placed->from, f->placed->to, i, &f->out, err);
	return r ? r : open_socket(p, f->placed->to, f->placed->from, i, &f->in, err);
}

static int prepare(struct process *p, struct sfe_error *err)
{
	int r = 0;

	p->flow = calloc(p->e->n_flows, sizeof(*p->flow));
	p->heap = calloc(p->e->n_flows, sizeof(*p->heap));
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!p->flow || !p->heap)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (p->epoll < 0 || p->timer < 0 || watch(p, p->control, CONTROL) ||
		watch(p, p->timer, DUE))
		return sfe_fail(
			err, -errno, "traffic", NULL, "cannot set a timer: %s", strerror(errno));
	for (uint32_t i = 0; i < p->e->n_flows && !r; i++)
		r = prepare_flow(p, i, err);
	fill_heap(p);
	return r;
}

/* ---- orders */

static int send_counts(const struct process *p)
{
	for (uint32_t i = 0; i < p->e->n_flows; i++) {
		struct sfe_flow_count c = sfe_flow_count_sum(&p->flow[i].counter);
		if (send(p->control, &c, sizeof(c), MSG_NOSIGNAL) < 0)
			return -errno;
	}
	return 0;
}

/* 0: go on. 1: all is done. */
static int obey(struct process *p)
{
	struct sfe_traffic_order order;

	if (recv(p->control, &order, sizeof(order), 0) != sizeof(order))
		return -EPROTO;
	switch (order.word) {
	case SFE_TRAFFIC_GO:
		p->start_ns = order.at_ns;
		return set_timer(p);
	case SFE_TRAFFIC_STOP:
		p->n_heap = 0;
		return set_timer(p);
	case SFE_TRAFFIC_COUNT:
		receive_all(p);
		return send_counts(p) ? -EIO : 1;
	}
	return -EPROTO;
}

static int run(struct process *p)
{
	struct epoll_event events[BATCH];
	int r = 0;

	while (!r) {
		int n = epoll_wait(p->epoll, events, BATCH, -1);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !r; i++) {
			/* Setting the timer anew makes it unreadable. */
			r = events[i].data.u32 == CONTROL ? obey(p) : send_due(p);
		}
	}
	return r;
}

_Noreturn void sfe_traffic_process(
	const struct sfe_experiment *e, const struct sfe_net *net, int control)
{
	struct process p = {.e = e, .net = net, .control = control};
	struct sfe_traffic_ready ready = {0};
	struct sfe_error err = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "sfemu-traffic");
	ready.code = prepare(&p, &err);
	snprintf(ready.where, sizeof(ready.where), "%.*s", (int)sizeof(ready.where) - 1, err.where);
	snprintf(ready.what, sizeof(ready.what), "%.*s", (int)sizeof(ready.what) - 1, err.what);
	if (send(control, &ready, sizeof(ready), MSG_NOSIGNAL) < 0 || ready.code)
		_exit(1);
	_exit(run(&p) == 1 ? 0 : 1);
}
