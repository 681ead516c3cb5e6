/* SPDX-License-Identifier: MIT */
/* What the CSV files of a results folder hold: docs/results.md is made from these tables. */
#include "emu/run/tables.h"

#include "emu/run/summary.h"

#define TABLE(name_, file_, a_row_, columns_, row_)                                                \
	const struct sfe_table name_ = {.file = file_,                                             \
		.a_row = a_row_,                                                                   \
		.columns = columns_,                                                               \
		.n_columns = sizeof(columns_) / sizeof((columns_)[0]),                             \
		.row_size = sizeof(row_)}

#define STRATEGY "where the states were: the strategy under which the workload was replayed"
#define JOB "the job's number in the trace: N of j_N"

#define JOBS(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_job_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column jobs[] = {
	JOBS(strategy, TEXT, "", STRATEGY),
	JOBS(job, COUNT, "", JOB),
	JOBS(client, TEXT, "", "the node that started it and gets its result"),
	JOBS(steps, COUNT, "invocations", "length of its chain"),
	JOBS(status, TEXT, "", "`done`, `failed`, or `unfinished` when the run ended before it"),
	JOBS(reason, TEXT, "", "why it failed; empty if it did not"),
	JOBS(arrival_s, SECONDS, "s",
		"when it was due, from the start of the replay; 0 where jobs run one after the "
		"other"),
	JOBS(start_s, SECONDS, "s",
		"when its client began; empty, as the times below, if not done"),
	JOBS(response_s, SECONDS, "s", "from then until the client had its whole result"),
	JOBS(processing_s, SECONDS, "s", "of it: modelled compute time of its invocations"),
	JOBS(net_delay_s, SECONDS, "s", "of it: all the rest, response less processing"),
	JOBS(payload_bytes, BIG, "bytes", "arguments, states and return values between nodes"),
	JOBS(payload_bytes_hops, BIG, "bytes x links",
		"the same, each times the links that it crossed"),
	JOBS(state_bytes, BIG, "bytes", "all its states together"),
	JOBS(digest, DIGEST, "",
		"XXH3-64 of its return value and states at the end; the same under every strategy"),
};
TABLE(sfe_jobs_csv, "jobs.csv", "a job under a strategy", jobs, struct sfe_job_row);

#define INVOCATIONS(field, cell, unit, meaning)                                                    \
	SFE_COLUMN(struct sfe_invocation_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column invocations[] = {
	INVOCATIONS(strategy, TEXT, "", STRATEGY),
	INVOCATIONS(job, COUNT, "", JOB),
	INVOCATIONS(step, COUNT, "", "place in the job's chain, from 0"),
	INVOCATIONS(task, COUNT, "", "the task's number in the trace, from 1"),
	INVOCATIONS(function, TEXT, "", "what was invoked"),
	INVOCATIONS(node, TEXT, "", "where it ran"),
	INVOCATIONS(request_s, SECONDS, "s",
		"when the head of its call was read there, from the start of the replay"),
	INVOCATIONS(ready_s, SECONDS, "s", "when its argument and states were all there"),
	INVOCATIONS(finish_s, SECONDS, "s", "when its modelled compute time was over"),
	INVOCATIONS(processing_s, SECONDS, "s", "finish less ready"),
	INVOCATIONS(operations, BIG, "operations", "how much it computes"),
	INVOCATIONS(argument_bytes, BIG, "bytes", "what it was called with, without states"),
	INVOCATIONS(output_bytes, BIG, "bytes", "what it gave, without states"),
	INVOCATIONS(used_state_bytes, BIG, "bytes", "the states that it read and wrote"),
};
TABLE(sfe_invocations_csv, "invocations.csv", "an invocation of a function", invocations,
	struct sfe_invocation_row);

#define LINKS(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_link_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column links[] = {
	LINKS(strategy, TEXT, "", STRATEGY),
	LINKS(link, TEXT, "", "its name in the topology"),
	LINKS(kind, TEXT, "", "`node`, `shared`, `uplink` or `downlink`"),
	LINKS(from, TEXT, "", "the host that sends; empty of a shared medium as a whole"),
	LINKS(to, TEXT, "", "the host that receives; empty of a shared medium as a whole"),
	LINKS(rate_bps, BIG, "bit/s", "of layer-2 bytes, as emulated"),
	LINKS(delay_s, SECONDS, "s", "one way, as emulated"),
	LINKS(wire_bytes, BIG, "bytes",
		"what the receiving interfaces counted: whole Ethernet frames, acknowledgements "
		"and "
		"retransmissions too"),
	LINKS(packets, BIG, "frames", "how many frames that was"),
	LINKS(drops, BIG, "frames", "by the link's own queue"),
};
TABLE(sfe_links_csv, "links.csv", "a direction of a link, or a shared medium", links,
	struct sfe_link_row);

#define SUMMARY(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_summary, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column summary[] = {
	SUMMARY(strategy, TEXT, "", STRATEGY),
	SUMMARY(jobs, COUNT, "jobs", "how many were to run"),
	SUMMARY(done, COUNT, "jobs", "how many ended well; times are of these"),
	SUMMARY(response_mean_s, SECONDS, "s", "mean response time; empty if no job ended well"),
	SUMMARY(response_p50_s, SECONDS, "s", "median of the response times"),
	SUMMARY(response_p95_s, SECONDS, "s", "their 95th percentile (linear between samples)"),
	SUMMARY(response_p99_s, SECONDS, "s", "their 99th percentile"),
	SUMMARY(net_delay_mean_s, SECONDS, "s", "mean of response less processing"),
	SUMMARY(processing_mean_s, SECONDS, "s", "mean modelled compute time of a job"),
	SUMMARY(payload_bytes_hops, WHOLE, "bytes x links", "summed over all jobs"),
	SUMMARY(wire_bytes, WHOLE, "bytes", "summed over all links"),
	SUMMARY(drops, WHOLE, "frames", "summed over all links"),
	SUMMARY(fidelity, TEXT, "",
		"`virtual`, `ok`, or why the machine was too slow for the figures to be valid"),
};
TABLE(sfe_summary_csv, "summary.csv", "a strategy", summary, struct sfe_summary);

static const struct sfe_table *const tables[] = {
	&sfe_jobs_csv,
	&sfe_invocations_csv,
	&sfe_links_csv,
	&sfe_summary_csv,
};

const struct sfe_table *sfe_results_table(unsigned i)
{
	return i < sizeof(tables) / sizeof(tables[0]) ? tables[i] : NULL;
}

void sfe_results_describe(FILE *out)
{
	fprintf(out,
		"# The columns of a results folder\n\n"
		"`sfemu columns` prints this page; it comes from the tables that write the "
		"files.\n\n"
		"The files are CSV as RFC 4180 has it, with one header line, in UTF-8; "
		"`pandas.read_csv` and R's `read.csv` read them without options. A value that "
		"there is not is an empty field. Times are seconds of the run's own clock with "
		"nine "
		"digits after the point; a name that ends in `_s`, `_bytes` or `_bps` says its "
		"unit.\n");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		fputc('\n', out);
		sfe_table_describe(tables[i], out);
	}
}
