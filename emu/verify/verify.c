/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/channel.h"
#include "emu/measure/fidelity.h"
#include "emu/measure/machine_monitor.h"
#include "emu/results/results_file.h"
#include "emu/results/verify_table.h"
#include "emu/verify/verify_contention.h"
#include "emu/verify/verify_measure.h"
#include "emu/verify/verify_series.h"
#include "emu/verify/verify_stations.h"
#include "emu/verify/verify_tcp.h"

static void name_row(const struct sfe_verifying *v, const struct sfe_verify_path *p, uint32_t link,
	enum sfe_link_direction direction, struct sfe_verify_row *row)
{
	const struct sfe_plan *plan = v->net->plan;
	const struct sfe_link *l = &plan->topology->links[link];
	const struct sfe_link_spec *spec = &v->net->link[SFE_DIRECTIONS * link + direction];
	char delay[SFE_DELAY_TEXT];

	*row = (struct sfe_verify_row){.rate_bps = spec->rate_bps, .mtu_bytes = p->mtu};
	row->udp_rate_bps = row->tcp_goodput_bps = row->tcp_ceiling_bps = NAN;
	row->asked_p50_s = row->measured_p50_s = row->asked_p99_s = row->measured_p99_s = NAN;
	row->delay_error_s = row->ks = row->ks_limit = NAN;
	row->asked_duplicate = row->measured_duplicate = row->duplicate_interval = NAN;
	row->asked_hurried = row->measured_hurried = row->hurried_interval = NAN;
	row->asked_queue_bytes = row->measured_queue_bytes = NAN;
	row->stations_rate_bps = row->fairness = NAN;
	row->asked_saturation_bps = row->saturation_bps = NAN;
	row->asked_beside_s = row->measured_beside_s = NAN;
	snprintf(row->link, sizeof(row->link), "%s", l->name);
	snprintf(row->kind, sizeof(row->kind), "%s", sfe_link_kind_name(l->kind));
	snprintf(row->direction, sizeof(row->direction), "%s", direction == SFE_UP ? "up" : "down");
	snprintf(row->from, sizeof(row->from), "%s", plan->hosts[p->from].name);
	snprintf(row->to, sizeof(row->to), "%s", plan->hosts[p->to].name);
	snprintf(row->delay, sizeof(row->delay), "%.90s", sfe_delay_format(&spec->delay, delay));
}

/* Says how fast the machine was, and then what differs in time or rate, or that nobody can tell. */
static void judge_speed(
	const struct sfe_verifying *v, const struct sfe_fidelity *f, struct sfe_verify_row *row)
{
	const struct sfe_verify_speed *s = v->speed;

	sfe_fidelity_verdict(f, row->fidelity, sizeof(row->fidelity));
	if (s->rate_bps > 0) {
		size_t n = sfe_fidelity_why(row->fidelity) ? strlen(row->fidelity) : 0;
		snprintf(row->fidelity + n, sizeof(row->fidelity) - n,
			"%spackets were sent at %.4g Mbit/s where the link has %.5g Mbit/s",
			n ? "; " : SFE_DEGRADED, s->sent_bps / 1e6, s->rate_bps / 1e6);
	}
	const char *why = sfe_fidelity_why(row->fidelity);
	if (s->faults[0] && why)
		sfe_verify_fault(row, "%s: %s",
			sfe_fidelity_is_unknown(row->fidelity)
				? "whether the machine was fast enough is unknown"
				: "the machine was too slow",
			why);
	else if (s->faults[0])
		sfe_verify_fault(row, "%s", s->faults);
}

static int measure(const struct sfe_verifying *v, const struct sfe_verify_path *p, uint32_t link,
	struct sfe_verify_row *row)
{
	struct sfe_fidelity fidelity = {.real_clock = v->options->real_clock, .reordered = NAN};
	struct sfe_monitor monitor = {0};
	struct sfe_probe_sockets probe;
	int r = sfe_probe_open(v->net, p->from, p->port, p->to, p->to_port, &probe, v->err);

