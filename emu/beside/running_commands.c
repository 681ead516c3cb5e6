/* SPDX-License-Identifier: MIT */
#include "emu/beside/running_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/beside/node_commands.h"
#include "emu/experiment/channel.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

#define FOLDER "commands"
#define MOST_LINES 20u /* of a scenario's program, shown while it runs */
#define LINE_BYTES 1024
#define SETTLE_NS 300000000L
#define READER_PATIENCE_MS 2000

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- the processes of a command */

static _Noreturn void run_command(
	const struct sfe_command_place *place, uint32_t host, const struct sfe_command *c, int out)
{
	char node[SFE_NAME_BYTES];
	const char *line = sfe_command_split(c->text, node, sizeof(node));
	char *shell[] = {"sh", "-c", (char *)line, NULL};

	sfe_command_enter(place->net, host, out);
	if (place->strategy)
		setenv("SFEMU_STRATEGY", place->strategy, 1);
	setenv("SFEMU_NODE", node, 1);
	if (c->word)
		execvp(c->word[0], c->word);
	else
		execv("/bin/sh", shell);
	int code = errno;
	dprintf(2, "cannot start %s: %s\n", c->word ? c->word[0] : "/bin/sh", strerror(code));
	_exit(code == ENOENT ? SFE_NOT_FOUND : SFE_NOT_EXECUTABLE);
}

/* Where lines of output go. What the command line asks for is shown whole; of a scenario's program
 * so many lines. */
struct shown {
	const char *node, *file;
	int channel;
	bool of_program;
	unsigned left;
};

static void show_line(struct shown *s, const char *line)
{
	if (!s->of_program) {
		sfe_channel_send(s->channel, "out", "%s: %s", s->node, line);
	} else if (s->left) {
		sfe_channel_send(s->channel, "program", "%s: %s", s->node, line);
		if (!--s->left)
			sfe_channel_send(s->channel, "program", "%s: … all of its output is in %s",
				s->node, s->file);
	}
}

/* Shows the complete lines of buf; a full buffer counts as one. Returns how much is left. */
static size_t send_lines(char *buf, size_t len, struct shown *s)
{
	char *start = buf, *newline;

	while ((newline = memchr(start, '\n', len - (size_t)(start - buf)))) {
		*newline = 0;
		show_line(s, start);
		start = newline + 1;
	}
	len -= (size_t)(start - buf);
	if (len == LINE_BYTES - 1 && start == buf) {
		buf[len] = 0;
		show_line(s, buf);
		return 0;
	}
	memmove(buf, start, len);
	return len;
}

/* Reads the output in a process of its own, so that a command that prints a lot never waits for the
 * lab. */
