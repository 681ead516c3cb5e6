/* SPDX-License-Identifier: MIT */
#include "emu/analyze/reconcile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/run/results_read.h"
#include "emu/run/summary.h"
#include "emu/run/tables.h"

#define ROW(field, cell, unit, meaning)                                                            \
	SFE_COLUMN(struct sfe_reconcile_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	ROW(what, TEXT, "", "what is compared"),
	ROW(strategy, TEXT, "", "the strategy"),
	ROW(where, TEXT, "", "the link"),
	ROW(captured, BIG, "bytes", "what the captures show"),
	ROW(recorded, BIG, "bytes", "what the run's files say"),
	ROW(difference, WHOLE, "bytes", "the one less the other"),
	ROW(note, TEXT, "", "why it cannot be compared, or what explains it"),
};
const struct sfe_table sfe_reconcile_view = {"reconciliation", "a comparison", columns,
	sizeof(columns) / sizeof(columns[0]), sizeof(struct sfe_reconcile_row)};

static int read_table(int dir, const struct sfe_table *t, const char *folder, void *rows,
	unsigned *n, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	int r = sfe_results_read_table(dir, t, rows, n, &cause);

	if (r)
		sfe_fail(err, r == -ENOMEM ? r : -EINVAL, folder,
			"give the results folder of a finished run", "%s: %s",
			*cause.where ? cause.where : t->file, cause.what);
	return r;
}

/* Lines "ADDRESS NAME". Without the file, addresses stay addresses. */
static int read_hosts(int dir, const char *folder, struct sfe_records *r, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	struct sfe_host_name h;
	FILE *f = sfe_results_read(dir, "hosts", &cause);
	size_t room = 0;

	if (!f)
		return cause.code == -ENOENT ? 0
					     : sfe_fail(err, -EINVAL, folder, NULL, "hosts: %s",
						       cause.what);
	while (fscanf(f, "%15s %131s", h.address, h.name) == 2) {
		if (r->n_hosts == room) {
			room = room ? 2 * room : 64;
			void *more = reallocarray(r->hosts, room, sizeof(*r->hosts));
			if (!more) {
				fclose(f);
				return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
			}
			r->hosts = more;
		}
		r->hosts[r->n_hosts++] = h;
	}
	fclose(f);
	return 0;
}

int sfe_records_read(const char *folder, struct sfe_records **out, struct sfe_error *err)
{
	struct sfe_records *r = calloc(1, sizeof(*r));
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;

	if (!r || dir < 0) {
		code = errno;
		free(r);
		if (dir >= 0)
			close(dir);
		return sfe_fail(err, r ? -EINVAL : -ENOMEM, folder, NULL, "cannot be opened: %s",
			strerror(code));
	}
	(void)((code = read_table(dir, &sfe_jobs_csv, folder, &r->jobs, &r->n_jobs, err)) ||
		(code = read_table(dir, &sfe_invocations_csv, folder, &r->invocations,
			 &r->n_invocations, err)) ||
		(code = read_hosts(dir, folder, r, err)) ||
		(code = read_table(dir, &sfe_links_csv, folder, &r->links, &r->n_links, err)) ||
		(code = read_table(
			 dir, &sfe_summary_csv, folder, &r->strategies, &r->n_strategies, err)) ||
		(code = read_table(dir, &sfe_captures_csv, folder, &r->files, &r->n_files, err)));
	close(dir);
	if (!code && !(r->windows = calloc(r->n_strategies + 1, sizeof(*r->windows))))
		code = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (code) {
		sfe_records_free(r);
		return code;
	}
	for (unsigned i = 0; i < r->n_strategies; i++)
		r->windows[i] = (struct sfe_window){
			r->strategies[i].begin_unix_ns, r->strategies[i].end_unix_ns};
	*out = r;
	return 0;
}

void sfe_records_free(struct sfe_records *r)
{
	if (!r)
		return;
	free(r->jobs);
	free(r->invocations);
	free(r->hosts);
	free(r->links);
	free(r->strategies);
	free(r->files);
	free(r->windows);
	free(r);
}

struct comparison {
	const struct sfe_records *r;
	const struct sfe_analysis *a;
	struct sfe_reconcile_row *rows;
	size_t n, differ;
};

static void add(struct comparison *c, const char *what, const char *strategy, const char *where,
	uint64_t captured, uint64_t recorded, const char *note)
{
	struct sfe_reconcile_row *row = &c->rows[c->n++];

	*row = (struct sfe_reconcile_row){.captured = captured,
		.recorded = recorded,
		.difference = (double)captured - (double)recorded};
	snprintf(row->what, sizeof(row->what), "%s", what);
	snprintf(row->strategy, sizeof(row->strategy), "%s", strategy);
	snprintf(row->where, sizeof(row->where), "%s", where);
	snprintf(row->note, sizeof(row->note), "%s", note);
	/* What is said not to be comparable is shown and not judged. */
	c->differ += captured != recorded && !*note;
}

