/* SPDX-License-Identifier: MIT */
/* `sfemu check`: what this machine can do, and the command that installs what is missing; or
 * whether scenarios can be run. */
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/run/check_scenario.h"
#include "emu/experiment/native_probe.h"
#include "emu/security/contain.h"
#include "emu/security/landlock.h"
#include "emu/vm/guest.h"
#include "emu/vm/userns.h"

static void row(const char *what, const char *state, const char *detail)
{
	printf("%-28s %-8s %s\n", what, state, detail);
}

static bool in_path(const char *program)
{
	const char *path = getenv("PATH");
	char *copy = strdup(path ? path : ""), *save = NULL;
	char full[4096];
	bool found = false;

	for (char *dir = copy ? strtok_r(copy, ":", &save) : NULL; dir && !found;
		dir = strtok_r(NULL, ":", &save)) {
		snprintf(full, sizeof(full), "%s/%s", dir, program);
		found = !access(full, X_OK);
	}
	/* Users' PATH often lacks these, where Debian has ip, tc and tcpdump. */
	snprintf(full, sizeof(full), "/usr/sbin/%s", program);
	found |= !access(full, X_OK);
	free(copy);
	return found;
}

/* What to do about a missing one. */
static const char *native_remedy(int i, char *restart, size_t size)
{
	static const char *const todo[] = {"run as root (sudo)", "modprobe veth", "modprobe ifb",
		"modprobe -a sch_ingress cls_u32 act_mirred",
		"modprobe -a sch_netem act_police; without them scenarios run in a guest"};
	struct utsname uts;
	char newer[128];

	uname(&uts);
	sfe_probe_upgraded("/lib/modules", uts.release, newer, sizeof(newer));
	/* Where even a namespace is refused, the rest could not be tried. */
	if (geteuid())
		return todo[0];
	if (!newer[0] || i == 0)
		return todo[i];
	snprintf(restart, size,
		"restart this machine: the modules of its kernel, %s, are gone, those of %s are "
		"installed",
		uts.release, newer);
	return restart;
}

static bool native_rows(void)
{
	static const char *const names[] = {
		"network namespaces", "veth pairs", "ifb devices", "u32 and mirred", "netem"};
	struct sfe_error err = {0};
	struct sfe_probe probe;
	bool all = true;

	if (sfe_probe_native(&probe, &err)) {
		row("native kernel", "missing", err.what);
		return false;
	}
	for (int i = 0; i < 5; i++) {
		char detail[768], restart[512];
		bool ok = !probe.why[i][0];
		snprintf(detail, sizeof(detail), "%s; %s", probe.why[i],
			native_remedy(i, restart, sizeof(restart)));
		row(names[i], ok ? "yes" : "missing", ok ? "" : detail);
		all &= ok;
	}
	return all;
}

static bool guest_row(const char *what, bool virtual_clock)
{
	struct sfe_error err = {0};
	char path[512], detail[1100];
	int r = sfe_guest_kernel(virtual_clock, path, sizeof(path), &err);

	row(what, r ? "missing" : "yes", r ? sfe_error_text(&err, detail, sizeof(detail)) : path);
	return !r;
}

/* The first step of confining a guest. */
static int make_read_only(void *arg, int alive)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

	(void)arg;
	(void)alive;
	return mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) ? 1 : 0;
}

static bool allows(enum sfe_containment how)
{
	struct sfe_error err = {0};
	int status;
	pid_t pid;

	if (sfe_contain(how, 0, -1, make_read_only, NULL, &pid, &err))
		return false;
	return waitpid(pid, &status, 0) == pid && !status;
}

