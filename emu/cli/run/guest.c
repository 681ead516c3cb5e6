/* SPDX-License-Identifier: MIT */
/* `sfemu guest build | list | remove | shell`: guest kernels, and a shell in a guest. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/run/guest_check.h"
#include "emu/vm/guest.h"
#include "emu/vm/guest_shell.h"
#include "emu/vm/kernel_cache.h"
#include "emu/vm/tools.h"

#define SHELL_MEMORY_MB 512
#define MAX_MEMORY_MB 65536

/* The path of this program, which is the first process of a guest. */
static const char *own_path(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);

	buf[n < 0 ? 0 : n] = 0;
	return buf;
}

/* Runs the script, whose messages go to stderr. path: the last line of its output, the kernel.
 * Returns its exit status. */
static int run_script(const char *script, bool force, char *path, size_t size)
{
	int out[2], status;
	pid_t self = getpid(), pid;

	if (pipe2(out, O_CLOEXEC) || (pid = fork()) < 0)
		return 127;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != self || dup2(out[1], 1) < 0)
			_exit(126);
		execl("/bin/bash", "bash", script, force ? "--force" : NULL, NULL);
		_exit(127);
	}
	close(out[1]);
	/* Ctrl-C goes to the script as well, which cleans up. */
	signal(SIGINT, SIG_IGN);
	FILE *f = fdopen(out[0], "re");
	path[0] = 0;
	while (f && fgets(path, (int)size, f))
		path[strcspn(path, "\n")] = 0;
	if (f)
		fclose(f);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Renames a new kernel that does not pass, so that no scenario uses it. */
static int refuse(const char *path, bool there, const struct sfe_error *err)
{
	char aside[4200], text[1100];

	snprintf(aside, sizeof(aside), "%s.refused", path);
	fprintf(stderr, "sfemu guest: %s does not pass: %s\n", path,
		sfe_error_text(err, text, sizeof(text)));
	if (there)
		fprintf(stderr,
			"sfemu guest: this kernel was built before; --force builds it again\n");
	else if (rename(path, aside))
		fprintf(stderr, "sfemu guest: remove this kernel: it cannot be renamed: %s\n",
			strerror(errno));
	else
		fprintf(stderr, "sfemu guest: it is renamed to %s\n", aside);
	return SFE_EXIT_FAILED;
}

