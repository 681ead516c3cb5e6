/* SPDX-License-Identifier: MIT */
/* The columns of all CSV files of a results folder. Also the source of docs/results.md. */
#include "emu/results/table_columns.h"

#include "emu/results/read_limits.h"
#include "emu/results/verify_table.h"
#include "nodes/base/control.h"
#include "sfemu/summary.h"

/* A table whose last columns are optional. */
#define TABLE_WITH(n_optional_, name_, file_, a_row_, columns_, row_)                              \
	const struct sfe_table name_ = {.file = file_,                                             \
		.a_row = a_row_,                                                                   \
		.columns = columns_,                                                               \
		.n_columns = sizeof(columns_) / sizeof((columns_)[0]),                             \
		.n_optional = n_optional_,                                                         \
		.row_size = sizeof(row_)}

#define APART "only in runs with `--during`, programs or traffic, and on the real clock"

#define TABLE(name_, file_, a_row_, columns_, row_)                                                \
	const struct sfe_table name_ = {.file = file_,                                             \
		.a_row = a_row_,                                                                   \
		.columns = columns_,                                                               \
		.n_columns = sizeof(columns_) / sizeof((columns_)[0]),                             \
		.row_size = sizeof(row_)}

#define IN_GUESTS "recorded by guests on the virtual clock, else 0"

/* The components of measured minus predicted; they add up to it. */
#define PARTS(column, of)                                                                          \
	column(propagation_s, SECONDS, "s",                                                        \
		"part of " of ": the links' delays, including those of handshakes and of "         \
		"requests for states"),                                                            \
		column(pipelining_s, SECONDS, "s",                                                 \
			"part of " of ": packets follow each other over the links, while in the "  \
			"closed form each link stores the whole message; negative over several "   \
			"links"),                                                                  \
		column(queueing_s, SECONDS, "s",                                                   \
			"part of " of ": waiting for other transfers on the same links (max-min "  \
			"fair shares)"),                                                           \
		column(tcp_start_s, SECONDS, "s",                                                  \
			"part of " of ": handshake packets, and waiting in slow start"),           \
		column(headers_s, SECONDS, "s",                                                    \
			"part of " of ": headers of frames and messages, requests, "               \
			"acknowledgements on shared media"),                                       \
		column(retries_s, SECONDS, "s",                                                    \
			"part of " of ": waiting for answers that did not come, and before "       \
			"retries (attempts.csv)"),                                                 \
		column(link_changes_s, SECONDS, "s",                                               \
			"part of " of ": links were down, slower or later than at the start, by "  \
			"the schedule; negative if they were faster"),                             \
		column(retransmissions_s, SECONDS, "s",                                            \
			"part of " of ": packets came later because they had been lost and were "  \
			"sent again; " IN_GUESTS),                                                 \
		column(window_s, SECONDS, "s",                                                     \
			"part of " of ": packets were not sent before acknowledgements had come, " \
			"longer than slow start in `tcp_start_s`; " IN_GUESTS),                    \
		column(queue_waits_s, SECONDS, "s",                                                \
			"part of " of ": packets waited in queues longer than `queueing_s` and "   \
			"acknowledgements in `headers_s`; negative: others left more than a fair " \
			"share; " IN_GUESTS),                                                      \
		column(unexplained_s, SECONDS, "s", "part of " of ": the remainder")

#define DYNAMIC "only in runs with C functions, which can call others"
#define OUTLIVE "only in runs with states that outlive jobs"
#define OF_WORKFLOWS "only in runs with workflows; empty for jobs of a trace"
#define STEP_NAME "name of the step; " OF_WORKFLOWS

#define STRATEGY "the strategy of the replay"
#define JOB "the job's number in the trace: N of j_N"

