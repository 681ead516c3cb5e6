/* SPDX-License-Identifier: MIT */
/* The plan of a network: hosts, cables, addresses, routes. */
#include <stdio.h>
#include <string.h>

#include "emu/net/planner.h"
#include "tests/unit/unit.h"

#define NODE(name) "0;" name ";1000;4000;x86;sbc;rpi3b+\n"

static struct sfe_topology *parse(const char *nodes, const char *links, const char *edges)
{
	struct sfe_topology *t = NULL;
	struct sfe_error err = {0};
	int r = sfe_topology_parse(nodes, strlen(nodes), "nodes", links, strlen(links), "links",
		edges, strlen(edges), "edges", &t, &err);

	if (r)
		printf("\n%s: %s\n", err.where, err.what);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	return t;
}

/* Longest prefix match, as the kernel does it. SFE_NONE: no route. */
static uint32_t forward(const struct sfe_plan *p, uint32_t at, uint32_t address)
{
	const struct sfe_host *h = &p->hosts[at];
	int best = -1;
	uint32_t port = SFE_NONE;

	for (uint32_t i = 0; i < h->n_routes; i++) {
		const struct sfe_route *r = &h->routes[i];
		uint32_t mask = r->length ? (uint32_t)(~0ull << (32 - r->length)) : 0;
		CU_ASSERT_EQUAL(r->prefix & ~mask, 0);
		if ((address & mask) == r->prefix && (int)r->length > best) {
			best = r->length;
			port = r->port;
		}
	}
	return port == SFE_NONE ? SFE_NONE : sfe_plan_peer(p, h, port)->host;
}

/* The number of hops of a packet, SFE_NONE if it would get lost or loop. */
static uint32_t walk(const struct sfe_plan *p, uint32_t from, uint32_t to)
{
	uint32_t hops = 0;

	while (from != to && hops <= p->n_hosts) {
		from = forward(p, from, p->hosts[to].address);
		if (from == SFE_NONE)
			return SFE_NONE;
		hops++;
	}
	return from == to ? hops : SFE_NONE;
}

static void check_all_ways(const struct sfe_plan *p)
{
	uint32_t lost = 0;

	for (uint32_t a = 0; a < p->n_hosts; a++)
		for (uint32_t b = 0; b < p->n_hosts; b++)
			lost += walk(p, a, b) == SFE_NONE;
	CU_ASSERT_EQUAL(lost, 0);
}

static void test_iiot(void)
{
	struct sfe_topology *t;
	struct sfe_plan *p;
	struct sfe_error err = {0};
	uint32_t mediums = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(4, &t, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, &err), 0);
	CU_ASSERT_EQUAL(p->n_hosts, t->n_nodes + t->n_junctions + 4);
	CU_ASSERT_EQUAL(p->n_cables, p->n_hosts - 1);
	check_all_ways(p);
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		mediums += p->hosts[h].kind == SFE_HOST_MEDIUM;
		/* In a tree there is one route per port; one is a default, except at the root. */
		CU_ASSERT_EQUAL(p->hosts[h].n_routes, p->hosts[h].n_ports);
		for (uint32_t g = 0; g < h; g++)
			CU_ASSERT_NOT_EQUAL(p->hosts[h].address, p->hosts[g].address);
	}
	CU_ASSERT_EQUAL(mediums, 4);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

/* An uplink of 50 Mb/s and a downlink of 500: each direction of the cable belongs to its own link.
 */
static void test_directions(void)
{
	struct sfe_topology *t;
	struct sfe_plan *p;
	struct sfe_error err = {0};
	bool found = false;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(1, &t, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, &err), 0);
	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			const struct sfe_cable_end *end = &p->cables[c].end[side],
						   *far = &p->cables[c].end[1 - side];
			if (end->link == SFE_NONE || strcmp(t->links[end->link].name, "up_lan_0"))
				continue;
			found = true;
			CU_ASSERT_STRING_EQUAL(p->hosts[end->host].name, "switch_lan_0");
			CU_ASSERT_STRING_EQUAL(t->links[far->link].name, "down_lan_0");
		}
	CU_ASSERT_TRUE(found);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

/* A ring of three junctions: packets take the fast path, not the one over the slow link. */
static void test_ring(void)
{
	struct sfe_topology *t = parse(NODE("a") NODE("b"),
		"0;1000;la;node\n1;1000;lb;node\n2;1;slow;node\n3;1000;f1;node\n4;1000;f2;node\n",
		"a la\nla a j1\nj1 la slow f1\nb lb\nlb b j2\nj2 lb slow f2\n"
		"slow j1 j2\nf1 j1 j3\nj3 f1 f2\nf2 j3 j2\n");
	struct sfe_plan *p;
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, &err), 0);
	CU_ASSERT_EQUAL(p->n_cables, 5);
	check_all_ways(p);
	uint32_t a = sfe_plan_host(p, "a"), b = sfe_plan_host(p, "b");
	CU_ASSERT_EQUAL(walk(p, a, b), 4); /* a j1 j3 j2 b */
	CU_ASSERT_EQUAL(walk(p, b, a), 4);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

/* The end of a long name is not a checked name: no command may take the interface's name for an
 * option. */
