/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink with libnl's messages, in batches: messages are collected and sent in one system call,
 * and the kernel answers the last one and those that it refuses. In the guest a system call costs
 * as much as the work that it asks for.
 *
 * A socket belongs to the network namespace that its thread was in when it was opened.
 */
#ifndef SFE_SHAPER_NETLINK_H
#define SFE_SHAPER_NETLINK_H

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

#define SFE_NL_KEPT 32

struct sfe_nl_pending;

struct sfe_nl {
	bool open;
	int fd;
	uint32_t seq;
	uint8_t *out;                   /* the batch; NULL: empty */
	size_t out_len, last;           /* last: where its last message begins */
	struct sfe_nl_pending *pending; /* object and action of each message of the batch */
	uint32_t n_pending;
	int kept[SFE_NL_KEPT], n_kept;
};

/* Opens a NETLINK_ROUTE socket in the calling thread's namespace. */
int sfe_nl_open(struct sfe_nl *nl, struct sfe_error *err);
void sfe_nl_close(struct sfe_nl *nl);
int sfe_nl_fd(const struct sfe_nl *nl);

/* A message with its family header (copied). NULL when out of memory. */
struct nl_msg *sfe_nl_msg(int type, int flags, const void *header, size_t header_size);

/*
 * Adds the message to the batch and frees it in any case; sends the batch first if it is full. A
 * NULL message (out of memory) is an error. where (an object's name) and what ("add the route") are
 * for the error text. They must live until the next flush, as the error may be found only then.
 */
int sfe_nl_queue(struct sfe_nl *nl, struct nl_msg *msg, const char *where, const char *what,
	struct sfe_error *err);
/* Takes over a descriptor that the message queued last refers to, and closes it once that message
 * was carried out. */
int sfe_nl_keep(struct sfe_nl *nl, int fd, struct sfe_error *err);
/* Sends the batch and waits until the kernel has carried all of it out; the first refusal is the
 * error. */
int sfe_nl_flush(struct sfe_nl *nl, struct sfe_error *err);

/* Sends a dump request (frees msg) and calls each() for every answer. If each() does not return 0,
 * the dump ends with that error. */
int sfe_nl_dump(struct sfe_nl *nl, struct nl_msg *msg, int (*each)(struct nlmsghdr *, void *),
	void *arg, struct sfe_error *err);

#endif
