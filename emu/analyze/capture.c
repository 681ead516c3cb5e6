/* SPDX-License-Identifier: MIT */
#include "emu/analyze/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/analyze/link_layer.h"
#include "emu/analyze/pcapng.h"
#include "emu/results/read_limits.h"
#include "emu/security/folder.h"

struct sfe_capture {
	pcap_t *pcap; /* or: */
	struct sfe_pcapng *pcapng;
	FILE *file; /* the pcap's, if there is one */
	char *buffer;
	enum sfe_link_layer layer; /* of a pcap file */
	int link_type;
	bool damaged;
	char damage[PCAP_ERRBUF_SIZE];
};

static int set_layer(struct sfe_capture *c, const char *file, struct sfe_error *err)
{
	int type = pcap_datalink(c->pcap);
	const char *name = pcap_datalink_val_to_name(type);

	c->link_type = type;
	c->layer = sfe_link_layer_of(type);
	if (c->layer != SFE_LAYER_UNKNOWN)
		return 0;
	return sfe_fail(err, -EINVAL, file,
		"capture on an Ethernet interface, or on 'any' (Linux cooked)",
		"its packets are %s, which is not known here", name ? name : "of an unknown kind");
}

static FILE *open_file(
	const struct sfe_capture_folder *folder, const char *file, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	if (!folder) {
		FILE *f = strcmp(file, "-") ? fopen(file, "re") : fdopen(0, "r");
		if (!f)
			sfe_fail(err, -EINVAL, file, "give the path of a capture",
				"cannot be opened: %s", strerror(errno));
		return f;
	}
	FILE *f = sfe_folder_open(
		folder->dir, file + strlen(folder->folder) + 1, SFE_LIMIT_CAPTURE_BYTES, &cause);
	if (!f)
		sfe_fail(err, -EINVAL, file, cause.todo, "%s", cause.what);
	return f;
}

static int begin_file(struct sfe_capture *c, const char *file, struct sfe_error *err)
{
	char text[PCAP_ERRBUF_SIZE] = "";

	if (sfe_pcapng_is(c->file)) {
		const char *why;
		c->pcapng = sfe_pcapng_open(c->file, &why);
		if (c->pcapng)
			return 0;
		return sfe_fail(err, -EINVAL, file, "give a pcap or pcapng file",
			"is no capture that can be read: %s", why);
	}
	c->pcap =
		pcap_fopen_offline_with_tstamp_precision(c->file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!c->pcap)
		return sfe_fail(err, -EINVAL, file, "give a pcap or pcapng file",
			"is no capture that can be read: %s", text);
	return set_layer(c, file, err);
}

int sfe_capture_open(const struct sfe_capture_folder *folder, const char *file,
	uint32_t buffer_bytes, struct sfe_capture **out, struct sfe_error *err)
{
	struct sfe_capture *c = calloc(1, sizeof(*c));
	struct stat st = {0};
	int r;

	*out = NULL;
	if (!c)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	c->file = open_file(folder, file, err);
	if (!c->file) {
		r = -EINVAL;
		goto failed;
	}
	if (!fstat(fileno(c->file), &st) && S_ISDIR(st.st_mode)) {
		r = sfe_fail(err, -EINVAL, file, "give the captures in it", "is a folder");
		goto failed;
	}
	/* The buffer need not be larger than the file. */
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < buffer_bytes)
		buffer_bytes = (uint32_t)st.st_size + 1;
	c->buffer = malloc(buffer_bytes);
	if (!c->buffer) {
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		goto failed;
	}
	setvbuf(c->file, c->buffer, _IOFBF, buffer_bytes);
	r = begin_file(c, file, err);
	if (r)
		goto failed;
	*out = c;
	return 0;
failed:
	sfe_capture_close(c);
	return r;
}

void sfe_capture_close(struct sfe_capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap); /* and the file */
	else if (c->file)
		fclose(c->file);
	sfe_pcapng_close(c->pcapng);
	free(c->buffer);
	free(c);
}

/* As pcap_next_ex. */
static int next_packet(struct sfe_capture *c, struct sfe_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int r;

	r = pcap_next_ex(c->pcap, &header, &data);
	if (r == 1)
		*packet = (struct sfe_packet){
			/* tv_usec holds nanoseconds, as the file was opened with that precision.
			 * Seconds are unsigned in the file, and signed in libpcap. */
			.time_ns = (uint64_t)(uint32_t)header->ts.tv_sec * 1000000000u +
				   (uint64_t)header->ts.tv_usec,
			.wire_bytes = header->len,
			.bytes = header->caplen,
			.data = data,
			.layer = c->layer,
			.link_type = c->link_type,
		};
	return r;
}

int sfe_capture_next(struct sfe_capture *c, struct sfe_packet *packet)
{
	int r, end = c->pcapng ? 0 : PCAP_ERROR_BREAK;

	if (c->damaged)
		return 0;
	r = c->pcapng ? sfe_pcapng_next(c->pcapng, packet) : next_packet(c, packet);
	if (r == 1 && packet->wire_bytes)
		return 1;
	if (r == end)
		return 0;
	c->damaged = true;
	/* A sparse file reads as zeros, which may go on for terabytes. */
	snprintf(c->damage, sizeof(c->damage), "%s",
		r == 1      ? "a packet of no bytes"
		: c->pcapng ? sfe_pcapng_damage(c->pcapng)
			    : pcap_geterr(c->pcap));
	return 0;
}

const char *sfe_capture_damage(const struct sfe_capture *c)
{
	return c->damaged ? c->damage : NULL;
}

void sfe_capture_position(const struct sfe_capture *c, uint64_t *at, uint64_t *size)
{
	struct stat st;
	off_t offset = ftello(c->file);

	*at = offset < 0 ? 0 : (uint64_t)offset;
	*size = !fstat(fileno(c->file), &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}
