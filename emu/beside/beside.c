/* SPDX-License-Identifier: MIT */
#include "emu/beside/beside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "sfemu/schedule.h"

#define EVENTS 16
/* poll entries */
#define DUE 0u     /* the timer */
#define ENDED 1u   /* a command */
#define TRAFFIC 2u /* the end of the traffic's process */

struct sfe_beside_program {
	char **word; /* ends with NULL; NULL: a command line */
	bool began;
	bool over;     /* its until has come */
	unsigned slot; /* of the running commands */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

bool sfe_beside_commands(const struct sfe_experiment *e, const struct sfe_lab_commands *commands)
{
	return commands->n_during || e->n_programs;
}

bool sfe_beside_any(const struct sfe_experiment *e, const struct sfe_lab_commands *commands)
{
	return sfe_beside_commands(e, commands) || e->n_flows;
}

/* ---- preparation */

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

static int copy_words(struct sfe_beside *b, uint32_t i, struct sfe_error *err)
{
	const struct sfe_program *p = b->e->programs[i].program;

	if (p->shell)
		return 0;
	b->program[i].word = calloc((size_t)p->n_words + 1, sizeof(*p->word));
	if (!b->program[i].word)
		return no_memory(err);
	memcpy(b->program[i].word, p->word, p->n_words * sizeof(*p->word));
	return 0;
}

static int watch(
	struct sfe_beside *b, int fd, uint32_t events, uint32_t what, struct sfe_error *err)
{
	struct epoll_event event = {.events = events, .data.u32 = what};

	return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &event)
		       ? sfe_fail(err, -errno, NULL, NULL, "epoll_ctl: %s", strerror(errno))
		       : 0;
}

int sfe_beside_open(struct sfe_beside *b, const struct sfe_experiment *e, const struct sfe_net *net,
	const struct sfe_lab_commands *commands, struct sfe_error *err)
{
	int r = 0;

	*b = (struct sfe_beside){
		.e = e, .commands = commands, .traffic.control = -1, .epoll = -1, .timer = -1};
	if (!sfe_beside_any(e, commands))
		return 0;
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (b->epoll < 0 || b->timer < 0)
		return sfe_fail(err, -errno, NULL, NULL, "cannot set a timer: %s", strerror(errno));
	b->program = calloc((size_t)e->n_programs + 1, sizeof(*b->program));
	if (!b->program)
		return no_memory(err);
	for (uint32_t i = 0; i < e->n_programs && !r; i++)
		r = copy_words(b, i, err);
	r = r ? r : watch(b, b->timer, EPOLLIN, DUE, err);
	r = r ? r : sfe_traffic_start(e, net, &b->traffic, err);
	return r || !e->n_flows ? r : watch(b, b->traffic.control, EPOLLIN, TRAFFIC, err);
}

/* ---- what is due */

static int start(struct sfe_beside *b, const struct sfe_command *command, struct sfe_error *err)
{
	int r = sfe_commands_start(&b->running, command, err);

	/* once: its end is noted, and the descriptor stays readable */
	return r ? r
		 : watch(b, b->running.command[b->running.n - 1].pidfd, EPOLLIN | EPOLLONESHOT,
			   ENDED, err);
}

static int start_during(struct sfe_beside *b, struct sfe_error *err)
{
	int r = 0;

	for (unsigned i = 0; i < b->commands->n_during && !r && !b->began; i++) {
		const struct sfe_command command = {
			SFE_COMMAND_DURING, b->commands->during[i], i + 1, NULL};
		r = start(b, &command, err);
	}
	b->began = true;
	return r;
}

static int serve_program(struct sfe_beside *b, uint32_t i, uint64_t now, struct sfe_error *err)
{
	const struct sfe_placed_program *placed = &b->e->programs[i];
	struct sfe_beside_program *p = &b->program[i];
	int r = 0;

	if (!p->began && placed->program->at_ns <= now) {
		const struct sfe_command command = {
			SFE_COMMAND_PROGRAM, placed->text, i + 1, p->word};
		p->began = true;
		p->slot = b->running.n;
		r = start(b, &command, err);
	}
	if (!r && p->began && !p->over && placed->program->until_ns <= now) {
		p->over = true;
		sfe_command_end(&b->running.command[p->slot]);
	}
	return r;
}

