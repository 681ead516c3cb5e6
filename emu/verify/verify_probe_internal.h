/* SPDX-License-Identifier: MIT */
/* What probes by UDP and by TCP share. */
#ifndef SFE_VERIFY_VERIFY_PROBE_INTERNAL_H
#define SFE_VERIFY_VERIFY_PROBE_INTERNAL_H

#include <sys/socket.h>

#include "emu/verify/verify_probe.h"

#define SFE_PROBE_PORT 9009

/* The clock of the kernel's timestamps; departures are stamped with the same one. */
int64_t sfe_probe_now_ns(void);
void sfe_probe_sleep_until(int64_t ns);
/* Says what errno does. */
int sfe_probe_fail_errno(const char *where, const char *what, struct sfe_error *err);
/* A socket in a host's namespace that sends by one interface only. Its descriptor, or an error. */
int sfe_probe_socket_in(const struct sfe_net *net, uint32_t host, int type, const char *ifname,
	uint32_t address, uint16_t port, struct sfe_error *err);
/* The kernel's timestamp of a received message; the present time if it has none. */
int64_t sfe_probe_stamp(struct msghdr *msg);

#endif
