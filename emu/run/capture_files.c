/* SPDX-License-Identifier: MIT */
#include "emu/run/capture_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/run/results.h"
#include "emu/run/tables.h"

#define PATH_BYTES 256
#define BUFFER_BYTES (256u << 10)
#define FILE_HEADER_BYTES 24u
#define RECORD_HEADER_BYTES 16u
#define WHOLE_PACKET 262144
#define MAX_PIECES 10000000u

static void piece_path(char *path, uint32_t point, uint32_t piece)
{
	snprintf(path, PATH_BYTES, "captures/.point-%u.%u", point, piece);
}

static FILE *open_at(int dir, const char *path, bool write)
{
	int fd = openat(dir, path,
		write ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0666);
	FILE *f = fd < 0 ? NULL : fdopen(fd, write ? "w" : "r");

	if (f)
		setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	else if (fd >= 0)
		close(fd);
	return f;
}

static int begin_piece(struct sfe_capture_writer *w)
{
	char path[PATH_BYTES];

	piece_path(path, w->number, w->piece);
	FILE *f = open_at(w->dir, path, true);
	w->out = f ? pcap_dump_fopen(w->dead, f) : NULL;
	w->written = FILE_HEADER_BYTES;
	return w->out ? 0 : -(errno ? errno : EIO);
}

static int end_piece(struct sfe_capture_writer *w)
{
	int code = pcap_dump_flush(w->out) ? -(errno ? errno : EIO) : 0;

	pcap_dump_close(w->out);
	w->out = NULL;
	return code;
}

int sfe_capture_writer_open(struct sfe_capture_writer *w, int dir, uint32_t number, int snap_bytes,
	uint64_t file_bytes, uint32_t files, struct sfe_error *err)
{
	*w = (struct sfe_capture_writer){.dir = dir,
		.number = number,
		.snap_bytes = snap_bytes,
		.file_bytes = file_bytes,
		.files = files};
	w->dead = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, snap_bytes, PCAP_TSTAMP_PRECISION_NANO);
	w->code = w->dead ? begin_piece(w) : -ENOMEM;
	return w->code ? sfe_fail(err, w->code, "captures", "is the disk full?",
				 "cannot begin a capture: %s", strerror(-w->code))
		       : 0;
}

void sfe_capture_writer_put(
	struct sfe_capture_writer *w, const struct pcap_pkthdr *header, const u_char *data)
{
	uint64_t size = RECORD_HEADER_BYTES + header->caplen;
	char path[PATH_BYTES];

	if (w->code)
		return;
	if (w->file_bytes && w->written + size > w->file_bytes && w->written > FILE_HEADER_BYTES) {
		w->code = end_piece(w);
		w->piece++;
		if (w->files && w->piece - w->first_piece >= w->files) {
			piece_path(path, w->number, w->first_piece++);
			unlinkat(w->dir, path, 0);
		}
		w->code = w->code ? w->code : begin_piece(w);
		if (w->code)
			return;
	}
	pcap_dump((u_char *)w->out, header, data);
	w->written += size;
	if (ferror(pcap_dump_file(w->out)))
		w->code = -(errno ? errno : EIO);
}

int sfe_capture_writer_close(struct sfe_capture_writer *w)
{
	int code = w->out ? end_piece(w) : 0;

	if (w->dead)
		pcap_close(w->dead);
	w->dead = NULL;
	return w->code ? w->code : code;
}

/* ---- putting together */

struct source { /* the pieces of one point, one after the other */
	uint32_t point, piece;
	pcap_t *pcap;
	struct pcap_pkthdr *header;
	const u_char *data;
	bool ended;
};

struct merge {
	int dir;
	const char *base; /* captures/NAME, without a suffix */
	struct source *sources;
	uint32_t n;
	uint64_t file_bytes, written;
	uint32_t files, piece;
	pcap_t *dead;
	pcap_dumper_t *out;
	struct sfe_error *err;
};

static int fail(struct merge *m, int code, const char *what)
{
	return sfe_fail(m->err, code, m->base, "is the disk full?", "cannot %s the capture: %s",
		what, strerror(-code));
}

/* The point's oldest piece: a ring has dropped those before it. */
static uint32_t first_piece(int dir, uint32_t point)
{
	char path[PATH_BYTES];
	uint32_t piece = 0;

	for (; piece < MAX_PIECES; piece++) {
		piece_path(path, point, piece);
		if (!faccessat(dir, path, F_OK, 0))
			break;
	}
	return piece;
}

/* The next packet of a source; its end is no error, nor is a piece that breaks off (a run that was
 * killed). */
static int next(struct merge *m, struct source *s)
{
	char path[PATH_BYTES], text[PCAP_ERRBUF_SIZE];

	while (!s->ended) {
		if (s->pcap) {
			if (pcap_next_ex(s->pcap, &s->header, &s->data) == 1)
				return 0;
			pcap_close(s->pcap);
			s->pcap = NULL;
			s->piece++;
		}
		piece_path(path, s->point, s->piece);
		FILE *f = open_at(m->dir, path, false);
		if (!f && errno != ENOENT)
			return fail(m, -errno, "read back");
		unlinkat(m->dir, path, 0); /* it lives until it is closed */
		if (f)
			s->pcap = pcap_fopen_offline_with_tstamp_precision(
				f, PCAP_TSTAMP_PRECISION_NANO, text);
		if (f && !s->pcap)
			fclose(f);
		s->ended = !s->pcap;
	}
	return 0;
}

