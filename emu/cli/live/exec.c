/* SPDX-License-Identifier: MIT */
/* `sfemu exec NODE -- CMD` and `sfemu down`: a running experiment, reached through its
 * orchestrator. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/live/ask.h"
#include "emu/run/control/control_socket.h"

static int cmd_exec(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"run", 0, "PID", SFE_WORD_ANY, 'r', "the process of `sfemu run`, if several run"},
	{0},
};
const struct sfe_verb sfe_verb_exec = {
	.name = "exec",
	.summary = "run a command inside a node of a running experiment",
	.run = cmd_exec,
	.usage = (const char *const[]){"[--run PID] NODE -- COMMAND [ARGUMENTS]", NULL},
	.about = "Runs a command inside a node, junction or shared link of a running "
		 "experiment. `sfemu run --hold` keeps one up.",
	.notes = "In a guest on the real clock the command gets no input and no terminal, and can "
		 "write only into the results folder, $SFEMU_RESULTS; Ctrl-C interrupts it, a "
		 "second one ends it, and it ends with sfemu. On the virtual clock commands from "
		 "outside are refused, because "
		 "runs would not repeat: use --exec or --during of `sfemu run`.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu exec rpi3_0 -- ping -c 3 server_0", NULL},
	.status = (const struct sfe_exit_status[]){{0, "the command has succeeded; if it fails, "
						       "its status is the status of sfemu"},
		{1, "the node cannot be reached"}, {2, "bad input"}, {0}},
	.options_come_first = true,
};

static int cmd_down(int argc, char **argv);

const struct sfe_verb sfe_verb_down = {
	.name = "down",
	.summary = "end a running experiment",
	.run = cmd_down,
	.usage = (const char *const[]){"[--run PID]", NULL},
	.about = "Ends a running experiment and everything in it.",
	.options = option_table,
	.status = (const struct sfe_exit_status[]){{0, "it has been told to end"},
		{1, "there is none, or it cannot be reached"}, {2, "bad input"}, {0}},
};

static int parse_run(const struct sfe_verb *verb, int argc, char **argv, pid_t *run)
{
	int option;

	*run = 0;
	while ((option = sfe_verb_option(verb, argc, argv)) != SFE_OPTION_END) {
		if (option != 'r')
			return option == SFE_OPTION_HELP ? 1 : -EINVAL;
		if (sfe_cli_run_of(optarg, run))
			return -EINVAL;
	}
	return 0;
}

static int join(const int fds[SFE_CONTROL_NODE_FDS], struct sfe_error *err)
{
	char *here = getcwd(NULL, 0);

	if (setns(fds[0], CLONE_NEWNET) || setns(fds[1], CLONE_NEWPID) ||
		setns(fds[2], CLONE_NEWNS))
		return sfe_fail(err, -errno, NULL, "use the same user as `sfemu run`",
			"cannot enter the node: %s", strerror(errno));
	for (int i = 0; i < SFE_CONTROL_NODE_FDS; i++)
		close(fds[i]);
	/* setns() into a mount namespace changes the working directory to its root. */
	if (here && chdir(here))
		fprintf(stderr, "sfemu: cannot go back to %s: %s\n", here, strerror(errno));
	free(here);
	return 0;
}

/* Only a child is in the PID namespace of the lab, so a child runs the command. It is killed when
 * the lab or this process ends. */
static int run_command(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(command[0], command);
		fprintf(stderr, "sfemu: cannot start %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0) {
		fprintf(stderr, "sfemu: cannot fork: %s (is the experiment still running?)\n",
			strerror(errno));
		return SFE_EXIT_FAILED;
	}
	/* Ctrl-C goes to the command as well, which decides what to do. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In a guest the lab runs the command. */
static int run_in_guest(pid_t run, const char *node, char **command)
{
	json_object *request = json_object_new_object(), *words = json_object_new_array();
	char *here = getcwd(NULL, 0), *text;
	struct sfe_error err = {0};

	json_object_object_add(request, "ask", json_object_new_string("exec"));
	json_object_object_add(request, "node", json_object_new_string(node));
	json_object_object_add(request, "folder", json_object_new_string(here ? here : "/"));
	for (; *command; command++)
		json_object_array_add(words, json_object_new_string(*command));
	json_object_object_add(request, "command", words);
	int r = sfe_cli_make_request(request, &text, &err);
	if (!r) {
		r = sfe_control_exec(run, text, &err);
		free(text);
	}
	json_object_put(request);
	free(here);
	return r < 0 ? sfe_cli_error(&err, r == -EINVAL ? SFE_EXIT_USAGE : SFE_EXIT_FAILED) : r;
}

static int cmd_exec(int argc, char **argv)
{
	struct sfe_error err = {0};
	char request[200];
	int fds[SFE_CONTROL_NODE_FDS];
	pid_t run;
	int r = parse_run(&sfe_verb_exec, argc, argv, &run);

	if (r)
		return r > 0 ? 0 : SFE_EXIT_USAGE;
	char **rest = argv + optind;
	int n = argc - optind;
	bool dashes = n > 1 && !strcmp(rest[1], "--");
	if (n < 2 + dashes) {
		return sfe_cli_usage("exec", "expected a node and a command");
	}
	snprintf(request, sizeof(request), "exec %s", rest[0]);
	r = sfe_control_ask(&run, request, fds, SFE_CONTROL_NODE_FDS, &err);
	if (r == SFE_CONTROL_GUEST)
		return run_in_guest(run, rest[0], rest + 1 + dashes);
	if (!r)
		r = join(fds, &err);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : run_command(rest + 1 + dashes);
}

static int cmd_down(int argc, char **argv)
{
	struct sfe_error err = {0};
	pid_t run;
	int r = parse_run(&sfe_verb_down, argc, argv, &run);

	if (r)
		return r > 0 ? 0 : SFE_EXIT_USAGE;
	r = sfe_control_ask(&run, "down", NULL, 0, &err);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}
