/* SPDX-License-Identifier: MIT */
/* Prints a workload's summary as text and as JSON. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "emu/model/workload/workflow_show.h"
#include "sfemu/workload_summary.h"

#define BAR 44 /* characters: label 14, blanks, count 10, bar; less than 80 in all */

static const struct row {
	const char *label, *key;
	size_t offset;
} rows[] = {
#define ROW(label, member)                                                                         \
	{                                                                                          \
		label, #member, offsetof(struct sfe_workload_summary, member)                      \
	}
	ROW("invocations a job", invocations),
	ROW("on longest path", chain),
	ROW("operations each", operations),
	ROW("argument (bytes)", argument_bytes),
	ROW("states a job", states),
	ROW("state (bytes)", state_bytes),
	ROW("gap (s)", gap_s),
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Of chains, the longest path has all invocations. */
static bool is_shown(const struct sfe_workload_summary *s, size_t i)
{
	return s->graphs || rows[i].offset != offsetof(struct sfe_workload_summary, chain);
}

static const struct sfe_spread *spread_of(const struct sfe_workload_summary *s, size_t i)
{
	return (const struct sfe_spread *)((const char *)s + rows[i].offset);
}

static void bar(const char *label, uint64_t count, uint64_t most, enum sfe_bars bars, FILE *out)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	/* Rounded up, so that every count above 0 is visible. */
	uint64_t length = ((unsigned __int128)count * BAR * 8 + most - 1) / most;

	fprintf(out, "  %14s %10" PRIu64 "  ", label, count);
	if (bars == SFE_BARS_PLAIN)
		length = (length + 7) / 8 * 8;
	for (uint64_t i = 0; i < length / 8; i++)
		fputs(bars == SFE_BARS_PLAIN ? "#" : "█", out);
	fprintf(out, "%s\n", eighths[length % 8]);
}

static uint64_t most_of(const uint64_t *bins, size_t n)
{
	uint64_t most = 1;

	for (size_t i = 0; i < n; i++)
		most = bins[i] > most ? bins[i] : most;
	return most;
}

/* "64 kB" for 64000: labels have three digits. */
static const char *size_label(double bytes, char buf[static 32])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	size_t u = 0;

	while (bytes >= 1000 && u + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1000;
		u++;
	}
	snprintf(buf, 32, "%.3g %s", bytes, units[u]);
	return buf;
}

static void print_chains(const struct sfe_workload_summary *s, enum sfe_bars bars, FILE *out)
{
	uint64_t most = most_of(s->chain_bins, SFE_CHAIN_BINS);
	char label[32];

	fprintf(out, "\ninvocations %s, jobs\n",
		s->graphs ? "on the longest path of a job" : "of a job");
	for (unsigned i = 0; i < SFE_CHAIN_BINS; i++) {
		snprintf(label, sizeof(label), "%u%s", i, i + 1 == SFE_CHAIN_BINS ? "+" : "");
		if (s->chain_bins[i])
			bar(label, s->chain_bins[i], most, bars, out);
	}
}

static void print_sizes(const struct sfe_workload_summary *s, enum sfe_bars bars, FILE *out)
{
	uint64_t most = most_of(s->size_bins, SFE_SIZE_BINS);
	char label[40], end[32];

	fprintf(out, "\nsize of a state, states\n");
	for (unsigned i = 0; i < SFE_SIZE_BINS; i++) {
		if (!s->size_bins[i])
			continue;
		snprintf(label, sizeof(label), "< %s", size_label((double)(1ull << i), end));
		bar(i ? label : "0", s->size_bins[i], most, bars, out);
	}
}

static void print_arrivals(const struct sfe_workload_summary *s, enum sfe_bars bars, FILE *out)
{
	uint64_t most = most_of(s->arrival_bins, SFE_ARRIVAL_BINS);
	char label[32];

	if (!(s->arrival_width_s > 0))
		return;
	fprintf(out, "\narrivals from second, jobs\n");
	for (unsigned i = 0; i < SFE_ARRIVAL_BINS; i++) {
		snprintf(label, sizeof(label), "%.6g", s->first_s + i * s->arrival_width_s);
		bar(label, s->arrival_bins[i], most, bars, out);
	}
}

