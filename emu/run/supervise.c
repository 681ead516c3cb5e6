/* SPDX-License-Identifier: MIT */
#include "emu/run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/results/capture_files.h"
#include "emu/run/capture.h"
#include "emu/run/control/signals.h"
#include "emu/run/supervise_lines.h"
#include "emu/run/supervise_start.h"

#define END_PATIENCE_MS 10000
#define END_STEP_MS 2
#define MEMORY_PATIENCE_S 10 /* for a guest that is out of memory and silent */
#define BOOT_PATIENCE_S 30   /* from a guest's start to the first line of its first process */
#define SILENCE_S 300
#define HELD_LOOK_MS 1000 /* poll interval of a held guest's results */

static void read_console(struct supervisor *s)
{
	char text[256];

	if (!sfe_console_read(&s->console))
		return;
	snprintf(text, sizeof(text),
		"the guest ran out of its %u MB of memory and killed %s; give it more with --set "
		"guest_memory_mb=N",
		s->memory_mb, s->console.killed);
	sfe_progress_note(&s->progress, text);
}

static int send_node(struct supervisor *s, const char *name, struct sfe_control_request *request)
{
	char path[64];
	int fds[SFE_CONTROL_NODE_FDS] = {-1, -1, -1};
	bool sent = true;
	unsigned i = 0;

	while (i < s->n_nodes && strcmp(s->nodes[i].name, name))
		i++;
	if (i == s->n_nodes)
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)s->lab, s->nodes[i].fd);
	fds[0] = open(path, O_RDONLY | O_CLOEXEC);
	/* Commands also join the lab's PID namespace, so that they end with it, and its mounts,
	 * for the nodes' names. */
	snprintf(path, sizeof(path), "/proc/%d/ns/pid_for_children", (int)s->lab);
	fds[1] = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)s->lab);
	fds[2] = open(path, O_RDONLY | O_CLOEXEC);
	for (int k = 0; k < SFE_CONTROL_NODE_FDS; k++)
		sent &= fds[k] >= 0;
	int code = errno;
	if (sent)
		sfe_control_answer(request, "ok", fds, SFE_CONTROL_NODE_FDS);
	for (int k = 0; k < SFE_CONTROL_NODE_FDS; k++)
		if (fds[k] >= 0)
			close(fds[k]);
	return sent ? 0 : -code;
}

void sfe_supervisor_serve(struct supervisor *s)
{
	struct sfe_control_request request;
	char answer[256];

	if (sfe_control_accept(s->control, &request))
		return;
	if (!strcmp(request.text, "down")) {
		s->down = true;
		sfe_control_answer(&request, "ok", NULL, 0);
	} else if (!strncmp(request.text, "lab ", 4)) {
		sfe_relay_ask(&s->relay, &request);
	} else if (!strncmp(request.text, "exec ", 5) && s->choice->clock == SFE_CLOCK_VIRTUAL) {
		sfe_control_answer(&request,
			"error this experiment has a virtual clock: a command from outside would "
			"come at another moment in each run, so runs would not repeat; give it "
			"with `sfemu run --exec 'NODE: CMD'` or --during, or run with --clock real",
			NULL, 0);
	} else if (!strncmp(request.text, "exec ", 5) && s->choice->substrate == SFE_SUBSTRATE_VM) {
		sfe_control_answer(&request, "guest", NULL, 0);
	} else if (!strncmp(request.text, "exec ", 5)) {
		int r = send_node(s, request.text + 5, &request);
		if (r == -ENOENT)
			snprintf(answer, sizeof(answer),
				"error there is no node, junction or shared link %.100s, or it is "
				"not built yet",
				request.text + 5);
		else if (r)
			snprintf(answer, sizeof(answer), "error cannot reach node %.100s: %s",
				request.text + 5, strerror(-r));
		if (r) {
			sfe_control_answer(&request, answer, NULL, 0);
		}
	} else {
		sfe_control_answer(&request, "error what?", NULL, 0);
	}
}

/* How long a guest may be silent before it counts as stuck. */
static unsigned silence_limit_s(const struct supervisor *s)
{
	unsigned longest = s->options->watchdog_s ? s->options->watchdog_s : SILENCE_S;
	unsigned most = s->console.killed[0] ? MEMORY_PATIENCE_S
			: s->spoke           ? longest
					     : BOOT_PATIENCE_S;

	return most < longest ? most : longest;
}

static int silent(struct supervisor *s, struct sfe_error *err)
{
	if (!s->spoke)
		return sfe_fail(err, -ETIME, "guest", "is it a guest kernel? `sfemu guest list`",
			"%s has started nothing within %u s", s->choice->kernel,
			silence_limit_s(s));
	return sfe_console_stuck(&s->console, silence_limit_s(s), s->memory_mb, err);
}