#define JOBS(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_job_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column jobs[] = {
	JOBS(strategy, TEXT, "", STRATEGY),
	JOBS(job, COUNT, "", JOB),
	JOBS(client, TEXT, "", "the node that starts it and gets its result"),
	JOBS(steps, COUNT, "invocations", "its steps: the length of a chain"),
	JOBS(status, TEXT, "",
		"`done`, `failed`, `timed out` (its client gave up after `job_timeout`), or "
		"`unfinished` (the run ended before the job)"),
	JOBS(reason, TEXT, "", "why it failed or timed out; empty if it did not"),
	JOBS(arrival_s, SECONDS, "s",
		"when it was due, from the start of the replay; 0 if jobs run one after the other"),
	JOBS(start_s, SECONDS, "s",
		"when its client started it; empty if not done, like the times below"),
	JOBS(response_s, SECONDS, "s", "from `start_s` until the client has the whole result"),
	JOBS(processing_s, SECONDS, "s",
		"part of `response_s`: waiting in their node's queue, cold starts and modelled "
		"compute time of the invocations of the last "
		"attempt; of a graph, of those on its critical path"),
	JOBS(net_delay_s, SECONDS, "s",
		"`response_s` minus `processing_s`; with dynamic operations, also minus "
		"`dynamic_s`"),
	JOBS(payload_bytes, BIG, "bytes", "arguments, states and return values between nodes"),
	JOBS(payload_bytes_hops, BIG, "bytes x links",
		"the same, each multiplied by the links it crossed"),
	JOBS(state_bytes, BIG, "bytes", "total size of its states"),
	JOBS(digest, DIGEST, "",
		"XXH3-64 of its return value and states at the end; the same under every strategy; "
		"0 if not done"),
	JOBS(predicted_net_delay_s, SECONDS, "s",
		"the closed form's network delay, for the same client and nodes at the emulated "
		"rates"),
	JOBS(predicted_processing_s, SECONDS, "s",
		"the closed form's processing time: all invocations of a node share it all the "
		"time; of a graph, on its longest path"),
	JOBS(predicted_payload_bytes_hops, BIG, "bytes x links", "the closed form's traffic"),
	SFE_COLUMN_RENAMED(struct sfe_job_row, other_paths_s, "other_ways_s", SFE_CELL_SECONDS, "s",
		"part of `net_delay_s` minus `predicted_net_delay_s`: the closed form's times of "
		"the actual transfers minus those of the transfers that it counts. They differ for "
		"UnchainedExternal, UnchainedInEdge and UnchainedInFunction, whose states take "
		"other paths in the closed form, and for graphs where another path is the longest; "
		"else 0"),
	PARTS(JOBS, "`net_delay_s` minus `predicted_net_delay_s`"),
	JOBS(attempts, BIG, "attempts", "how often its client started it"),
	JOBS(states_lost, BIG, "states",
		"states whose newest version was on crashed nodes and has no copy"),
	JOBS(cache_hits, BIG, "states",
		"uses of states by its invocations, also of earlier attempts, that their nodes' "
		"caches served: no content moved (option `cache` of strategies)"),
	JOBS(overlap_s, SECONDS, "s",
		"time of transfers that is in the parts of `net_delay_s` minus "
		"`predicted_net_delay_s`, but was hidden behind computing and the call: of states "
		"that came ahead of it. The parts less this add up to the difference"),
	JOBS(wasted_bytes, BIG, "bytes",
		"part of `payload_bytes`: states that were moved ahead of a call and not used by "
		"its step"),
	JOBS(workflow, TEXT, "", "its workflow; " OF_WORKFLOWS),
	JOBS(dynamic_s, SECONDS, "s",
		"part of `response_s`: the invocations of the last attempt waited for functions "
		"that they called and states that they used by name at run time; of a graph, those "
		"on its critical path. The closed form does not have it; " DYNAMIC),
	JOBS(dynamic_bytes, BIG, "bytes",
		"part of `payload_bytes`: arguments and outputs of these calls and casts, and "
		"these "
		"states; " DYNAMIC),
	JOBS(dynamic_bytes_hops, BIG, "bytes x links",
		"part of `payload_bytes_hops`, likewise; " DYNAMIC),
	JOBS(vain_s, SECONDS, "s",
		"part of `net_delay_s` minus `predicted_net_delay_s`: runs in vain, from when a "
		"step could begin its first run until it could begin the run that holds. What "
		"was moved meanwhile is in no other part; " OUTLIVE),
	JOBS(starting_s, SECONDS, "s",
		"part of `processing_s`: waiting in their node's queue, and cold starts; only in "
		"runs with `nodes`"),
};
TABLE_WITH(1 + SFE_JOBS_DYNAMIC_COLUMNS + SFE_JOBS_SHARED_COLUMNS + SFE_JOBS_NODES_COLUMNS,
	sfe_jobs_csv, "jobs.csv", "a job under a strategy", jobs, struct sfe_job_row);

