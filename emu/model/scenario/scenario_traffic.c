/* SPDX-License-Identifier: MIT */
/* The section `traffic`: generated flows between nodes, beside the jobs. */
#include "emu/model/scenario/scenario_traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_window.h"
#include "sfemu/units.h"

#define PACKET_BYTES 1200u
#define MIN_PACKET_BYTES 40u /* headers of IP and UDP, and what the receiver counts by */
#define MIN_RATE_BPS 1000u
#define MAX_RATE_BPS 100000000000u
#define MAX_PACKETS_PER_S 1000000u
#define MEAN_NS 1000000000u  /* of periods of onoff */
#define MIN_MEAN_NS 1000000u /* there may be many in a run */

const char *const sfe_flow_law_names[SFE_FLOW_LAWS] = {
	[SFE_FLOW_CONSTANT] = "constant",
	[SFE_FLOW_POISSON] = "poisson",
	[SFE_FLOW_ONOFF] = "onoff",
};

static void free_traffic(struct sfe_traffic *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		free(t->flow[i].from);
		free(t->flow[i].to);
	}
	free(t->flow);
	free(t->file);
	*t = (struct sfe_traffic){0};
}

void sfe_section_traffic_clear(struct sfe_scenario *s)
{
	free_traffic(&s->traffic);
}

static int read_rate(
	struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "rate", err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_rate(text, &f->rate_bps, &cause))
		return sfe_tree_fail(t, file, cause.todo, err, "traffic: rate: %s", cause.what);
	return f->rate_bps < MIN_RATE_BPS || f->rate_bps > MAX_RATE_BPS
		       ? sfe_tree_fail(t, file, "write a rate such as 20Mbit", err,
				 "traffic: rate: %s is not from 1kbit to 100Gbit", text)
		       : 0;
}

static int read_packet(struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file,
	uint32_t mtu, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "packet", err);
	struct sfe_error cause = {0};
	uint64_t bytes;

	if (!text)
		return -EINVAL;
	if (sfe_parse_size(text, &bytes, &cause))
		return sfe_tree_fail(t, file, cause.todo, err, "traffic: packet: %s", cause.what);
	if (bytes < MIN_PACKET_BYTES || bytes > mtu)
		return sfe_tree_fail(t, file, "write the bytes of an IP packet, such as 1200B", err,
			"traffic: packet: %s is not from %uB to tcp.mtu, %" PRIu32 "B", text,
			MIN_PACKET_BYTES, mtu);
	f->packet_bytes = (uint32_t)bytes;
	return 0;
}

static int read_law(
	struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "law", err);

	if (!text)
		return -EINVAL;
	for (unsigned i = 0; i < SFE_FLOW_LAWS; i++) {
		if (!strcmp(text, sfe_flow_law_names[i])) {
			f->law = (enum sfe_flow_law)i;
			return 0;
		}
	}
	return sfe_tree_fail(t, file, "write constant, poisson or onoff", err,
		"traffic: law: '%.40s' is not a law", text);
}

static int read_mean(
	const struct sfe_tree *t, const char *file, uint64_t *ns, struct sfe_error *err)
{
	int r = sfe_window_time(t, file, "traffic", ns, err);

	return !r && *ns < MIN_MEAN_NS ? sfe_tree_fail(t, file, "write a longer time", err,
						 "traffic: %s: less than 1ms", t->key)
				       : r;
}

static int read_key(struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file,
	uint32_t mtu, struct sfe_error *err)
{
	if (!strcmp(t->key, "from"))
		return sfe_window_nodes(t, file, "traffic", &f->from, err);
	if (!strcmp(t->key, "to"))
		return sfe_window_nodes(t, file, "traffic", &f->to, err);
	if (!strcmp(t->key, "rate"))
		return read_rate(f, t, file, err);
	if (!strcmp(t->key, "packet"))
		return read_packet(f, t, file, mtu, err);
	if (!strcmp(t->key, "law"))
		return read_law(f, t, file, err);
	if (!strcmp(t->key, "at"))
		return sfe_window_time(t, file, "traffic", &f->at_ns, err);
	if (!strcmp(t->key, "until"))
		return sfe_window_until(t, file, "traffic", &f->until_ns, err);
	return read_mean(t, file, !strcmp(t->key, "on") ? &f->on_ns : &f->off_ns, err);
}

