/* SPDX-License-Identifier: MIT */
/*
 * The files of captures: each capture point writes pieces of its own, which are put together in the
 * order of time at the end, outside of a guest (there every page costs a system call of the host).
 * Times have nanoseconds. Where a ring of files is asked for, no point keeps more than the ring
 * holds.
 */
#ifndef SFE_RESULTS_CAPTURE_FILES_H
#define SFE_RESULTS_CAPTURE_FILES_H

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"

struct sfe_capture_writer {
	int dir; /* the results folder */
	uint32_t number, piece,
		first_piece; /* of the capture point; of its newest piece; of its oldest */
	int snap_bytes;
	uint64_t file_bytes, written;
	uint32_t files;
	pcap_t *dead;
	pcap_dumper_t *out;
	int code; /* of the first failure, negative errno */
};

int sfe_capture_writer_open(struct sfe_capture_writer *w, int dir, uint32_t number, int snap_bytes,
	uint64_t file_bytes, uint32_t files, struct sfe_error *err);
/* A failure is kept in w->code. */
void sfe_capture_writer_put(
	struct sfe_capture_writer *w, const struct pcap_pkthdr *header, const u_char *data);
/* Returns w->code, or what closing met. */
int sfe_capture_writer_close(struct sfe_capture_writer *w);

/*
 * Puts the pieces of all capture points of a results folder together, as its captures.csv names
 * them: captures/NAME.pcap, or with file_bytes captures/NAME.1.pcap, NAME.2.pcap and so on. Packets
 * of equal time stand in the order of the points. Does nothing where captures.csv is not there.
 */
int sfe_capture_put_together(int dir, uint64_t file_bytes, uint32_t files, struct sfe_error *err);

#endif
