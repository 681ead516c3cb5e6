/* SPDX-License-Identifier: MIT */
/*
 * without [namespaces] [landlock] [results-mount] -- COMMAND…: runs it as on a system that does not
 * have these, for what sfemu does there. results-mount: as if somebody kept the results folder from
 * being mounted for the guest, after its namespaces were made.
 */
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int without_namespaces(scmp_filter_ctx f)
{
	static const unsigned long kinds[] = {
		CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS};
	int r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);

	r |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		r |= seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, kinds[i], kinds[i]));
	return r;
}

static int without_landlock(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
}

static int without_results_mount(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open_tree), 0);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int i = 1, r = f ? 0 : 1;

	for (; i < argc && strcmp(argv[i], "--") && !r; i++)
		r = !strcmp(argv[i], "namespaces")      ? without_namespaces(f)
		    : !strcmp(argv[i], "landlock")      ? without_landlock(f)
		    : !strcmp(argv[i], "results-mount") ? without_results_mount(f)
							: 1;
	/* As root programs may still change their ids. */
	if (!r)
		r = seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, geteuid() != 0);
	if (r || i + 1 >= argc || seccomp_load(f)) {
		fprintf(stderr, "usage: without [namespaces] [landlock] [results-mount] -- COMMAND "
				"[ARGUMENTS]\n");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
