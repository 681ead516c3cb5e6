/* SPDX-License-Identifier: MIT */
#include "nodes/worker/records.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "nodes/jobs/invocation.h"
#include "nodes/jobs/peers.h"

#define BATCH 64 /* messages in one system call */

void records_invocation(const struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct records *r = &w->records;
	const struct sfe_step *step = invocation_step(inv);

	if (worker_room((void **)&r->invocations, r->n_invocations, &r->invocations_room,
		    sizeof(*r->invocations))) {
		worker_fatal(w, -ENOMEM, "a record");
		return;
	}
	struct sfe_ctl_invocation record = inv->record;
	record.header = (struct sfe_ctl_header){SFE_CTL_INVOCATION, w->node};
	record.job = inv->package.job;
	record.step = inv->package.step;
	record.ops = step->ops;
	record.arg_bytes = step->arg_bytes;
	record.out_bytes = step->out_bytes;
	r->invocations[r->n_invocations++] = record;
}

void records_transfer(struct worker *w, const struct sfe_ctl_transfer *transfer)
{
	struct records *r = &w->records;

	if (worker_room((void **)&r->transfers, r->n_transfers, &r->transfers_room,
		    sizeof(*r->transfers))) {
		worker_fatal(w, -ENOMEM, "a record");
		return;
	}
	struct sfe_ctl_transfer record = *transfer;
	record.header = (struct sfe_ctl_header){SFE_CTL_TRANSFER, w->node};
	r->transfers[r->n_transfers++] = record;
}

void records_attempt(const struct exchange *e, int code, bool last)
{
	struct worker *w = e->worker;
	struct records *r = &w->records;

	if (worker_room((void **)&r->attempts, r->n_attempts, &r->attempts_room,
		    sizeof(*r->attempts))) {
		worker_fatal(w, -ENOMEM, "a record");
		return;
	}
	r->attempts[r->n_attempts++] =
		(struct sfe_ctl_attempt){.header = {SFE_CTL_ATTEMPT, w->node},
			.job = e->at.job,
			.step = e->at.step,
			.to = e->to,
			.kind = e->kind,
			.number = e->number,
			.last = last,
			.code = code,
			.begin_ns = e->begin_ns,
			.end_ns = now_ns()};
}

/* Whether to try again after errno: after an interruption, or once a full socket has room. */
static bool try_again(const struct worker *w)
{
	struct pollfd p = {.fd = w->control_fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && poll(&p, 1, -1) >= 0;
}

static void gone(struct worker *w)
{
	w->over = true;
	loop_break(w->loop);
}

void control_send(struct worker *w, const void *message, size_t size)
{
	while (send(w->control_fd, message, size, MSG_NOSIGNAL) < 0) {
		if (!try_again(w)) {
			gone(w);
			return;
		}
	}
}

/* Many messages of one size. */
static void send_all(struct worker *w, const void *messages, size_t n, size_t size)
{
	struct mmsghdr headers[BATCH];
	struct iovec vector[BATCH];

	for (size_t done = 0; done < n;) {
		unsigned batch = n - done < BATCH ? (unsigned)(n - done) : BATCH;
		for (unsigned i = 0; i < batch; i++) {
			vector[i] = (struct iovec){(char *)messages + (done + i) * size, size};
			headers[i] = (struct mmsghdr){
				.msg_hdr = {.msg_iov = &vector[i], .msg_iovlen = 1}};
		}
		int sent = sendmmsg(w->control_fd, headers, batch, MSG_NOSIGNAL);
		if (sent >= 0) {
			done += (size_t)sent;
		} else if (!try_again(w)) {
			gone(w);
			return;
		}
	}
}

static void send_states(
	struct worker *w, const struct store *store, enum sfe_state_condition condition)
{
	size_t n = store->n;
	struct stored **held = store_sorted(store);
	struct sfe_ctl_state *states = calloc(n + 1, sizeof(*states));

	for (size_t i = 0; held && states && i < n; i++)
		states[i] = (struct sfe_ctl_state){.header = {SFE_CTL_STATE, w->node},
			.job = held[i]->job,
			.state = held[i]->state,
			.bytes = held[i]->bytes,
			.condition = condition,
			.version = held[i]->version,
			.digest = stored_digest(held[i])};
	if (held && states)
		send_all(w, states, n, sizeof(*states));
	else
		worker_fatal(w, -ENOMEM, "the records of states");
	free(states);
	free(held);
}

void records_send(struct worker *w, enum sfe_state_condition condition)
{
	struct records *r = &w->records;

	send_all(w, r->invocations, r->n_invocations, sizeof(*r->invocations));
	send_all(w, r->transfers, r->n_transfers, sizeof(*r->transfers));
	send_all(w, r->attempts, r->n_attempts, sizeof(*r->attempts));
	r->n_invocations = r->n_transfers = r->n_attempts = 0;
	send_states(w, &w->store, condition);
	if (condition == SFE_STATE_HELD)
		send_states(w, &w->replicas, SFE_STATE_REPLICA);
}

void records_clear(struct records *records)
{
	free(records->invocations);
	free(records->transfers);
	free(records->attempts);
}
