/* SPDX-License-Identifier: MIT */
/*
 * Reads a capture file packet by packet: pcap (through libpcap) or pcapng, from sfemu, tcpdump or
 * Wireshark. Memory does not grow with the file.
 */
#ifndef SFE_ANALYZE_CAPTURE_H
#define SFE_ANALYZE_CAPTURE_H

#include "emu/analyze/packet.h"
#include "sfemu/error.h"

struct sfe_capture;

/* A folder of captures that another user may have written: only regular files beneath its
 * descriptor are read. Paths of files are "FOLDER/NAME". */
struct sfe_capture_folder {
	int dir;
	const char *folder;
};

/* -EINVAL and an error with the file's name if it is no capture, or a pcap file with an unknown
 * link layer (in a pcapng file, each packet has its own). folder: the one that contains the file;
 * NULL: the path may lead anywhere. */
int sfe_capture_open(const struct sfe_capture_folder *folder, const char *file,
	uint32_t buffer_bytes, struct sfe_capture **out, struct sfe_error *err);
void sfe_capture_close(struct sfe_capture *c);

/* 1: a packet; 0: the end. A file that is cut off or damaged ends there; sfe_capture_damage says
 * why. */
int sfe_capture_next(struct sfe_capture *c, struct sfe_packet *packet);
/* What is wrong with the rest of the file, or NULL. */
const char *sfe_capture_damage(const struct sfe_capture *c);
/* How many bytes of the file have been read, and its size (0: not known, as of a pipe). */
void sfe_capture_position(const struct sfe_capture *c, uint64_t *at, uint64_t *size);

#endif
