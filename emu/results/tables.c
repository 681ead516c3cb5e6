/* SPDX-License-Identifier: MIT */
/* What the CSV files of a results folder hold: docs/results.md is made from these tables. */
#include "emu/results/tables.h"

#include "emu/results/read_limits.h"
#include "emu/results/verify_table.h"
#include "nodes/base/control.h"
#include "sfemu/summary.h"

#define TABLE(name_, file_, a_row_, columns_, row_)                                                \
	const struct sfe_table name_ = {.file = file_,                                             \
		.a_row = a_row_,                                                                   \
		.columns = columns_,                                                               \
		.n_columns = sizeof(columns_) / sizeof((columns_)[0]),                             \
		.row_size = sizeof(row_)}

/* Measured less predicted, in parts that add up to it. */
#define PARTS(column, of)                                                                          \
	column(propagation_s, SECONDS, "s",                                                        \
		"part of " of                                                                      \
		": the links' delays, also of handshakes and of requests for states"),             \
		column(pipelining_s, SECONDS, "s",                                                 \
			"part of " of ": packets follow each other over the links, where the "     \
			"closed form lets each link "                                              \
			"store the whole message; negative where links are several"),              \
		column(queueing_s, SECONDS, "s",                                                   \
			"part of " of ": waiting for transfers of other jobs on the same links "   \
			"(max-min fair shares)"),                                                  \
		column(tcp_start_s, SECONDS, "s",                                                  \
			"part of " of ": packets of handshakes, and waiting in slow start"),       \
		column(headers_s, SECONDS, "s",                                                    \
			"part of " of ": frames' and messages' heads, requests, acknowledgements " \
			"on shared media"),                                                        \
		column(unexplained_s, SECONDS, "s", "part of " of ": what is left")

#define STRATEGY "where the states were: the strategy under which the workload was replayed"
#define JOB "the job's number in the trace: N of j_N"

#define JOBS(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_job_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column jobs[] = {
	JOBS(strategy, TEXT, "", STRATEGY),
	JOBS(job, COUNT, "", JOB),
	JOBS(client, TEXT, "", "the node that started it and gets its result"),
	JOBS(steps, COUNT, "invocations", "length of its chain"),
	JOBS(status, TEXT, "",
		"`done`, `failed`, `timed out` (its client gave it up after `job_timeout`), or "
		"`unfinished` when the run itself ended before it"),
	JOBS(reason, TEXT, "", "why it failed or timed out; empty if it did not"),
	JOBS(arrival_s, SECONDS, "s",
		"when it was due, from the start of the replay; 0 where jobs run one after the "
		"other"),
	JOBS(start_s, SECONDS, "s",
		"when its client began; empty, as the times below, if not done"),
	JOBS(response_s, SECONDS, "s", "from then until the client had its whole result"),
	JOBS(processing_s, SECONDS, "s",
		"of it: modelled compute time of the invocations of its last attempt"),
	JOBS(net_delay_s, SECONDS, "s", "of it: all the rest, response less processing"),
	JOBS(payload_bytes, BIG, "bytes", "arguments, states and return values between nodes"),
	JOBS(payload_bytes_hops, BIG, "bytes x links",
		"the same, each times the links that it crossed"),
	JOBS(state_bytes, BIG, "bytes", "all its states together"),
	JOBS(digest, DIGEST, "",
		"XXH3-64 of its return value and states at the end; the same under every strategy; "
		"0 if not done"),
	JOBS(predicted_net_delay_s, SECONDS, "s",
		"the closed form's network delay, for the same client and nodes at the emulated "
		"rates"),
	JOBS(predicted_processing_s, SECONDS, "s",
		"the closed form's processing: all invocations of a node at once, all the time"),
	JOBS(predicted_payload_bytes_hops, BIG, "bytes x links", "the closed form's traffic"),
	SFE_COLUMN_RENAMED(struct sfe_job_row, other_paths_s, "other_ways_s", SFE_CELL_SECONDS, "s",
		"part of `net_delay_s` less `predicted_net_delay_s`: the closed form's times of "
		"the transfers that there "
		"were, less those that it counts; it knows other paths of the states for "
		"UnchainedExternal, UnchainedInEdge and UnchainedInFunction, else this is 0"),
	PARTS(JOBS, "`net_delay_s` less `predicted_net_delay_s`"),
	JOBS(attempts, BIG, "attempts", "how often its client began it"),
	JOBS(states_lost, BIG, "states",
		"whose newest version was on nodes that crashed, and of which no copy is left"),
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
	INVOCATIONS(attempt, BIG, "", "of the job that it belongs to, from 1"),
};
TABLE(sfe_invocations_csv, "invocations.csv", "an invocation of a function", invocations,
	struct sfe_invocation_row);

