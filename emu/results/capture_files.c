/* SPDX-License-Identifier: MIT */
#include "emu/results/capture_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/read_limits.h"
#include "emu/results/results_file.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define PATH_BYTES 256
#define BUFFER_BYTES (256u << 10)
#define PIECE_BUFFER_BYTES (32u << 10) /* each point of a capture has one */
#define FILE_HEADER_BYTES 24u
#define RECORD_HEADER_BYTES 16u
#define FRAME_HEADER_BYTES 14u
#define MAX_PIECES 10000000u

static void piece_path(char *path, uint32_t point, uint32_t piece)
{
	snprintf(path, PATH_BYTES, "captures/.point-%u.%u", point, piece);
}

/* A new file of packets, with a buffer that is its owner's. NULL, and the reason in err. */
static pcap_dumper_t *begin_packets(
	int dir, const char *path, pcap_t *dead, char *buffer, size_t size, struct sfe_error *err)
{
	int fd = sfe_beneath_create(dir, path, err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	setvbuf(f, buffer, _IOFBF, size);
	return pcap_dump_fopen(dead, f); /* which closes it where it cannot write its header */
}

static int begin_piece(struct sfe_capture_writer *w)
{
	struct sfe_error err = {0};
	char path[PATH_BYTES];

	piece_path(path, w->number, w->piece);
	w->out = begin_packets(w->dir, path, w->dead, w->buffer, PIECE_BUFFER_BYTES, &err);
	w->written = FILE_HEADER_BYTES;
	return w->out ? 0 : err.code ? err.code : -EIO;
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
	w->buffer = malloc(PIECE_BUFFER_BYTES);
	w->code = w->dead && w->buffer ? begin_piece(w) : -ENOMEM;
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
			sfe_folder_unlink(w->dir, path);
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

void sfe_capture_writer_flush(struct sfe_capture_writer *w)
{
	if (!w->code && pcap_dump_flush(w->out))
		w->code = -(errno ? errno : EIO);
}

int sfe_capture_writer_close(struct sfe_capture_writer *w)
{
	int code = w->out ? end_piece(w) : 0;

	if (w->dead)
		pcap_close(w->dead);
	w->dead = NULL;
	free(w->buffer);
	w->buffer = NULL;
	return w->code ? w->code : code;
}

/* ---- merging */

struct source { /* the pieces of one point, in order */
	uint32_t point, piece;
	pcap_t *pcap;
	struct pcap_pkthdr *header;
	const u_char *data;
	bool ended;
};

struct merge {
	int dir;
	const char *base; /* captures/NAME without a suffix */
	struct source *sources;
	uint32_t n;
	const struct sfe_capture_merge *plan;
	uint64_t written; /* of the file */
	uint64_t *left;   /* that may be written, of all files */
	uint32_t piece;
	pcap_t *dead;
	pcap_dumper_t *out;
	char *buffer; /* of `out` */
	struct sfe_error *err;
};

static int fail(struct merge *m, int code, const char *what)
{
	return sfe_fail(m->err, code, m->base, "is the disk full?", "cannot %s the capture: %s",
		what, strerror(-code));
}

/* What there is of a point. */
struct pieces {
	uint32_t first; /* a ring has dropped those before it. UINT32_MAX: none */
	uint64_t bytes;
};

/* The number of a piece's file, and its point; false for another file. */
static bool piece_of(const char *name, uint32_t n_points, uint32_t *point, uint32_t *piece)
{
	char expected[64];

	if (sscanf(name, ".point-%" SCNu32 ".%" SCNu32, point, piece) != 2 || *point >= n_points ||
		*piece >= MAX_PIECES)
		return false;
	snprintf(expected, sizeof(expected), ".point-%u.%u", *point, *piece);
	return !strcmp(expected, name);
}

/* The pieces of each of n points. -ENOENT: there is no folder of captures. */
static int find_pieces(int dir, struct pieces *pieces, uint32_t n, struct sfe_error *err)
{
	int fd = sfe_beneath_open(dir, "captures", O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint32_t point, piece;
	struct stat st;

	if (!d) {
		int code = fd < 0 ? fd : -errno;
		if (fd >= 0)
			close(fd);
		return sfe_fail(err, code, "captures", NULL, "cannot be read: %s", strerror(-code));
	}
	for (uint32_t i = 0; i < n; i++)
		pieces[i] = (struct pieces){.first = UINT32_MAX};
	while ((e = readdir(d))) {
		if (!piece_of(e->d_name, n, &point, &piece))
			continue;
		if (piece < pieces[point].first)
			pieces[point].first = piece;
		if (!fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			pieces[point].bytes += (uint64_t)st.st_size;
	}
	closedir(d);
	return 0;
}

uint64_t sfe_capture_pieces_bytes(int dir, unsigned n_points)
{
	struct pieces *pieces = calloc((size_t)n_points + 1, sizeof(*pieces));
	uint64_t sum = 0;

	if (pieces && !find_pieces(dir, pieces, n_points, NULL))
		for (unsigned i = 0; i < n_points; i++)
			sum += pieces[i].bytes;
	free(pieces);
	return sum;
}

/* The next packet of a source; its end is no error, nor is a piece that breaks off (a run that was
 * killed). */
static int next(struct merge *m, struct source *s)
{
	char path[PATH_BYTES], text[PCAP_ERRBUF_SIZE];
	struct sfe_error err = {0};

	while (!s->ended) {
		if (s->pcap) {
			/* No frame is without a header, or longer than what is captured of it:
			 * zeros are the hole of a file that broke off, and have no end where there
			 * is no disk behind them. */
			if (pcap_next_ex(s->pcap, &s->header, &s->data) == 1 &&
				s->header->caplen >= FRAME_HEADER_BYTES &&
				s->header->caplen <= (bpf_u_int32)m->plan->snap_bytes)
				return 0;
			pcap_close(s->pcap);
			s->pcap = NULL;
			s->piece++;
		}
		piece_path(path, s->point, s->piece);
		FILE *f = sfe_folder_open_single(m->dir, path, SFE_LIMIT_CAPTURE_BYTES, &err);
		if (!f && err.code != -ENOENT) {
			if (m->err)
				*m->err = err;
			return err.code;
		}
		sfe_folder_unlink(m->dir, path); /* exists until it is closed */
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
	if (m->plan->file_bytes)
		snprintf(path, PATH_BYTES, "%s.%u.pcap", m->base, piece);
	else
		snprintf(path, PATH_BYTES, "%s.pcap", m->base);
}

static int begin_file(struct merge *m)
{
	struct sfe_error cause = {0};
	char path[PATH_BYTES];

	final_path(path, m, ++m->piece);
	m->out = begin_packets(m->dir, path, m->dead, m->buffer, BUFFER_BYTES, &cause);
	m->written = FILE_HEADER_BYTES;
	if (!m->out && !cause.code)
		return fail(m, -EIO, "write");
	if (cause.code && m->err)
		*m->err = cause;
	return cause.code;
}

static int end_file(struct merge *m)
{
	bool bad = ferror(pcap_dump_file(m->out)); /* an earlier write failed */
	int code = pcap_dump_flush(m->out) || bad ? -(errno ? errno : EIO) : 0;

	pcap_dump_close(m->out);
	m->out = NULL;
	return code ? fail(m, code, "write") : 0;
}

static int put(struct merge *m, const struct source *s)
{
	uint64_t size = RECORD_HEADER_BYTES + s->header->caplen;
	char path[PATH_BYTES];
	int r;

	uint64_t file_bytes = m->plan->file_bytes;
	uint32_t files = m->plan->files;

	if (size > *m->left)
		return sfe_fail(m->err, -EDQUOT, m->base,
			"raise it with --results-limit, or capture less",
			"the captures put together are more than the results may have");
	*m->left -= size;
	if (file_bytes && m->written + size > file_bytes && m->written > FILE_HEADER_BYTES) {
		if ((r = end_file(m)))
			return r;
		if (files && m->piece >= files) {
			final_path(path, m, m->piece - files + 1);
			sfe_folder_unlink(m->dir, path);
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
		m->sources[i].ended = m->sources[i].piece == UINT32_MAX;
		r = next(m, &m->sources[i]);
	}
	/* All points of a capture have one snap length. */
	m->dead = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, m->plan->snap_bytes, PCAP_TSTAMP_PRECISION_NANO);
	m->buffer = malloc(BUFFER_BYTES);
	if (!r)
		r = m->dead && m->buffer ? begin_file(m) : fail(m, -ENOMEM, "write");
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
	free(m->buffer);
	return r;
}

/* captures/NAME, after which the suffix begins. */
static void base_of(const struct sfe_capture_file_row *row, char base[PATH_BYTES])
{
	snprintf(base, PATH_BYTES, "captures/%s", row->name);
}

static int put_all(int dir, const struct sfe_capture_merge *plan, const struct pieces *pieces,
	struct source *sources, struct sfe_error *err)
{
	const struct sfe_capture_file_row *rows = plan->rows;
	uint64_t left = plan->most_bytes;
	char base[PATH_BYTES];
	int r = 0;

	for (unsigned first = 0, end; first < plan->n && !r; first = end) {
		for (end = first; end < plan->n && !strcmp(rows[end].file, rows[first].file); end++)
			sources[end - first] =
				(struct source){.point = end, .piece = pieces[end].first};
		base_of(&rows[first], base);
		struct merge m = {.dir = dir,
			.base = base,
			.sources = sources,
			.n = end - first,
			.plan = plan,
			.left = &left,
			.err = err};
		r = merge(&m);
	}
	return r;
}

int sfe_capture_put_together(int dir, const struct sfe_capture_merge *plan, struct sfe_error *err)
{
	struct source *sources = calloc((size_t)plan->n + 1, sizeof(*sources));
	struct pieces *pieces = calloc((size_t)plan->n + 1, sizeof(*pieces));
	struct sfe_error cause = {0};
	int r = sources && pieces ? find_pieces(dir, pieces, plan->n, &cause)
				  : sfe_fail(&cause, -ENOMEM, NULL, NULL, "out of memory");

	if (!r)
		r = put_all(dir, plan, pieces, sources, &cause);
	else if (r == -ENOENT)
		r = 0;
	if (r && err)
		*err = cause;
	free(sources);
	free(pieces);
	return r;
}

int sfe_capture_append(int to, int from, const char *name, struct sfe_error *err)
{
	char header[FILE_HEADER_BYTES], ours[FILE_HEADER_BYTES];
	char *buffer = malloc(BUFFER_BYTES);
	FILE *in = buffer ? sfe_folder_open_single(from, name, SFE_LIMIT_CAPTURE_BYTES, err) : NULL;
	FILE *out = in ? sfe_results_open(to, name, "r+", err) : NULL;
	int r = !buffer ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : out ? 0 : err->code;
	size_t n;

	if (!r && (fread(header, sizeof(header), 1, in) != 1 ||
			  fread(ours, sizeof(ours), 1, out) != 1 ||
			  memcmp(header, ours, sizeof(header)) != 0 || fseek(out, 0, SEEK_END)))
		r = sfe_fail(err, -EPROTO, name, NULL, "does not go on from the one before it");
	while (!r && !ferror(out) && (n = fread(buffer, 1, BUFFER_BYTES, in)) > 0)
		fwrite(buffer, 1, n, out);
	if (!r && ferror(in))
		r = sfe_fail(err, -EIO, name, NULL, "cannot be read");
	if (out) {
		int closed = sfe_results_close(out, name, r ? NULL : err);
		r = r ? r : closed;
	}
	if (in)
		fclose(in);
	free(buffer);
	return r;
}
