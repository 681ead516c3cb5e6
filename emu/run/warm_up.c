/* SPDX-License-Identifier: MIT */
#include "emu/run/warm_up.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "emu/experiment/channel.h"
#include "emu/model/base/text.h"
#include "nodes/runtime/worker.h"

/* A connection's report comes after all of its rounds: each has a deadline of a minute. */
#define WARM_UP_PATIENCE_MS 800000

/* Where the network is the reason the connection is cold, which is said; what workers do wrong ends
 * the run. */
static int say_cold(const struct sfe_deployment *d, const struct sfe_ctl_warmed *one, int channel,
	struct sfe_error *err)
{
	const char *from = d->nodes[one->header.node].name, *to = d->nodes[one->to].name;

	if (one->code == -EPROTO || one->code == -ENOMEM)
		return sfe_fail(err, one->code, from, NULL,
			"the connection to %s could not be warmed up: %s", to,
			one->code == -ENOMEM ? strerror(ENOMEM) : "its answer was not right");
	sfe_channel_send(channel, "note",
		"%s: the connection from %s to %s is cold, since its warm-up failed: %s",
		d->strategy->name, from, to, sfe_ctl_reason(one->code));
	return 0;
}

static int add_warmed(struct sfe_replay *out, uint32_t *room, const struct sfe_ctl_warmed *one)
{
	if (sfe_grow(&out->warmed, room, out->n_warmed + 1, sizeof(*out->warmed)))
		return -ENOMEM;
	out->warmed[out->n_warmed++] = *one;
	return 0;
}

/* Takes what a worker says until its warm-up is over: a report for each node at most. */
static int receive_warmed(const struct sfe_workers *workers, const struct sfe_deployment *d,
	uint32_t node, struct sfe_replay *out, uint32_t *room, int channel, struct sfe_error *err)
{
	union {
		struct sfe_ctl_warmed warmed;
		uint8_t bytes[4096];
	} m;

	for (uint32_t i = 0; i <= d->n_nodes; i++) {
		struct pollfd own = {workers->worker[node].control, POLLIN, 0};
		while (poll(&own, 1, WARM_UP_PATIENCE_MS) < 0 && errno == EINTR)
			;
		int n = sfe_workers_receive(workers, d, node, &m, sizeof(m), err);
		if (n <= 0)
			return n ? n : sfe_workers_died(workers, d, node, err);
		if ((size_t)n != sizeof(m.warmed) || m.warmed.header.type != SFE_CTL_WARMED ||
			m.warmed.header.node != node ||
			(m.warmed.to != UINT32_MAX && m.warmed.to >= d->n_nodes))
			break;
		if (m.warmed.to == UINT32_MAX)
			return 0;
		if (m.warmed.code) {
			int r = say_cold(d, &m.warmed, channel, err);
			if (r)
				return r;
		} else if (add_warmed(out, room, &m.warmed)) {
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		}
	}
	return sfe_fail(err, -EPROTO, d->nodes[node].name, NULL,
		"its worker said something else than what it has warmed up");
}

int sfe_warm_up(const struct sfe_workers *workers, const struct sfe_deployment *d,
	struct sfe_replay *out, int channel, struct sfe_error *err)
{
	uint32_t room = 0;
	int r = 0;

	for (uint32_t node = 0; node < d->n_nodes && !r; node++) {
		const struct sfe_ctl_header message = {SFE_CTL_WARM_UP, node};
		if (send(workers->worker[node].control, &message, sizeof(message), MSG_NOSIGNAL) <
			0)
			return sfe_workers_died(workers, d, node, err);
		r = receive_warmed(workers, d, node, out, &room, channel, err);
	}
	if (out->n_warmed)
		qsort(out->warmed, out->n_warmed, sizeof(*out->warmed), sfe_warmed_order);
	return r;
}