static _Noreturn void read_output(int in, int file, struct shown *s)
{
	char buf[LINE_BYTES];
	size_t len = 0;
	bool records = true;
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((n = read(in, buf + len, LINE_BYTES - 1 - len)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		int r = records ? sfe_write_all(file, buf + len, (size_t)n) : 0;
		if (r) {
			records = false;
			sfe_channel_send(s->channel, "note",
				"the output of a command in %s cannot be recorded: %s", s->node,
				strerror(-r));
		}
		len = send_lines(buf, len + (size_t)n, s);
	}
	buf[len] = 0;
	if (len)
		show_line(s, buf);
	_exit(0);
}

static int fork_both(const struct sfe_command_place *place, const char *node, uint32_t host,
	int file, struct sfe_running_command *out)
{
	int pipefd[2];

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	out->begin_ns = now_ns();
	out->pid = fork();
	if (out->pid == 0)
		run_command(place, host, &out->command, pipefd[1]);
	/* in both processes, so that the group exists whichever runs first */
	if (out->pid > 0)
		setpgid(out->pid, out->pid);
	out->reader = out->pid > 0 ? fork() : -1;
	if (out->reader == 0) {
		close(pipefd[1]);
		struct shown shown = {node, out->file, place->channel,
			out->command.kind == SFE_COMMAND_PROGRAM, MOST_LINES};
		read_output(pipefd[0], file, &shown);
	}
	int code = errno;
	close(pipefd[0]);
	close(pipefd[1]);
	if (out->reader < 0)
		return -code;
	out->pidfd = pidfd_open(out->pid, 0);
	out->reader_pidfd = pidfd_open(out->reader, 0);
	return out->pidfd < 0 || out->reader_pidfd < 0 ? -errno : 0;
}

static const char *const kind_names[] = {
	[SFE_COMMAND_DURING] = "during",
	[SFE_COMMAND_EXEC] = "exec",
	[SFE_COMMAND_PROGRAM] = "program",
};

int sfe_commands_start(
	struct sfe_running *running, const struct sfe_command *command, struct sfe_error *err)
{
	struct sfe_running_command *c = &running->command[running->n];
	const struct sfe_command_place *place = &running->place;
	const char *under = place->strategy;
	char node[SFE_NAME_BYTES];
	uint32_t host = sfe_command_split(command->text, node, sizeof(node))
				? sfe_plan_host(place->net->plan, node)
				: SFE_NONE;

	if (host == SFE_NONE || running->n == running->most)
		return sfe_fail(err, -EINVAL, command->text, NULL, "not a command for a node");
	*c = (struct sfe_running_command){.command = *command, .pidfd = -1, .reader_pidfd = -1};
	snprintf(c->file, sizeof(c->file), FOLDER "/%s-%u%s%s.txt", kind_names[command->kind],
		command->number, under ? "-" : "", under ? under : "");
	int file = sfe_beneath_create(place->results_fd, c->file, err);
	if (file < 0)
		return file;
	int r = fork_both(place, node, host, file, c);
	close(file);
	running->n += c->pid > 0;
	return r ? sfe_fail(err, r, command->text, NULL, "cannot start it: %s", strerror(-r)) : 0;
}

int sfe_commands_begin(const struct sfe_command_place *place, unsigned most,
	struct sfe_running *out, struct sfe_error *err)
{
	*out = (struct sfe_running){*place, calloc(most + 1, sizeof(*out->command)), 0, most};
	if (!out->command)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return most ? sfe_beneath_folder(place->results_fd, FOLDER, err) : 0;
}

/* ---- their end */

struct sfe_ending {
	int signal; /* 0: it was waited for long enough */
	unsigned patience_ms;
};

static const struct sfe_ending with_summary[] = {
	{SIGINT, 5000}, {SIGTERM, 2000}, {SIGKILL, 2000}, {0, 0}};
static const struct sfe_ending at_once[] = {{SIGTERM, 2000}, {SIGKILL, 2000}, {0, 0}};

/* The leader stays a zombie until reap(), so that no other process can get its number, which is its
 * group's, too. */
static void look(struct sfe_running_command *c)
{
	siginfo_t info = {0};

	if (c->ended || waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
		!info.si_pid)
		return;
	c->ended = true;
	c->ended_by = c->signal;
	c->end_ns = now_ns();
	c->status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
}

void sfe_commands_look(struct sfe_running *running)
{
	for (unsigned i = 0; i < running->n; i++)
		look(&running->command[i]);
}

/* Whether the reader has ended, which is when nothing of the command has its output open. */
static bool is_silent(const struct sfe_running_command *c)
{
	struct pollfd p = {.fd = c->reader_pidfd, .events = POLLIN};

	return c->reader_pidfd < 0 || poll(&p, 1, 0) > 0;
}

/* Whether more signals may come. Sends one, if it is due and anything of the command still runs. */
static bool is_ending(struct sfe_running_command *c, uint64_t now)
{
	/* What has ended meanwhile was not ended by this signal. */
	look(c);
	if (!c->ending || (c->ended && is_silent(c)))
		return false;
	if (now < c->ending_ns)
		return true;
	if (!c->ending->signal)
		return false;
	kill(-c->pid, c->ending->signal);
	c->signal = c->ending->signal;
	c->ending_ns = now + c->ending->patience_ms * UINT64_C(1000000);
	c->ending++;
	return true;
}

static void begin_ending(struct sfe_running_command *c, uint64_t now)
{
	if (c->ending)
		return;
	c->ending = c->command.kind == SFE_COMMAND_PROGRAM ? at_once : with_summary;
	c->ending_ns = now;
}

void sfe_command_end(struct sfe_running_command *c)
{
	uint64_t now = now_ns();

	begin_ending(c, now);
	is_ending(c, now);
}

uint64_t sfe_commands_signal(struct sfe_running *running)
{
	uint64_t now = now_ns(), next = UINT64_MAX;

	for (unsigned i = 0; i < running->n; i++) {
		struct sfe_running_command *c = &running->command[i];
		if (is_ending(c, now) && c->ending_ns < next)
			next = c->ending_ns;
	}
	return next;
}

/* What to poll until all commands are over. */
static nfds_t not_over(const struct sfe_running *running, struct pollfd *p)
{
	nfds_t n = 0;

	for (unsigned i = 0; i < running->n; i++) {
		const struct sfe_running_command *c = &running->command[i];
		if (!c->ended)
			p[n++] = (struct pollfd){.fd = c->pidfd, .events = POLLIN};
		else if (!is_silent(c))
			p[n++] = (struct pollfd){.fd = c->reader_pidfd, .events = POLLIN};
	}
	return n;
}

static void end_all(struct sfe_running *running)
{
	struct pollfd *p = calloc(running->n + 1, sizeof(*p));
	uint64_t begin = now_ns(), next;

	for (unsigned i = 0; i < running->n; i++) {
		if (p)
			begin_ending(&running->command[i], begin);
		else /* no memory: no patience */
			kill(-running->command[i].pid, SIGKILL);
	}
	while (p && (next = sfe_commands_signal(running)) != UINT64_MAX) {
		uint64_t now = now_ns();
		int ms = now < next ? (int)((next - now + 999999) / 1000000) : 0;
		poll(p, not_over(running, p), ms);
	}
	free(p);
}

/* Sends, if the command failed, why. */
static void report(const struct sfe_running_command *c, const struct sfe_command_place *place)
{
	int status = WIFSIGNALED(c->status) ? WTERMSIG(c->status) : WEXITSTATUS(c->status);
	const char *under = place->strategy ? place->strategy : "";

	if (c->ended_by == SIGKILL)
		sfe_channel_send(place->channel, "note", "'%s' %s, and was killed", c->command.text,
			c->command.kind == SFE_COMMAND_PROGRAM
				? "did not end at SIGTERM"
				: "ended neither at SIGINT nor at SIGTERM");
	if (c->ended_by || !c->status)
		return;
	sfe_channel_send(place->channel, "failed", "'%s'%s%s %s%s %d", c->command.text,
		*under ? " under " : "", under,
		WIFSIGNALED(c->status)         ? ""
		: status == SFE_NOT_FOUND      ? "was not found: it "
		: status == SFE_NOT_EXECUTABLE ? "cannot be executed: it "
					       : "",
		WIFSIGNALED(c->status) ? "ended with signal" : "ended with status", status);
}

static const char *signal_name(int signal, char buf[16])
{
	const char *name = sigabbrev_np(signal);

	snprintf(buf, 16, "%s%.10s", name ? "SIG" : "", name ? name : "");
	if (!name && signal)
		snprintf(buf, 16, "signal %d", signal);
	return buf;
}

static void write_row(
	const struct sfe_running_command *c, const struct sfe_command_place *place, FILE *f)
{
	struct sfe_command_row row = {
		.number = c->command.number,
		.begin_s = (double)(int64_t)(c->begin_ns - place->zero_ns) / 1e9,
		.end_s = (double)(int64_t)(c->end_ns - place->zero_ns) / 1e9,
		.status = WIFSIGNALED(c->status) ? (uint64_t)WTERMSIG(c->status) + 128
						 : (uint64_t)WEXITSTATUS(c->status),
	};
	char node[SFE_NAME_BYTES], buf[16];
	struct stat st;

	snprintf(row.option, sizeof(row.option), "%s", kind_names[c->command.kind]);
	snprintf(row.strategy, sizeof(row.strategy), "%s", place->strategy ? place->strategy : "");
	const char *command = sfe_command_split(c->command.text, node, sizeof(node));
	snprintf(row.node, sizeof(row.node), "%s", node);
	snprintf(row.command, sizeof(row.command), "%s", command);
	snprintf(row.ended_by, sizeof(row.ended_by), "%s", signal_name(c->ended_by, buf));
	snprintf(row.output, sizeof(row.output), "%s", c->file);
	if (!fstatat(place->results_fd, c->file, &st, AT_SYMLINK_NOFOLLOW))
		row.output_bytes = (uint64_t)st.st_size;
	sfe_table_write_row(&sfe_commands_csv, &row, f);
}

static int record(const struct sfe_running *running, struct sfe_error *err)
{
	const struct sfe_command_place *place = &running->place;
	const char *name = sfe_commands_csv.file;

	if (!running->n)
		return 0;
	FILE *f = sfe_results_open(place->results_fd, name, *place->recorded ? "a" : "w", err);
	if (!f)
		return err ? err->code : -EIO;
	if (!*place->recorded)
		sfe_table_write_header(&sfe_commands_csv, f);
	*place->recorded = true;
	for (unsigned i = 0; i < running->n; i++)
		write_row(&running->command[i], place, f);
	return sfe_results_close(f, name, err);
}

/* A process that has left the group may keep the output open for ever. */
static void end_reader(const struct sfe_running_command *c, int channel)
{
	const uint64_t until = now_ns() + READER_PATIENCE_MS * UINT64_C(1000000);
	struct pollfd p = {.fd = c->reader_pidfd, .events = POLLIN};
	uint64_t now;

	while (!p.revents && (now = now_ns()) < until)
		poll(&p, 1, (int)((until - now + 999999) / 1000000));
	if (!p.revents) {
		kill(c->reader, SIGKILL);
		sfe_channel_send(channel, "note",
			"'%s' leaves a process that holds its output open: what that prints from "
			"now on is not recorded",
			c->command.text);
	}
	waitpid(c->reader, NULL, 0);
}

/* Takes the processes away, with the background processes that would keep the output open. */
static void reap(struct sfe_running_command *c, int channel)
{
	const struct timespec settle = {.tv_nsec = SETTLE_NS};
	siginfo_t info;

	while (!c->ended && waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	look(c);
	waitpid(c->pid, NULL, 0);
	/* A background process may be about to leave the group (setsid -f). */
	if (!kill(-c->pid, 0))
		nanosleep(&settle, NULL);
	kill(-c->pid, SIGKILL);
	if (c->reader > 0)
		end_reader(c, channel);
	if (c->pidfd >= 0)
		close(c->pidfd);
	if (c->reader_pidfd >= 0)
		close(c->reader_pidfd);
	c->pidfd = c->reader_pidfd = -1;
}

int sfe_commands_end(struct sfe_running *running, bool interrupt, struct sfe_error *err)
{
	if (interrupt)
		end_all(running);
	for (unsigned i = 0; i < running->n; i++) {
		reap(&running->command[i], running->place.channel);
		report(&running->command[i], &running->place);
	}
	int r = record(running, err);
	free(running->command);
	*running = (struct sfe_running){0};
	return r;
}
