/* SPDX-License-Identifier: MIT */
#include "emu/run/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/beside/node_commands.h"
#include "emu/beside/running_commands.h"
#include "emu/experiment/channel.h"
#include "emu/experiment/experiment_new.h"
#include "emu/results/digest_compare.h"
#include "emu/results/kept_states.h"
#include "emu/results/least_response.h"
#include "emu/results/stderr_file.h"
#include "emu/results/table_rows.h"
#include "emu/run/capture.h"
#include "emu/run/hosts_file.h"
#include "emu/run/keep_memory.h"
#include "emu/run/live_changes.h"
#include "emu/run/machine_limits.h"
#include "emu/run/one_strategy.h"
#include "emu/run/replay.h"
#include "emu/verify/verify_request.h"
#include "emu/vm/guest.h"

#define VERIFY_BUFFER_BYTES (1u << 30)

static int compare_digests(
	struct sfe_digests *digests, const struct sfe_replay *r, struct sfe_error *err)
{
	int code = 0;

	for (uint32_t j = 0; j < r->n_jobs && !code; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		if (job->ended && !job->status && !job->depends_on_order)
			code = sfe_digests_add(digests, j, r->strategy, job->digest, err);
	}
	return code;
}

static int failed_jobs(
	const struct sfe_experiment *e, const struct sfe_replay *r, struct sfe_error *err)
{
	uint32_t n = 0, example = 0;

	for (uint32_t j = r->n_jobs; j-- > 0;)
		if (r->jobs[j].status) {
			n++;
			example = j;
		}
	return n && !e->scenario->jobs_may_fail
		       ? sfe_fail(err, -EIO, r->strategy->name,
				 "jobs.csv has the reason of each; `jobs_may_fail: true` is for "
				 "who "
				 "studies failures",
				 "%u of %u jobs failed; job %u: %s", n, r->n_jobs,
				 e->jobs[example].job->number, r->jobs[example].reason)
		       : 0;
}

struct commands_record {
	bool exists;      /* commands.csv */
	uint64_t zero_ns; /* time 0 of the last replay */
};

/* All replays of a run. */
struct replays {
	const struct sfe_experiment *e;
	const struct sfe_lab_options *options;
	struct sfe_live *live;
	int results_fd, channel;
	struct sfe_digests digests;
	struct sfe_least_response least;
	uint32_t *followed;         /* by job, in a guest of `Oracle` alone */
	struct sfe_kept_files kept; /* if states are kept */
};

static bool keeps(const struct replays *all)
{
	return all->e->scenario->keep == SFE_KEEP_STATES;
}

/* The first strategy that this lab runs, and the one after its last. */
static uint32_t first_of(const struct replays *all)
{
	uint32_t one = all->options->one_strategy;

	return one ? one - 1 : 0;
}

static uint32_t end_of(const struct replays *all)
{
	uint32_t one = all->options->one_strategy;

	return one ? one : all->e->scenario->n_strategies;
}

/* A failed replay's measurements are written too. r: why it failed. */
static int write_replay(struct replays *all, uint32_t i, const struct sfe_keep *keep,
	struct sfe_replay *replay, int r, struct sfe_error *err)
{
	struct sfe_error writing = {0};
	int w = sfe_results_write_replay(
		all->results_fd, all->e, replay, i == first_of(all), &writing);

	w = w ? w : sfe_stderr_write(all->results_fd, all->e, replay, &writing);
	if (!w && !r && keeps(all))
		w = sfe_kept_files_write(&all->kept, all->results_fd, keep->fd, replay, i,
			!all->options->real_clock, &writing);
	if (!r && w)
		*err = writing;
	return r ? r : w;
}

/* For the strategies that choose one for each job. */
static int add_responses(struct replays *all, uint32_t strategy, const struct sfe_replay *replay,
	struct sfe_error *err)
{
	for (uint32_t j = 0; j < replay->n_jobs; j++) {
		const struct sfe_job_result *job = &replay->jobs[j];
		if (job->ended && !job->status)
			sfe_least_add(&all->least, strategy, j,
				(double)(job->end_ns - job->start_ns) / 1e9);
	}
	return sfe_least_end(&all->least, strategy, all->results_fd, err);
}

