/* SPDX-License-Identifier: MIT */
/*
 * An eBPF program at the egress of the link counts packets before they reach the queue, and drops
 * those whose numbers are in the list. A lost packet takes no place in the queue and no time on the
 * line. Its sender is told that it was sent, as with netem's losses.
 *
 * The program has three arrays: the list, the number of packets seen, and the number of packets
 * lost. The list holds ascending ranges and is searched by bisection: two processors may look up
 * their packets in another order than that in which the packets were numbered, so that a cursor
 * into the list would not do. Another list is another program in the same place; it counts packets
 * from 1 and goes on with the count of losses.
 */
#include "shaper/packet_list_loss.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shaper/bpf.h"
#include "shaper/bpf_code.h"
#include "shaper/clsact.h"
#include "shaper/ifb.h"
#include "shaper/queue.h"

#define NAME "sfe_list_loss"
#define LIST_MAP "sfe_list"
#define SEEN_MAP "sfe_seen"
#define LOST_MAP "sfe_lost"
#define HANDLE 1u
#define EGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)
#define ALL_PROTOCOLS TC_H_MAKE(SFE_LOSS_PREFERENCE << 16, htons(ETH_P_ALL))

/* An entry of the list map. The first entry is a range without packets, so that a search always
 * finds an entry. The last entry holds the period; no search finds it. */
struct entry {
	uint64_t first, last;
};
#define MORE_ENTRIES 2u

/* ---- the program */

/* r6: the number of the packet, from 1, or within the period. r7: 0, the entry that the search
 * begins with. */
static void put_count(struct sfe_bpf_code *c, int seen, int list, uint32_t n)
{
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_7, 0, 0, 0);
	sfe_bpf_to_end(c, sfe_bpf_put_lookup(c, seen, BPF_REG_7));
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_6, 0, 0, 1);
	sfe_bpf_put(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_6, 0, BPF_ADD | BPF_FETCH);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_8, 0, 0, (int32_t)n + 1);
	sfe_bpf_to_end(c, sfe_bpf_put_lookup(c, list, BPF_REG_8));
	sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_0,
		offsetof(struct entry, last), 0);
	sfe_bpf_put(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 1, 0);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOD | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	sfe_bpf_put(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_6, 0, 0, 1);
}

/* r7: the last entry that does not begin after r6. No jump depends on the value of r7; otherwise
 * the verifier would examine each path through all the steps. */
static void put_search(struct sfe_bpf_code *c, int list, uint32_t n)
{
	uint32_t step = 1;

	while (step <= n / 2)
		step *= 2;
	for (; n && step; step /= 2) {
		sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_8, BPF_REG_7, 0, 0);
		sfe_bpf_put(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_8, 0, 0, (int32_t)step);
		int beyond = sfe_bpf_put_lookup(c, list, BPF_REG_8);
		sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_0,
			offsetof(struct entry, first), 0);
		sfe_bpf_put(c, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_1, BPF_REG_6, 1, 0);
		sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_8, 0, 0);
		sfe_bpf_land(c, beyond);
	}
}

static void put_loss(struct sfe_bpf_code *c, int list, int lost)
{
	sfe_bpf_to_end(c, sfe_bpf_put_lookup(c, list, BPF_REG_7));
	sfe_bpf_put(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_0,
		offsetof(struct entry, last), 0);
	sfe_bpf_put(c, BPF_JMP | BPF_JGT | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	sfe_bpf_to_end(c, c->n - 1);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_7, 0, 0, 0);
	sfe_bpf_to_end(c, sfe_bpf_put_lookup(c, lost, BPF_REG_7));
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1);
	sfe_bpf_put(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD);
	sfe_bpf_put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, TC_ACT_STOLEN);
	sfe_bpf_put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

struct maps {
	int list, seen, lost;
};

static int load_program(const struct maps *m, uint32_t n, const char *where, struct sfe_error *err)
{
	struct sfe_bpf_code c = {.n = 0};
	char log[200] = "";

	put_count(&c, m->seen, m->list, n);
	put_search(&c, m->list, n);
	put_loss(&c, m->list, m->lost);
	sfe_bpf_put_end(&c, TC_ACT_UNSPEC);
	int r = sfe_bpf_program(NAME, c.insn, (uint32_t)c.n, log, sizeof(log));
	return r >= 0 ? r
		      : sfe_fail(err, r, where, NULL,
				"the kernel refuses the program for packet-list loss: %s%s%s",
				strerror(-r), *log ? ": " : "", log);
}

