/* SPDX-License-Identifier: MIT */
/*
 * Small probes between two hosts that one cable joins, or a medium: UDP packets with their number,
 * stamped when they are sent and by the kernel when they arrive, and a TCP transfer. One process
 * holds both ends, so that all times are of one clock; packets are read whenever there is time,
 * since the kernel has stamped them.
 */
#ifndef SFE_VERIFY_VERIFY_PROBE_H
#define SFE_VERIFY_VERIFY_PROBE_H

#include "emu/net/net.h"

#define SFE_PROBE_HEADERS 42u /* Ethernet, IP and UDP */
#define SFE_PROBE_LEAST 58u   /* payload bytes: a frame of 100 */

struct sfe_probe_path {
	int tx, rx;        /* UDP; tx is connected to rx */
	uint32_t from, to; /* hosts */
	char from_if[SFE_IFNAME_SIZE], to_if[SFE_IFNAME_SIZE];
	uint32_t from_address, to_address; /* host byte order */
};

/* From a host by one of its ports to another, to come in at one of that's. */
int sfe_probe_open(const struct sfe_net *net, uint32_t from, uint32_t from_port, uint32_t to,
	uint32_t to_port, struct sfe_probe_path *out, struct sfe_error *err);
void sfe_probe_close(struct sfe_probe_path *p);

/* What arrived of a series of packets. */
struct sfe_probe_series {
	uint32_t sent, received, duplicates;
	uint32_t reordered; /* arrived after a later one */
	uint32_t largest;   /* payload bytes */
	int64_t *delay_ns;  /* per packet by number, -1: lost; the first copy's */
	int64_t *at_ns;     /* and when it arrived */
	int64_t first_sent_ns, last_sent_ns;
	uint32_t last_number; /* internal: the highest that arrived */
};
void sfe_probe_series_free(struct sfe_probe_series *s);

/*
 * Sends n packets of so many payload bytes, gap_ns apart (0: back to back), then waits for the rest
 * at most patience_ns.
 */
int sfe_probe_udp(struct sfe_probe_path *p, uint32_t n, uint32_t payload, uint64_t gap_ns,
	uint64_t patience_ns, struct sfe_probe_series *out, struct sfe_error *err);

/* The largest IP packet that may be sent. */
uint32_t sfe_probe_mtu(const struct sfe_probe_path *p);

/*
 * A TCP transfer, paced, with a window of its own, read every look_ns; *goodput_bps is of
 * its second half, by the kernel's stamps.
 * What is not through after limit_ns gives -ETIME.
 */
struct sfe_probe_transfer {
	uint64_t bytes;
	uint64_t ahead;  /* bytes that are at most between the two ends: no more is given to TCP, so
			    that the queue does not overflow */
	uint64_t window; /* for TCP's buffers: there and back */
	uint64_t pace; /* bytes/s: slow start sends no faster, or it would overflow short queues */
	uint64_t look_ns, limit_ns;
	uint64_t settle_ns; /* then nothing of it is under way any more */
};
int sfe_probe_tcp(const struct sfe_net *net, const struct sfe_probe_path *p,
	const struct sfe_probe_transfer *t, double *goodput_bps, struct sfe_error *err);

#endif
