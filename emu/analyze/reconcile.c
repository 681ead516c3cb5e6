/* SPDX-License-Identifier: MIT */
#include "emu/analyze/reconcile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_read.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"

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
		return sfe_fail(err, r == -ENOMEM ? r : -EINVAL, folder,
			"give the results folder of a finished run", "%s: %s",
			*cause.where ? cause.where : t->file, cause.what);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct sfe_host_name *)a)->address,
		((const struct sfe_host_name *)b)->address);
}

const char *sfe_records_host(const struct sfe_records *r, const char *address)
{
	struct sfe_host_name wanted;

	if (!r->n_hosts || strlen(address) >= sizeof(wanted.address))
		return NULL;
	snprintf(wanted.address, sizeof(wanted.address), "%s", address);
	const struct sfe_host_name *h =
		bsearch(&wanted, r->hosts, r->n_hosts, sizeof(*r->hosts), by_address);
	return h ? h->name : NULL;
}

/* Lines "ADDRESS NAME". The file may be missing; then addresses are shown as they are. */
static int read_hosts(int dir, const char *folder, struct sfe_records *r, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	struct sfe_host_name h;
	FILE *f = sfe_results_read(dir, "hosts", &cause);
	size_t room = 0;

	if (!f)
		return cause.code == -ENOENT
			       ? 0
			       : sfe_fail(err, -EINVAL, folder, NULL, "hosts: %s", cause.what);
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
	if (r->n_hosts)
		qsort(r->hosts, r->n_hosts, sizeof(*r->hosts), by_address);
	return 0;
}

/* Each strategy may occur once. */
static int check_strategies(const struct sfe_records *r, const char *folder, struct sfe_error *err)
{
	for (unsigned i = 0; i < r->n_strategies; i++)
		for (unsigned k = 0; k < i; k++)
			if (!strcmp(r->strategies[i].strategy, r->strategies[k].strategy))
				return sfe_fail(err, -EINVAL, folder,
					"give the results folder of a finished run",
					"summary.csv: it has strategy %s twice",
					r->strategies[i].strategy);
	return 0;
}

