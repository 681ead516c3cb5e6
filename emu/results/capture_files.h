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

#include "emu/results/table_columns.h"
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
	char *buffer; /* of `out` */
	int code;     /* negative errno of the first failure */
};

int sfe_capture_writer_open(struct sfe_capture_writer *w, int dir, uint32_t number, int snap_bytes,
	uint64_t file_bytes, uint32_t files, struct sfe_error *err);
/* A failure is kept in w->code. */
void sfe_capture_writer_put(
	struct sfe_capture_writer *w, const struct pcap_pkthdr *header, const u_char *data);
/* What was put is in the file. A failure is kept in w->code. */
void sfe_capture_writer_flush(struct sfe_capture_writer *w);
/* Returns w->code, or the error of closing. */
int sfe_capture_writer_close(struct sfe_capture_writer *w);

/* What is put together: what the orchestrator planned, whatever the folder says meanwhile. */
struct sfe_capture_merge {
	const struct sfe_capture_file_row *rows; /* the capture points */
	unsigned n;
	int snap_bytes;      /* of a packet; a piece ends where it has a longer one */
	uint64_t file_bytes; /* of a file, 0: one file */
	uint32_t files;      /* of a ring, 0: all */
	uint64_t most_bytes; /* that may be written in all, beyond which it ends with -EDQUOT */
};

/*
 * Puts the pieces of the capture points together: captures/NAME.pcap, or with file_bytes
 * captures/NAME.1.pcap, NAME.2.pcap and so on. Packets of equal time stand in the order of the
 * points. Does nothing where there is no folder captures.
 */
int sfe_capture_put_together(int dir, const struct sfe_capture_merge *plan, struct sfe_error *err);
/* Appends the packets of a file to the file of that name in another folder. */
int sfe_capture_append(int to, int from, const char *name, struct sfe_error *err);
/* The bytes of the pieces that wait for it. */
uint64_t sfe_capture_pieces_bytes(int dir, unsigned n_points);

#endif
