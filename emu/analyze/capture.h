/* SPDX-License-Identifier: MIT */
/*
 * A capture file, packet by packet, through libpcap: pcap and pcapng, microseconds or nanoseconds,
 * of sfemu, tcpdump or Wireshark. Memory does not grow with the file.
 */
#ifndef SFE_ANALYZE_CAPTURE_H
#define SFE_ANALYZE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_capture;

struct sfe_packet {
	uint64_t time_ns;    /* since 1970 */
	uint32_t wire_bytes; /* as it was on the wire, from its link-layer header on */
	uint32_t bytes;      /* captured */
	const uint8_t *data; /* valid until the next call */
};

enum sfe_link_layer { SFE_LAYER_ETHERNET, SFE_LAYER_SLL, SFE_LAYER_SLL2, SFE_LAYER_IP };

/* A folder of captures that somebody else may have filled: of it only regular files beneath that
 * descriptor are read. Files are called "FOLDER/NAME". */
struct sfe_capture_folder {
	int dir;
	const char *folder;
};

/* -EINVAL with the file's name for what is no capture or has a link layer that is not known here.
 * folder: the one that the file is in, or NULL: wherever its path leads. */
int sfe_capture_open(const struct sfe_capture_folder *folder, const char *file,
	uint32_t buffer_bytes, struct sfe_capture **out, struct sfe_error *err);
void sfe_capture_close(struct sfe_capture *c);

enum sfe_link_layer sfe_capture_layer(const struct sfe_capture *c);
/* 1: a packet; 0: the end. A file that breaks off or is damaged ends there, which
 * sfe_capture_damage tells. */
int sfe_capture_next(struct sfe_capture *c, struct sfe_packet *packet);
/* What is wrong with the rest of the file, NULL while nothing is. */
const char *sfe_capture_damage(const struct sfe_capture *c);
/* How far the file has been read, in bytes, and its size (0: not known, a pipe). */
void sfe_capture_position(const struct sfe_capture *c, uint64_t *at, uint64_t *size);

#endif