int sfe_records_read(int dir, const char *folder, struct sfe_records **out, struct sfe_error *err)
{
	struct sfe_records *r = calloc(1, sizeof(*r));
	int code = 0;

	if (!r)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	(void)((code = read_table(dir, &sfe_jobs_csv, folder, &r->jobs, &r->n_jobs, err)) ||
		(code = read_table(dir, &sfe_invocations_csv, folder, &r->invocations,
			 &r->n_invocations, err)) ||
		(code = read_hosts(dir, folder, r, err)) ||
		(code = read_table(dir, &sfe_links_csv, folder, &r->links, &r->n_links, err)) ||
		(code = read_table(
			 dir, &sfe_summary_csv, folder, &r->strategies, &r->n_strategies, err)) ||
		(code = read_table(dir, &sfe_captures_csv, folder, &r->files, &r->n_files, err)));
	if (!code && !(r->windows = calloc(r->n_strategies + 1, sizeof(*r->windows))))
		code = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (code) {
		sfe_records_free(r);
		return code;
	}
	for (unsigned i = 0; i < r->n_strategies; i++)
		r->windows[i] = (struct sfe_window){
			r->strategies[i].begin_unix_ns, r->strategies[i].end_unix_ns};
	if ((code = check_strategies(r, folder, err))) {
		sfe_records_free(r);
		return code;
	}
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

/* The sum of a link's rows in links.csv under a strategy. */
struct link_sum {
	const struct sfe_link_row *first;
	uint64_t bytes;
};

struct comparison {
	const struct sfe_records *r;
	const struct sfe_analysis *a;
	const struct sfe_capture_file_row **file;  /* of links, by name */
	const struct sfe_capture_counts **capture; /* by the file's name */
	struct link_sum *link;                     /* n_links of them */
	unsigned n_file, n_link;
	const char *why; /* why not everything was captured; NULL if it was */
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
	/* A row with a note is shown but does not count as a difference. */
	c->differ += captured != recorded && !*note;
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

static int by_capture(const void *a, const void *b)
{
	return strcmp(base_name((*(const struct sfe_capture_counts *const *)a)->file),
		base_name((*(const struct sfe_capture_counts *const *)b)->file));
}

static int by_name(const void *a, const void *b)
{
	const struct sfe_capture_file_row *x = *(const struct sfe_capture_file_row *const *)a;
	const struct sfe_capture_file_row *y = *(const struct sfe_capture_file_row *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : x < y ? -1 : x > y;
}

static int by_link(const void *a, const void *b)
{
	const struct sfe_link_row *x = ((const struct link_sum *)a)->first;
	const struct sfe_link_row *y = ((const struct link_sum *)b)->first;
	int order = strcmp(x->strategy, y->strategy);

	order = order ? order : strcmp(x->link, y->link);
	return order ? order : x < y ? -1 : x > y;
}

static int by_first(const void *a, const void *b)
{
	const struct sfe_link_row *x = ((const struct link_sum *)a)->first;
	const struct sfe_link_row *y = ((const struct link_sum *)b)->first;

	return x < y ? -1 : x > y;
}

/* Sums the rows of each link under each strategy, in the order of the first rows of the links. */
static void sum_links(struct comparison *c)
{
	const struct sfe_records *r = c->r;
	struct link_sum *link = c->link;

	for (unsigned i = 0; i < r->n_links; i++)
		link[i] = (struct link_sum){
			&r->links[i], r->links[i].wire_bytes + r->links[i].other_bytes};
	qsort(link, r->n_links, sizeof(*link), by_link);
	for (unsigned i = 0; i < r->n_links; i++) {
		struct link_sum *last = c->n_link ? &link[c->n_link - 1] : NULL;
		if (last && !strcmp(last->first->strategy, link[i].first->strategy) &&
			!strcmp(last->first->link, link[i].first->link))
			last->bytes += link[i].bytes;
		else
			link[c->n_link++] = link[i];
	}
	qsort(link, c->n_link, sizeof(*link), by_first);
}

static void sort_captures(struct comparison *c)
{
	for (unsigned i = 0; i < c->r->n_files; i++)
		if (!strcmp(c->r->files[i].what, "link"))
			c->file[c->n_file++] = &c->r->files[i];
	qsort(c->file, c->n_file, sizeof(*c->file), by_name);
	for (uint32_t i = 0; i < c->a->n_captures; i++)
		c->capture[i] = &c->a->captures[i];
	qsort(c->capture, c->a->n_captures, sizeof(*c->capture), by_capture);
}

/* The capture of a file that captures.csv names; NULL if it was not analysed. */
static const struct sfe_capture_counts *capture_of(const struct comparison *c, const char *file)
{
	uint32_t first = 0, end = c->a->n_captures;

	while (first < end) {
		uint32_t middle = first + (end - first) / 2;
		int order = strcmp(base_name(c->capture[middle]->file), base_name(file));
		if (!order)
			return c->capture[middle];
		if (order < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

/* The first capture file of a link, NULL if it has none. */
static const struct sfe_capture_file_row *file_of(const struct comparison *c, const char *link)
{
	unsigned first = 0, end = c->n_file;

	while (first < end) {
		unsigned middle = first + (end - first) / 2;
		if (strcmp(c->file[middle]->name, link) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first < c->n_file && !strcmp(c->file[first]->name, link) ? c->file[first] : NULL;
}

/* Why not everything was captured; NULL if it was. */
static const char *incomplete(const struct comparison *c)
{
	for (unsigned i = 0; i < c->r->n_files; i++)
		if (c->r->files[i].dropped_packets)
			return "captures dropped packets";
	for (unsigned i = 0; i < c->r->n_links; i++)
		if (c->r->links[i].packets && !file_of(c, c->r->links[i].link))
			return "not every link was captured";
	for (uint32_t i = 0; i < c->a->n_captures; i++)
		if (c->a->captures[i].damage[0])
			return "a capture is damaged";
	return NULL;
}

/*
 * Explains a difference by attempts that failed: their bytes crossed links, but no job records
 * them, as the receiver crashed or the sender gave up. So the captures may show more than the
 * records, but never less.
 */
static const char *failed_attempts(
	const struct sfe_summary *s, uint64_t captured, uint64_t recorded)
{
	bool faults = s->failed || s->timed_out || s->failed_attempts || s->crashes;

	return faults && captured > recorded ? "more by what was sent in vain (attempts.csv)" : "";
}

static void compare_payload(struct comparison *c, unsigned strategy)
{
	const struct sfe_summary *s = &c->r->strategies[strategy];
	const char *name = s->strategy, *why = c->why;
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
	add(c, "payload", name, "", seen, bytes, why ? why : failed_attempts(s, seen, bytes));
	add(c, "payload x hops", name, "", seen_hops, hops,
		why ? why : failed_attempts(s, seen_hops, hops));
}

/* A link's capture shows both directions; links.csv has a row for each, which sum adds up. */
static void compare_link(struct comparison *c, unsigned strategy, const struct link_sum *sum)
{
	const char *name = c->r->strategies[strategy].strategy, *link = sum->first->link;
	const struct sfe_capture_file_row *file = file_of(c, link);
	const struct sfe_capture_counts *seen = file ? capture_of(c, file->file) : NULL;
	const char *note = "";

	if (!seen || !seen->windows)
		return;
	if (file->dropped_packets)
		note = "the capture dropped packets";
	else if (seen->damage[0])
		note = "the capture is damaged";
	else if (file->filter[0])
		note = "the capture has a filter";
	add(c, "bytes on the wire", name, link, seen->windows[strategy].wire_bytes, sum->bytes,
		note);
}

static void compare_all(struct comparison *c)
{
	const struct sfe_records *r = c->r;

	sum_links(c);
	sort_captures(c);
	c->why = incomplete(c);
	for (unsigned s = 0; s < r->n_strategies; s++) {
		compare_payload(c, s);
		for (unsigned i = 0; i < c->n_link; i++)
			if (!strcmp(c->link[i].first->strategy, r->strategies[s].strategy))
				compare_link(c, s, &c->link[i]);
	}
}

int sfe_reconcile(const struct sfe_records *r, const struct sfe_analysis *a,
	struct sfe_reconcile_row **rows, size_t *n, size_t *differ, struct sfe_error *err)
{
	struct comparison c = {.r = r, .a = a};
	int code = 0;

	c.link = calloc((size_t)r->n_links + 1, sizeof(*c.link));
	c.file = calloc((size_t)r->n_files + 1, sizeof(*c.file));
	c.capture = calloc((size_t)a->n_captures + 1, sizeof(*c.capture));
	c.rows = calloc((size_t)r->n_links + 2 * r->n_strategies + 1, sizeof(*c.rows));
	if (c.link && c.file && c.capture && c.rows)
		compare_all(&c);
	else
		code = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	free(c.link);
	free(c.file);
	free(c.capture);
	*rows = c.rows;
	*n = c.n;
	*differ = c.differ;
	return code;
}