/* What depends on several keys. */
static int check_flow(
	struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	if (!f->from || !f->to || !f->rate_bps)
		return sfe_tree_fail(t, file, "write {from: rpi3_1, to: server_0, rate: 20Mbit}",
			err, "traffic: an element has no %s",
			!f->from ? "from"
			: !f->to ? "to"
				 : "rate");
	if (f->law != SFE_FLOW_ONOFF && (f->on_ns || f->off_ns))
		return sfe_tree_fail(t, file, "write law: onoff, or leave them out", err,
			"traffic: on and off are the periods of law: onoff");
	if (f->rate_bps / 8 / f->packet_bytes > MAX_PACKETS_PER_S)
		return sfe_tree_fail(t, file, "write a lower rate:, or a larger packet:", err,
			"traffic: more than %u packets a second", MAX_PACKETS_PER_S);
	if (f->law == SFE_FLOW_ONOFF) {
		f->on_ns = f->on_ns ? f->on_ns : MEAN_NS;
		f->off_ns = f->off_ns ? f->off_ns : MEAN_NS;
	}
	return sfe_window_check(t, file, "traffic", f->at_ns, f->until_ns, err);
}

static int read_flow(struct sfe_flow_spec *f, const struct sfe_tree *t, const char *file,
	uint32_t mtu, struct sfe_error *err)
{
	static const char *const keys[] = {
		"from", "to", "rate", "packet", "law", "on", "off", "at", "until", NULL};
	int r;

	*f = (struct sfe_flow_spec){.packet_bytes = PACKET_BYTES < mtu ? PACKET_BYTES : mtu,
		.until_ns = SFE_NEVER,
		.line = t->line};
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, file, "write {from: rpi3_1, to: server_0, rate: 20Mbit}",
			err, "traffic: an element is not a group of keys");
	r = sfe_tree_check_keys(t, file, keys, err);
	for (unsigned i = 0; i < t->n && !r; i++)
		r = read_key(f, t->child[i], file, mtu, err);
	return r ? r : check_flow(f, t, file, err);
}

int sfe_section_traffic_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_traffic all = {0};
	int r = 0;

	(void)folder;
	if (tree->kind != SFE_TREE_LIST)
		return sfe_tree_fail(tree, file,
			"write - {from: rpi3_1, to: server_0, rate: 20Mbit} below it", err,
			"traffic: is not a list");
	if (tree->n > SFE_MAX_FLOWS)
		return sfe_tree_fail(tree, file, "use patterns", err,
			"traffic: has more than %u elements", SFE_MAX_FLOWS);
	all.flow = calloc(tree->n + 1, sizeof(*all.flow));
	all.file = strdup(file);
	if (!all.flow || !all.file)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (all.n < tree->n && !r) {
		r = read_flow(&all.flow[all.n], tree->child[all.n], file, s->tcp.mtu, err);
		all.n++;
	}
	if (r) {
		free_traffic(&all);
		return r;
	}
	free_traffic(&s->traffic);
	s->traffic = all;
	return 0;
}

bool sfe_section_traffic_is_set(const struct sfe_scenario *s)
{
	return s->traffic.n;
}

void sfe_section_traffic_print(const struct sfe_scenario *s, FILE *out)
{
	char rate[SFE_UNIT_TEXT], text[SFE_UNIT_TEXT];

	for (uint32_t i = 0; i < s->traffic.n; i++) {
		const struct sfe_flow_spec *f = &s->traffic.flow[i];
		fputs(i ? ", {from: " : "[{from: ", out);
		sfe_tree_print_text(f->from, out);
		fputs(", to: ", out);
		sfe_tree_print_text(f->to, out);
		fprintf(out, ", rate: %s, packet: %s, law: %s", sfe_format_rate(f->rate_bps, rate),
			sfe_format_size(f->packet_bytes, text), sfe_flow_law_names[f->law]);
		if (f->law == SFE_FLOW_ONOFF) {
			fprintf(out, ", on: %s", sfe_format_time(f->on_ns, text));
			fprintf(out, ", off: %s", sfe_format_time(f->off_ns, text));
		}
		sfe_window_print(f->at_ns, f->until_ns, out);
		fputc('}', out);
	}
	fputc(']', out);
}
