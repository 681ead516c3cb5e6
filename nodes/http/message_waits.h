/* SPDX-License-Identifier: MIT */
#ifndef SFE_NODES_MESSAGE_WAITS_H
#define SFE_NODES_MESSAGE_WAITS_H

#include "nodes/base/control.h"

/* What the packets of a connection waited for so far, as far as they came here: of all messages,
 * and of the request that the last of them answers. */
struct message_waits {
	struct sfe_ctl_waits all, asked;
};

/* Only the guest's kernel knows (tools/guest-kernel/patches/0017-tcp-waits.patch); false: not
 * known, and all zero. */
bool message_waits_read(int fd, struct message_waits *out);
/* What came since `before`. */
struct sfe_ctl_waits message_waits_since(
	const struct sfe_ctl_waits *before, const struct sfe_ctl_waits *now);

#endif
