/* SPDX-License-Identifier: MIT */
#include "emu/security/function_rights.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "emu/security/invoker.h"
#include "emu/security/landlock.h"
#include "emu/security/privileges.h"

static int mount_scratch(const struct sfe_invoker *invoker, struct sfe_error *err)
{
	char options[64];

	snprintf(options, sizeof(options), "mode=700,uid=%u,gid=%u", invoker->uid, invoker->gid);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount("sfemu", SFE_FUNCTION_SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, options))
		return sfe_fail(err, -errno, SFE_FUNCTION_SCRATCH, NULL,
			"a worker cannot mount the folder of its functions: %s", strerror(errno));
	return 0;
}

static int landlock(struct sfe_error *err)
{
	int fds[] = {open(SFE_FUNCTION_SCRATCH, O_PATH | O_CLOEXEC),
		open("/dev/null", O_PATH | O_CLOEXEC)};
	int r = sfe_landlock_writable(fds, 2, err);

	for (unsigned i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return r;
}

int sfe_function_rights(bool drop, struct sfe_error *err)
{
	const struct sfe_invoker invoker = sfe_invoker();
	int r = mount_scratch(&invoker, err);

	if (r || !drop)
		return r;
	r = sfe_privileges_drop(invoker.sudo, invoker.uid, invoker.gid, err);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* lost with the change of ids */
	if (!r && sfe_landlock_works())
		r = landlock(err);
	return r;
}
