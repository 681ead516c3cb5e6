/* SPDX-License-Identifier: MIT */
/* Compares two captures: finds the first packet that differs, with its time, its ends, and the
 * header field. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/results/diff/diff_capture.h"

#define IPV4_MIN 20u
#define NO_LINK_HEADER UINT32_MAX

struct field {
	uint32_t at, length; /* bytes from the header's start */
	const char *name;
};

static const struct field ethernet[] = {
	{0, 6, "Ethernet destination"}, {6, 6, "Ethernet source"}, {12, 2, "Ethernet type"}};
static const struct field ipv4[] = {{0, 1, "IPv4 version and header length"},
	{1, 1, "IPv4 type of service"}, {2, 2, "IPv4 total length"}, {4, 2, "IPv4 identification"},
	{6, 2, "IPv4 fragment"}, {8, 1, "IPv4 time to live"}, {9, 1, "IPv4 protocol"},
	{10, 2, "IPv4 checksum"}, {12, 4, "IPv4 source"}, {16, 4, "IPv4 destination"}};
static const struct field tcp[] = {{0, 2, "TCP source port"}, {2, 2, "TCP destination port"},
	{4, 4, "TCP sequence number"}, {8, 4, "TCP acknowledgement number"}, {12, 2, "TCP flags"},
	{14, 2, "TCP window"}, {16, 2, "TCP checksum"}, {18, 2, "TCP urgent pointer"}};
static const struct field udp[] = {{0, 2, "UDP source port"}, {2, 2, "UDP destination port"},
	{4, 2, "UDP length"}, {6, 2, "UDP checksum"}};

struct packet {
	struct pcap_pkthdr *header;
	const unsigned char *data;
};

/* The offset of the network header. */
static uint32_t link_header(int type)
{
	switch (type) {
	case DLT_EN10MB:
		return 14;
	case DLT_LINUX_SLL:
		return 16;
	case DLT_RAW:
		return 0;
	default:
		return NO_LINK_HEADER;
	}
}

static const char *name_in(const struct field *fields, size_t n, uint32_t at, struct field *out)
{
	for (size_t i = 0; i < n; i++)
		if (at >= fields[i].at && at < fields[i].at + fields[i].length) {
			*out = fields[i];
			return out->name;
		}
	return NULL;
}

#define NAME_IN(fields, at, out) name_in(fields, sizeof(fields) / sizeof((fields)[0]), at, out)

/* Finds the field of a byte of the packet; out->at becomes the field's offset in the packet. */
static void field_of(const struct packet *p, int type, uint32_t at, struct field *out)
{
	uint32_t network = link_header(type), ip_length;
	const unsigned char *ip = p->data + network;

	*out = (struct field){at, 1, "byte"};
	if (network == NO_LINK_HEADER)
		return;
	if (at < network) {
		if (type == DLT_EN10MB)
			NAME_IN(ethernet, at, out);
		return;
	}
	if (p->header->caplen < network + IPV4_MIN || ip[0] >> 4 != 4)
		return;
	ip_length = (ip[0] & 15u) * 4;
	if (at < network + ip_length) {
		if (NAME_IN(ipv4, at - network, out))
			out->at += network;
		else
			out->name = "IPv4 option";
		return;
	}
	uint32_t transport = network + ip_length, header = ip[9] == IPPROTO_TCP ? 20 : 8;
	if (ip[9] == IPPROTO_TCP && p->header->caplen > transport + 12)
		header = (p->data[transport + 12] >> 4) * 4u;
	if ((ip[9] == IPPROTO_TCP && NAME_IN(tcp, at - transport, out)) ||
		(ip[9] == IPPROTO_UDP && NAME_IN(udp, at - transport, out)))
		out->at += transport;
	else if (ip[9] == IPPROTO_TCP && at < transport + header)
		out->name = "TCP option";
	else
		out->name = "payload";
}

/* " 10.0.0.1:80 > 10.0.0.2:4711", or nothing for other packets. */
static void flow_of(const struct packet *p, int type, char *out, size_t size)
{
	uint32_t network = link_header(type);
	const unsigned char *ip = p->data + network;
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
	uint32_t length;

	out[0] = 0;
	if (network == NO_LINK_HEADER || p->header->caplen < network + IPV4_MIN || ip[0] >> 4 != 4)
		return;
	length = (ip[0] & 15u) * 4;
	inet_ntop(AF_INET, ip + 12, from, sizeof(from));
	inet_ntop(AF_INET, ip + 16, to, sizeof(to));
	const unsigned char *ports = ip + length;
	if ((ip[9] == IPPROTO_TCP || ip[9] == IPPROTO_UDP) &&
		p->header->caplen >= network + length + 4)
		snprintf(out, size, ", %s:%u > %s:%u", from, ports[0] << 8 | ports[1], to,
			ports[2] << 8 | ports[3]);
	else
		snprintf(out, size, ", %s > %s", from, to);
}