#define TRANSFERS(field, cell, unit, meaning)                                                      \
	SFE_COLUMN(struct sfe_transfer_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column transfers[] = {
	TRANSFERS(strategy, TEXT, "", STRATEGY),
	TRANSFERS(job, COUNT, "", JOB),
	TRANSFERS(step, COUNT, "",
		"place in the job's chain of the invocation that it belongs to, from 0"),
	TRANSFERS(kind, TEXT, "",
		"`call`, `return`, `fetch` (a state that the receiver asked for), `store` (a "
		"state that the receiver keeps) or `replica` (a copy of one, in case its holder "
		"crashes)"),
	TRANSFERS(from, TEXT, "", "the node that sent the payload"),
	TRANSFERS(to, TEXT, "", "the node that received it"),
	TRANSFERS(payload_bytes, BIG, "bytes", "argument or return value, and states"),
	TRANSFERS(head_bytes, COUNT, "bytes", "the HTTP head before it"),
	TRANSFERS(hops, COUNT, "links", "how many it crossed"),
	TRANSFERS(new_connection, COUNT, "",
		"1 if it was the first with payload on its connection, else 0"),
	TRANSFERS(start_s, SECONDS, "s",
		"when what it waited for was over, from the start of the replay"),
	TRANSFERS(head_s, SECONDS, "s", "when its head was read"),
	TRANSFERS(done_s, SECONDS, "s", "when its last byte was read"),
	TRANSFERS(predicted_s, SECONDS, "s", "what the closed form gives it"),
	PARTS(TRANSFERS, "`done_s` less `start_s` less `predicted_s`"),
};
TABLE(sfe_transfers_csv, "transfers.csv", "a message with payload between two nodes", transfers,
	struct sfe_transfer_row);

#define ATTEMPTS(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_attempt_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column attempts[] = {
	ATTEMPTS(strategy, TEXT, "", STRATEGY),
	ATTEMPTS(job, COUNT, "", JOB),
	ATTEMPTS(step, COUNT, "",
		"place in the job's chain of the invocation that it belongs to, from 0"),
	ATTEMPTS(from, TEXT, "", "the node that asked"),
	ATTEMPTS(to, TEXT, "", "the node that was asked"),
	ATTEMPTS(kind, TEXT, "", "what it was for, as in `transfers.csv`"),
	ATTEMPTS(number, COUNT, "", "of the request, from 1"),
	ATTEMPTS(last, COUNT, "", "1 if no other one followed, else 0"),
	ATTEMPTS(error, TEXT, "", "why it was given up"),
	ATTEMPTS(begin_s, SECONDS, "s", "when it began, from the start of the replay"),
	ATTEMPTS(end_s, SECONDS, "s", "when it was given up"),
};
TABLE(sfe_attempts_csv, "attempts.csv", "a request between two nodes that was not answered",
	attempts, struct sfe_attempt_row);

const char *const sfe_transfer_kind_names[] = {
	[SFE_TRANSFER_CALL] = "call",
	[SFE_TRANSFER_RETURN] = "return",
	[SFE_TRANSFER_FETCH] = "fetch",
	[SFE_TRANSFER_STORE] = "store",
	[SFE_TRANSFER_REPLICA] = "replica",
};