#define INVOCATIONS(field, cell, unit, meaning)                                                    \
	SFE_COLUMN(struct sfe_invocation_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column invocations[] = {
	INVOCATIONS(strategy, TEXT, "", STRATEGY),
	INVOCATIONS(job, COUNT, "", JOB),
	INVOCATIONS(step, COUNT, "", "which of its job's steps, from 0"),
	INVOCATIONS(task, COUNT, "", "the task's number in the trace, from 1"),
	INVOCATIONS(function, TEXT, "", "the invoked function"),
	INVOCATIONS(node, TEXT, "", "where it ran"),
	INVOCATIONS(request_s, SECONDS, "s",
		"when the node had read the head of the call, from the start of the replay"),
	INVOCATIONS(ready_s, SECONDS, "s", "when its argument and states were complete"),
	INVOCATIONS(finish_s, SECONDS, "s", "when its modelled compute time was over"),
	INVOCATIONS(processing_s, SECONDS, "s", "`finish_s` minus `ready_s`"),
	INVOCATIONS(operations, BIG, "operations", "number of operations"),
	INVOCATIONS(argument_bytes, BIG, "bytes", "its argument, without states"),
	INVOCATIONS(output_bytes, BIG, "bytes", "its output, without states"),
	INVOCATIONS(used_state_bytes, BIG, "bytes", "states that it read and wrote"),
	INVOCATIONS(attempt, BIG, "", "attempt of its job, from 1"),
	INVOCATIONS(cache_hits, BIG, "states",
		"uses of states that its node's cache served: no content moved (option `cache` of "
		"strategies)"),
	INVOCATIONS(workflow, TEXT, "", "workflow of its job; " OF_WORKFLOWS),
	INVOCATIONS(step_name, TEXT, "", STEP_NAME),
};
TABLE_WITH(2, sfe_invocations_csv, "invocations.csv", "an invocation of a function", invocations,
	struct sfe_invocation_row);

#define TRANSFERS(field, cell, unit, meaning)                                                      \
	SFE_COLUMN(struct sfe_transfer_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column transfers[] = {
	TRANSFERS(strategy, TEXT, "", STRATEGY),
	TRANSFERS(job, COUNT, "", JOB),
	TRANSFERS(step, COUNT, "", "which of its job's steps it belongs to, from 0"),
	TRANSFERS(kind, TEXT, "",
		"`call`, `return`, `fetch` (a state that the receiver requested), `store` (a state "
		"for the receiver to keep), `replica` (a copy of a state, in case its keeper "
		"crashes), `prefetch` (a copy of a state that the receiver requested ahead of the "
		"call), `push` (copies of states that the sender sent ahead of the call), `claim` "
		"(without payload: such a state is the receiver's now); "
		"`dynamic_call`, `dynamic_cast` or `dynamic_return` (of a function that "
		"another one calls while it runs); `dynamic_get` or `dynamic_put` (a state that a "
		"function gets or puts by name)"),
	TRANSFERS(from, TEXT, "", "the node that sent the payload"),
	TRANSFERS(to, TEXT, "", "the node that received it"),
	TRANSFERS(payload_bytes, BIG, "bytes", "argument or return value, plus states"),
	TRANSFERS(head_bytes, COUNT, "bytes", "the HTTP head before it"),
	TRANSFERS(hops, COUNT, "links", "number of links crossed"),
	TRANSFERS(new_connection, COUNT, "",
		"1 for the first message with payload on its connection, else 0"),
	TRANSFERS(start_s, SECONDS, "s",
		"when the sender could start it, from the start of the replay"),
	TRANSFERS(head_s, SECONDS, "s", "when its head was read"),
	TRANSFERS(done_s, SECONDS, "s", "when its last byte was read"),
	TRANSFERS(predicted_s, SECONDS, "s", "the closed form's time"),
	PARTS(TRANSFERS, "`done_s` minus `start_s` minus `predicted_s`"),
	TRANSFERS(step_name, TEXT, "", STEP_NAME),
};
TABLE_WITH(1, sfe_transfers_csv, "transfers.csv", "a message with payload between two nodes",
	transfers, struct sfe_transfer_row);

#define ATTEMPTS(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_attempt_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column attempts[] = {
	ATTEMPTS(strategy, TEXT, "", STRATEGY),
	ATTEMPTS(job, COUNT, "", JOB),
	ATTEMPTS(step, COUNT, "", "which of its job's steps it belongs to, from 0"),
	ATTEMPTS(from, TEXT, "", "the node that sent the request"),
	ATTEMPTS(to, TEXT, "", "the node that should answer"),
	ATTEMPTS(kind, TEXT, "", "its purpose, as in `transfers.csv`"),
	ATTEMPTS(number, COUNT, "", "attempt of the request, from 1"),
	ATTEMPTS(last, COUNT, "", "1 for the last attempt of the request, else 0"),
	ATTEMPTS(error, TEXT, "", "why it was given up"),
	ATTEMPTS(begin_s, SECONDS, "s", "when it began, from the start of the replay"),
	ATTEMPTS(end_s, SECONDS, "s", "when it was given up"),
	ATTEMPTS(step_name, TEXT, "", STEP_NAME),
};
TABLE_WITH(1, sfe_attempts_csv, "attempts.csv", "a request between two nodes without an answer",
	attempts, struct sfe_attempt_row);

const char *const sfe_transfer_kind_names[] = {
	[SFE_TRANSFER_CALL] = "call",
	[SFE_TRANSFER_RETURN] = "return",
	[SFE_TRANSFER_FETCH] = "fetch",
	[SFE_TRANSFER_STORE] = "store",
	[SFE_TRANSFER_REPLICA] = "replica",
	[SFE_TRANSFER_PREFETCH] = "prefetch",
	[SFE_TRANSFER_CLAIM] = "claim",
	[SFE_TRANSFER_PUSH] = "push",
	[SFE_TRANSFER_DYNAMIC_CALL] = "dynamic_call",
	[SFE_TRANSFER_DYNAMIC_CAST] = "dynamic_cast",
	[SFE_TRANSFER_DYNAMIC_RETURN] = "dynamic_return",
	[SFE_TRANSFER_DYNAMIC_GET] = "dynamic_get",
	[SFE_TRANSFER_DYNAMIC_PUT] = "dynamic_put",
};

#define LINKS(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_link_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column links[] = {
	LINKS(strategy, TEXT, "", STRATEGY),
	LINKS(link, TEXT, "", "its name in the topology"),
	LINKS(kind, TEXT, "", "`node`, `shared`, `uplink` or `downlink`"),
	LINKS(from, TEXT, "", "the sending host; empty for a shared medium as a whole"),
	LINKS(to, TEXT, "", "the receiving host; empty for a shared medium as a whole"),
	LINKS(rate_bps, BIG, "bit/s", "of layer-2 bytes, as emulated"),
	LINKS(delay_s, SECONDS, "s", "one way, as emulated; the mean of a law"),
	LINKS(wire_bytes, BIG, "bytes",
		"counted by the receiving interfaces: whole Ethernet frames, including "
		"acknowledgements and retransmissions"),
	LINKS(packets, BIG, "frames", "number of these frames"),
	LINKS(drops, BIG, "frames", "dropped by the link's queue: full, or by its management"),
	LINKS(losses, BIG, "frames", "lost randomly or by a packet list, as the scenario asks"),
	LINKS(other_bytes, BIG, "bytes",
		"counted likewise, of all other traffic, as commands, programs and generated "
		"traffic make it; " APART
		". There `wire_bytes` and `packets` are of the workers' TCP port (8080) only, and "
		"the sums are what the interfaces counted; elsewhere they are of all traffic"),
	LINKS(other_packets, BIG, "frames", "number of these frames; " APART),
};
TABLE_WITH(2, sfe_links_csv, "links.csv", "a direction of a link, or a shared medium", links,
	struct sfe_link_row);

