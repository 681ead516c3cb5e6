/* SPDX-License-Identifier: MIT */
/*
 * Files of captures. Each capture point writes pieces of its own, which are merged by time at the
 * end, outside of the guest (inside, every page costs a system call of the host). Times are in
 * nanoseconds. With a ring of files no point keeps more than the ring holds.
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
		first_piece; /* of the capture point; of its newest piece; of its oldest piece */
	int snap_bytes;
	uint64_t file_bytes, written;
	uint32_t files;
	pcap_t *dead;
	pcap_dumper_t *out;
	int code; /* negative errno of the first failure */
};

int sfe_capture_writer_open(struct sfe_capture_writer *w, int dir, uint32_t number, int snap_bytes,
	uint64_t file_bytes, uint32_t files, struct sfe_error *err);
/* A failure is kept in w->code. */
void sfe_capture_writer_put(
	struct sfe_capture_writer *w, const struct pcap_pkthdr *header, const u_char *data);
/* Returns w->code, or the error of closing. */
int sfe_capture_writer_close(struct sfe_capture_writer *w);

/*
 * Merges the pieces of all capture points that captures.csv lists into captures/NAME.pcap, or with
 * file_bytes captures/NAME.1.pcap, NAME.2.pcap and so on. Packets of equal time are ordered by
 * their points. Does nothing without a captures.csv.
 */
int sfe_capture_put_together(int dir, uint64_t file_bytes, uint32_t files, struct sfe_error *err);

#endif