/* Whether everything ends with sfemu, and whether a guest can write only its results. */
static void containment_rows(void)
{
	const char *const words[] = {
		[SFE_CONTAIN_ROOT] = "PID and mount namespaces",
		[SFE_CONTAIN_USER] = "PID and mount namespaces in a user namespace",
		[SFE_CONTAIN_NONE] = sfe_userns_refusal("/proc"),
	};
	enum sfe_containment how = sfe_contain_first();

	while (how != SFE_CONTAIN_NONE && !allows(how))
		how++;
	bool mounts = how != SFE_CONTAIN_NONE, landlock = sfe_landlock_works();
	/* Root has no weaker confinement without being asked (emu/vm/guest.c). */
	bool root_lacks = !geteuid() && how != SFE_CONTAIN_ROOT;
	row("kill -9 leaves nothing", mounts ? "yes" : "partly", words[how]);
	row("guests write results only", (mounts || landlock) && !root_lacks ? "yes" : "missing",
		root_lacks           ? "root lacks namespaces: a run as root needs --unconfined"
		: mounts && landlock ? "read-only mounts, and Landlock"
		: mounts             ? "read-only mounts"
		: landlock           ? "Landlock"
				     : "neither mounts nor Landlock: a run needs --unconfined");
}

static void tool_rows(void)
{
	static const struct {
		const char *program, *package, *use;
	} tools[] = {
		{"tcpdump", "tcpdump", "captures inside nodes"},
		{"tshark", "tshark", "reading captures"},
		{"ping", "iputils-ping", "trying links"},
		{"iperf3", "iperf3", "trying links"},
		{"curl", "curl", "talking to workers"},
		{"dot", "graphviz", "drawing `sfemu topology dot`"},
	};
	char detail[160];

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		bool there = in_path(tools[i].program);
		snprintf(detail, sizeof(detail), "%s%s%s", tools[i].use,
			there ? "" : ": apt-get install ", there ? "" : tools[i].package);
		row(tools[i].program, there ? "yes" : "missing", detail);
	}
}

static int cmd_check(int argc, char **argv);

enum { OPT_SET = 256 };

static const struct sfe_option option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenarios, as in `sfemu run`; may be repeated"},
	{0},
};

const struct sfe_verb sfe_verb_check = {
	.name = "check",
	.summary = "whether a scenario can be run; without one, what this machine can do",
	.run = cmd_check,
	.usage = (const char *const[]){"", "[OPTIONS] SCENARIO.yaml...", NULL},
	.about = "With scenarios: reads each as `sfemu run` does, with all files that it names, up "
		 "to where a run would begin, and says OK, or what is wrong with its file and "
		 "line. Nothing is built, and no code of a plugin or program runs.\n\n"
		 "Without: tells what this machine can do: which substrates and clocks, and which "
		 "tools are missing, with the command that installs each.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu check",
		"sfemu check --set clock=real scenarios/iiot.yaml scenarios/camera.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "scenarios can run here; all are OK"},
		{1, "no scenario can run here"}, {2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

static int check_machine(void)
{
	struct utsname uts;
	char detail[512];

	uname(&uts);
	snprintf(detail, sizeof(detail), "%s %s %s", uts.sysname, uts.release, uts.machine);
	row("kernel", "", detail);
	row("user", "", geteuid() ? "not root: the guest only" : "root");
	bool native = native_rows();
	bool virtual_clock = guest_row("guest, virtual clock", true);
	bool real_clock = guest_row("guest, real clock", false);
	containment_rows();
	tool_rows();
	printf("\nscenarios run here: %s%s%s%s\n", native ? "natively; " : "",
		virtual_clock ? "in a guest with the virtual clock; " : "",
		real_clock ? "in a guest with the real clock; " : "",
		native || virtual_clock || real_clock
			? ""
			: "not at all: see the rows that say missing");
	return native || virtual_clock || real_clock ? 0 : SFE_EXIT_FAILED;
}

static int cmd_check(int argc, char **argv)
{
	const char **sets = NULL;
	uint32_t n_sets = 0;
	int option, status = 0;

	while ((option = sfe_verb_option(&sfe_verb_check, argc, argv)) == OPT_SET && !status)
		status = sfe_arg_add(&sets, &n_sets, optarg) ? SFE_EXIT_FAILED : 0;
	if (!status && option == SFE_OPTION_BAD)
		status = SFE_EXIT_USAGE;
	else if (!status && option == SFE_OPTION_END && argc > optind)
		status = sfe_check_scenarios(argv + optind, argc - optind, sets, n_sets);
	else if (!status && option == SFE_OPTION_END && n_sets)
		status = sfe_cli_usage("check", "--set needs a scenario");
	else if (!status && option == SFE_OPTION_END)
		status = check_machine();
	free(sets);
	return status;
}