/* When something of the program is due next. */
static uint64_t next_of(const struct sfe_beside *b, uint32_t i)
{
	const struct sfe_program *p = b->e->programs[i].program;

	return !b->program[i].began ? p->at_ns : !b->program[i].over ? p->until_ns : SFE_NEVER;
}

/* signal_ns: when a signal is due, as sfe_commands_signal says. */
static int set_timer(struct sfe_beside *b, uint64_t signal_ns, struct sfe_error *err)
{
	uint64_t at = b->began ? SFE_NEVER : 0;

	for (uint32_t i = 0; i < b->e->n_programs; i++)
		at = next_of(b, i) < at ? next_of(b, i) : at;
	at = at == SFE_NEVER ? at : at + b->running.place.zero_ns;
	at = signal_ns < at ? signal_ns : at;
	/* Zeros stop the timer. */
	const struct itimerspec when = {
		.it_value = {at == SFE_NEVER ? 0 : (time_t)(at / 1000000000u),
			at == SFE_NEVER ? 0 : (long)(at % 1000000000u)}};
	return timerfd_settime(b->timer, TFD_TIMER_ABSTIME, &when, NULL)
		       ? sfe_fail(
				 err, -errno, NULL, NULL, "cannot set a timer: %s", strerror(errno))
		       : 0;
}

static int serve_due(struct sfe_beside *b, struct sfe_error *err)
{
	uint64_t now = now_ns();
	int r;

	if (now < b->running.place.zero_ns)
		return 0;
	now -= b->running.place.zero_ns;
	r = start_during(b, err);
	for (uint32_t i = 0; i < b->e->n_programs && !r; i++)
		r = serve_program(b, i, now, err);
	return r ? r : set_timer(b, sfe_commands_signal(&b->running), err);
}

int sfe_beside_begin(
	struct sfe_beside *b, const struct sfe_command_place *place, struct sfe_error *err)
{
	int r;

	if (!sfe_beside_any(b->e, b->commands))
		return 0;
	r = sfe_commands_begin(place, b->commands->n_during + b->e->n_programs, &b->running, err);
	r = r ? r : sfe_traffic_go(&b->traffic, place->zero_ns, err);
	return r ? r : set_timer(b, SFE_NEVER, err);
}

int sfe_beside_serve(struct sfe_beside *b, struct sfe_error *err)
{
	struct epoll_event events[EVENTS];
	uint64_t expirations;
	int n = epoll_wait(b->epoll, events, EVENTS, 0), r = 0;

	for (int i = 0; i < n && !r; i++) {
		if (events[i].data.u32 == TRAFFIC)
			r = sfe_fail(err, -ECHILD, "traffic", NULL, "its process has ended");
		else if (events[i].data.u32 == ENDED)
			sfe_commands_look(&b->running);
		else if (read(b->timer, &expirations, sizeof(expirations)) > 0)
			r = serve_due(b, err);
	}
	return r;
}

/* ---- the end */

/* A program whose time never came is said: nothing else would tell. */
static void say_not_begun(const struct sfe_beside *b)
{
	for (uint32_t i = 0; i < b->e->n_programs; i++)
		if (!b->program[i].began)
			sfe_channel_send(b->running.place.channel, "note",
				"'%s' did not run under %s: its time is after the last job",
				b->e->programs[i].text, b->running.place.strategy);
}

int sfe_beside_end(struct sfe_beside *b, int failed, struct sfe_error *err)
{
	struct sfe_error ending = {0};
	int r = failed;

	if (!b->running.command)
		return failed;
	if (!r)
		r = serve_due(b, err); /* jobs may end at time 0 */
	if (!r)
		say_not_begun(b);
	if (!r)
		r = sfe_traffic_stop(&b->traffic, err);
	int ended = sfe_commands_end(&b->running, true, &ending);
	if (!r && ended)
		*err = ending;
	return r ? r : ended;
}

int sfe_beside_count(struct sfe_beside *b, struct sfe_flow_count **out, struct sfe_error *err)
{
	return sfe_traffic_count(&b->traffic, out, err);
}

void sfe_beside_close(struct sfe_beside *b)
{
	sfe_traffic_end(&b->traffic);
	for (uint32_t i = 0; b->program && i < b->e->n_programs; i++)
		free(b->program[i].word);
	free(b->program);
	if (b->timer >= 0)
		close(b->timer);
	if (b->epoll >= 0)
		close(b->epoll);
	b->program = NULL;
	b->epoll = b->timer = -1;
}
