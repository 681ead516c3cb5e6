/* SPDX-License-Identifier: MIT */
#include "emu/experiment/congestion.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AVAILABLE "/proc/sys/net/ipv4/tcp_available_congestion_control"

const char *sfe_congestion_of_guest(bool virtual_clock, unsigned i)
{
	/* Of tools/guest-kernel/config; Debian's guest kernel has the others as modules, which a
	 * guest does not load. */
	static const char *const names[] = {"reno", "cubic", "bbr", "vegas", "dctcp"};

	return i < (virtual_clock ? sizeof(names) / sizeof(names[0]) : 2) ? names[i] : NULL;
}

static bool in_guest(const char *name, bool virtual_clock, char *all, size_t size)
{
	const char *one;
	size_t len = 0;
	bool found = false;

	all[0] = 0;
	for (unsigned i = 0; (one = sfe_congestion_of_guest(virtual_clock, i)); i++) {
		found |= !strcmp(one, name);
		if (len < size)
			len += (size_t)snprintf(all + len, size - len, "%s%s", i ? " " : "", one);
	}
	return found;
}

static bool in_this_kernel(const char *name, char *all, size_t size)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool found = fd >= 0 &&
		     !setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
	FILE *f = fopen(AVAILABLE, "re");

	if (fd >= 0)
		close(fd);
	if (!f || !fgets(all, (int)size, f))
		all[0] = 0;
	all[strcspn(all, "\n")] = 0;
	if (f)
		fclose(f);
	return found;
}

int sfe_congestion_check(const char *name, bool native, bool virtual_clock, struct sfe_error *err)
{
	char all[256], todo[320];
	bool found = native ? in_this_kernel(name, all, sizeof(all))
			    : in_guest(name, virtual_clock, all, sizeof(all));

	snprintf(todo, sizeof(todo), "use one of: %s", all);
	return found ? 0
		     : sfe_fail(err, -EINVAL, "tcp.congestion", todo,
			       "%s has no congestion control '%s'",
			       native ? "this kernel" : "the guest's kernel", name);
}
