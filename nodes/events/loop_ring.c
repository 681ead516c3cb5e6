/* SPDX-License-Identifier: MIT */
#include "nodes/events/loop_ring.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>

#include "nodes/base/clock.h"

#define RING_ENTRIES 1024
#define MOST_ENTRIES 16384
#define NO_SLOT 0

/*
 * A request to the kernel. The request carries its slot's number and not an address: the object
 * that made the request may be gone before the kernel completes it.
 */
struct slot {
	uint32_t next_free;
	struct watch *watch;       /* the watch that waits, or */
	struct deadline *deadline; /* the deadline, or */
	struct transfer *transfer; /* the transfer; all NULL: nobody is told any more */
	transfer_done *done;
	void *arg;
	void (*release)(void *); /* of a transfer that was cancelled */
	void *object;
};

struct ring {
	struct io_uring uring;
	struct slot *slots; /* the first, NO_SLOT, is never used */
	uint32_t n_slots, free, in_use;
	TAILQ_HEAD(, deadline) changed;
	/* The guest's kernel writes here what the clock was when a turn ended. NULL: another
	 * kernel. */
	const volatile uint64_t *clock_ns;
};

int ring_open(struct ring **out, uint32_t workers)
{
	struct ring *r = calloc(1, sizeof(*r));
	/* Completions are processed while this thread waits in the kernel, and interrupt nothing.
	 */
	struct io_uring_params params = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};

	uint32_t entries = RING_ENTRIES;

	if (!r)
		return -ENOMEM;
	/* The kernel finds a watch that is withdrawn in a hash table, whose size follows from that
	 * of the ring. */
	while (entries < workers && entries < MOST_ENTRIES)
		entries *= 2;
	int code = io_uring_queue_init_params(entries, &r->uring, &params);
	if (code) {
		free(r);
		return code;
	}
	if (params.cq_off.resv1)
		r->clock_ns = (const volatile uint64_t *)((const char *)r->uring.cq.ring_ptr +
							  params.cq_off.resv1);
	r->n_slots = 1;
	TAILQ_INIT(&r->changed);
	*out = r;
	return 0;
}

/* A request to fill in. A full queue is submitted to the kernel first. */
static struct io_uring_sqe *request(struct ring *r)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&r->uring);

	if (!sqe && io_uring_submit(&r->uring) >= 0)
		sqe = io_uring_get_sqe(&r->uring);
	return sqe;
}

static uint32_t take_slot(struct ring *r)
{
	uint32_t slot = r->free;

	if (!slot) {
		uint32_t more = r->n_slots < 64 ? 64 : 2 * r->n_slots;
		struct slot *grown = reallocarray(r->slots, more, sizeof(*grown));
		if (!grown)
			return NO_SLOT;
		r->slots = grown;
		for (uint32_t i = more; i-- > r->n_slots;) {
			grown[i].next_free = r->free;
			r->free = i;
		}
		r->n_slots = more;
		slot = r->free;
	}
	r->free = r->slots[slot].next_free;
	r->slots[slot] = (struct slot){0};
	r->in_use++;
	return slot;
}

static void give_slot_back(struct ring *r, uint32_t slot)
{
	r->slots[slot] = (struct slot){.next_free = r->free};
	r->free = slot;
	r->in_use--;
}

int ring_watch(struct ring *r, struct watch *w)
{
	uint32_t slot = take_slot(r);
	struct io_uring_sqe *sqe = slot ? request(r) : NULL;

	if (!sqe) {
		if (slot)
			give_slot_back(r, slot);
		return -ENOMEM;
	}
	io_uring_prep_poll_add(sqe, w->fd, w->what & EV_READ ? POLLIN : POLLOUT);
	io_uring_sqe_set_data64(sqe, slot);
	r->slots[slot].watch = w;
	w->slot = slot;
	return 0;
}

/* What a request is that is withdrawn: each kind has its own. */
enum kind { WATCH, DEADLINE, TRANSFER };

static void withdraw(struct ring *r, uint32_t slot, enum kind kind)
{
	struct io_uring_sqe *sqe = request(r);

	/* Without room, the request ends with its descriptor, or when the deadline has passed. */
	if (!sqe)
		return;
	if (kind == TRANSFER)
		io_uring_prep_cancel64(sqe, slot, 0);
	else if (kind == DEADLINE)
		io_uring_prep_timeout_remove(sqe, slot, 0);
	else
		io_uring_prep_poll_remove(sqe, slot);
	io_uring_sqe_set_data64(sqe, NO_SLOT);
}

void ring_unwatch(struct ring *r, struct watch *w)
{
	if (!w->slot)
		return;
	r->slots[w->slot].watch = NULL;
	withdraw(r, w->slot, WATCH);
	w->slot = NO_SLOT;
}

void ring_deadline(struct ring *r, struct deadline *d)
{
	if (!d->changed)
		TAILQ_INSERT_TAIL(&r->changed, d, next);
	d->changed = true;
}

static void withdraw_deadline(struct ring *r, struct deadline *d)
{
	if (!d->slot)
		return;
	r->slots[d->slot].deadline = NULL;
	withdraw(r, d->slot, DEADLINE);
	d->slot = NO_SLOT;
}