static int replay_one(
	struct replays *all, uint32_t i, struct commands_record *record, struct sfe_error *err)
{
	const struct sfe_experiment *e = all->e;
	struct sfe_keep keep = {0};
	struct sfe_replay replay;
	int r = keeps(all) ? sfe_keep_open(&keep, err) : 0;

	if (r)
		return r;
	const struct sfe_replay_options how = {.real_clock = all->options->real_clock,
		.live = all->live,
		.commands = &all->options->commands,
		.results_fd = all->results_fd,
		.channel = all->channel,
		.keep = keeps(all) ? &keep : NULL,
		.recorded = &record->exists,
		.followed = all->followed ? all->followed : sfe_least_followed(&all->least)};
	r = sfe_replay_run(e, all->live->net, e->scenario->strategies[i], &how, &replay, err);
	r = write_replay(all, i, &keep, &replay, r, err);
	if (!r)
		r = failed_jobs(e, &replay, err);
	if (!r)
		r = compare_digests(&all->digests, &replay, err);
	if (!r && !all->options->one_strategy)
		r = add_responses(all, i, &replay, err);
	record->zero_ns = replay.start_ns;
	sfe_replay_free(&replay);
	sfe_keep_close(&keep);
	return r;
}

static int replay_each(struct replays *all, struct commands_record *record, struct sfe_error *err)
{
	struct sfe_net *net = all->live->net;
	const struct sfe_scenario *s = all->e->scenario;
	int r = 0;

	for (uint32_t i = first_of(all); i < end_of(all) && !r; i++) {
		/* A strategy's result must not depend on the replays before it. */
		r = i > first_of(all) ? sfe_net_restart(net, err) : 0;
		if (!r)
			r = replay_one(all, i, record, err);
	}
	/* The commands after the jobs get the links of the scenario, not of the schedule's end,
	 * and packet lists start again. */
	if (!r && !all->options->one_strategy && (s->schedule.n || s->files.packets))
		r = sfe_net_restart(net, err);
	return r;
}

static int replay_all(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	struct sfe_live *live, int results_fd, int channel, struct commands_record *record,
	struct sfe_error *err)
{
	struct replays all = {.e = e,
		.options = options,
		.live = live,
		.results_fd = results_fd,
		.channel = channel};
	int r = sfe_digests_open(&all.digests, e, err);

	r = r ? r : sfe_least_open(&all.least, e, err);
	if (!r && options->one_strategy &&
		e->scenario->strategies[first_of(&all)]->chooses == SFE_CHOOSES_MEASURED)
		r = sfe_least_read(e, results_fd, &all.followed, err);
	if (!r && keeps(&all))
		r = sfe_kept_files_open(&all.kept, e, err);
	r = r ? r : replay_each(&all, record, err);
	sfe_kept_files_free(&all.kept);
	sfe_digests_free(&all.digests);
	sfe_least_free(&all.least);
	free(all.followed);
	return r;
}

static void announce(const struct sfe_net *net, int channel)
{
	for (uint32_t h = 0; h < net->plan->n_hosts; h++)
		sfe_channel_send(channel, "node", "%s %d", net->plan->hosts[h].name, net->ns[h]);
}

/* Announces which node a namespace number is, for the watchdog outside. */
static void number_namespaces(const struct sfe_net *net, int channel)
{
	struct stat st;

	for (uint32_t h = 0; h < net->plan->n_hosts; h++) {
		if (!fstat(net->ns[h], &st))
			sfe_channel_send(channel, "netns", "%s %" PRIu64, net->plan->hosts[h].name,
				(uint64_t)st.st_ino);
	}
}

static void wait_for_uptime(void)
{
	const struct timespec enough = {.tv_sec = SFE_COMMANDS_UPTIME_NS / 1000000000u};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &enough, NULL) == EINTR)
		;
}

