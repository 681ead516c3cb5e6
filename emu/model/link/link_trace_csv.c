/* SPDX-License-Identifier: MIT */
/* Recorded links as rows: our CSV, TheaterQ's, and files of two columns in s and Mb/s. */
#include "emu/model/link/link_trace_csv.h"

#include <math.h>
#include <string.h>

#include "sfemu/delay.h"

#define MAX_FIELDS 8
#define THEATERQ_FIELDS 5
#define MAX_PACKETS 1000000u

enum column { TIME, RATE, DELAY, LOSS, QUEUE, N_COLUMNS };

static const char *const names[N_COLUMNS] = {"time_s", "rate_bps", "delay_s", "loss", "queue"};

/* Splits at commas and keeps empty fields. Returns how many there are, of which max are stored. */
static unsigned split(struct sfe_span line, struct sfe_span *field, unsigned max)
{
	unsigned n = 0;

	for (;;) {
		const char *comma = memchr(line.at, ',', line.len);
		size_t len = comma ? (size_t)(comma - line.at) : line.len;
		if (n < max)
			field[n] = sfe_span_trim((struct sfe_span){line.at, len});
		n++;
		if (!comma)
			return n;
		line.at += len + 1;
		line.len -= len + 1;
	}
}

/* What a rate of a recording is in bit/s; 0: an outage. */
static bool in_range(double bps)
{
	return bps == 0 || (bps >= SFE_TRACE_MIN_RATE && bps <= SFE_TRACE_MAX_RATE);
}

static int read_rate(
	const struct sfe_trace_reader *r, struct sfe_span text, struct sfe_trace_step *step)
{
	double value;

	if (sfe_span_double(text, &value) || !in_range(value))
		return sfe_trace_refuse(r, "write 0 for an outage",
			"rate_bps is neither 0 nor a number from 1000 to 100000000000");
	step->rate_bps = (uint64_t)llround(value);
	return 0;
}

static int read_mbps(
	const struct sfe_trace_reader *r, struct sfe_span text, struct sfe_trace_step *step)
{
	double value;

	if (sfe_span_double(text, &value) || !in_range(value * 1e6))
		return sfe_trace_refuse(r, "write 0 for an outage",
			"the rate is neither 0 nor a number of Mb/s from 0.001 to 100000");
	step->rate_bps = (uint64_t)llround(value * 1e6);
	return 0;
}

static int read_delay(
	const struct sfe_trace_reader *r, struct sfe_span text, struct sfe_trace_step *step)
{
	double value;

	if (sfe_span_double(text, &value) || !(value >= 0 && value * 1e9 <= SFE_MAX_DELAY_NS))
		return sfe_trace_refuse(
			r, "write seconds", "delay_s is not a number from 0 to 3600");
	step->delay_ns = (uint64_t)llround(value * 1e9);
	return 0;
}

static int read_loss(
	const struct sfe_trace_reader *r, struct sfe_span text, struct sfe_trace_step *step)
{
	if (sfe_span_double(text, &step->loss) || !(step->loss >= 0 && step->loss <= 1))
		return sfe_trace_refuse(
			r, "write 0.02 for 2 %", "loss is not a probability from 0 to 1");
	return 0;
}

static int read_queue(
	const struct sfe_trace_reader *r, struct sfe_span text, struct sfe_trace_step *step)
{
	uint64_t value;

	if (sfe_span_u64(text, &value) || !value || value > MAX_PACKETS)
		return sfe_trace_refuse(r, "write packets",
			"queue is not a whole number of packets from 1 to 1000000");
	step->queue_packets = (uint32_t)value;
	return 0;
}

/* Adds a step at a time of the file, which must grow. */
static int add_at(struct sfe_trace_reader *r, double at_s, struct sfe_trace_step *step)
{
	step->at_ns = (uint64_t)llround(at_s * 1e9);
	if (r->trace->n && step->at_ns <= r->trace->step[r->trace->n - 1].at_ns)
		return sfe_trace_refuse(r, "sort the rows", "the time does not grow");
	return sfe_trace_add(r, step);
}

static int read_time(const struct sfe_trace_reader *r, struct sfe_span text, double *at_s)
{
	if (sfe_span_double(text, at_s) || !(*at_s >= 0 && *at_s <= SFE_TRACE_MAX_S))
		return sfe_trace_refuse(
			r, "write seconds", "the time is not a number from 0 to 31536000");
	return 0;
}

/* The time at which a loop restarts is that of the last row. */
static int end_rows(const struct sfe_trace_reader *r)
{
	if (!r->trace->n)
		return sfe_trace_refuse(r, NULL, "has no rows");
	r->trace->period_ns = r->trace->step[r->trace->n - 1].at_ns;
	return r->trace->loops && !r->trace->period_ns
		       ? sfe_trace_refuse(r,
				 "give the last row the time at which the loop restarts",
				 "the loop has length 0")
		       : 0;
}

/* ---- our CSV */

/* Which column each field is; returns how many there are, or a negative error. */
static int read_header(struct sfe_trace_reader *r, enum column *of)
{
	struct sfe_span line, field[MAX_FIELDS];
	bool seen[N_COLUMNS] = {false};
	unsigned n = 0;

	if (sfe_lines_next(&r->lines, &line))
		n = split(line, field, MAX_FIELDS);
	for (unsigned i = 0; i < n; i++) {
		unsigned c = 0;
		while (i < MAX_FIELDS && c < N_COLUMNS && !sfe_span_is(field[i], names[c]))
			c++;
		if (i >= MAX_FIELDS || c == N_COLUMNS || seen[c])
			return sfe_trace_refuse(r,
				"for other recordings write format: mahimahi, theaterq or mbps",
				"the first line is not time_s and some of rate_bps, delay_s, loss "
				"and queue");
		seen[c] = true;
		of[i] = (enum column)c;
	}
	if (!seen[TIME] || n < 2)
		return sfe_trace_refuse(r,
			"for other recordings write format: mahimahi, theaterq or mbps",
			"the first line is not time_s and some of rate_bps, delay_s, loss and "
			"queue");
	return (int)n;
}