#define SUMMARY(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_summary, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column summary[] = {
	SUMMARY(strategy, TEXT, "", STRATEGY),
	SUMMARY(jobs, COUNT, "jobs", "number of jobs to run"),
	SUMMARY(done, COUNT, "jobs", "number of jobs done; times are over these"),
	SUMMARY(response_mean_s, SECONDS, "s", "mean response time; empty if no job was done"),
	SUMMARY(response_p50_s, SECONDS, "s", "median of the response times"),
	SUMMARY(response_p95_s, SECONDS, "s", "their 95th percentile (linear between samples)"),
	SUMMARY(response_p99_s, SECONDS, "s", "their 99th percentile"),
	SUMMARY(net_delay_mean_s, SECONDS, "s", "mean of response minus processing time"),
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
		"part of `net_delay_mean_s` minus `predicted_net_delay_mean_s`: the closed form's "
		"times of the actual transfers minus those of the transfers that it counts. They "
		"differ for UnchainedExternal, UnchainedInEdge and UnchainedInFunction, whose "
		"states take other paths in the closed form, and for graphs where another path is "
		"the longest; else 0"),
	PARTS(SUMMARY, "`net_delay_mean_s` minus `predicted_net_delay_mean_s`"),
	SUMMARY(start_unix_ns, BIG, "ns",
		"time 0 of the replay, to which the times of the other files refer; since 1970, by "
		"the clock of captures"),
	SUMMARY(begin_unix_ns, BIG, "ns", "when the links' counting began, likewise"),
	SUMMARY(end_unix_ns, BIG, "ns", "when the links' counting ended, likewise"),
	SUMMARY(fidelity, TEXT, "",
		"`virtual`, `ok`, `degraded: ` and why the machine was too slow for valid results, "
		"or `unknown: ` and why their validity is unknown"),
	SUMMARY(failed, BIG, "jobs", "number of failed jobs; `jobs.csv` has the reasons"),
	SUMMARY(timed_out, BIG, "jobs",
		"number of jobs given up by their clients after `job_timeout`"),
	SUMMARY(failed_attempts, BIG, "requests",
		"requests between nodes without an answer; `attempts.csv` has each"),
	SUMMARY(states_lost, BIG, "states",
		"states whose newest version was on crashed nodes and has no copy"),
	SUMMARY(crashes, BIG, "crashes", "crashes of nodes, by the schedule"),
	SUMMARY(reasons, TEXT, "", "why jobs failed or timed out, most frequent first"),
	SUMMARY(cache_hits, BIG, "states",
		"uses of states that caches of nodes served: no content moved (option `cache` of "
		"strategies)"),
	SUMMARY(overlap_s, SECONDS, "s",
		"mean of `overlap_s` of the jobs: what the parts of the difference have too much"),
	SUMMARY(wasted_bytes, BIG, "bytes",
		"states that were moved ahead of a call and not used by its step"),
	SUMMARY(other_bytes, WHOLE, "bytes",
		"bytes of other traffic than the workers', summed over all links; " APART
		". There `wire_bytes` is of the workers' TCP port only"),
	SUMMARY(dynamic_mean_s, SECONDS, "s",
		"mean of `dynamic_s` of the jobs; part of `response_mean_s`, beside network delay "
		"and processing; " DYNAMIC),
	SUMMARY(dynamic_calls, BIG, "calls", "calls of functions at run time; " DYNAMIC),
	SUMMARY(dynamic_casts, BIG, "casts", "casts; " DYNAMIC),
	SUMMARY(dynamic_failed, BIG, "calls", "calls and casts of these that failed; " DYNAMIC),
	SUMMARY(dynamic_bytes_hops, WHOLE, "bytes x links",
		"part of `payload_bytes_hops`: their arguments and outputs, and states that "
		"functions "
		"used by name; " DYNAMIC),
	SUMMARY(vain_s, SECONDS, "s",
		"part of `net_delay_mean_s` minus `predicted_net_delay_mean_s`: runs in vain; "
		"mean of `vain_s` of the jobs; " OUTLIVE),
	SUMMARY(shared_changes, BIG, "changes",
		"changes of states that outlive jobs; " OUTLIVE
		", like the columns after it. `shared_states.csv` has each"),
	SUMMARY(shared_conflicts, BIG, "conflicts",
		"changes that their homes refused, because another one was first; also repeated "
		"ones"),
	SUMMARY(shared_overwritten, BIG, "changes",
		"changes that the last version of their state does not have; also those that were "
		"lost as it came from an older copy, and were not made again; not those of a state "
		"that began anew"),
	SUMMARY(runs_in_vain, BIG, "runs", "runs of steps that ended with a conflict"),
	SUMMARY(vain_operations, BIG, "operations", "of these runs"),
	SUMMARY(vain_bytes, BIG, "bytes",
		"of such states, on the way to the nodes of these runs and back"),
	SUMMARY(shared_begun_anew, BIG, "states",
		"states that began anew, because their home had crashed"),
	SUMMARY(shared_lost, BIG, "states",
		"states that were changed and lost in crashes of their homes, and did not come "
		"from a copy; not in `states_lost`"),
	SUMMARY(shared_restored, BIG, "states", "states that came from a copy after a crash"),
};
TABLE_WITH(1 + SFE_SUMMARY_DYNAMIC_COLUMNS + SFE_SUMMARY_SHARED_COLUMNS, sfe_summary_csv,
	"summary.csv", "a strategy", summary, struct sfe_summary);