static int run_after(const struct sfe_lab_commands *c, struct sfe_live *live, int results_fd,
	int channel, struct commands_record *record, struct sfe_error *err)
{
	const struct sfe_command_place place = {.net = live->net,
		.results_fd = results_fd,
		.channel = channel,
		.zero_ns = record->zero_ns,
		.recorded = &record->exists};
	int r = 0;

	for (unsigned i = 0; i < c->n_after && !r; i++) {
		struct sfe_error ending = {0};
		struct sfe_running one;
		sfe_channel_send(channel, "stage", "running %s", c->after[i]);
		wait_for_uptime();
		const struct sfe_command command = {SFE_COMMAND_EXEC, c->after[i], i + 1, NULL};
		r = sfe_commands_begin(&place, 1, &one, err);
		r = r ? r : sfe_commands_start(&one, &command, err);
		if (!r && live->fd >= 0)
			r = sfe_live_wait(live, one.command[0].pid, err);
		int ended = sfe_commands_end(&one, r != 0, &ending);
		if (!r && ended) {
			*err = ending;
			r = ended;
		}
	}
	return r;
}

static int end_captures(struct sfe_capturing *capturing, int channel, struct sfe_error *err)
{
	uint64_t dropped;
	int r = sfe_capture_end(capturing, &dropped, err);

	if (dropped)
		sfe_channel_send(channel, "note",
			"THE CAPTURES ARE INCOMPLETE: %" PRIu64
			" packets came faster than they could be written; captures.csv says where",
			dropped);
	return r;
}

static int run_all(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	struct sfe_live *live, int results_fd, int channel, struct sfe_error *err)
{
	struct sfe_capturing capturing;
	struct commands_record record = {0};
	struct sfe_error ending = {0};
	int r = sfe_capture_start(e, live->net, results_fd, options->real_clock, &capturing, err);

	if (r)
		return r;
	r = replay_all(e, options, live, results_fd, channel, &record, err);
	if (!r)
		r = run_after(&options->commands, live, results_fd, channel, &record, err);
	/* a failed run needs its captures most */
	int ended = end_captures(&capturing, channel, &ending);
	if (!r && ended) {
		*err = ending;
		r = ended;
	}
	return r;
}

static int name_hosts(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	int results_fd, int channel, struct sfe_error *err)
{
	int r = sfe_hosts_write(results_fd, e->plan, err);

	if (r || !access("/etc/hosts", F_OK))
		return r ? r : sfe_hosts_mount(options->results_path, err);
	sfe_channel_send(channel, "note",
		"this system has no /etc/hosts: inside nodes use the addresses in the results "
		"folder's file hosts");
	return 0;
}

/* Everything that runs in the finished network. */
static int run_in_network(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	struct sfe_live *live, int results_fd, int channel, struct sfe_error *err)
{
	struct sfe_net *net = live->net;
	int r;

	if (options->announce_nodes)
		announce(net, channel);
	if (!options->real_clock)
		number_namespaces(net, channel);
	if (options->verifies) {
		struct sfe_verify_options verify = options->verify;
		verify.real_clock = options->real_clock;
		r = sfe_verify(e, net, &verify, results_fd, channel, err);
	} else {
		r = run_all(e, options, live, results_fd, channel, err);
	}
	if (!r && options->hold) {
		sfe_channel_send(channel, "up", "%s", "");
		r = sfe_live_hold(live, err);
	}
	return r;
}

static int run(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	int results_fd, int channel, struct sfe_error *err)
{
	struct sfe_net_params params = e->net;
	struct sfe_live live;
	struct sfe_net *net;
	int r;

	sfe_machine_raise_files(e->plan);
	signal(SIGPIPE, SIG_IGN);
	r = name_hosts(e, options, results_fd, channel, err);
	if (r)
		return r;
	sfe_channel_send(channel, "stage",
		"building %u namespaces, %u cables and %" PRIu64 " routes", e->plan->n_hosts,
		e->plan->n_cables, sfe_plan_routes(e->plan));
	/* Long paths need larger windows than the scenario's hosts allow. */
	if (options->verifies)
		params.rmem_max = params.wmem_max = VERIFY_BUFFER_BYTES;
	r = sfe_live_open(&live, e, options->requests, channel, err);
	params.link = live.start;
	params.own_kernel = options->machine_ends;
	r = r ? r : sfe_net_build(e->plan, &params, &net, err);
	if (!r) {
		sfe_live_begin(&live, net);
		r = run_in_network(e, options, &live, results_fd, channel, err);
		/* For each device that goes, the kernel of a guest walks the neighbours of all
		 * namespaces: ten thousand nodes took minutes to go. */
		if (!options->machine_ends)
			sfe_net_close(net);
	}
	sfe_live_close(&live);
	return r;
}

