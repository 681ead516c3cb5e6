/* SPDX-License-Identifier: MIT */
/*
 * Probes between two hosts that a cable or a medium joins: numbered UDP packets, and a TCP
 * transfer. Packets have a timestamp from when they are sent, and one from the kernel when they
 * arrive, so that they may be read later. One process has both ends, so that all times are of one
 * clock.
 */
#ifndef SFE_VERIFY_VERIFY_PROBE_H
#define SFE_VERIFY_VERIFY_PROBE_H

#include "emu/net/net.h"

#define SFE_PROBE_HEADERS 42u /* Ethernet, IP and UDP */
#define SFE_PROBE_LEAST 58u   /* least payload in bytes: a frame of 100 */

struct sfe_probe_sockets {
	int tx, rx;        /* UDP; tx is connected to rx */
	uint32_t from, to; /* hosts */
	char from_if[SFE_IFNAME_SIZE], to_if[SFE_IFNAME_SIZE];
	uint32_t from_address, to_address; /* host byte order */
};

/* Opens the sockets for probes from a port of one host to a port of another. */
int sfe_probe_open(const struct sfe_net *net, uint32_t from, uint32_t from_port, uint32_t to,
	uint32_t to_port, struct sfe_probe_sockets *out, struct sfe_error *err);
void sfe_probe_close(struct sfe_probe_sockets *p);

/* A series of packets, and what arrived of it. */
struct sfe_probe_series {
	uint32_t sent, received, duplicates;
	uint32_t reordered; /* arrived after a later one */
	uint32_t largest;   /* payload bytes */
	int64_t *delay_ns;  /* by packet number: delay of the first copy, -1: lost */
	int64_t *at_ns;     /* by packet number: its time of arrival */
	int64_t *again_ns;  /* delays of the further copies, `duplicates` of them */
	int64_t first_sent_ns, last_sent_ns;
	uint32_t last_number; /* internal: the highest that arrived */
	uint32_t again_room;  /* internal */
};
void sfe_probe_series_free(struct sfe_probe_series *s);

/* Sends n packets with `payload` bytes, gap_ns apart (0: back to back), and then waits at most
 * wait_ns for those that have not arrived. */
int sfe_probe_udp(struct sfe_probe_sockets *p, uint32_t n, uint32_t payload, uint64_t gap_ns,
	uint64_t wait_ns, struct sfe_probe_series *out, struct sfe_error *err);

/* n packets with `payload` bytes, gap_ns apart (0: back to back), and what arrived of them. */
struct sfe_probe_flow {
	struct sfe_probe_sockets *sockets;
	uint32_t n, payload;
	uint64_t gap_ns;
	struct sfe_probe_series *out;
};
/* Sends several flows at the same time: all but the last back to back. Waits as sfe_probe_udp. The
 * caller frees each series, also after an error. */
int sfe_probe_together(
	const struct sfe_probe_flow *flow, int n, uint64_t wait_ns, struct sfe_error *err);

/* Sends flows of the same gap in turn: `batch` packets of each, gap_ns later the next. Otherwise as
 * sfe_probe_together. */
int sfe_probe_rounds(const struct sfe_probe_flow *flow, int n, uint32_t batch, uint64_t wait_ns,
	struct sfe_error *err);

/* The size of the largest IP packet that can be sent. */
uint32_t sfe_probe_mtu(const struct sfe_probe_sockets *p);

/*
 * A paced TCP transfer with its own window, which is read every look_ns. *goodput_bps is that of
 * its second half, by the kernel's timestamps. Returns -ETIME if it is not finished after limit_ns.
 */
struct sfe_probe_transfer {
	uint64_t bytes;
	/* Bytes in flight, at most: no more are given to TCP, so that the queue does not overflow.
	 */
	uint64_t ahead;
	uint64_t window; /* size of TCP's buffers: for both directions */
	uint64_t pace;   /* bytes/s, so that slow start does not overflow short queues */
	uint64_t look_ns, limit_ns;
	uint64_t settle_ns; /* after this time nothing of it is in flight any more */
};
int sfe_probe_tcp(const struct sfe_net *net, const struct sfe_probe_sockets *p,
	const struct sfe_probe_transfer *t, double *goodput_bps, struct sfe_error *err);

#endif