#define EVENTS(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_event_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column events[] = {
	EVENTS(strategy, TEXT, "", STRATEGY),
	EVENTS(due_s, SECONDS, "s",
		"when it was scheduled, or manually requested, from the start of the replay"),
	EVENTS(done_s, SECONDS, "s", "when it was set in the kernel and read back"),
	EVENTS(link, TEXT, "", "the link that changed; empty for a change of nodes"),
	EVENTS(direction, TEXT, "",
		"`up` (from a node into the network) or `down`; `both` for a half-duplex medium"),
	EVENTS(what, TEXT, "",
		"what was set, and to what: `down`, `up`, `rate 10Mbit`, `step 2 of 5: rate "
		"20Mbit`, `partition rpi3_0, nuc_0`, `heal`, `crash`, `restart`, `fault 7: loss "
		"12%`, `fault 7 over: loss`; `manual: rate 1Mbit` for `sfemu link`, and `manual, "
		"earlier: ...` for manual changes before the replay"),
	EVENTS(node, TEXT, "", "the node that crashed or restarted, else empty"),
};
TABLE(sfe_events_csv, "events.csv",
	"a change of a direction of a link, or of nodes; only in runs with a schedule or manual "
	"changes",
	events, struct sfe_event_row);

#define WARM_UP(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_warm_up_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column warm_up[] = {
	WARM_UP(strategy, TEXT, "", STRATEGY),
	WARM_UP(from, TEXT, "", "the node that opened it"),
	WARM_UP(to, TEXT, "", "the node that accepted it"),
	WARM_UP(port, COUNT, "", "TCP port of the node that opened it"),
	WARM_UP(payload_bytes, BIG, "bytes",
		"filler that was sent over it, in both directions: not payload of jobs, but part "
		"of `wire_bytes` in `links.csv`"),
	WARM_UP(window, BIG, "segments", "congestion window of the node that opened it, then"),
	WARM_UP(answer_window, BIG, "segments",
		"the same of the other node, before its last answer"),
	WARM_UP(end_s, SECONDS, "s",
		"when its last filler had come, from the start of the replay: negative"),
};
TABLE(sfe_warm_up_csv, "warm_up.csv",
	"a connection that was opened before the jobs; only in runs with the option `warm=on` of "
	"strategies",
	warm_up, struct sfe_warm_up_row);

#define FIDELITY(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_fidelity_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column fidelity[] = {
	FIDELITY(strategy, TEXT, "", STRATEGY),
	FIDELITY(verdict, TEXT, "",
		"`ok`, `degraded: ` and every exceeded limit, or `unknown: ` and why the machine "
		"was not monitored to the end (the monitor's process ended or was stopped); such "
		"results count as invalid"),
	FIDELITY(watched_s, SECONDS, "s", "how long its jobs ran"),
	FIDELITY(timer_late_p99_s, SECONDS, "s",
		"how late a process that sleeps for 10 ms wakes up: 99th percentile"),
	FIDELITY(timer_late_max_s, SECONDS, "s", "the same: maximum"),
	FIDELITY(cpu_idle_share, SECONDS, "",
		"idle share of the CPU time of this kernel's processors; this and the next columns "
		"cover the whole machine (the guest, in a guest)"),
	FIDELITY(cpu_stolen_share, SECONDS, "", "share of it taken by the hypervisor, if reported"),
	FIDELITY(softirq_squeezes, WHOLE, "",
		"receive rounds that left packets for a later one, all processors"),
	FIDELITY(backlog_drops, WHOLE, "frames",
		"frames dropped because the kernel's backlog was full"),
	FIDELITY(reordered, WHOLE, "segments",
		"segments that arrived after later ones, as the nodes' TCP noticed "
		"(TCPSACKReorder); empty if a link has reordering"),
	FIDELITY(run_delay_s, SECONDS, "s", "mean time that runnable tasks waited for a processor"),
	FIDELITY(cpu_pressure_share, SECONDS, "",
		"share of the time in which at least one task waited for a processor"),
	FIDELITY(not_measured, TEXT, "",
		"measurements that this kernel lacks; their columns are empty"),
};
TABLE(sfe_fidelity_csv, "fidelity.csv",
	"the machine's load during a strategy's jobs; only in runs on the real clock", fidelity,
	struct sfe_fidelity_row);

#define CAPTURES(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_capture_file_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column captures[] = {
	CAPTURES(file, TEXT, "", "the capture file in the results folder"),
	CAPTURES(what, TEXT, "",
		"`link` (each packet once, where it arrives) or `node` (all packets that it "
		"receives and sends)"),
	CAPTURES(name, TEXT, "", "name of the link or node"),
	CAPTURES(host, TEXT, "", "the host of the capture point"),
	CAPTURES(interface, TEXT, "", "the interface on that host"),
	CAPTURES(direction, TEXT, "", "`in`: arriving; `out`: leaving the link's queue; `both`"),
	CAPTURES(filter, TEXT, "", "the capture filter; empty: all packets"),
	CAPTURES(packets, BIG, "frames", "captured frames"),
	CAPTURES(dropped_packets, BIG, "frames", "frames lost because the capture was too slow"),
};
TABLE(sfe_captures_csv, "captures.csv", "a capture point; only in runs with captures", captures,
	struct sfe_capture_file_row);