static int build(bool force)
{
	struct sfe_guest_check check;
	struct sfe_error err = {0};
	char script[4352], path[4096], program[4096];

	if (sfe_tool("guest-kernel/build.sh", script, sizeof(script), &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	bool there = !force && !sfe_guest_kernel(true, path, sizeof(path), &err);
	int status = run_script(script, force, path, sizeof(path));
	if (status)
		return status == SFE_EXIT_INTERRUPTED ? status : SFE_EXIT_FAILED;
	memset(&err, 0, sizeof(err));
	if (sfe_guest_check(path, true, own_path(program, sizeof(program)), &check, &err))
		return refuse(path, there, &err);
	fprintf(stderr,
		"guest-kernel: %s boots in %.2f s, has netem and all else that shapes links, and "
		"its "
		"clock jumps over %d s in %.0f ms\n",
		check.release, check.boot_s, SFE_GUEST_JUMP_S, 1e3 * check.jump_s);
	if (there)
		fprintf(stderr, "guest-kernel: it is built already; --force builds it again\n");
	printf("%s\n", path);
	return 0;
}

static const char *bytes_text(uint64_t bytes, char *buf, size_t size)
{
	if (bytes < 1000000000)
		snprintf(buf, size, "%.1f MB", (double)bytes / 1e6);
	else
		snprintf(buf, size, "%.2f GB", (double)bytes / 1e9);
	return buf;
}

static int list(void)
{
	struct sfe_error err = {0};
	struct sfe_kernels kernels;
	char size[32], built[32];
	struct tm tm;

	if (sfe_kernels_list(&kernels, &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	if (!kernels.n)
		printf("there is no guest kernel; `sfemu guest build` builds one\n");
	else
		printf("%-34s %-8s %9s  %-16s %-10s %s\n", "name", "clock", "size", "built", "for",
			"state");
	for (unsigned i = 0; i < kernels.n; i++) {
		const struct sfe_kernel *k = &kernels.kernel[i];
		localtime_r(&k->built, &tm);
		strftime(built, sizeof(built), "%Y-%m-%d %H:%M", &tm);
		printf("%-34s %-8s %9s  %-16s %-10s %s\n", k->name,
			!k->virtual_clock ? "real"
			: k->real_clock   ? "both"
					  : "virtual",
			bytes_text(k->bytes, size, sizeof(size)), built,
			k->system ? "all users" : "this user",
			k->unfinished ? "unfinished"
			: !k->runs    ? "not on this processor (AMX)"
			: k->used     ? "used"
				      : "");
	}
	sfe_kernels_free(&kernels);
	return 0;
}

static bool chosen(const struct sfe_kernel *k, bool all, bool unused, char **names, int n)
{
	/* Kernels of all users and of Debian are removed only by name. */
	if (k->own && (all || (unused && !k->used)))
		return true;
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], k->name))
			return true;
	return false;
}

static int check_names(const struct sfe_kernels *kernels, char **names, int n)
{
	for (int i = 0; i < n; i++) {
		bool known = false;
		for (unsigned k = 0; k < kernels->n; k++)
			known |= !strcmp(kernels->kernel[k].name, names[i]);
		if (!known)
			return sfe_cli_usage("guest",
				"there is no kernel '%s': see "
				"`sfemu guest list`",
				names[i]);
	}
	return 0;
}

static int remove_kernels(bool all, bool unused, char **names, int n)
{
	struct sfe_error err = {0};
	struct sfe_kernels kernels;
	uint64_t freed = 0;
	char size[32];

	if (sfe_kernels_list(&kernels, &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	int status = check_names(&kernels, names, n);
	for (unsigned i = 0; i < kernels.n && !status; i++) {
		const struct sfe_kernel *k = &kernels.kernel[i];
		if (!chosen(k, all, unused, names, n))
			continue;
		if (sfe_kernel_remove(k, &err)) {
			status = sfe_cli_error(&err, SFE_EXIT_FAILED);
			break;
		}
		printf("removed %s%s (%s)\n", k->name, k->unfinished ? ", unfinished" : "",
			bytes_text(k->bytes, size, sizeof(size)));
		freed += k->bytes;
	}
	if (!status && !freed)
		printf("there is no kernel of this user to remove\n");
	else if (!status)
		printf("%s freed\n", bytes_text(freed, size, sizeof(size)));
	sfe_kernels_free(&kernels);
	return status;
}

struct shell_options {
	const char *clock;
	bool unconfined;
	uint64_t memory_mb, seed;
};

static int shell(const struct shell_options *o, char **command)
{
	struct sfe_error err = {0};
	char kernel[4096], program[4096];
	bool virtual_clock = o->clock ? !strcmp(o->clock, "virtual") : command != NULL;
	int status = 0;

	if (o->clock && !virtual_clock && strcmp(o->clock, "real") != 0)
		return sfe_cli_usage("guest", "--clock is real or virtual, not '%s'", o->clock);
	if (sfe_guest_kernel(virtual_clock, kernel, sizeof(kernel), &err))
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	const struct sfe_guest_shell s = {
		.kernel = kernel,
		.program = own_path(program, sizeof(program)),
		.virtual_clock = virtual_clock,
		.memory_mb = (uint32_t)o->memory_mb,
		.seed = (uint32_t)o->seed,
		.command = command,
		.unconfined = o->unconfined,
	};
	int r = sfe_guest_shell(&s, &status, &err);
	if (!r)
		return status;
	return sfe_cli_error(&err, r == -EINTR    ? SFE_EXIT_INTERRUPTED
				   : r == -EINVAL ? SFE_EXIT_USAGE
						  : SFE_EXIT_FAILED);
}

struct arguments {
	bool force, all, unused, help;
	struct shell_options shell;
};

static int cmd_guest(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"force", 0, NULL, SFE_WORD_ANY, 'f', "build: again, from the start"},
	{"unused", 0, NULL, SFE_WORD_ANY, 'u', "remove: those that no scenario uses now"},
	{"all", 0, NULL, SFE_WORD_ANY, 'a', "remove: all"},
	{"clock", 0, "real|virtual", SFE_WORD_ONE_OF, 'c', "shell: the clock of the guest"},
	{"memory", 0, "MB", SFE_WORD_ANY, 'm', "shell: the memory of the guest"},
	{"seed", 0, "N", SFE_WORD_ANY, 's', "shell: the seed of all that the guest draws"},
	{"unconfined", 0, NULL, SFE_WORD_ANY, 'U',
		"shell: run the guest even if this system cannot keep it from writing what "
		"you can write"},
	{0},
};
const struct sfe_verb sfe_verb_guest = {
	.name = "guest",
	.summary = "build, list and remove guest kernels; a shell in a guest",
	.run = cmd_guest,
	.usage = (const char *const[]){"build [--force]", "list", "remove NAME… | --unused | --all",
		"shell [OPTIONS] [-- COMMAND]", NULL},
	.about = "build: builds the kernel for the virtual clock, once, boots it and checks "
		 "what it can do. Ctrl-C interrupts it; the same command goes on.\n"
		 "\n"
		 "list: lists the kernels, for whom they are, and which of them scenarios use "
		 "now.\n"
		 "\n"
		 "remove: removes kernels of this user: those with these names, those that are "
		 "not used (unfinished builds and older versions), or all.\n"
		 "\n"
		 "shell: runs a shell, or one command, as root of a guest with the host's files "
		 "read-only and no network but its own. On the virtual clock (the default for "
		 "a command) a sleep takes no time; at a prompt the real clock (the default) "
		 "is better. The exit status is that of the shell or the command.",
	.options = option_table,
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "failed"}, {2, "bad input"},
		{130, "interrupted"}, {0}},
	.examples =
		(const char *const[]){"sfemu guest build", "sfemu guest shell -- ip link", NULL},
	.files = "Kernels are kept in $SFEMU_CACHE; else in /var/cache/sfemu (of root, for "
		 "all users) or in ~/.cache/sfemu.",
	.words = "build|list|remove|shell",
	.options_come_first = true,
};

