/* SPDX-License-Identifier: MIT */
#include "emu/analyze/interval_view.h"

#include <errno.h>
#include <stdlib.h>

#define BIN(field, cell, unit, meaning)                                                            \
	SFE_COLUMN(struct sfe_bin_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column bins[] = {
	BIN(capture, TEXT, "", "the file"),
	BIN(time_s, SECONDS, "s", "where the interval begins"),
	BIN(goodput_bps, WHOLE, "bit/s", "bytes of TCP streams, each once, of all connections"),
};
SFE_VIEW(sfe_bin_view, "an interval of a capture", bins, struct sfe_bin_row);

/* Where the rows of a capture are: the next interval, and how many empty ones have rows so far. */
struct place {
	int64_t next;
	uint64_t empty, hidden;
};

/* Rows begin at the first packet, or before it if the clock was set back. */
static struct place begin(const struct sfe_intervals *v)
{
	return (struct place){.next = v->n && v->all[0].index < 0 ? v->all[0].index : 0};
}

/* The empty intervals before the i-th that have rows; the place is behind the i-th then. */
static uint64_t empty_before(const struct sfe_intervals *v, uint32_t i, struct place *p)
{
	uint64_t gap = (uint64_t)v->all[i].index - (uint64_t)p->next,
		 most = SFE_INTERVALS_MAX - v->n;

	p->next = v->all[i].index + 1;
	if (gap > most || p->empty + gap > most) {
		p->hidden += gap;
		return 0;
	}
	p->empty += gap;
	return gap;
}

static struct place count(const struct sfe_intervals *v)
{
	struct place p = begin(v);

	for (uint32_t i = 0; i < v->n; i++)
		empty_before(v, i, &p);
	return p;
}

uint64_t sfe_view_hidden_bins(const struct sfe_capture_counts *c)
{
	return count(&c->intervals).hidden;
}

static struct sfe_bin_row *put_rows(struct sfe_bin_row *r, const struct sfe_analysis *a,
	const struct sfe_capture_counts *c, uint64_t start)
{
	uint64_t interval_ns = a->options.interval_ns;
	const struct sfe_intervals *v = &c->intervals;
	struct place p = begin(v);

	for (uint32_t i = 0; i < v->n; i++) {
		for (uint64_t back = empty_before(v, i, &p) + 1; back-- > 0; r++) {
			uint64_t at = (uint64_t)v->all[i].index - back;
			r->time_s = sfe_row_since(start, c->first_ns + at * interval_ns);
			r->goodput_bps =
				back ? 0
				     : 8 * (double)v->all[i].bytes / sfe_row_seconds(interval_ns);
			sfe_row_file(r->capture, c->file);
		}
	}
	return r;
}

int sfe_view_bins(const struct sfe_analysis *a, void **rows, size_t *n)
{
	uint64_t start = sfe_view_start(a);
	struct sfe_bin_row *r;

	*n = 0;
	for (uint32_t i = 0; i < a->n_captures; i++)
		*n += a->captures[i].intervals.n + count(&a->captures[i].intervals).empty;
	*rows = r = calloc(*n + 1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->n_captures; i++)
		r = put_rows(r, a, &a->captures[i], start);
	return 0;
}