#define COMMANDS(field, cell, unit, meaning)                                                       \
	SFE_COLUMN(struct sfe_command_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column commands[] = {
	COMMANDS(option, TEXT, "",
		"`during`: it runs under each strategy, from its time 0; `exec`: after the jobs; "
		"`program`: of the scenario's `programs`, under each strategy"),
	COMMANDS(number, COUNT, "",
		"which `--during`, `--exec` or program of the run it is, from 1; programs count by "
		"element and node"),
	COMMANDS(strategy, TEXT, "", "the strategy of the replay; empty for `exec`"),
	COMMANDS(node, TEXT, "", "where it runs"),
	COMMANDS(command, TEXT, "", "as it was given; a list of words with a shell's quotes"),
	COMMANDS(begin_s, SECONDS, "s",
		"when it began, from the start of the replay; for `exec` of the last replay"),
	COMMANDS(end_s, SECONDS, "s", "when it ended, likewise"),
	COMMANDS(status, BIG, "",
		"its exit status; 128 and the signal's number if a signal ended it; 127: not "
		"found"),
	COMMANDS(ended_by, TEXT, "",
		"the last signal that sfemu sent it at the end of the jobs, or at a program's "
		"`until`; empty if it ended by "
		"itself. Only a command that ended by itself can fail"),
	COMMANDS(output, TEXT, "", "the file with its output, standard error included"),
	COMMANDS(output_bytes, BIG, "bytes", "length of that file"),
};
TABLE(sfe_commands_csv, "commands.csv",
	"a run of a command of `--during` or `--exec`, or of a program; only in runs with one",
	commands, struct sfe_command_row);

#define STARTS(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_start_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column starts[] = {
	STARTS(strategy, TEXT, "", STRATEGY),
	STARTS(job, COUNT, "", JOB),
	STARTS(step, COUNT, "", "which of its job's steps, from 0"),
	STARTS(attempt, BIG, "", "attempt of its job, from 1"),
	STARTS(node, TEXT, "", "where it ran"),
	STARTS(function, TEXT, "", "the invoked function"),
	STARTS(request_s, SECONDS, "s",
		"when the node had read the head of the call, from the start of the replay"),
	STARTS(queued_s, SECONDS, "s",
		"how long it waited in the node's queue, for memory or for the function's "
		"`concurrency`"),
	STARTS(cold_start_s, SECONDS, "s",
		"how long an instance of the function took to start; 0 if one was idle"),
};
TABLE(sfe_starts_csv, "starts.csv",
	"how an invocation began on its node; only in runs with `nodes`", starts,
	struct sfe_start_row);

#define CHOICES(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_choice_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column choices[] = {
	CHOICES(strategy, TEXT, "", "the strategy that chooses"),
	CHOICES(job, COUNT, "", JOB),
	CHOICES(candidate, TEXT, "",
		"a strategy that the job could follow; under `Adaptive` with the options of that. "
		"`edges`: for each edge of its workflow states go along or stay (`by=edge`)"),
	CHOICES(predicted_s, SECONDS, "s",
		"the job's response time under it, predicted for an idle network; empty under "
		"`Oracle`"),
	CHOICES(followed, COUNT, "", "1: the job follows it, 0: it does not"),
	CHOICES(along, TEXT, "",
		"of a followed candidate `edges`: the edges of the job's workflow along which "
		"states go, as paths of steps, `client>0>1 3>4`; only in runs with `by=edge`"),
};
TABLE_WITH(1, sfe_choices_csv, "choices.csv",
	"a strategy that a job could follow; only in runs with `Adaptive` or `Oracle`", choices,
	struct sfe_choice_row);

#define REGRET(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_regret_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column regret[] = {
	REGRET(strategy, TEXT, "", "the strategy that chooses"),
	REGRET(job, COUNT, "", JOB),
	REGRET(response_s, SECONDS, "s", "as in `jobs.csv`; empty if it was not done"),
	REGRET(least_s, SECONDS, "s",
		"the least response time of this job under the strategies before that one which do "
		"not choose; empty if it was done under none"),
	REGRET(least_under, TEXT, "", "under which of them"),
	REGRET(regret_s, SECONDS, "s",
		"the difference of the two: what another choice would have saved, if nothing else "
		"had changed"),
};
TABLE(sfe_regret_csv, "regret.csv",
	"what a job lost by the choice of its strategy; only in runs with `Adaptive` or `Oracle`",
	regret, struct sfe_regret_row);