static const char *node_of_netns(const void *supervisor, uint32_t netns)
{
	const struct supervisor *s = supervisor;

	for (unsigned i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].netns == netns)
			return s->nodes[i].name;
	return NULL;
}

/* Ends a guest that makes no progress: 0 or -ETIME. */
static int check_guest(struct supervisor *s, struct sfe_error *err)
{
	int r = sfe_watchdog_check(&s->watchdog, s->page, node_of_netns, s, err);

	if (r)
		return sfe_console_add(&s->console, err);
	/* A guest whose clock advances may be silent, unless it lost a process. */
	if (sfe_watchdog_available(s->page) && !s->console.killed[0])
		return 0;
	return s->watchdog.silent_ms >= silence_limit_s(s) * 1000 ? silent(s, err) : 0;
}

/* Runs until the lab ends, or the user ends it. */
static int watch(struct supervisor *s, struct sfe_error *err)
{
	bool open = true;

	sfe_watchdog_begin(&s->watchdog, s->options->watchdog_s);
	while (open && !s->interrupted && !s->down) {
		struct pollfd p[5 + SFE_EXEC_SESSIONS] = {
			{.fd = s->channel, .events = POLLIN},
			{.fd = s->signals, .events = POLLIN},
			{.fd = s->control, .events = POLLIN},
			{.fd = s->console.fd, .events = POLLIN}, /* poll ignores -1 */
			{.fd = s->relay.lab, .events = POLLIN},
		};
		const unsigned n_exec = s->relay.n_exec;
		for (unsigned i = 0; i < n_exec; i++) {
			const struct sfe_relay_exec *e = &s->relay.exec[i];
			p[5 + i] = (struct pollfd){.fd = e->gone ? -1 : e->connection,
				.events = e->interrupted ? 0 : POLLRDHUP};
		}
		bool vm = s->choice->substrate == SFE_SUBSTRATE_VM, guest = vm && !s->up;
		int n = poll(p, 5 + n_exec, guest ? SFE_WATCHDOG_CHECK_MS : vm ? HELD_LOOK_MS : -1);
		if (n < 0 && errno != EINTR)
			return sfe_fail(err, -errno, NULL, NULL, "poll: %s", strerror(errno));
		if (p[0].revents || p[3].revents)
			s->watchdog.silent_ms = 0;
		int r = guest ? check_guest(s, err) : 0;
		if (!r && vm)
			r = sfe_results_limit_check(&s->results, err);
		if (r)
			return r;
		if (p[1].revents)
			s->interrupted |= sfe_signals_read(s->signals);
		/* Before the relay's list of them can change. */
		for (unsigned i = 0; i < n_exec; i++)
			if (p[5 + i].revents)
				sfe_relay_client(&s->relay, i, p[5 + i].revents);
		if (p[2].revents)
			sfe_supervisor_serve(s);
		if (p[3].revents)
			read_console(s);
		if (p[4].revents)
			sfe_relay_read(&s->relay);
		if (p[0].revents)
			open = sfe_supervisor_read_lines(s);
	}
	return 0;
}

