/* SPDX-License-Identifier: MIT */
/*
 * The guest kernel's qdisc dcf (tools/guest-kernel/patches/0016) takes the place that a managed
 * queue has in front of a medium's netem (aqm.c): it has a queue for each station, and lets a frame
 * leave when its own bytes begin on the medium. netem, with the same rate, sends these. What
 * contention costs lies between the frames, so nothing waits in netem but the frame in
 * transmission.
 */
#include "shaper/contention.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sfemu/dcf.h"
#include "shaper/ifb.h"
#include "shaper/queue.h"

#define HANDLE 0x10000u /* 1: */

/* As in the patch. */
enum { DCF_PARAMETERS = 1, DCF_RESET };
struct parameters {
	uint64_t bytes_per_s, seed;
	uint32_t slot, sifs, difs, preamble, acknowledgement; /* ns */
	uint32_t cw_min, cw_max, retries;
	uint32_t mac_bytes, link_bytes;
	uint32_t most_frames, most_bytes, most_time;
	uint32_t limit; /* packets of a station */
	uint32_t stations, first;
};
_Static_assert(sizeof(struct parameters) == 80, "struct dcf_parms of the guest kernel");

static struct parameters parameters(const struct sfe_shaped *s)
{
	/* netem makes duplicates after the queue; they need their share of the rate. */
	double rate = (double)(s->spec.rate_bps / 8) / (1 + s->spec.duplicate.probability);

	return (struct parameters){
		.bytes_per_s = (uint64_t)fmax(1, rate),
		.seed = s->spec.prng_seed,
		.slot = sfe_dcf.slot,
		.sifs = sfe_dcf.sifs,
		.difs = sfe_dcf.difs,
		.preamble = sfe_dcf.preamble,
		.acknowledgement = sfe_dcf.acknowledgement,
		.cw_min = sfe_dcf.cw_min,
		.cw_max = sfe_dcf.cw_max,
		.retries = sfe_dcf.retries,
		.mac_bytes = sfe_dcf.mac_bytes,
		.link_bytes = (uint32_t)s->spec.overhead,
		.most_frames = sfe_dcf.most_frames,
		.most_bytes = sfe_dcf.most_bytes,
		.most_time = sfe_dcf.most_time,
		.limit = sfe_shaper_managed_packets(&s->spec, s->mtu),
		.stations = s->stations->n,
		.first = (uint32_t)s->stations->first,
	};
}

static bool put(struct nl_msg *msg, const struct sfe_shaped *s, bool reset)
{
	const struct parameters p = parameters(s);
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "dcf") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, DCF_PARAMETERS, sizeof(p), &p) ||
		(reset && nla_put_flag(msg, DCF_RESET)))
		return false;
	nla_nest_end(msg, options);
	return true;
}

int sfe_contention_change(
	struct sfe_nl *nl, const struct sfe_shaped *s, bool reset, struct sfe_error *err)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = sfe_ifb_of_queue(s->ifindex),
		.tcm_handle = HANDLE,
		.tcm_parent = TC_H_ROOT,
	};
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tc, sizeof(tc));

	if (msg && !put(msg, s, reset)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(nl, msg, s->where,
		"set the contention of its stations (is this the guest kernel of this sfemu?)",
		err);
}

int sfe_contention_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err)
{
	char name[IFNAMSIZ];

	if (s->stations->n > SFE_DCF_MAX_STATIONS)
		return sfe_fail(err, -E2BIG, s->where, "write medium: fair, or make more cells",
			"%u stations are more than can contend (%u)", s->stations->n,
			SFE_DCF_MAX_STATIONS);
	snprintf(name, sizeof(name), "queue%d", s->ifindex);
	int r = sfe_ifb_add(nl, sfe_ifb_of_queue(s->ifindex), name, s->mtu, s->where, err);
	return r ? r : sfe_contention_change(nl, s, true, err);
}

struct reading {
	struct sfe_shaped *shaped;
	struct sfe_error *err;
};

static int compare(const struct sfe_shaped *s, const struct parameters *got, struct sfe_error *err)
{
	const struct parameters want = parameters(s);
	const struct {
		const char *what;
		uint64_t asked, got;
	} field[] = {
		{"rate (bytes/s)", want.bytes_per_s, got->bytes_per_s},
		{"seed", want.seed, got->seed},
		{"limit (packets)", want.limit, got->limit},
		{"overhead", want.link_bytes, got->link_bytes},
		{"number of stations", want.stations, got->stations},
		{"slot (ns)", want.slot, got->slot},
		{"least window (slots)", want.cw_min, got->cw_min},
		{"limit of retries", want.retries, got->retries},
	};
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (field[i].asked != field[i].got)
			return sfe_fail(err, -EPROTO, s->where,
				"somebody else has changed it, or this is no guest kernel of this "
				"sfemu: build it (sfemu guest build)",
				"%s of its contention is %" PRIu64
				" in the kernel and not the %" PRIu64 " that was set",
				field[i].what, field[i].got, field[i].asked);
	if (memcmp(&want, got, sizeof(want)))
		return sfe_fail(err, -EPROTO, s->where, NULL,
			"its contention in the kernel is not what was set");
	return 0;
}

static int read_qdisc(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1], *own[DCF_RESET + 1];
	const struct tcmsg *tc = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != sfe_ifb_of_queue(s->ifindex) ||
		tc->tcm_parent != TC_H_ROOT)
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_KIND])
		return sfe_fail(v->err, -EPROTO, s->where, NULL, "cannot read its queue back");
	if (strcmp(nla_get_string(attrs[TCA_KIND]), "dcf"))
		return sfe_fail(v->err, -EPROTO, s->where, NULL, "its queue is %s and not dcf",
			nla_get_string(attrs[TCA_KIND]));
	if (!attrs[TCA_OPTIONS] || nla_parse_nested(own, DCF_RESET, attrs[TCA_OPTIONS], NULL) ||
		!own[DCF_PARAMETERS] ||
		(size_t)nla_len(own[DCF_PARAMETERS]) != sizeof(struct parameters))
		return sfe_fail(v->err, -EPROTO, s->where, NULL, "cannot read its contention back");
	if (attrs[TCA_STATS]) {
		const struct tc_stats *stats = nla_data(attrs[TCA_STATS]);
		s->drops += stats->drops;
		s->backlog_bytes += stats->backlog;
		s->backlog_packets += stats->qlen;
	}
	s->queues++;
	struct parameters got;
	memcpy(&got, nla_data(own[DCF_PARAMETERS]), sizeof(got));
	return compare(s, &got, v->err);
}

int sfe_contention_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++) {
		struct sfe_shaped *s = &shaped[i];
		if (!sfe_shaper_contends(&s->spec))
			continue;
		struct tcmsg tc = {
			.tcm_family = AF_UNSPEC, .tcm_ifindex = sfe_ifb_of_queue(s->ifindex)};
		struct reading v = {s, err};
		s->queues = 0;
		r = sfe_nl_dump(
			nl, sfe_nl_msg(RTM_GETQDISC, 0, &tc, sizeof(tc)), read_qdisc, &v, err);
		if (!r && !s->queues)
			r = sfe_fail(err, -EPROTO, s->where, NULL,
				"the queue of its stations is not there");
	}
	return r;
}