static void hex(const struct packet *p, const struct field *f, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "0x");

	for (uint32_t i = 0; i < f->length && f->at + i < p->header->caplen && n + 3 < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%02x", p->data[f->at + i]);
}

/* Describes the difference of two packets with the same number; false: none. */
static bool packets_differ(
	const struct packet *a, const struct packet *b, int type, char *what, size_t size)
{
	const struct timeval *ta = &a->header->ts, *tb = &b->header->ts;
	uint32_t caplen =
		a->header->caplen < b->header->caplen ? a->header->caplen : b->header->caplen;
	uint32_t at = 0;
	char va[64], vb[64];
	struct field f;

	while (at < caplen && a->data[at] == b->data[at])
		at++;
	if (ta->tv_sec != tb->tv_sec || ta->tv_usec != tb->tv_usec)
		snprintf(what, size, "its time is %ld.%09ld and %ld.%09ld s%s", (long)ta->tv_sec,
			(long)ta->tv_usec, (long)tb->tv_sec, (long)tb->tv_usec,
			at < caplen ? ", and its bytes differ" : "");
	else if (a->header->len != b->header->len || a->header->caplen != b->header->caplen)
		snprintf(what, size, "it has %u and %u bytes (%u and %u captured)", a->header->len,
			b->header->len, a->header->caplen, b->header->caplen);
	else if (at < caplen) {
		field_of(a, type, at, &f);
		hex(a, &f, va, sizeof(va));
		hex(b, &f, vb, sizeof(vb));
		snprintf(what, size, "%s (offset %u) is %s and %s", f.name, f.at, va, vb);
	} else
		return false;
	return true;
}

/* 1: a packet. An empty packet is refused: it was read from a hole, which may have no end. */
static int next(pcap_t *pcap, struct packet *p)
{
	return pcap_next_ex(pcap, &p->header, &p->data) == 1 && p->header->caplen;
}

static void compare_packets(
	pcap_t *pa, pcap_t *pb, const struct sfe_pair *pair, struct sfe_difference *d)
{
	struct packet a, b;
	char flow[64], what[256];

	for (uint64_t n = 1;; n++) {
		int ra = next(pa, &a), rb = next(pb, &b);
		if (ra != 1 && rb != 1) {
			snprintf(d->what, sizeof(d->what),
				"all packets are equal; the file headers differ");
			return;
		}
		const struct packet *p = ra == 1 ? &a : &b;
		if (ra == 1 && rb == 1 &&
			!packets_differ(&a, &b, pcap_datalink(pa), what, sizeof(what)))
			continue;
		d->at_ns = (uint64_t)p->header->ts.tv_sec * 1000000000u +
			   (uint64_t)p->header->ts.tv_usec;
		if (ra == 1 && rb == 1 &&
			d->at_ns > (uint64_t)b.header->ts.tv_sec * 1000000000u +
					   (uint64_t)b.header->ts.tv_usec)
			p = &b;
		flow_of(p, pcap_datalink(pa), flow, sizeof(flow));
		if (ra != 1 || rb != 1)
			snprintf(what, sizeof(what), "%.200s ends before it",
				ra == 1 ? pair->path_b : pair->path_a);
		d->at_ns = (uint64_t)p->header->ts.tv_sec * 1000000000u +
			   (uint64_t)p->header->ts.tv_usec;
		snprintf(d->what, sizeof(d->what), "packet %" PRIu64 " (at %ld.%09ld s%s): %s", n,
			(long)p->header->ts.tv_sec, (long)p->header->ts.tv_usec, flow, what);
		return;
	}
}

static pcap_t *open_capture(int fd, const char *path, struct sfe_difference *d)
{
	char why[PCAP_ERRBUF_SIZE] = "out of memory";
	int copy = lseek(fd, 0, SEEK_SET) ? -1 : dup(fd);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
	/* With nanosecond precision libpcap's tv_usec holds nanoseconds. */
	pcap_t *p = f ? pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, why)
		      : NULL;

	if (p)
		return p;
	if (f)
		fclose(f);
	else if (copy >= 0)
		close(copy);
	snprintf(d->what, sizeof(d->what), "%s cannot be read as a capture: %s", path, why);
	return NULL;
}

bool sfe_diff_capture(const struct sfe_pair *pair, struct sfe_difference *d)
{
	pcap_t *a = open_capture(pair->fd_a, pair->path_a, d);
	pcap_t *b = a ? open_capture(pair->fd_b, pair->path_b, d) : NULL;

	if (a && b && pcap_datalink(a) != pcap_datalink(b))
		snprintf(d->what, sizeof(d->what), "the link types are %s and %s",
			pcap_datalink_val_to_name(pcap_datalink(a)),
			pcap_datalink_val_to_name(pcap_datalink(b)));
	else if (a && b)
		compare_packets(a, b, pair, d);
	if (a)
		pcap_close(a);
	if (b)
		pcap_close(b);
	return true;
}