void ring_forget_deadline(struct ring *r, struct deadline *d)
{
	if (d->changed)
		TAILQ_REMOVE(&r->changed, d, next);
	d->changed = false;
	withdraw_deadline(r, d);
}

/* Asks for a deadline, or moves the request that there is. 0 or -ENOMEM. */
static int ask_for(struct ring *r, struct deadline *d)
{
	uint32_t slot = d->slot ? d->slot : take_slot(r);
	struct io_uring_sqe *sqe = slot ? request(r) : NULL;

	if (!sqe) {
		if (slot && !d->slot)
			give_slot_back(r, slot);
		return -ENOMEM;
	}
	d->when = (struct __kernel_timespec){.tv_sec = (long long)(d->at_ns / 1000000000u),
		.tv_nsec = (long long)(d->at_ns % 1000000000u)};
	if (d->slot) {
		/* Its success is no completion, for which the next wait would not wait. If the
		 * deadline has passed meanwhile, it is told so for the time before. */
		io_uring_prep_timeout_update(sqe, &d->when, slot, IORING_TIMEOUT_ABS);
		io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
		io_uring_sqe_set_data64(sqe, NO_SLOT);
	} else {
		io_uring_prep_timeout(sqe, &d->when, 0, IORING_TIMEOUT_ABS);
		io_uring_sqe_set_data64(sqe, slot);
		r->slots[slot].deadline = d;
		d->slot = slot;
	}
	d->asked_ns = d->at_ns;
	return 0;
}

/* Asks for the deadlines that were set since the last wait: one request for each, however often it
 * was set. 0 or -ENOMEM. */
static int ask_for_deadlines(struct ring *r)
{
	int code = 0;

	for (struct deadline *d; !code && (d = TAILQ_FIRST(&r->changed));) {
		TAILQ_REMOVE(&r->changed, d, next);
		d->changed = false;
		if (d->at_ns == UINT64_MAX)
			withdraw_deadline(r, d);
		else if (!d->slot || d->asked_ns != d->at_ns)
			code = ask_for(r, d);
	}
	return code;
}

int ring_transfer(struct ring *r, struct transfer *t, bool send, int fd, void *memory, size_t bytes,
	transfer_done *done, void *arg)
{
	uint32_t slot = take_slot(r);
	struct io_uring_sqe *sqe = slot ? request(r) : NULL;

	if (!sqe) {
		if (slot)
			give_slot_back(r, slot);
		return -ENOMEM;
	}
	if (send)
		io_uring_prep_sendmsg(sqe, fd, &t->message, MSG_NOSIGNAL | MSG_WAITALL);
	else
		io_uring_prep_recv(sqe, fd, memory, bytes, MSG_WAITALL);
	io_uring_sqe_set_data64(sqe, slot);
	r->slots[slot].transfer = t;
	r->slots[slot].done = done;
	r->slots[slot].arg = arg;
	t->slot = slot;
	return 0;
}

void ring_cancel(struct ring *r, struct transfer *t, void (*release)(void *), void *object)
{
	struct slot *s = &r->slots[t->slot];

	s->transfer = NULL;
	s->release = release;
	s->object = object;
	withdraw(r, t->slot, TRANSFER);
	t->slot = NO_SLOT;
}

static int complete(struct ring *r, uint32_t slot, int result)
{
	struct slot s = r->slots[slot];

	give_slot_back(r, slot);
	if (s.transfer) {
		s.transfer->slot = NO_SLOT;
		s.done(s.arg, result);
	} else if (s.release) {
		s.release(s.object);
	} else if (s.deadline) {
		s.deadline->slot = NO_SLOT;
		if (result != -ETIME)
			return result;
		s.deadline->call(-1, EV_READ, s.deadline->arg);
	} else if (s.watch) {
		s.watch->slot = NO_SLOT;
		s.watch->call(s.watch->fd, s.watch->what, s.watch->arg);
		/* The callback may have stopped the watch, but its memory is still valid: owners
		 * free it from the loop (see connections_free_closed). */
		if (s.watch->on && !s.watch->slot)
			return ring_watch(r, s.watch);
	}
	return 0;
}

int ring_turn(struct ring *r, const bool *broken, bool wait)
{
	struct io_uring_cqe *cqe;
	int code = ask_for_deadlines(r);

	if (code)
		return code;
	code = io_uring_submit_and_wait(&r->uring, wait);

	clock_forget();
	if (r->clock_ns && code >= 0)
		clock_turn(*r->clock_ns);
	if (code < 0 && code != -EINTR && code != -EBUSY && code != -EAGAIN)
		return code;
	while (!*broken && io_uring_cq_ready(&r->uring) && !io_uring_peek_cqe(&r->uring, &cqe)) {
		uint64_t slot = cqe->user_data;
		int result = cqe->res;
		io_uring_cqe_seen(&r->uring, cqe);
		code = slot ? complete(r, (uint32_t)slot, result) : 0;
		if (code)
			return code;
	}
	return 0;
}

void ring_close(struct ring *r)
{
	const bool go_on = false;

	/* The kernel may still use memory of cancelled requests. */
	while (r->in_use && !ring_turn(r, &go_on, true))
		;
	io_uring_queue_exit(&r->uring);
	free(r->slots);
	free(r);
}