/* 0, or the exit status. */
static int parse(int argc, char **argv, struct arguments *a)
{
	int option, r = 0;

	while (!r && (option = sfe_verb_option(&sfe_verb_guest, argc, argv)) != SFE_OPTION_END)
		switch (option) {
		case 'f':
			a->force = true;
			break;
		case 'a':
			a->all = true;
			break;
		case 'u':
			a->unused = true;
			break;
		case 'c':
			a->shell.clock = optarg;
			break;
		case 'm':
			r = sfe_arg_u64("--memory", optarg, 64, MAX_MEMORY_MB, &a->shell.memory_mb);
			break;
		case 's':
			r = sfe_arg_u64("--seed", optarg, 0, UINT32_MAX, &a->shell.seed);
			break;
		case 'U':
			a->shell.unconfined = true;
			break;
		case SFE_OPTION_HELP:
			a->help = true;
			return 0;
		default:
			r = SFE_EXIT_USAGE;
		}
	return r;
}

static int cmd_guest(int argc, char **argv)
{
	struct arguments a = {.shell = {.memory_mb = SHELL_MEMORY_MB, .seed = 1}};
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "--help") || !strcmp(what, "-h")) {
		sfe_verb_help(&sfe_verb_guest, stdout);
		return 0;
	}
	if (argc < 2)
		return sfe_cli_usage("guest", "expected build, list, remove or shell");
	int r = parse(argc - 1, argv + 1, &a);
	if (r)
		return r;
	char **rest = argv + 1 + optind;
	int n = argc - 1 - optind;
	if (a.help)
		return 0;
	if (!strcmp(what, "shell"))
		return shell(&a.shell, n ? rest : NULL);
	if (!strcmp(what, "remove"))
		return a.all + a.unused + (n > 0) == 1
			       ? remove_kernels(a.all, a.unused, rest, n)
			       : sfe_cli_usage("guest", "remove takes names, --unused or --all");
	if (n)
		return sfe_cli_usage("guest", "%s takes no '%s'", what, rest[0]);
	if (!strcmp(what, "build"))
		return build(a.force);
	if (!strcmp(what, "list"))
		return list();
	return sfe_cli_usage("guest", "unknown: '%s'", what);
}
