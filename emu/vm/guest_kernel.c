/* SPDX-License-Identifier: MIT */
/* Finds the guest kernel to use. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/security/trust.h"
#include "emu/vm/digest.h"
#include "emu/vm/guest.h"
#include "emu/vm/limits.h"
#include "emu/vm/tools.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

/* Bytes of a process's floating point registers that Debian's kernel has room for. */
#define DEBIAN_REGISTERS 2696
#define DOES_NOT_RUN "Debian's kernel does not run on this processor (AMX)"
#define NOT_BUILT 3 /* exit status of build.sh --print-path */

static int usable(const char *path, const char *from, char *out, size_t size, struct sfe_error *err)
{
	if (access(path, X_OK))
		return sfe_fail(err, -ENOENT, path, "name a guest kernel that this user may run",
			"%s is not an executable file: %s", from, strerror(errno));
	if (!strcmp(path, SFE_DEBIAN_KERNEL) && !sfe_guest_debian_kernel_runs())
		return sfe_fail(err, -ENOTSUP, from, "unset it: sfemu's own kernel has both clocks",
			DOES_NOT_RUN);
	snprintf(out, size, "%s", path);
	return sfe_tool_trust(path, err);
}

/*
 * tools/guest-kernel/build.sh knows the folder of each version and configuration. Beside a kernel
 * is its digest, which is checked whenever a guest starts. A kernel that root built is for all
 * users, so that each of them checks who could have written it.
 */
static int built_kernel(const char *why, char *out, size_t size, struct sfe_error *err)
{
	char script[4352], digest[SFE_DIGEST_TEXT];
	int r = sfe_tool("guest-kernel/build.sh", script, sizeof(script), err);

	if (r)
		return r;
	/* The script starts processes and would fail without a reason if that is not allowed. */
	if ((r = sfe_limits_check_processes(err)))
		return r;
	FILE *f = sfe_tool_read(script, "--print-path 2>/dev/null");
	bool found = f && fgets(out, (int)size, f);
	int status = f ? pclose(f) : -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_BUILT)
		return sfe_fail(err, -ENOENT, "guest kernel",
			"build it once with `sfemu guest build`", "%s", why);
	if (status || !found)
		return sfe_fail(err, -EIO, script, "run it with --print-path: it says why",
			"does not say where the guest kernel is (status %d)", status);
	out[strcspn(out, "\n")] = 0;
	r = sfe_trust_path(out, err);
	return r ? r : sfe_digest_beside(out, digest, err);
}

bool sfe_guest_debian_kernel_runs(void)
{
#ifdef __x86_64__
	unsigned eax, ebx, ecx, edx;

	/* The size of all registers that the host has enabled. */
	return !__get_cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx) || ebx <= DEBIAN_REGISTERS;
#else
	return true;
#endif
}

int sfe_guest_kernel(bool virtual_clock, char *path, size_t size, struct sfe_error *err)
{
	const char *chosen = getenv("SFEMU_GUEST_KERNEL");

	if (chosen && chosen[0])
		return usable(chosen, "SFEMU_GUEST_KERNEL", path, size, err);
	if (virtual_clock || !sfe_guest_debian_kernel_runs())
		return built_kernel(virtual_clock ? "the kernel for the virtual clock is not built"
						  : DOES_NOT_RUN ", and sfemu's own is not built",
			path, size, err);
	if (access(SFE_DEBIAN_KERNEL, X_OK))
		return sfe_fail(err, -ENOENT, SFE_DEBIAN_KERNEL, "apt-get install user-mode-linux",
			"the guest kernel for the real clock is not installed");
	snprintf(path, size, "%s", SFE_DEBIAN_KERNEL);
	return sfe_trust_path(path, err);
}
