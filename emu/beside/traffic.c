/* SPDX-License-Identifier: MIT */
#include "emu/beside/traffic.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/beside/traffic_process.h"

#define PATIENCE_S 60

static int gone(struct sfe_error *err)
{
	return sfe_fail(err, -ECHILD, "traffic", NULL, "its process does not answer");
}

static int ask(const struct sfe_traffic_run *t, enum sfe_traffic_word word, uint64_t at_ns,
	struct sfe_error *err)
{
	const struct sfe_traffic_order order = {word, at_ns};

	return t->pid && send(t->control, &order, sizeof(order), MSG_NOSIGNAL) < 0 ? gone(err) : 0;
}

static int await_ready(const struct sfe_traffic_run *t, struct sfe_error *err)
{
	struct sfe_traffic_ready ready;

	if (recv(t->control, &ready, sizeof(ready), 0) != sizeof(ready))
		return gone(err);
	return ready.code ? sfe_fail(err, ready.code, ready.where, NULL, "%s", ready.what) : 0;
}

int sfe_traffic_start(const struct sfe_experiment *e, const struct sfe_net *net,
	struct sfe_traffic_run *out, struct sfe_error *err)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	int pair[2];

	*out = (struct sfe_traffic_run){.control = -1, .n_flows = e->n_flows};
	if (!e->n_flows)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return sfe_fail(
			err, -errno, "traffic", NULL, "cannot make a socket: %s", strerror(errno));
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	out->pid = fork();
	if (out->pid == 0) {
		close(pair[0]);
		sfe_traffic_process(e, net, pair[1]);
	}
	int code = errno;
	close(pair[1]);
	out->control = pair[0];
	if (out->pid < 0) {
		out->pid = 0;
		return sfe_fail(
			err, -code, "traffic", NULL, "cannot fork its process: %s", strerror(code));
	}
	return await_ready(out, err);
}

int sfe_traffic_go(struct sfe_traffic_run *t, uint64_t start_ns, struct sfe_error *err)
{
	return ask(t, SFE_TRAFFIC_GO, start_ns, err);
}

int sfe_traffic_stop(struct sfe_traffic_run *t, struct sfe_error *err)
{
	return ask(t, SFE_TRAFFIC_STOP, 0, err);
}

int sfe_traffic_count(struct sfe_traffic_run *t, struct sfe_flow_count **out, struct sfe_error *err)
{
	int r = ask(t, SFE_TRAFFIC_COUNT, 0, err);

	*out = NULL;
	if (r || !t->pid)
		return r;
	*out = calloc(t->n_flows, sizeof(**out));
	if (!*out)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < t->n_flows; i++)
		if (recv(t->control, *out + i, sizeof(**out), 0) != sizeof(**out))
			return gone(err);
	return 0;
}

void sfe_traffic_end(struct sfe_traffic_run *t)
{
	if (t->pid) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	if (t->control >= 0)
		close(t->control);
	*t = (struct sfe_traffic_run){.control = -1};
}