static void test_interface_names(void)
{
	struct sfe_topology *t = parse(NODE("a") NODE("b"), "0;1000;la;node\n1;100;lb;node\n",
		"a la\nla a aa-bbbbbbbbbbbbbb\naa-bbbbbbbbbbbbbb la other\n"
		"other aa-bbbbbbbbbbbbbb lb\nlb other b\nb lb\n");
	struct sfe_plan *p;
	int seen = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, NULL), 0);
	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			const struct sfe_cable_end *end = &p->cables[c].end[side];
			const char *at = p->hosts[end->host].name;
			const char *to = p->hosts[p->cables[c].end[!side].host].name;
			if (strlen(to) > 15) {
				CU_ASSERT_STRING_EQUAL(
					end->ifname, strcmp(at, "a") ? "port1" : "eth0");
				seen++;
			}
			if (!strcmp(to, "other") && strcmp(at, "b"))
				CU_ASSERT_STRING_EQUAL(end->ifname, "other");
		}
	CU_ASSERT_EQUAL(seen, 2);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

/* Two links that meet get a junction between them. */
static void test_links_meet(void)
{
	struct sfe_topology *t = parse(NODE("a") NODE("b"), "0;1000;la;node\n1;100;lb;node\n",
		"a la\nla a lb\nlb la b\nb lb\n");
	struct sfe_plan *p;
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, &err), 0);
	CU_ASSERT_EQUAL(p->n_hosts, 3);
	CU_ASSERT_NOT_EQUAL(sfe_plan_host(p, "la~lb"), SFE_NONE);
	check_all_ways(p);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

static void refuse(const char *nodes, const char *links, const char *edges, const char *where,
	const char *what)
{
	struct sfe_topology *t = NULL;
	struct sfe_plan *p = NULL;
	struct sfe_error err = {0};
	int r = sfe_topology_parse(nodes, strlen(nodes), "nodes", links, strlen(links), "links",
		edges, strlen(edges), "edges", &t, &err);

	if (!r)
		r = sfe_plan_new(t, &p, &err);
	CU_ASSERT_NOT_EQUAL(r, 0);
	if (!strstr(err.where, where) || !strstr(err.what, what))
		printf("\nexpected %s: %s, got %s: %s\n", where, what, err.where, err.what);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.where, where));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, what));
	sfe_plan_free(p);
	sfe_topology_free(t);
}

#define PARALLEL "0;10;l1;node\n1;10;l2;node\n2;10;la;node\n3;10;lb;node\n"
#define ENDS "a la\nla a j\nj la\nb lb\nlb b k\nk lb\n"

/* Two paths between the same two junctions, each with a junction of its own: both are cables. */
static void test_two_paths(void)
{
	struct sfe_plan *p;
	struct sfe_topology *t = parse(NODE("a") NODE("b"), PARALLEL,
		"l1 j m\nj l1\nm l1\nm k;5\nk m;5\nl2 j n\nj l2\nn l2\nn k;1\nk n;1\n" ENDS);
	CU_ASSERT_EQUAL_FATAL(sfe_plan_new(t, &p, NULL), 0);
	CU_ASSERT_EQUAL(p->n_cables, 6);
	check_all_ways(p);
	CU_ASSERT_EQUAL(walk(p, sfe_plan_host(p, "a"), sfe_plan_host(p, "b")), 4);
	sfe_plan_free(p);
	sfe_topology_free(t);
}

static void test_refused(void)
{
	refuse(NODE("a") NODE("b") NODE("c"), "0;10;l;node\n", "a l\nb l\nc l\nl a b c\n", "l",
		"more than one far end");
	refuse(NODE("a") NODE("b"), "0;10;up;uplink\n1;10;la;node\n2;10;lb;node\n",
		"a la\nla a j\nj la up\nup k\nk lb j\nlb k b\nb lb\n", "up", "no path back");
	/* A second cable between the same two: of a link, an edge beside a link, in both orders. */
	refuse(NODE("a") NODE("b"), PARALLEL, "l1 j k\nj l1\nk l1\nl2 k j\nj l2\nk l2\n" ENDS, "l2",
		"link goes from k to j beside link l1");
	refuse(NODE("a") NODE("b"), PARALLEL, "l1 j k\nj l1 k\nk l1 j\nl2 m j\nm l2\nj l2\n" ENDS,
		"l1", "an edge goes from j to k beside the link");
	refuse(NODE("a") NODE("b"), PARALLEL,
		"k j;5\nj k;5\nl1 j k\nj l1\nk l1\nl2 m j\nm l2\nj l2\n" ENDS, "l1",
		"an edge goes from k to j beside the link");
	/* A cable without a link has its edges in both directions, or its packets go where no edge
	 * goes. */
	refuse(NODE("a") NODE("b"), PARALLEL,
		"l1 j k\nj l1\nk l1\nl2 m j\nm l2\nj l2\nm k;5\n" ENDS, "k",
		"an edge comes from m, and none goes back");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"IIoT: a tree with one route a port", test_iiot},
		{"uplink and downlink share a cable", test_directions},
		{"a ring takes the fast way", test_ring},
		{"names of interfaces", test_interface_names},
		{"two links that meet get a junction", test_links_meet},
		{"two paths between two junctions", test_two_paths},
		{"what has no two ends is refused", test_refused},
	};

	return unit_main("plan", tests, sizeof(tests) / sizeof(tests[0]));
}
