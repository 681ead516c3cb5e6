/* SPDX-License-Identifier: MIT */
#include "emu/run/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/channel.h"

#define LOG_EVERY_S 10.0  /* in a log */
#define SHOW_EVERY_S 0.05 /* on a terminal */

void sfe_progress_start(struct sfe_progress *p, bool quiet)
{
	*p = (struct sfe_progress){.quiet = quiet, .terminal = isatty(2), .began_s = -1};
	clock_gettime(CLOCK_MONOTONIC, &p->start);
}

double sfe_progress_seconds(const struct sfe_progress *p)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - p->start.tv_sec) +
	       1e-9 * (double)(now.tv_nsec - p->start.tv_nsec);
}

void sfe_progress_line(struct sfe_progress *p)
{
	if (p->open)
		fputc('\n', stderr);
	p->open = false;
}

/* A line of its own; the next line of progress in a log comes LOG_EVERY_S later. */
static void say(struct sfe_progress *p, const char *prefix, const char *text)
{
	sfe_progress_line(p);
	p->said_s = sfe_progress_seconds(p);
	fprintf(stderr, "[%6.1f s] %s%s\n", p->said_s, prefix, text);
}

void sfe_progress_stage(struct sfe_progress *p, const char *text)
{
	if (p->report && !p->quiet)
		sfe_channel_send(p->report, "stage", "%s", text);
	else if (!p->quiet)
		say(p, "", text);
}

void sfe_progress_note(struct sfe_progress *p, const char *text)
{
	if (p->report)
		sfe_channel_send(p->report, "note", "%s", text);
	else
		say(p, "note: ", text);
}

double sfe_time_left(double passed_s, double share_then, double share_now)
{
	double gained = share_now - share_then;

	/* too early for an estimate */
	return passed_s < 1 || gained < 0.01 ? NAN : passed_s / gained * (1 - share_now);
}

const char *sfe_left_text(double s, char *buf, size_t size)
{
	if (!(s > 0))
		buf[0] = 0;
	else if (s < 90)
		snprintf(buf, size, ", about %.0f s left", s < 1 ? 1 : s);
	else if (s < 5400)
		snprintf(buf, size, ", about %.0f min left", s / 60);
	else
		snprintf(buf, size, ", about %.1f h left", s / 3600);
	return buf;
}

/* Updates the line on a terminal. A log gets a line at the end of a part, and every LOG_EVERY_S. */
static void show(struct sfe_progress *p, const char *text, double share, unsigned tenth)
{
	double now_s = sfe_progress_seconds(p);
	char left[64];

	if (p->began_s < 0) {
		p->began_s = now_s;
		p->began_share = share;
	}
	sfe_left_text(sfe_time_left(now_s - p->began_s, p->began_share, share), left, sizeof(left));
	if (p->terminal && tenth < 10 && p->open && now_s - p->said_s < SHOW_EVERY_S)
		return;
	if (p->terminal) {
		p->said_s = now_s;
		fprintf(stderr, "\r\033[K[%6.1f s] %s%s", now_s, text, left);
		p->open = true;
		if (tenth == 10)
			sfe_progress_line(p);
	} else if ((tenth == 10 && p->last_tenth != 10) || now_s - p->said_s >= LOG_EVERY_S) {
		p->said_s = now_s;
		fprintf(stderr, "[%6.1f s] %s%s\n", now_s, text, left);
	}
	p->last_tenth = tenth;
}

/* A guest may say that more is done than there is. */
static double share_of(uint64_t done, uint64_t all)
{
	return done < all ? (double)done / (double)all : 1;
}

void sfe_progress_jobs(struct sfe_progress *p, const char *strategy, unsigned done, unsigned all)
{
	double of_this = share_of(done, all);
	char text[96], place[24] = "";

	if (p->report && !p->quiet)
		sfe_channel_send(p->report, "jobs", "%s %u %u", strategy, done, all);
	if (p->quiet || p->report)
		return;
	if (strcmp(p->strategy, strategy)) {
		snprintf(p->strategy, sizeof(p->strategy), "%s", strategy);
		p->last_tenth = 0;
		p->n_begun++;
	}
	unsigned n = p->n_strategies > p->n_begun ? p->n_strategies : p->n_begun;
	if (n > 1)
		snprintf(place, sizeof(place), " (%u of %u)", p->n_begun, n);
	snprintf(text, sizeof(text), "%s%s: %u of %u jobs", strategy, place, done, all);
	show(p, text, (p->n_begun - 1 + of_this) / n, (unsigned)(10 * of_this));
}

void sfe_progress_text(struct sfe_progress *p, const char *text, double share, bool at_end)
{
	if (p->quiet)
		return;
	if (at_end)
		p->last_tenth = 0; /* each end has its line */
	show(p, text, share, at_end ? 10 : 0);
}

void sfe_progress_part(
	struct sfe_progress *p, const char *what, uint64_t done, uint64_t all, const char *unit)
{
	double share = share_of(done, all);
	char text[200];

	if (p->quiet)
		return;
	snprintf(text, sizeof(text), "%s: %" PRIu64 " of %" PRIu64 " %s", what, done, all, unit);
	show(p, text, share, (unsigned)(10 * share));
}
