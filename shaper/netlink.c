/* SPDX-License-Identifier: MIT */
#include "shaper/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH_BYTES 32768
#define MESSAGE_BYTES 16384 /* the largest is a netem with its delay table */
#define BATCH_MESSAGES 128  /* all answers must fit into the socket's receive buffer */
#define ANSWER_BYTES 65536
#define PARTS 4 /* of a dump that one system call reads */
#define RECEIVE_BYTES                                                                              \
	(208 * 1024) /* the kernel's default limit, of which it counts each byte twice */

struct sfe_nl_pending {
	const char *where, *what;
};

/* Not libnl's socket, which costs six more system calls: the time, its process, its address, two
 * sizes of buffers and the address again. */
int sfe_nl_open(struct sfe_nl *nl, struct sfe_error *err)
{
	int on = 1, room = RECEIVE_BYTES;

	*nl = (struct sfe_nl){.seq = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return sfe_fail(
			err, -errno, "netlink", NULL, "cannot open a socket: %s", strerror(errno));
	nl->fd = fd;
	nl->open = true;
	/* Whatever the host's default is: with less than a part of a dump may need the kernel would
	 * sometimes answer ENOBUFS. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	/* Ask for the kernel's text of a refusal, and for answers without a copy of the request. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

static bool make_batch(struct sfe_nl *nl)
{
	if (!nl->out)
		nl->out = malloc(BATCH_BYTES);
	if (!nl->pending)
		nl->pending = calloc(BATCH_MESSAGES, sizeof(*nl->pending));
	return nl->out && nl->pending;
}

static void free_batch(struct sfe_nl *nl)
{
	free(nl->out);
	free(nl->pending);
	nl->out = NULL;
	nl->pending = NULL;
}

static void close_kept(struct sfe_nl *nl)
{
	while (nl->n_kept)
		close(nl->kept[--nl->n_kept]);
}

void sfe_nl_close(struct sfe_nl *nl)
{
	close_kept(nl);
	if (nl->open)
		close(nl->fd);
	free_batch(nl);
	*nl = (struct sfe_nl){0};
}

int sfe_nl_fd(const struct sfe_nl *nl)
{
	return nl->fd;
}

struct nl_msg *sfe_nl_msg(int type, int flags, const void *header, size_t header_size)
{
	struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_BYTES);

	if (!msg)
		return NULL;
	if (!nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, flags) ||
		nlmsg_append(msg, (void *)header, header_size, NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int sfe_nl_queue(struct sfe_nl *nl, struct nl_msg *msg, const char *where, const char *what,
	struct sfe_error *err)
{
	int r = 0;

	if (!msg)
		return sfe_fail(err, -ENOMEM, where, NULL, "cannot %s: out of memory", what);
	struct nlmsghdr *h = nlmsg_hdr(msg);
	size_t size = NLMSG_ALIGN(h->nlmsg_len);
	if (size > BATCH_BYTES)
		r = sfe_fail(
			err, -EMSGSIZE, where, NULL, "cannot %s: message of %zu bytes", what, size);
	else if (nl->out_len + size > BATCH_BYTES || nl->n_pending == BATCH_MESSAGES)
		r = sfe_nl_flush(nl, err);
	if (!r && !make_batch(nl))
		r = sfe_fail(err, -ENOMEM, where, NULL, "cannot %s: out of memory", what);
	if (!r) {
		h->nlmsg_flags |= NLM_F_REQUEST;
		h->nlmsg_seq = nl->seq + nl->n_pending;
		memcpy(nl->out + nl->out_len, h, h->nlmsg_len);
		memset(nl->out + nl->out_len + h->nlmsg_len, 0, size - h->nlmsg_len);
		nl->last = nl->out_len;
		nl->out_len += size;
		nl->pending[nl->n_pending++] = (struct sfe_nl_pending){where, what};
	}
	nlmsg_free(msg);
	return r;
}

int sfe_nl_keep(struct sfe_nl *nl, int fd, struct sfe_error *err)
{
	nl->kept[nl->n_kept++] = fd;
	return nl->n_kept == SFE_NL_KEPT ? sfe_nl_flush(nl, err) : 0;
}

static int send_all(struct sfe_nl *nl, const void *data, size_t len, struct sfe_error *err)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	do {
		n = sendto(sfe_nl_fd(nl), data, len, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? sfe_fail(err, -errno, "netlink", NULL, "cannot send: %s", strerror(errno))
		     : 0;
}

static ssize_t receive(struct sfe_nl *nl, void *buf, size_t size, struct sfe_error *err)
{
	ssize_t n;

	do {
		n = recv(sfe_nl_fd(nl), buf, size, 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? sfe_fail(err, -errno, "netlink", NULL, "cannot receive: %s", strerror(errno))
		     : n;
}

/* The kernel's error text in an answer with NLM_F_ACK_TLVS, or NULL. */
static const char *kernel_text(struct nlmsghdr *h)
{
	struct nlmsgerr *e = NLMSG_DATA(h);
	size_t skip = sizeof(*e);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(struct nlmsghdr);
	if (h->nlmsg_len < NLMSG_HDRLEN + skip)
		return NULL;
	struct nlattr *a = nla_find((struct nlattr *)((char *)e + skip),
		(int)(h->nlmsg_len - NLMSG_HDRLEN - skip), NLMSGERR_ATTR_MSG);
	return a ? nla_get_string(a) : NULL;
}

/*
 * The kernel answers those requests that it refuses, and the last one, in their order: each answer
 * is read by a system call of its own.
 */
int sfe_nl_flush(struct sfe_nl *nl, struct sfe_error *err)
{
	bool waiting = nl->n_pending;
	uint8_t *in;
	int r = 0;

	if (!waiting) {
		close_kept(nl);
		return 0;
	}
	in = malloc(ANSWER_BYTES);
	if (!in)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	((struct nlmsghdr *)(nl->out + nl->last))->nlmsg_flags |= NLM_F_ACK;
	r = send_all(nl, nl->out, nl->out_len, err);
	waiting = !r;
	while (waiting) {
		ssize_t n = receive(nl, in, ANSWER_BYTES, r ? NULL : err);
		if (n < 0) {
			r = r ? r : (int)n;
			break;
		}
		int len = (int)n;
		for (struct nlmsghdr *h = (struct nlmsghdr *)in; nlmsg_ok(h, len);
			h = nlmsg_next(h, &len)) {
			uint32_t i = h->nlmsg_seq - nl->seq;
			if (h->nlmsg_type != NLMSG_ERROR || i >= nl->n_pending)
				continue;
			waiting = i < nl->n_pending - 1;
			int code = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (!code || r)
				continue;
			const char *text = kernel_text(h);
			r = sfe_fail(err, code, nl->pending[i].where, NULL, "cannot %s: %s%s%s",
				nl->pending[i].what, strerror(-code), text ? ": " : "",
				text ? text : "");
		}
	}
	nl->seq += nl->n_pending;
	nl->n_pending = 0;
	nl->out_len = 0;
	/* A network has a socket for each host: between batches it costs as little as it can. */
	free_batch(nl);
	close_kept(nl);
	free(in);
	return r;
}

/* Of a dump. The last part says only that it is the last: one system call reads both. */
struct parts {
	struct mmsghdr headers[PARTS];
	struct iovec vectors[PARTS];
	uint8_t bytes[PARTS][ANSWER_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* How many, at least one; or a negative errno. */
static int receive_parts(struct sfe_nl *nl, struct parts *in, struct sfe_error *err)
{
	int n;

	for (uint32_t i = 0; i < PARTS; i++) {
		in->vectors[i] = (struct iovec){in->bytes[i], ANSWER_BYTES};
		in->headers[i] =
			(struct mmsghdr){.msg_hdr = {.msg_iov = &in->vectors[i], .msg_iovlen = 1}};
	}
	do {
		n = recvmmsg(nl->fd, in->headers, PARTS, MSG_WAITFORONE, NULL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? sfe_fail(err, -errno, "netlink", NULL, "cannot receive: %s", strerror(errno))
		     : n;
}

/* Reads a part; after an error only to its end, as the kernel begins no other dump before. */
static void read_part(uint8_t *bytes, int len, uint32_t seq, bool *done, int *r,
	int (*each)(struct nlmsghdr *, void *), void *arg, struct sfe_error *err)
{
	for (struct nlmsghdr *h = (struct nlmsghdr *)bytes; nlmsg_ok(h, len) && !*done;
		h = nlmsg_next(h, &len)) {
		if (h->nlmsg_seq != seq)
			continue;
		*done = h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
		if (*r)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			*r = sfe_fail(err, -EAGAIN, "netlink", NULL,
				"the tables changed while they were read");
		else if (h->nlmsg_type == NLMSG_ERROR)
			*r = sfe_fail(err, ((struct nlmsgerr *)NLMSG_DATA(h))->error, "netlink",
				NULL, "cannot read back: %s",
				strerror(-((struct nlmsgerr *)NLMSG_DATA(h))->error));
		else if (!*done)
			*r = each(h, arg);
	}
}

int sfe_nl_dump(struct sfe_nl *nl, struct nl_msg *msg, int (*each)(struct nlmsghdr *, void *),
	void *arg, struct sfe_error *err)
{
	struct parts *in = malloc(sizeof(*in));
	bool done = false;
	int r = sfe_nl_flush(nl, err);

	if (!in || !msg) {
		free(in);
		if (msg)
			nlmsg_free(msg);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	uint32_t seq = nl->seq++;
	if (!r) {
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
		nlmsg_hdr(msg)->nlmsg_seq = seq;
		r = send_all(nl, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, err);
	}
	nlmsg_free(msg);
	done = r != 0;
	while (!done) {
		int n = receive_parts(nl, in, r ? NULL : err);
		if (n < 0) {
			r = r ? r : n;
			break;
		}
		for (int i = 0; i < n && !done; i++)
			read_part(in->bytes[i], (int)in->headers[i].msg_len, seq, &done, &r, each,
				arg, err);
	}
	free(in);
	return r;
}