/* ---- the program's maps */

static void close_maps(struct maps *m)
{
	int *fd[] = {&m->list, &m->seen, &m->lost};

	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++) {
		if (*fd[i] >= 0)
			close(*fd[i]);
		*fd[i] = -1;
	}
}

/* The list in the map's form; the caller frees it. */
static struct entry *entries_of(const struct sfe_packet_list *list)
{
	struct entry *e = calloc((size_t)list->n + MORE_ENTRIES, sizeof(*e));

	if (!e)
		return NULL;
	e[list->n + 1] = (struct entry){UINT64_MAX, list->period};
	for (uint32_t i = 0; i < list->n; i++)
		e[i + 1] = (struct entry){list->range[i].first, list->range[i].last};
	return e;
}

static int make_list(const struct sfe_packet_list *list)
{
	struct entry *e = entries_of(list);
	uint32_t n = list->n + MORE_ENTRIES;
	/* Not BPF_F_RDONLY_PROG: the verifier treats such a frozen array as one with one value. */
	int map = e ? sfe_bpf_array(LIST_MAP, sizeof(*e), n) : -ENOMEM;
	int r = map < 0 ? map : sfe_bpf_array_write(map, e, n);

	r = r ? r : sfe_bpf_freeze(map);
	free(e);
	if (r && map >= 0)
		close(map);
	return r ? r : map;
}

/* Makes the maps. m->lost is kept if it is a descriptor already. */
static int make_maps(struct maps *m, const struct sfe_packet_list *list, const char *where,
	struct sfe_error *err)
{
	m->list = make_list(list);
	m->seen = m->list < 0 ? m->list : sfe_bpf_array(SEEN_MAP, sizeof(uint64_t), 1);
	if (m->lost < 0)
		m->lost = m->seen < 0 ? m->seen : sfe_bpf_array(LOST_MAP, sizeof(uint64_t), 1);
	int r = m->list < 0 ? m->list : m->seen < 0 ? m->seen : m->lost < 0 ? m->lost : 0;
	return r ? sfe_fail(err, r, where, NULL,
			   "cannot make the packet list (does this kernel have BPF?): %s",
			   strerror(-r))
		 : 0;
}

/* ---- the filter that runs the program */

/* With a managed queue, packets go to the queue's device first. */
static int device_of(int ifindex, const struct sfe_link_spec *spec)
{
	return sfe_shaper_manages(spec) ? sfe_ifb_of_queue(ifindex) : ifindex;
}

static struct tcmsg filter_at(int ifindex)
{
	return (struct tcmsg){
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = EGRESS,
		.tcm_info = ALL_PROTOCOLS,
		.tcm_handle = HANDLE,
	};
}

struct finding {
	const char *where;
	int program; /* a descriptor, owned by the caller */
	struct sfe_error *err;
};

static int find_filter(struct nlmsghdr *h, void *arg)
{
	struct finding *f = arg;
	struct nlattr *attrs[TCA_MAX + 1], *bpf[TCA_BPF_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWTFILTER || tc->tcm_handle != HANDLE || f->program >= 0)
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_KIND])
		return sfe_fail(f->err, -EPROTO, f->where, NULL, "cannot read its filter back");
	if (strcmp(nla_get_string(attrs[TCA_KIND]), "bpf"))
		return 0;
	if (!attrs[TCA_OPTIONS] || nla_parse_nested(bpf, TCA_BPF_MAX, attrs[TCA_OPTIONS], NULL) ||
		!bpf[TCA_BPF_ID])
		return sfe_fail(f->err, -EPROTO, f->where, NULL,
			"cannot read back its program for packet-list loss");
	f->program = sfe_bpf_program_by_id(nla_get_u32(bpf[TCA_BPF_ID]));
	return f->program >= 0 ? 0
			       : sfe_fail(f->err, f->program, f->where, NULL,
					 "cannot read back its program for packet-list loss: %s",
					 strerror(-f->program));
}

/* *out: a descriptor of the program at a device, -1 if there is none. */
static int find_program(
	struct sfe_nl *nl, int device, const char *where, int *out, struct sfe_error *err)
{
	struct tcmsg tc = filter_at(device);
	struct finding f = {where, -1, err};