#define TRAFFIC(field, cell, unit, meaning)                                                        \
	SFE_COLUMN(struct sfe_traffic_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column traffic[] = {
	TRAFFIC(strategy, TEXT, "", STRATEGY),
	TRAFFIC(flow, COUNT, "",
		"number of the flow, from 1: by element of `traffic`, then by sending node"),
	TRAFFIC(from, TEXT, "", "the node that sends it"),
	TRAFFIC(to, TEXT, "", "the node that receives it"),
	TRAFFIC(law, TEXT, "", "`constant`, `poisson` or `onoff`"),
	TRAFFIC(rate_bps, BIG, "bit/s",
		"of IP bytes, as the scenario asks; of `onoff` while it is on"),
	TRAFFIC(packet_bytes, COUNT, "bytes", "of each IP packet"),
	TRAFFIC(port, COUNT, "", "its UDP port, in both nodes"),
	TRAFFIC(sent_packets, BIG, "packets", "packets given to the sending node's network"),
	TRAFFIC(sent_bytes, BIG, "bytes", "IP bytes of these"),
	TRAFFIC(received_packets, BIG, "packets",
		"packets that arrived at the receiver, until 0.5 s after the last job; with "
		"duplicates"),
	TRAFFIC(received_bytes, BIG, "bytes", "IP bytes of these"),
	TRAFFIC(lost_packets, BIG, "packets", "sent, and not received; still under way counts too"),
	TRAFFIC(duplicates, BIG, "packets", "received packets that had been received before"),
	TRAFFIC(reordered, BIG, "packets", "packets received after one that was sent later"),
	TRAFFIC(delay_mean_s, SECONDS, "s",
		"mean of the one-way delays of the received packets, from sending to the "
		"receiver's kernel; empty if there are none"),
	TRAFFIC(delay_p95_s, SECONDS, "s", "their 95th percentile, within 1 %"),
};
TABLE(sfe_traffic_csv, "traffic.csv",
	"a flow of generated traffic under a strategy; only in runs with `traffic`", traffic,
	struct sfe_traffic_row);

#define STATES(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_state_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column states[] = {
	STATES(strategy, TEXT, "", STRATEGY),
	STATES(job, COUNT, "", JOB),
	STATES(what, TEXT, "",
		"`state`: in its last version; `return`: the job's return value; `shared`: a state "
		"that outlives jobs, in its last version; `created`: one that a function created "
		"by name. `job` is 0 of these two"),
	STATES(state, TEXT, "",
		"name of the state; `s0`, `s1`, … in jobs of a trace; empty for the return value"),
	STATES(node, TEXT, "", "where it was at the end; the return value: the client"),
	STATES(condition, TEXT, "",
		"`held`; `copy`: its keeper has crashed, and this is a replica; `lost`: its last "
		"version was on a node that has crashed, and here are its bytes of then; "
		"`absent`: of a state that outlives jobs, nothing is there, as after a `delete`"),
	STATES(version, BIG, "", "how many steps have changed it; 0 for the return value"),
	STATES(size_bytes, BIG, "bytes", "its size"),
	STATES(digest, DIGEST, "", "XXH3-64 of its bytes, which the run has checked"),
	STATES(file, TEXT, "",
		"the file with its bytes: that of the first strategy that left these bytes; "
		"empty if it is `absent`"),
	STATES(instance, TEXT, "", "of `shared`: as in `shared_states.csv`; " OUTLIVE),
	STATES(workflow, TEXT, "", "likewise: the workflow whose state it is; empty: global"),
	STATES(epoch, BIG, "", "likewise: how often it has begun anew"),
};
TABLE_WITH(3, sfe_states_csv, "states.csv",
	"the last version of a state, or the return value, of a job that is done; only in runs "
	"with `keep: states`",
	states, struct sfe_state_row);

#define CALLS(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_dynamic_call_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column dynamic_calls[] = {
	CALLS(strategy, TEXT, "", STRATEGY),
	CALLS(job, COUNT, "", JOB),
	CALLS(step, COUNT, "", "the step from which it comes, from 0"),
	CALLS(attempt, BIG, "", "attempt of its job, from 1"),
	CALLS(call, TEXT, "",
		"its number among the calls and casts of its caller, from 1, after that of the "
		"caller: `3.1` is the first one of what the step's third call runs"),
	CALLS(kind, TEXT, "", "`call`, or `cast`: nobody waits for it"),
	CALLS(function, TEXT, "", "the called function"),
	CALLS(from, TEXT, "", "the node of the caller"),
	CALLS(to, TEXT, "",
		"the node on which it ran, by the placement rule at that moment; empty: on none"),
	CALLS(status, TEXT, "", "`done`, `failed`, or `unfinished`"),
	CALLS(reason, TEXT, "", "why it failed"),
	CALLS(begin_s, SECONDS, "s", "when it was made, from the start of the replay"),
	CALLS(request_s, SECONDS, "s",
		"when its node had read the head of the request; empty, like the next three, if it "
		"did not end there"),
	CALLS(ready_s, SECONDS, "s", "when it could start"),
	CALLS(finish_s, SECONDS, "s", "when it ended"),
	CALLS(processing_s, SECONDS, "s",
		"of `finish_s` minus `ready_s` what it did not wait for functions that it called"),
	CALLS(end_s, SECONDS, "s",
		"when the caller's node had its answer; of a cast that lasted longer than its "
		"requests were repeated: as `finish_s`"),
	CALLS(operations, BIG, "", "modelled operations"),
	CALLS(argument_bytes, BIG, "bytes", "its argument"),
	CALLS(output_bytes, BIG, "bytes", "its output, of a call"),
	CALLS(requests, BIG, "requests", "sent to other nodes; 0: it ran on the caller's node"),
	CALLS(queued_s, SECONDS, "s", "as in `starts.csv`"),
	CALLS(cold_start_s, SECONDS, "s", "as in `starts.csv`"),
};
TABLE(sfe_dynamic_calls_csv, "dynamic_calls.csv",
	"a call or cast of a function by another one at run time; only in runs with one",
	dynamic_calls, struct sfe_dynamic_call_row);