static bool before(const struct pcap_pkthdr *a, const struct pcap_pkthdr *b)
{
	return a->ts.tv_sec != b->ts.tv_sec ? a->ts.tv_sec < b->ts.tv_sec
					    : a->ts.tv_usec < b->ts.tv_usec;
}

static void final_path(char *path, const struct merge *m, uint32_t piece)
{
	if (m->file_bytes)
		snprintf(path, PATH_BYTES, "%s.%u.pcap", m->base, piece);
	else
		snprintf(path, PATH_BYTES, "%s.pcap", m->base);
}

static int begin_file(struct merge *m)
{
	char path[PATH_BYTES];

	final_path(path, m, ++m->piece);
	FILE *f = open_at(m->dir, path, true);
	m->out = f ? pcap_dump_fopen(m->dead, f) : NULL;
	m->written = FILE_HEADER_BYTES;
	return m->out ? 0 : fail(m, -(errno ? errno : EIO), "write");
}

static int end_file(struct merge *m)
{
	int code = pcap_dump_flush(m->out) ? -(errno ? errno : EIO) : 0;

	pcap_dump_close(m->out);
	m->out = NULL;
	return code ? fail(m, code, "write") : 0;
}

static int put(struct merge *m, const struct source *s)
{
	uint64_t size = RECORD_HEADER_BYTES + s->header->caplen;
	char path[PATH_BYTES];
	int r;

	if (m->file_bytes && m->written + size > m->file_bytes && m->written > FILE_HEADER_BYTES) {
		if ((r = end_file(m)))
			return r;
		if (m->files && m->piece >= m->files) {
			final_path(path, m, m->piece - m->files + 1);
			unlinkat(m->dir, path, 0);
		}
		if ((r = begin_file(m)))
			return r;
	}
	pcap_dump((u_char *)m->out, s->header, s->data);
	m->written += size;
	return 0;
}

static int merge(struct merge *m)
{
	int r = 0;

	for (uint32_t i = 0; i < m->n && !r; i++) {
		m->sources[i].piece = first_piece(m->dir, m->sources[i].point);
		r = next(m, &m->sources[i]);
	}
	/* All points of a capture have one snap length. */
	m->dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB,
		m->sources[0].pcap ? pcap_snapshot(m->sources[0].pcap) : WHOLE_PACKET,
		PCAP_TSTAMP_PRECISION_NANO);
	if (!r)
		r = m->dead ? begin_file(m) : fail(m, -ENOMEM, "write");
	while (!r) {
		struct source *first = NULL;
		for (uint32_t i = 0; i < m->n; i++) {
			struct source *s = &m->sources[i];
			if (!s->ended && (!first || before(s->header, first->header)))
				first = s;
		}
		if (!first)
			break;
		r = put(m, first);
		r = r ? r : next(m, first);
	}
	if (m->out) {
		int closed = end_file(m);
		r = r ? r : closed;
	}
	for (uint32_t i = 0; i < m->n; i++)
		if (m->sources[i].pcap)
			pcap_close(m->sources[i].pcap);
	if (m->dead)
		pcap_close(m->dead);
	return r;
}

/* captures/NAME.pcap or captures/NAME.N.pcap: captures/NAME. */
static void cut_suffix(char *file)
{
	size_t n = strlen(file);

	if (n > 7 && !strcmp(file + n - 7, ".N.pcap"))
		file[n - 7] = 0;
	else if (n > 5)
		file[n - 5] = 0;
}

int sfe_capture_put_together(int dir, uint64_t file_bytes, uint32_t files, struct sfe_error *err)
{
	struct sfe_capture_file_row *rows = NULL;
	struct source *sources = NULL;
	unsigned n = 0;
	int r = 0;

	if (faccessat(dir, sfe_captures_csv.file, F_OK, 0))
		return 0;
	FILE *f = sfe_results_open(dir, sfe_captures_csv.file, "r", err);
	if (!f)
		return -EIO;
	r = sfe_table_read(&sfe_captures_csv, f, (void **)&rows, &n, err);
	fclose(f);
	sources = calloc((size_t)n + 1, sizeof(*sources));
	if (!r && !sources)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned first = 0, end; first < n && !r; first = end) {
		for (end = first; end < n && !strcmp(rows[end].file, rows[first].file); end++)
			sources[end - first] = (struct source){.point = end};
		struct merge m = {.dir = dir,
			.base = rows[first].file,
			.sources = sources,
			.n = end - first,
			.file_bytes = file_bytes,
			.files = files,
			.err = err};
		char base[sizeof(rows[first].file)];
		memcpy(base, rows[first].file, sizeof(base));
		cut_suffix(base);
		m.base = base;
		r = merge(&m);
	}
	free(sources);
	free(rows);
	return r;
}