static int outcome(struct supervisor *s, int status, struct sfe_error *err)
{
	if (s->error[0]) {
		/* the text is complete: object, reason and advice */
		sfe_fail(err, s->end_code ? s->end_code : -EIO, NULL, NULL, "%s", s->error);
		return err->code;
	}
	if (s->ended)
		return s->end_code ? sfe_fail(err, s->end_code, NULL, NULL, "%s",
					     strerror(-s->end_code))
				   : 0;
	if (s->choice->substrate == SFE_SUBSTRATE_VM) {
		sfe_console_close(&s->console);
		return sfe_console_died(&s->console,
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), s->spoke,
			s->choice->kernel, s->memory_mb, err);
	}
	return sfe_fail(err, -EIO, "lab", NULL, "it died with %s %d",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Ends the lab. Everything it made is in its PID namespace or held by its descriptors, and ends
 * with it. */
static int end_lab(struct supervisor *s)
{
	int status = 0;

	if (s->lab <= 0)
		return 0;
	if (s->interrupted || s->down)
		kill(s->lab, SIGKILL);
	/* It has sent its last line, or closed its channel: wait for its end, then kill it. */
	for (int ms = 0; ms < END_PATIENCE_MS; ms += END_STEP_MS) {
		if (waitpid(s->lab, &status, WNOHANG)) {
			s->lab = 0;
			return status;
		}
		poll(NULL, 0, END_STEP_MS);
	}
	kill(s->lab, SIGKILL);
	waitpid(s->lab, &status, 0);
	s->lab = 0;
	return status;
}

static int run(
	struct supervisor *s, const struct sfe_experiment *e, int results_fd, struct sfe_error *err)
{
	int status, r = sfe_supervisor_start(s, e, results_fd, err);

	if (r)
		return r;
	r = watch(s, err);
	if (r) {
		kill(s->lab, SIGKILL);
		end_lab(s);
		return r;
	}
	bool held = s->up;
	status = end_lab(s);
	sfe_progress_line(&s->progress);
	/* Nobody writes any more: what was written since the last look is seen, too. */
	r = s->choice->substrate == SFE_SUBSTRATE_VM ? sfe_results_limit_check_now(&s->results, err)
						     : 0;
	if (r)
		return r;
	/* A network that was held has done its jobs: ending it is how such a run is meant to end.
	 */
	if (held && (s->interrupted || s->down))
		return 0;
	if (s->interrupted || s->down)
		return sfe_fail(err, -EINTR, NULL, NULL,
			"stopped before the end; nothing of it is left running");
	return outcome(s, status, err);
}

static void close_all(struct supervisor *s)
{
	int fds[] = {s->channel, s->console.fd, s->signals, s->control, s->door};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	sfe_relay_close(&s->relay);
	sfe_guest_forget_progress(s->page);
	free(s->nodes);
}

/* What the orchestrator writes for a guest counts as what the guest writes: the captures take the
 * place of their pieces. */
static int merge_captures(
	struct supervisor *s, const struct sfe_experiment *e, int results_fd, struct sfe_error *err)
{
	uint64_t most = UINT64_MAX;

	if (s->choice->substrate == SFE_SUBSTRATE_VM) {
		uint64_t used = sfe_results_limit_used(&s->results);
		uint64_t pieces = sfe_capture_pieces_bytes(results_fd, sfe_capture_points(e));
		uint64_t others = used - (pieces < used ? pieces : used);
		most = others < s->results.bytes ? s->results.bytes - others : 0;
	}
	return sfe_capture_merge(e, results_fd, most, err);
}

int sfe_supervise_lab(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd,
	struct sfe_run_figures *figures, struct sfe_error *err)
{
	struct supervisor s = {.options = options,
		.choice = choice,
		.channel = -1,
		.console.fd = -1,
		.signals = -1,
		.control = -1,
		.door = -1,
		.relay.lab = -1,
		.results = {.folder = results_fd,
			.bytes = options->results_bytes ? options->results_bytes
							: SFE_RESULTS_LIMIT_BYTES}};
	struct sfe_supervise_options with_clock = *options;
	sigset_t old;

	with_clock.lab.requests = -1;
	with_clock.lab.real_clock = choice->clock == SFE_CLOCK_REAL;
	with_clock.lab.announce_nodes = choice->substrate == SFE_SUBSTRATE_NATIVE;
	s.options = &with_clock;
	sfe_progress_start(&s.progress, options->quiet);
	s.progress.report = options->report;
	s.progress.n_strategies = options->lab.one_strategy ? 1 : e->scenario->n_strategies;
	s.max_nodes = e->plan->n_hosts;
	if (!options->report)
		sfe_progress_stage(&s.progress, sfe_substrate_text(choice));
	int r = sfe_signals_open(false, &s.signals, &old, err);
	if (!r)
		r = run(&s, e, results_fd, err);
	*figures = (struct sfe_run_figures){
		.boot_s = s.stage_s[0],
		.build_s = s.n_stages > 1 ? s.stage_s[1] - s.stage_s[0] : 0,
		.virtual_s = s.page ? (double)s.page->time_ns / 1e9 : 0,
		.manual_changes = s.manual_changes,
		.commands_failed = s.failed.n,
	};
	if (options->failed)
		*options->failed = s.failed;
	if (s.manual_changes)
		sfe_progress_note(&s.progress, "THIS RUN HAD MANUAL CHANGES: it does not repeat "
					       "from its scenario alone");
	close_all(&s);
	sigprocmask(SIG_SETMASK, &old, NULL);
	/* Also of a run that failed: its captures are wanted most. */
	struct sfe_error merging = {0};
	int merged = merge_captures(&s, e, results_fd, &merging);
	if (!r && merged && err)
		*err = merging;
	return r ? r : merged;
}

int sfe_supervise(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd, struct sfe_error *err)
{
	struct sfe_run_record record;
	struct sfe_run_figures figures;
	int r = sfe_run_record_begin(&record, e, choice, results_fd, err);

	if (r)
		return r;
	r = sfe_supervise_lab(e, choice, options, results_fd, &figures, err);
	return sfe_run_record_end(&record, &figures, r, err);
}