/* The capture of a file that captures.csv names; NULL if it was not analysed. */
static const struct sfe_capture_counts *capture_of(const struct sfe_analysis *a, const char *file)
{
	size_t n = strlen(file);

	for (uint32_t i = 0; i < a->n_captures; i++) {
		size_t m = strlen(a->captures[i].file);
		if (m >= n && !strcmp(a->captures[i].file + m - n, file))
			return &a->captures[i];
	}
	return NULL;
}

/* The file of a link's own capture, NULL if it has none. */
static const struct sfe_capture_file_row *file_of(const struct sfe_records *r, const char *link)
{
	for (unsigned i = 0; i < r->n_files; i++)
		if (!strcmp(r->files[i].what, "link") && !strcmp(r->files[i].name, link))
			return &r->files[i];
	return NULL;
}

/* Why not everything was captured; NULL if it was. */
static const char *incomplete(const struct comparison *c)
{
	for (unsigned i = 0; i < c->r->n_files; i++)
		if (c->r->files[i].dropped_packets)
			return "captures dropped packets";
	for (unsigned i = 0; i < c->r->n_links; i++)
		if (c->r->links[i].packets && !file_of(c->r, c->r->links[i].link))
			return "not every link was captured";
	for (uint32_t i = 0; i < c->a->n_captures; i++)
		if (c->a->captures[i].damage[0])
			return "a capture is damaged";
	return NULL;
}

/*
 * What was sent in vain crossed the links and nobody has received it: to who crashed, of attempts
 * that were given up. So there may be more in the captures, and never less.
 */
static const char *in_vain(const struct sfe_summary *s, uint64_t captured, uint64_t recorded)
{
	bool faults = s->failed || s->timed_out || s->failed_attempts || s->crashes;

	return faults && captured > recorded ? "more by what was sent in vain (attempts.csv)" : "";
}

static void compare_payload(struct comparison *c, unsigned strategy)
{
	const struct sfe_summary *s = &c->r->strategies[strategy];
	const char *name = s->strategy, *why = incomplete(c);
	uint64_t bytes = 0, hops = 0, seen = 0, seen_hops = 0;

	for (unsigned i = 0; i < c->r->n_jobs; i++)
		if (!strcmp(c->r->jobs[i].strategy, name)) {
			bytes += c->r->jobs[i].payload_bytes;
			hops += c->r->jobs[i].payload_bytes_hops;
		}
	for (uint32_t i = 0; i < c->a->n_tallies; i++) {
		const struct sfe_tally *t = c->a->tallies[i];
		if (t->id.strategy == SFE_NO_STRATEGY ||
			strcmp(c->a->strategies[t->id.strategy], name))
			continue;
		seen += t->distinct_body_bytes;
		seen_hops += t->body_bytes;
	}
	add(c, "payload", name, "", seen, bytes, why ? why : in_vain(s, seen, bytes));
	add(c, "payload x hops", name, "", seen_hops, hops,
		why ? why : in_vain(s, seen_hops, hops));
}

/* A link's capture holds both its directions: links.csv has a row for each. */
static void compare_link(struct comparison *c, unsigned strategy, unsigned first)
{
	const char *name = c->r->strategies[strategy].strategy, *link = c->r->links[first].link;
	const struct sfe_capture_file_row *file = file_of(c->r, link);
	const struct sfe_capture_counts *seen = file ? capture_of(c->a, file->file) : NULL;
	const char *note = "";
	uint64_t bytes = 0;

	if (!seen || !seen->windows)
		return;
	for (unsigned i = 0; i < c->r->n_links; i++)
		if (!strcmp(c->r->links[i].strategy, name) && !strcmp(c->r->links[i].link, link))
			bytes += c->r->links[i].wire_bytes;
	if (file->dropped_packets)
		note = "the capture dropped packets";
	else if (seen->damage[0])
		note = "the capture is damaged";
	else if (file->filter[0])
		note = "the capture has a filter";
	add(c, "bytes on the wire", name, link, seen->windows[strategy].wire_bytes, bytes, note);
}

static bool first_of_link(const struct sfe_records *r, unsigned i)
{
	for (unsigned k = i; k-- > 0 && !strcmp(r->links[k].strategy, r->links[i].strategy);)
		if (!strcmp(r->links[k].link, r->links[i].link))
			return false;
	return true;
}

int sfe_reconcile(const struct sfe_records *r, const struct sfe_analysis *a,
	struct sfe_reconcile_row **rows, size_t *n, size_t *differ, struct sfe_error *err)
{
	struct comparison c = {.r = r, .a = a};

	c.rows = calloc((size_t)r->n_links + 2 * r->n_strategies + 1, sizeof(*c.rows));
	if (!c.rows)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned s = 0; s < r->n_strategies; s++) {
		compare_payload(&c, s);
		for (unsigned i = 0; i < r->n_links; i++)
			if (!strcmp(r->links[i].strategy, r->strategies[s].strategy) &&
				first_of_link(r, i))
				compare_link(&c, s, i);
	}
	*rows = c.rows;
	*n = c.n;
	*differ = c.differ;
	return 0;
}