static int read_row(
	struct sfe_trace_reader *r, const enum column *of, unsigned n, struct sfe_span line)
{
	struct sfe_trace_step step = SFE_TRACE_STEP(0);
	struct sfe_span field[MAX_FIELDS];
	double at_s = 0;
	int rc = 0;

	if (split(line, field, MAX_FIELDS) != n)
		return sfe_trace_refuse(r, "all but the time may be empty",
			"a row does not have the fields of the first line");
	for (unsigned i = 0; i < n && !rc; i++) {
		if (of[i] == TIME)
			rc = read_time(r, field[i], &at_s);
		else if (!field[i].len)
			continue;
		else if (of[i] == RATE)
			rc = read_rate(r, field[i], &step);
		else if (of[i] == DELAY)
			rc = read_delay(r, field[i], &step);
		else if (of[i] == LOSS)
			rc = read_loss(r, field[i], &step);
		else
			rc = read_queue(r, field[i], &step);
	}
	return rc ? rc : add_at(r, at_s, &step);
}

int sfe_trace_read_csv(struct sfe_trace_reader *r)
{
	enum column of[MAX_FIELDS];
	struct sfe_span line;
	int n = read_header(r, of), rc = n < 0 ? n : 0;

	while (!rc && sfe_lines_next(&r->lines, &line))
		if (line.len)
			rc = read_row(r, of, (unsigned)n, line);
	return rc ? rc : end_rows(r);
}

/* ---- TheaterQ */

/* KEEP in us, LATENCY in ns, RATE in bit/s (0: an outage, -1: no limit, here the most), LOSS of
 * 2^32 - 1, LIMIT in packets. */
static int read_theaterq_row(struct sfe_trace_reader *r, struct sfe_span line, double *at_us)
{
	struct sfe_trace_step step = SFE_TRACE_STEP(0);
	struct sfe_span field[THEATERQ_FIELDS];
	uint64_t value[THEATERQ_FIELDS];
	bool unlimited;

	if (split(line, field, THEATERQ_FIELDS) != THEATERQ_FIELDS)
		return sfe_trace_refuse(r, "write KEEP,LATENCY,RATE,LOSS,LIMIT",
			"a row does not have five fields: TheaterQ's extended form is not read");
	unlimited = sfe_span_is(field[2], "-1");
	value[2] = SFE_TRACE_MAX_RATE;
	for (unsigned i = 0; i < THEATERQ_FIELDS; i++)
		if (!(i == 2 && unlimited) && sfe_span_u64(field[i], &value[i]))
			return sfe_trace_refuse(r, "write KEEP,LATENCY,RATE,LOSS,LIMIT",
				"a field is not a whole number that fits");
	if (!value[0] || (double)value[0] + *at_us > SFE_TRACE_MAX_S * 1e6)
		return sfe_trace_refuse(r, "write us", "KEEP is 0, or the trace is over a year");
	if (value[1] > SFE_MAX_DELAY_NS)
		return sfe_trace_refuse(r, "write ns", "LATENCY is more than an hour");
	if (!in_range((double)value[2]))
		return sfe_trace_refuse(r, "write bit/s; 0 is an outage, -1 no limit",
			"RATE is not -1, 0, or from 1000 to 100000000000");
	if (value[3] > UINT32_MAX)
		return sfe_trace_refuse(r, "4294967295 is 100 %", "LOSS is more than all");
	step.delay_ns = value[1];
	step.rate_bps = value[2];
	step.loss = (double)value[3] / UINT32_MAX;
	int rc = read_queue(r, field[4], &step);
	rc = rc ? rc : add_at(r, *at_us / 1e6, &step);
	*at_us += (double)value[0];
	return rc;
}

int sfe_trace_read_theaterq(struct sfe_trace_reader *r)
{
	struct sfe_span line;
	double at_us = 0;
	int rc = 0;

	while (!rc && sfe_lines_next(&r->lines, &line))
		if (line.len && line.at[0] >= '0' && line.at[0] <= '9')
			rc = read_theaterq_row(r, line, &at_us);
	if (rc)
		return rc;
	if (!r->trace->n)
		return sfe_trace_refuse(r, NULL, "has no rows");
	r->trace->period_ns = (uint64_t)llround(at_us * 1e3);
	return 0;
}

/* ---- two columns */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == ';';
}

static int read_mbps_row(struct sfe_trace_reader *r, struct sfe_span line)
{
	struct sfe_trace_step step = SFE_TRACE_STEP(0);
	struct sfe_span time = {line.at, 0};
	double at_s;

	while (time.len < line.len && !blank(line.at[time.len]))
		time.len++;
	size_t at = time.len;
	while (at < line.len && blank(line.at[at]))
		at++;
	int rc = read_time(r, time, &at_s);
	rc = rc ? rc : read_mbps(r, (struct sfe_span){line.at + at, line.len - at}, &step);
	return rc ? rc : add_at(r, at_s, &step);
}

int sfe_trace_read_mbps(struct sfe_trace_reader *r)
{
	struct sfe_span line;
	int rc = 0;

	while (!rc && sfe_lines_next(&r->lines, &line)) {
		line = sfe_span_trim(line);
		if (line.len && line.at[0] != '#')
			rc = read_mbps_row(r, line);
	}
	return rc ? rc : end_rows(r);
}