#define SHARED(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_shared_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column shared[] = {
	SHARED(strategy, TEXT, "", STRATEGY),
	SHARED(time_s, SECONDS, "s", "when its home did it, from the start of the replay"),
	SHARED(state, TEXT, "", "the state"),
	SHARED(scope, TEXT, "", "`client`, `function` or `global`"),
	SHARED(instance, TEXT, "", "the client or the function whose state it is; empty: global"),
	SHARED(home, TEXT, "", "the node that holds it and orders its versions"),
	SHARED(workflow, TEXT, "",
		"workflow of the job; of the scopes `client` and `function` each workflow has its "
		"own"),
	SHARED(job, COUNT, "", "number of the job that uses it"),
	SHARED(step, COUNT, "", "which of its steps, from 0"),
	SHARED(step_name, TEXT, "", "name of the step"),
	SHARED(attempt, BIG, "", "attempt of the job, from 1"),
	SHARED(access, TEXT, "",
		"`read`, `write` or `update`: what the step declares; `get`, `put` or `delete`: "
		"what "
		"its function does by name at run time"),
	SHARED(outcome, TEXT, "",
		"`read`; `written`, also of a `delete`; `conflict` (the step had not read the "
		"newest "
		"version, and runs again; of a `put` or `delete`: it is refused); `repeated` (its "
		"change has taken effect before); `absent` (there is nothing to get or to delete); "
		"`begun anew` (a crash of the home has destroyed the state, which begins again as "
		"version 0); `restored` (it comes from a copy instead, as `version_made`)"),
	SHARED(version_read, BIG, "",
		"the version that the step read, or that it had read; of `begun anew` and "
		"`restored` "
		"the one that was lost; 0 for a `write`, which reads none, and for a `put` or "
		"`delete` of a function that has got none"),
	SHARED(version_made, BIG, "",
		"the version that its change made: the number of changes since the beginning; 0: "
		"none"),
	SHARED(epoch, BIG, "", "how often the state has begun anew, or come from a copy"),
	SHARED(unseen, BIG, "versions", "newer versions that an update had not read"),
	SHARED(kept, BIG, "changes",
		"of `written`: changes that this version has, its own too, each of a step that had "
		"read the one before; the other changes of this epoch are overwritten"),
	SHARED(state_bytes, BIG, "bytes", "size of what was read or given"),
	SHARED(digest, DIGEST, "",
		"XXH3-64 of it; of a `conflict` or `repeated` of which only ranges came, of these"),
	SHARED(vain_operations, BIG, "operations", "of a `conflict`: of the run in vain"),
	SHARED(vain_processing_s, SECONDS, "s", "likewise: its compute time"),
	SHARED(vain_bytes, BIG, "bytes",
		"likewise: of such states, on the way to the step's node and back; of a `put`, "
		"what "
		"came from another node"),
	SHARED(vain_ready_s, SECONDS, "s",
		"likewise: when it began, from the start of the replay; empty if its node did not "
		"learn of the conflict"),
	SHARED(vain_finish_s, SECONDS, "s", "likewise: when it ended"),
	SHARED(call, TEXT, "",
		"of a function that was called at run time: the call, as in "
		"`dynamic_calls.csv`; " DYNAMIC),
	SHARED(change, BIG, "",
		"of a `put` or `delete`: which of its function's changes of the state it is, from "
		"1; "
		"a repeated one has the number of the first; " DYNAMIC),
};
TABLE_WITH(SFE_SHARED_DYNAMIC_COLUMNS, sfe_shared_csv, "shared_states.csv",
	"an access to a state that outlives jobs, in the order of its home; only in runs with such "
	"states",
	shared, struct sfe_shared_row);

static const struct sfe_table *const tables[] = {
	&sfe_jobs_csv,
	&sfe_invocations_csv,
	&sfe_transfers_csv,
	&sfe_attempts_csv,
	&sfe_shared_csv,
	&sfe_starts_csv,
	&sfe_choices_csv,
	&sfe_regret_csv,
	&sfe_links_csv,
	&sfe_summary_csv,
	&sfe_events_csv,
	&sfe_warm_up_csv,
	&sfe_fidelity_csv,
	&sfe_commands_csv,
	&sfe_traffic_csv,
	&sfe_states_csv,
	&sfe_dynamic_calls_csv,
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
		"`sfemu columns` prints this page from the tables that write the files.\n\n"
		"The files are CSV (RFC 4180) with one header line, in UTF-8; "
		"`pandas.read_csv` and R's `read.csv` read them without options. A missing value "
		"is an empty field. Times are seconds of the run's own clock with nine digits "
		"after the point; names that end in `_s`, `_bytes` or `_bps` give the unit.\n\n"
		"`--json` prints the same rows as one document: `sfemu run` those of "
		"summary.csv, `sfemu verify` those of verify.csv, `sfemu sweep` those of "
		"sweep.csv (what varies, then the columns of summary.csv). Its keys are "
		"`results`, the path of the results, and `rows`, a list of objects with column "
		"names as keys; a missing value is `null`. `sfemu estimate --json` has `rows` "
		"only, with the columns of its `--csv`.\n");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		fputc('\n', out);
		sfe_table_describe(tables[i], out);
	}
	fputc('\n', out);
	sfe_results_describe_limits(out);
}