#define LINKS(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_link_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column links[] = {
	LINKS(strategy, TEXT, "", STRATEGY),
	LINKS(link, TEXT, "", "its name in the topology"),
	LINKS(kind, TEXT, "", "`node`, `shared`, `uplink` or `downlink`"),
	LINKS(from, TEXT, "", "the host that sends; empty of a shared medium as a whole"),
	LINKS(to, TEXT, "", "the host that receives; empty of a shared medium as a whole"),
	LINKS(rate_bps, BIG, "bit/s", "of layer-2 bytes, as emulated"),
	LINKS(delay_s, SECONDS, "s", "one way, as emulated; the mean of a law"),
	LINKS(wire_bytes, BIG, "bytes",
		"what the receiving interfaces counted: whole Ethernet frames, acknowledgements "
		"and "
		"retransmissions too"),
	LINKS(packets, BIG, "frames", "how many frames that was"),
	LINKS(drops, BIG, "frames", "by the link's own queue: full, or managed"),
	LINKS(losses, BIG, "frames", "by chance or by number, as the scenario asks for"),
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
	SUMMARY(predicted_net_delay_mean_s, SECONDS, "s",
		"mean of the closed form's network delay of these jobs"),
	SUMMARY(predicted_processing_mean_s, SECONDS, "s",
		"mean of the closed form's processing of these jobs"),
	SUMMARY(predicted_payload_bytes_hops, WHOLE, "bytes x links",
		"the closed form's traffic, summed over all jobs"),
	SFE_COLUMN_RENAMED(struct sfe_summary, other_paths_s, "other_ways_s", SFE_CELL_SECONDS, "s",
		"part of `net_delay_mean_s` less `predicted_net_delay_mean_s`: the closed form's "
		"times of the transfers that there "
		"were, less those that it counts; it knows other paths of the states for "
		"UnchainedExternal, UnchainedInEdge and UnchainedInFunction, else this is 0"),
	PARTS(SUMMARY, "`net_delay_mean_s` less `predicted_net_delay_mean_s`"),
	SUMMARY(start_unix_ns, BIG, "ns",
		"time 0 of the replay, from which the other files count, by the clock of captures"),
	SUMMARY(begin_unix_ns, BIG, "ns",
		"when counting began, since 1970 by the clock of captures"),
	SUMMARY(end_unix_ns, BIG, "ns", "when counting ended"),
	SUMMARY(fidelity, TEXT, "",
		"`virtual`, `ok`, `degraded: ` and why the machine was too slow for the figures "
		"to be valid, or `unknown: ` and why nobody can vouch for them"),
	SUMMARY(failed, BIG, "jobs", "how many failed; `jobs.csv` says why"),
	SUMMARY(timed_out, BIG, "jobs", "how many their clients gave up after `job_timeout`"),
	SUMMARY(failed_attempts, BIG, "requests",
		"between nodes that were not answered; `attempts.csv` has each"),
	SUMMARY(states_lost, BIG, "states",
		"whose newest version was on nodes that crashed, and of which no copy is left"),
	SUMMARY(crashes, BIG, "crashes", "of nodes, by the schedule"),
	SUMMARY(reasons, TEXT, "", "why jobs failed or timed out, most frequent first"),
};
TABLE(sfe_summary_csv, "summary.csv", "a strategy", summary, struct sfe_summary);