	tc.tcm_handle = 0;
	int r = sfe_nl_dump(
		nl, sfe_nl_msg(RTM_GETTFILTER, 0, &tc, sizeof(tc)), find_filter, &f, err);
	*out = f.program;
	return r;
}

static int queue_filter(
	struct sfe_nl *nl, int device, int program, const char *where, struct sfe_error *err)
{
	struct tcmsg tc = filter_at(device);
	struct nlattr *options;
	int r = sfe_clsact_add(nl, device, where, err);

	if (r)
		return r;
	/* If the device has a program already, this one replaces it. */
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_REPLACE, &tc, sizeof(tc));
	if (msg && (nla_put_string(msg, TCA_KIND, "bpf") ||
			   !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
			   nla_put_u32(msg, TCA_BPF_FD, (uint32_t)program) ||
			   nla_put_string(msg, TCA_BPF_NAME, NAME) ||
			   nla_put_u32(msg, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT))) {
		nlmsg_free(msg);
		msg = NULL;
	} else if (msg) {
		nla_nest_end(msg, options);
	}
	return sfe_nl_queue(
		nl, msg, where, "set its packet-list loss (does this kernel have cls_bpf?)", err);
}

int sfe_packet_list_loss_set(struct sfe_nl *nl, int ifindex, bool is_new,
	const struct sfe_link_spec *spec, const char *where, struct sfe_error *err)
{
	const struct sfe_packet_list *list = spec->loss.packets;
	struct maps m = {-1, -1, -1};
	int old = -1, program, device = device_of(ifindex, spec);

	if (!list)
		return 0;
	int r = is_new ? 0 : find_program(nl, device, where, &old, err);
	if (!r && old >= 0)
		m.lost = sfe_bpf_map_of(old, LOST_MAP);
	if (old >= 0)
		close(old);
	r = r ? r : make_maps(&m, list, where, err);
	program = r ? r : load_program(&m, list->n, where, err);
	close_maps(&m); /* the program keeps them alive */
	if (program < 0)
		return program;
	r = queue_filter(nl, device, program, where, err);
	int kept = sfe_nl_keep(nl, program, err);
	return r ? r : kept;
}

/* ---- read back */

static int compare(const struct sfe_shaped *s, int map, struct sfe_error *err)
{
	const struct sfe_packet_list *list = s->spec.loss.packets;
	uint32_t n = list->n + MORE_ENTRIES;
	struct entry *want = entries_of(list), *got = calloc(n, sizeof(*got));
	struct bpf_map_info info;
	int r = want && got ? sfe_bpf_map_info(map, &info) : -ENOMEM;

	if (!r && (info.max_entries != n || info.value_size != sizeof(*got)))
		r = -EPROTO;
	r = r ? r : sfe_bpf_array_read(map, got, sizeof(*got), n);
	bool same = !r && !memcmp(want, got, n * sizeof(*got));
	free(want);
	free(got);
	return r || !same ? sfe_fail(err, r ? r : -EPROTO, s->where, NULL,
				    "its packet list in the kernel differs from what was set%s%s",
				    r ? ": " : "", r ? strerror(-r) : "")
			  : 0;
}

static int read_back_one(struct sfe_nl *nl, struct sfe_shaped *s, struct sfe_error *err)
{
	int program, list = -1, lost = -1;
	uint64_t n = 0;
	int r = find_program(nl, device_of(s->ifindex, &s->spec), s->where, &program, err);

	if (r)
		return r;
	if (program < 0)
		return sfe_fail(err, -EPROTO, s->where, NULL,
			"its program for packet-list loss is not there");
	list = sfe_bpf_map_of(program, LIST_MAP);
	lost = sfe_bpf_map_of(program, LOST_MAP);
	r = list < 0 ? list : lost < 0 ? lost : sfe_bpf_array_read(lost, &n, sizeof(n), 1);
	if (r)
		sfe_fail(err, r, s->where, NULL, "cannot read its packet list back: %s",
			strerror(-r));
	r = r ? r : compare(s, list, err);
	s->losses += n;
	if (list >= 0)
		close(list);
	if (lost >= 0)
		close(lost);
	close(program);
	return r;
}

int sfe_packet_list_loss_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++)
		if (shaped[i].spec.loss.packets)
			r = read_back_one(nl, &shaped[i], err);
	return r;
}
