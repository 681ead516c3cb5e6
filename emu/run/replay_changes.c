/* SPDX-License-Identifier: MIT */
#include "emu/run/replay_changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emu/experiment/link_specs.h"
#include "emu/experiment/schedule_check.h"
#include "emu/model/base/text.h"

#define NS_PER_S 1000000000u

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int set_timer(struct sfe_changes *c, struct sfe_error *err)
{
	uint64_t next = sfe_player_next(c->player);
	struct itimerspec when = {0}; /* never */

	if (next != SFE_NEVER) {
		next += c->out->start_ns;
		when.it_value =
			(struct timespec){(time_t)(next / NS_PER_S), (long)(next % NS_PER_S)};
	}
	if (timerfd_settime(c->timer, TFD_TIMER_ABSTIME, &when, NULL))
		return sfe_fail(
			err, -errno, "schedule", NULL, "timerfd_settime: %s", strerror(errno));
	return 0;
}

int sfe_changes_start(struct sfe_changes *c, const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_player *begin, struct sfe_replay *out, sfe_crash_fn *crash, void *arg,
	struct sfe_error *err)
{
	int r;

	*c = (struct sfe_changes){
		.e = e, .net = net, .out = out, .crash = crash, .arg = arg, .timer = -1};
	c->present = sfe_links_directions(e->plan);
	if (!c->present)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_schedule_links links = sfe_schedule_links_of(e, c->present);
	links.spec = sfe_player_specs(begin);
	links.down = sfe_player_down(begin);
	r = sfe_player_new(&e->scenario->schedule, &links, &c->player, err);
	if (r || !e->scenario->schedule.n)
		return r;
	c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->timer < 0)
		return sfe_fail(
			err, -errno, "schedule", NULL, "timerfd_create: %s", strerror(errno));
	return set_timer(c, err);
}

uint64_t sfe_changes_now(const struct sfe_changes *c)
{
	uint64_t now = now_ns();

	return now > c->out->start_ns ? now - c->out->start_ns : 0;
}

static bool of_a_node(const struct sfe_schedule_change *change)
{
	return change->act == SFE_SCHEDULE_CRASH || change->act == SFE_SCHEDULE_RESTART;
}

int sfe_changes_note(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err)
{
	struct sfe_replay *out = c->out;

	if (sfe_grow(&out->events, &c->room, out->n_events + 1, sizeof(*out->events)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_event *event = &out->events[out->n_events++];
	*event = (struct sfe_event){.due_ns = change->at_ns,
		.done_ns = sfe_changes_now(c),
		.act = change->act,
		.link = change->link,
		.node = of_a_node(change) ? change->node : SFE_NONE,
		.already = change->already,
		.direction = change->direction};
	memcpy(event->what, change->what, sizeof(event->what));
	return 0;
}

static int change_link(struct sfe_changes *c, const struct sfe_schedule_change *change)
{
	struct sfe_link_spec spec = *change->spec;

	if (spec.outage_end_ns)
		spec.outage_end_ns += c->out->start_ns;
	return sfe_net_change(c->net, change->link, change->direction, &spec, c->err);
}

static int act(struct sfe_changes *c, const struct sfe_schedule_change *change)
{
	switch (change->act) {
	case SFE_SCHEDULE_PARTITION:
	case SFE_SCHEDULE_HEAL:
		return change->set ? sfe_net_partition(c->net, change->set, c->err)
				   : sfe_net_heal(c->net, c->err);
	case SFE_SCHEDULE_CRASH:
	case SFE_SCHEDULE_RESTART:
		return change->already ? 0
				       : c->crash(c->arg, change->node,
						 change->act == SFE_SCHEDULE_RESTART, c->err);
	default:
		return change_link(c, change);
	}
}

static int carry_out(const struct sfe_schedule_change *change, void *arg)
{
	struct sfe_changes *c = arg;
	int r = act(c, change);

	return r ? r : sfe_changes_note(c, change, c->err);
}

int sfe_changes_manual(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err)
{
	struct sfe_schedule_change manual = *change;

	snprintf(manual.what, sizeof(manual.what), "manual: %.240s", change->what);
	c->err = err;
	return carry_out(&manual, c);
}

int sfe_changes_due(struct sfe_changes *c, struct sfe_error *err)
{
	uint64_t expirations, next;
	int r = 0;

	if (read(c->timer, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return sfe_fail(err, -errno, "schedule", NULL, "timerfd: %s", strerror(errno));
	c->err = err;
	while (!r && (next = sfe_player_next(c->player)) != SFE_NEVER &&
		c->out->start_ns + next <= now_ns())
		r = sfe_player_step(c->player, carry_out, c, err);
	return r ? r : set_timer(c, err);
}

void sfe_changes_end(struct sfe_changes *c)
{
	if (c->timer >= 0)
		close(c->timer);
	sfe_player_free(c->player);
	free(c->present);
	*c = (struct sfe_changes){.timer = -1};
}