#define EVENTS(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_event_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column events[] = {
	EVENTS(strategy, TEXT, "", STRATEGY),
	EVENTS(due_s, SECONDS, "s",
		"when the schedule has it, or when it was asked for by hand, from the start of the "
		"replay"),
	EVENTS(done_s, SECONDS, "s", "when it was set in the kernel and read back"),
	EVENTS(link, TEXT, "", "the link that changed; empty of what happens to nodes"),
	EVENTS(direction, TEXT, "",
		"`up` (from a node into the network) or `down`; `both` of a shared medium of half "
		"duplex"),
	EVENTS(what, TEXT, "",
		"what was set, and to what: `down`, `up`, `rate 10Mbit`, `step 2 of 5: rate "
		"20Mbit`, `partition rpi3_0, nuc_0`, `heal`, `crash`, `restart`, `fault 7: loss "
		"12%`, `fault 7 over: loss`; `by hand: rate 1Mbit` of `sfemu link`, and `by "
		"hand, earlier: ...` what was so before the replay"),
	EVENTS(node, TEXT, "", "the node that crashed or was started again, else empty"),
};
TABLE(sfe_events_csv, "events.csv",
	"a change of a direction of a link, or of nodes; only of a run with a schedule or changes "
	"by hand",
	events, struct sfe_event_row);

#define FIDELITY(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_fidelity_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column fidelity[] = {
	FIDELITY(strategy, TEXT, "", STRATEGY),
	FIDELITY(verdict, TEXT, "",
		"`ok`, `degraded: ` and every limit that was passed, or `unknown: ` and why the "
		"machine was not watched to the end, as where the monitor's process was ended or "
		"stopped; such figures count as not valid"),
	FIDELITY(watched_s, SECONDS, "s", "how long its jobs ran"),
	FIDELITY(timer_late_p99_s, SECONDS, "s",
		"how late a process that sleeps 10 ms at a time is woken: the 99th percentile"),
	FIDELITY(timer_late_max_s, SECONDS, "s", "the same: the most"),
	FIDELITY(cpu_idle_share, SECONDS, "",
		"share of the CPU time of this kernel's processors that was left; this and the "
		"next "
		"columns are of the whole machine (of the guest, in a guest)"),
	FIDELITY(cpu_stolen_share, SECONDS, "",
		"share of it that a hypervisor gave to others, as far as it says so"),
	FIDELITY(softirq_squeezes, WHOLE, "",
		"how often packets were left for a later round, all processors"),
	FIDELITY(backlog_drops, WHOLE, "frames", "for which the kernel itself had no room"),
	FIDELITY(run_delay_s, SECONDS, "s", "how long tasks waited for their turn, in the mean"),
	FIDELITY(cpu_pressure_share, SECONDS, "",
		"share of the time in which at least one task waited for a processor"),
	FIDELITY(not_measured, TEXT, "", "what this kernel does not count, and so is empty here"),
};
TABLE(sfe_fidelity_csv, "fidelity.csv",
	"what the machine did during a strategy's jobs; only of a run on the real clock", fidelity,
	struct sfe_fidelity_row);

#define CAPTURES(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_capture_file_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column captures[] = {
	CAPTURES(file, TEXT, "", "the capture, in the results folder"),
	CAPTURES(what, TEXT, "",
		"`link` (each packet once, where it arrives) or `node` (all that it receives and "
		"sends)"),
	CAPTURES(name, TEXT, "", "which one"),
	CAPTURES(host, TEXT, "", "where it was captured"),
	CAPTURES(interface, TEXT, "", "on which interface there"),
	CAPTURES(direction, TEXT, "", "`in`: arriving; `out`: leaving the link's queue; `both`"),
	CAPTURES(filter, TEXT, "", "the capture filter; empty: all packets"),
	CAPTURES(packets, BIG, "frames", "captured there"),
	CAPTURES(dropped_packets, BIG, "frames", "that the capture was too slow for"),
};
TABLE(sfe_captures_csv, "captures.csv", "a capture point; only of a run with captures", captures,
	struct sfe_capture_file_row);

static const struct sfe_table *const tables[] = {
	&sfe_jobs_csv,
	&sfe_invocations_csv,
	&sfe_transfers_csv,
	&sfe_attempts_csv,
	&sfe_links_csv,
	&sfe_summary_csv,
	&sfe_events_csv,
	&sfe_fidelity_csv,
	&sfe_captures_csv,
	&sfe_verify_csv,
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
	fputc('\n', out);
	sfe_results_describe_limits(out);
}