int sfe_lab_run(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	int results_fd, int channel)
{
	struct sfe_error err = {0};
	char text[1100];
	int r = run(e, options, results_fd, channel, &err);

	if (r)
		sfe_channel_send(channel, "error", "%s", sfe_error_text(&err, text, sizeof(text)));
	sfe_channel_send(channel, "end", "%d", r);
	return r;
}

/* By default the TCP sockets of a kernel share a tenth of its memory. Here they get all memory
 * except the rest's: separate computers would not limit each other's windows. */
static int give_memory_to_tcp(struct sfe_error *err)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_mem";
	long pages = sysconf(_SC_AVPHYS_PAGES) / 4 * 3;
	FILE *f = fopen(path, "we");
	int bad = !f || fprintf(f, "%ld %ld %ld\n", pages, pages, pages) < 0;

	if (f)
		bad |= fclose(f);
	return bad ? sfe_fail(err, -errno, path, NULL, "cannot be set: %s", strerror(errno)) : 0;
}

/* Strategies in one guest have other process ids each, so that code which lets them matter leaves
 * other bytes under each and is found. So it is in guests of their own. */
static int pass_process_ids(uint32_t n, struct sfe_error *err)
{
	for (uint32_t i = 0; i < n; i++) {
		pid_t pid = fork(), ended = pid;
		if (pid == 0)
			_exit(0);
		while (pid > 0 && (ended = waitpid(pid, NULL, 0)) < 0 && errno == EINTR)
			;
		if (pid < 0 || ended < 0)
			return sfe_fail(err, -errno, NULL, NULL,
				"cannot begin as strategy %" PRIu32 " of a run: %s", n + 1,
				strerror(errno));
	}
	return 0;
}

static int guest_run(bool real_clock, bool hold, int results_fd, int channel, struct sfe_error *err)
{
	struct sfe_lab_options options = {.hold = hold,
		.real_clock = real_clock,
		.machine_ends = true,
		.results_path = SFE_GUEST_RESULTS,
		.requests = -1};
	struct sfe_scenario *scenario;
	struct sfe_experiment *e;
	int r = sfe_commands_read(&options.commands, results_fd, err);

	r = r ? r : sfe_verify_request_read(&options.verify, &options.verifies, results_fd, err);
	r = r ? r : sfe_one_strategy_read(&options.one_strategy, results_fd, err);
	/* The virtual clock accepts no requests from outside. */
	if (!r && real_clock) {
		options.requests = sfe_guest_open_raw(SFE_GUEST_TTY, err);
		r = options.requests < 0 ? options.requests : 0;
	}
	if (!r && options.verifies)
		r = give_memory_to_tcp(err);

	setenv("SFEMU_RESULTS", SFE_GUEST_RESULTS, 1); /* for the commands */
	if (!r)
		r = sfe_scenario_read(SFE_GUEST_RESULTS "/scenario.yaml", NULL, 0, &scenario, err);
	if (!r)
		r = sfe_experiment_new(scenario, &e, err);
	if (!r && options.one_strategy > e->scenario->n_strategies)
		r = sfe_fail(err, -EINVAL, NULL, NULL, "there is no strategy %" PRIu32,
			options.one_strategy);
	if (!r && options.one_strategy)
		r = pass_process_ids(options.one_strategy - 1, err);
	if (!r)
		sfe_lab_run(e, &options, results_fd, channel);
	return r;
}

_Noreturn void sfe_lab_guest(bool real_clock, bool hold)
{
	struct sfe_error err = {0};
	char text[1100];
	int channel = sfe_guest_init(true, &err);
	int results =
		channel < 0 ? -1 : open(SFE_GUEST_RESULTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = channel < 0   ? channel
		: results < 0 ? -errno
			      : guest_run(real_clock, hold, results, channel, &err);

	if (r && channel < 0)
		fprintf(stderr, "sfemu: %s\n", sfe_error_text(&err, text, sizeof(text)));
	if (r && channel >= 0) {
		sfe_channel_send(channel, "error", "%s", sfe_error_text(&err, text, sizeof(text)));
		sfe_channel_send(channel, "end", "%d", r);
	}
	sfe_guest_off();
}
