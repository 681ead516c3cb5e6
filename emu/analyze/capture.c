/* SPDX-License-Identifier: MIT */
#include "emu/analyze/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/results/read_limits.h"
#include "emu/security/folder.h"

struct sfe_capture {
	pcap_t *pcap;
	FILE *file; /* the pcap's */
	char *buffer;
	enum sfe_link_layer layer;
	bool damaged;
	char damage[PCAP_ERRBUF_SIZE];
};

static int set_layer(struct sfe_capture *c, const char *file, struct sfe_error *err)
{
	int type = pcap_datalink(c->pcap);
	const char *name = pcap_datalink_val_to_name(type);

	switch (type) {
	case DLT_EN10MB:
		c->layer = SFE_LAYER_ETHERNET;
		return 0;
	case DLT_LINUX_SLL:
		c->layer = SFE_LAYER_SLL;
		return 0;
	case DLT_LINUX_SLL2:
		c->layer = SFE_LAYER_SLL2;
		return 0;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		c->layer = SFE_LAYER_IP;
		return 0;
	}
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

int sfe_capture_open(const struct sfe_capture_folder *folder, const char *file,
	uint32_t buffer_bytes, struct sfe_capture **out, struct sfe_error *err)
{
	struct sfe_capture *c = calloc(1, sizeof(*c));
	char text[PCAP_ERRBUF_SIZE] = "";
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
	c->pcap =
		pcap_fopen_offline_with_tstamp_precision(c->file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!c->pcap) {
		r = sfe_fail(err, -EINVAL, file, "give a pcap or pcapng file",
			"is no capture that can be read: %s", text);
		goto failed;
	}
	r = set_layer(c, file, err);
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
	free(c->buffer);
	free(c);
}

enum sfe_link_layer sfe_capture_layer(const struct sfe_capture *c)
{
	return c->layer;
}

int sfe_capture_next(struct sfe_capture *c, struct sfe_packet *packet)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int r;

	if (c->damaged)
		return 0;
	r = pcap_next_ex(c->pcap, &header, &data);
	if (r == 1 && !header->len) {
		/* A sparse file reads as zeros, which may go on for terabytes. */
		c->damaged = true;
		snprintf(c->damage, sizeof(c->damage), "a packet of no bytes");
		return 0;
	}
	if (r == 1) {
		*packet = (struct sfe_packet){
			/* tv_usec holds nanoseconds, as the file was opened with that precision. */
			.time_ns = (uint64_t)header->ts.tv_sec * 1000000000u +
				   (uint64_t)header->ts.tv_usec,
			.wire_bytes = header->len,
			.bytes = header->caplen,
			.data = data,
		};
		return 1;
	}
	if (r != PCAP_ERROR_BREAK) {
		c->damaged = true;
		snprintf(c->damage, sizeof(c->damage), "%s", pcap_geterr(c->pcap));
	}
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