	if (r)
		return r;
	*v->speed = (struct sfe_verify_speed){0};
	if (v->options->real_clock)
		r = sfe_monitor_start(&monitor, v->err);
	r = r ? r : sfe_verify_delay(v, p, &probe, row);
	r = r ? r : sfe_verify_steady(v, p, &probe, row);
	r = r ? r : sfe_verify_burst(v, p, &probe, row);
	r = r ? r : sfe_verify_tcp(v, p, &probe, row);
	uint32_t mtu = sfe_probe_mtu(&probe);
	/* The stations' own probes have the same port. */
	sfe_probe_close(&probe);
	r = r ? r : sfe_verify_stations(v, link, row);
	r = r ? r : sfe_verify_contention(v, link, row);
	sfe_monitor_end(&monitor, &fidelity);
	judge_speed(v, &fidelity, row);
	if (!r && mtu != sfe_net_mtu(v->net, p->from, p->port))
		sfe_verify_fault(row, "its MTU is %u", mtu);
	if (!r && row->reordered && !sfe_verify_path_reorders(p))
		sfe_verify_fault(row, "reorders %u packets", row->reordered);
	if (!row->verdict[0])
		snprintf(row->verdict, sizeof(row->verdict), "ok");
	return r;
}

static int verify_direction(const struct sfe_verifying *v, uint32_t link,
	enum sfe_link_direction direction, unsigned *done, unsigned all, FILE *f, int channel)
{
	struct sfe_verify_row row;
	struct sfe_verify_path path;

	if (!sfe_verify_path_find(v->net, link, direction, &path))
		return 0;
	name_row(v, &path, link, direction, &row);
	sfe_channel_send(channel, "part", "%u %u measuring %s %s, from %s to %s", *done, all,
		row.link, row.direction, row.from, row.to);
	int r = measure(v, &path, link, &row);
	++*done;
	if (!r)
		sfe_table_write_row(&sfe_verify_csv, &row, f);
	return r;
}

/* The links to measure, ascending: those of the pattern, or as many of them as the sample has, in
 * equal steps. NULL: out of memory. */
static uint32_t *choose_links(const struct sfe_verifying *v, uint32_t *n)
{
	const struct sfe_topology *t = v->e->topology;
	uint32_t *link = calloc((size_t)t->n_links + 1, sizeof(*link)), all = 0, sample;

	*n = 0;
	for (uint32_t l = 0; link && l < t->n_links; l++)
		if (!fnmatch(v->options->pattern, t->links[l].name, 0))
			link[all++] = l;
	sample = v->options->sample && v->options->sample < all ? v->options->sample : all;
	for (; link && *n < sample; ++*n)
		link[*n] = link[(uint64_t)*n * all / sample];
	return link;
}

static unsigned count_directions(const struct sfe_verifying *v, const uint32_t *link, uint32_t n)
{
	struct sfe_verify_path path;
	unsigned found = 0;

	for (uint32_t i = 0; i < n; i++)
		for (int d = 0; d < SFE_DIRECTIONS; d++)
			found += sfe_verify_path_find(
				v->net, link[i], (enum sfe_link_direction)d, &path);
	return found;
}

int sfe_verify(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_verify_options *options, int results_fd, int channel,
	struct sfe_error *err)
{
	struct sfe_verify_speed speed;
	struct sfe_verifying v = {e, net, options, &speed, err};
	uint32_t n, *link = choose_links(&v, &n);
	FILE *f = link ? sfe_results_open(results_fd, sfe_verify_csv.file, "w", err) : NULL;
	unsigned done = 0, all = link ? count_directions(&v, link, n) : 0;
	int r = 0;

	if (!link)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!f) {
		free(link);
		return err->code;
	}
	sfe_table_write_header(&sfe_verify_csv, f);
	for (uint32_t i = 0; i < n && !r; i++)
		for (int d = 0; d < SFE_DIRECTIONS && !r; d++)
			r = verify_direction(
				&v, link[i], (enum sfe_link_direction)d, &done, all, f, channel);
	free(link);
	if (!r)
		sfe_channel_send(channel, "part", "%u %u measured", done, all);
	/* The probes must not have changed anything. */
	r = r ? r : sfe_net_read_back(net, err);
	int w = sfe_results_close(f, sfe_verify_csv.file, r ? NULL : err);
	return r ? r : w;
}