void sfe_workload_summary_print(
	const struct sfe_workload_summary *s, const char *file, enum sfe_bars bars, FILE *out)
{
	double span = s->last_s - s->first_s;

	sfe_print_text(file, out);
	fprintf(out, ": %u jobs with state", s->jobs);
	if (s->graphs)
		fprintf(out, ", of which %u are no chains", s->graphs);
	fputc('\n', out);
	fprintf(out, "left out: %u jobs without state", s->stateless);
	for (unsigned i = 0; i < SFE_LEFT_OUT_REASONS; i++)
		if (s->left_out[i] || i == SFE_LEFT_OUT_UNFINISHED)
			fprintf(out, ", %u %s", s->left_out[i], sfe_left_out_names[i]);
	fprintf(out, ", %u rows that are no task\n", s->skipped);
	fprintf(out, "arrivals from %g s to %g s", s->first_s, s->last_s);
	if (span > 0)
		fprintf(out, ", %.3g jobs/s", (s->jobs - 1) / span);
	fprintf(out, "\n\n%-18s %9s %9s %9s %9s %9s %9s\n", "", "count", "mean", "least", "median",
		"p95", "most");
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct sfe_spread *v = spread_of(s, i);
		if (!is_shown(s, i))
			continue;
		fprintf(out, "%-18s %9" PRIu64 " %9.4g %9.4g %9.4g %9.4g %9.4g\n", rows[i].label,
			v->n, v->mean, v->min, v->p50, v->p95, v->max);
	}
	if (s->workflows)
		sfe_workflows_show(s->workflows, out);
	print_chains(s, bars, out);
	print_sizes(s, bars, out);
	print_arrivals(s, bars, out);
}

static json_object *json_bins(const uint64_t *bins, size_t n)
{
	json_object *array = json_object_new_array();

	while (n && !bins[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_uint64(bins[i]));
	return array;
}

static json_object *json_spread(const struct sfe_spread *v)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "count", json_object_new_uint64(v->n));
	json_object_object_add(o, "mean", json_object_new_double(v->mean));
	json_object_object_add(o, "min", json_object_new_double(v->min));
	json_object_object_add(o, "p50", json_object_new_double(v->p50));
	json_object_object_add(o, "p95", json_object_new_double(v->p95));
	json_object_object_add(o, "max", json_object_new_double(v->max));
	return o;
}

void sfe_workload_summary_json(const struct sfe_workload_summary *s, const char *file, FILE *out)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "file", json_object_new_string(file));
	json_object_object_add(o, "jobs", json_object_new_int64(s->jobs));
	json_object_object_add(o, "graphs", json_object_new_int64(s->graphs));
	json_object_object_add(o, "jobs_without_state", json_object_new_int64(s->stateless));
	for (unsigned i = 0; i < SFE_LEFT_OUT_REASONS; i++) {
		static const char *const keys[SFE_LEFT_OUT_REASONS] = {"jobs_not_finished",
			"jobs_with_missing_task", "jobs_in_cycle", "jobs_with_task_twice",
			"jobs_with_cut_name", "jobs_with_malformed_row"};
		json_object_object_add(o, keys[i], json_object_new_int64(s->left_out[i]));
	}
	json_object_object_add(o, "rows_skipped", json_object_new_int64(s->skipped));
	json_object_object_add(o, "first_arrival_s", json_object_new_double(s->first_s));
	json_object_object_add(o, "last_arrival_s", json_object_new_double(s->last_s));
	for (size_t i = 0; i < N_ROWS; i++)
		json_object_object_add(o, rows[i].key, json_spread(spread_of(s, i)));
	/* Index i: i invocations on the longest path; below 2^i bytes; the i-th part of the time.
	 */
	json_object_object_add(o, "chain_histogram", json_bins(s->chain_bins, SFE_CHAIN_BINS));
	json_object_object_add(o, "state_bytes_histogram", json_bins(s->size_bins, SFE_SIZE_BINS));
	json_object_object_add(
		o, "arrival_histogram", json_bins(s->arrival_bins, SFE_ARRIVAL_BINS));
	json_object_object_add(o, "arrival_bin_s", json_object_new_double(s->arrival_width_s));
	if (s->workflows)
		json_object_object_add(o, "workflows", sfe_workflows_json(s->workflows));
	sfe_print_json(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY), out);
	fputc('\n', out);
	json_object_put(o);
}
