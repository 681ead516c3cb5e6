/* SPDX-License-Identifier: MIT */
/*
 * The closed form of random graphs with declared access, against brute force: who reads which
 * version follows from paths in an adjacency matrix, and the delay is that of the longest of all
 * paths, one by one.
 */
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/estimate.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

/* Three cells with one node each of another rate, behind a switch. The client is n0. */
#define NODES                                                                                      \
	"0;n0;1;900;x;y;nvidia_jetson_tx2\n1;n1;1;1100;x;y;server\n2;n2;1;1300;x;y;server\n"       \
	"3;n3;1;1700;x;y;server\n"
#define LINKS "0;8;l0;node\n1;11;l1;node\n2;23;l2;node\n3;5;l3;node\n"
#define EDGES "n0 l0\nl0 n0 w\nn1 l1\nl1 n1 w\nn2 l2\nl2 n2 w\nn3 l3\nl3 n3 w\nw l0 l1 l2 l3\n"
#define CLOUD_S 0.03
#define CLOUD_MBPS 7.0

enum { NODES_N = 4, STEPS = 9, STATES = 5, CLOUD = NODES_N };
enum { NONE = 3 }; /* beside enum sfe_access */

struct bench {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_error err;
	uint32_t central;
};

struct drawn {
	uint32_t n, n_states;
	bool edge[STEPS][STEPS], path[STEPS][STEPS]; /* path: of one edge or more */
	uint8_t use[STEPS][STATES];
	uint64_t size[STATES], out[STEPS], argument, ops[STEPS];
	uint32_t node[STEPS], load[NODES_N];
};

/* ---- brute force */

struct costs {
	const struct bench *b;
	const struct drawn *d;
	double before[STEPS];      /* from the client's call on, or from the last edge on */
	double edge[STEPS][STEPS]; /* from the end of the one to the start of the other */
	double net[STEPS];         /* fetches and gives */
	double after[STEPS], proc[STEPS];
	uint64_t traffic;
	double longest, longest_proc;
};

static double cost(struct costs *c, uint32_t from, uint32_t to, uint64_t bytes)
{
	if (from == CLOUD || to == CLOUD) {
		c->traffic += bytes;
		return bytes ? CLOUD_S + 8 * (double)bytes / (1e6 * CLOUD_MBPS) : 0;
	}
	c->traffic += bytes * sfe_routing_hops(c->b->r, from, to);
	return sfe_routing_time(c->b->r, from, to, bytes);
}

static bool changes(const struct drawn *d, uint32_t step, uint32_t state)
{
	return d->use[step][state] == SFE_UPDATE || d->use[step][state] == SFE_WRITE;
}

static bool reads(const struct drawn *d, uint32_t step, uint32_t state)
{
	return d->use[step][state] == SFE_UPDATE || d->use[step][state] == SFE_READ;
}

/* Who left the version that is there before the step (with `too`: after it); -1: nobody. */
static int writer(const struct drawn *d, uint32_t state, uint32_t step, bool too)
{
	int last = -1;

	for (uint32_t w = 0; w < d->n; w++)
		if (changes(d, w, state) && (d->path[w][step] || (too && w == step)) &&
			(last < 0 || d->path[last][w]))
			last = (int)w;
	return last;
}

static int last_writer(const struct drawn *d, uint32_t state)
{
	int last = -1;

	for (uint32_t w = 0; w < d->n; w++)
		if (changes(d, w, state) && (last < 0 || d->path[last][w]))
			last = (int)w;
	return last;
}

/* Whether whoever gets the version of `left` at step `to` needs it there or later. */
static bool is_needed(const struct drawn *d, uint32_t state, int left, uint32_t to)
{
	for (uint32_t x = 0; x < d->n; x++)
		if ((x == to || d->path[to][x]) && reads(d, x, state) &&
			writer(d, state, x, false) == left)
			return true;
	return left >= 0 && last_writer(d, state) == left;
}

static bool may_change_meanwhile(const struct drawn *d, uint32_t state, uint32_t step)
{
	for (uint32_t s = 0; s < d->n; s++)
		if (s != step && !d->path[s][step] && !d->path[step][s] && changes(d, s, state))
			return true;
	return false;
}

/* The bytes of the states with a call by the client, with an edge, with a result. */
static uint64_t states_of(const struct drawn *d, const char *strategy, int from, int to)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < d->n_states; i++) {
		bool goes = false;
		if (!strcmp(strategy, "PureFaaS"))
			goes = to < 0 ? changes(d, (uint32_t)from, i)
				      : d->use[to][i] != SFE_WRITE &&
						!may_change_meanwhile(d, i, (uint32_t)to);
		else if (!strcmp(strategy, "UnchainedInClient"))
			goes = to < 0 ? changes(d, (uint32_t)from, i) : reads(d, (uint32_t)to, i);
		else if (!strcmp(strategy, "StatePropagate") && to >= 0)
			goes = is_needed(d, i, from < 0 ? -1 : writer(d, i, (uint32_t)from, true),
				(uint32_t)to);
		else if (!strcmp(strategy, "StatePropagate"))
			goes = writer(d, i, (uint32_t)from, true) >= 0 &&
			       writer(d, i, (uint32_t)from, true) == last_writer(d, i);
		bytes += goes ? d->size[i] : 0;
	}
	return bytes;
}

/* Where the step gets the state from; -1: with a call. */
static int source(const struct costs *c, const char *strategy, uint32_t state, uint32_t step)
{
	int last = writer(c->d, state, step, false);

	if (!strcmp(strategy, "UnchainedExternal"))
		return CLOUD;
	if (!strcmp(strategy, "UnchainedInEdge"))
		return (int)c->b->central;
	if (strcmp(strategy, "StateLocal") && strcmp(strategy, "UnchainedInFunction"))
		return -1;
	if (last >= 0)
		return (int)c->d->node[last];
	if (!strcmp(strategy, "StateLocal"))
		return 0;
	for (uint32_t s = 0;; s++)
		if (c->d->use[s][state] != NONE)
			return (int)c->d->node[s];
}

static void add_states(struct costs *c, const char *strategy, uint32_t step)
{
	const struct drawn *d = c->d;
	int store = !strcmp(strategy, "UnchainedExternal") ? CLOUD
		    : !strcmp(strategy, "UnchainedInEdge") ? (int)c->b->central
							   : -1;

	for (uint32_t i = 0; i < d->n_states; i++) {
		int from = reads(d, step, i) ? source(c, strategy, i, step) : -1;
		if (from >= 0)
			c->net[step] += cost(c, (uint32_t)from, d->node[step], d->size[i]);
		if (store >= 0 && changes(d, step, i))
			c->net[step] += cost(c, d->node[step], (uint32_t)store, d->size[i]);
	}
}

static void add_messages(struct costs *c, const char *strategy, uint32_t step)
{
	const struct drawn *d = c->d;
	bool asks = strcmp(strategy, "StatePropagate") && strcmp(strategy, "StateLocal");
	bool first = true, last = true;
	uint64_t argument = 0;

	for (uint32_t s = 0; s < d->n; s++) {
		if (d->edge[s][step]) {
			first = false;
			argument += d->out[s];
			if (!asks)
				c->edge[s][step] = cost(c, d->node[s], d->node[step],
					d->out[s] + states_of(d, strategy, (int)s, (int)step));
		}
		last &= !d->edge[step][s];
	}
	if (first || asks)
		c->before[step] = cost(c, 0, d->node[step],
			(first ? d->argument : argument) + states_of(d, strategy, -1, (int)step));
	if (last || asks)
		c->after[step] = cost(
			c, d->node[step], 0, d->out[step] + states_of(d, strategy, (int)step, -1));
}

/* All paths from the step on. */
static void follow(struct costs *c, uint32_t step, double net, double proc)
{
	bool last = true;

	net += c->before[step] + c->net[step] + c->after[step];
	proc += c->proc[step];
	for (uint32_t s = 0; s < c->d->n; s++)
		if (c->d->edge[step][s]) {
			last = false;
			follow(c, s, net + c->edge[step][s], proc);
		}
	if (last && net + proc > c->longest) {
		c->longest = net + proc;
		c->longest_proc = proc;
	}
}

static struct costs brute_force(const struct bench *b, const struct drawn *d, const char *strategy)
{
	struct costs c = {.b = b, .d = d};

	for (uint32_t s = 0; s < d->n; s++) {
		uint32_t node = d->node[s];
		c.proc[s] = (double)d->ops[s] * d->load[node] / (double)b->t->nodes[node].speed_ops;
		add_states(&c, strategy, s);
		add_messages(&c, strategy, s);
	}
	for (uint32_t s = 0; s < d->n; s++) {
		bool first = true;
		for (uint32_t u = 0; u < d->n; u++)
			first &= !d->edge[u][s];
		if (first)
			follow(&c, s, 0, 0);
	}
	return c;
}

/* ---- drawing */

static uint32_t draw(struct sfe_stream *random, uint32_t n)
{
	return (uint32_t)(sfe_stream_u64(random) % n);
}

/* Whether two parallel steps use a state of which one changes it. */
static bool conflicts(const struct drawn *d)
{
	for (uint32_t a = 0; a < d->n; a++)
		for (uint32_t b = 0; b < d->n; b++)
			for (uint32_t i = 0; i < d->n_states; i++)
				if (a != b && !d->path[a][b] && !d->path[b][a] &&
					changes(d, a, i) && d->use[b][i] != NONE)
					return true;
	return false;
}

static void draw_job(struct sfe_stream *random, struct drawn *d)
{
	*d = (struct drawn){.n = 2 + draw(random, STEPS - 1), .n_states = draw(random, STATES + 1)};
	d->argument = draw(random, 50000);
	for (uint32_t s = 0; s < d->n; s++) {
		d->out[s] = draw(random, 50000);
		d->ops[s] = draw(random, 200000000);
		d->node[s] = draw(random, NODES_N);
		d->load[d->node[s]]++;
		for (uint32_t to = s + 1; to < d->n; to++)
			d->edge[s][to] = d->path[s][to] = !draw(random, 3);
	}
	for (uint32_t via = 0; via < d->n; via++)
		for (uint32_t a = 0; a < d->n; a++)
			for (uint32_t b = 0; b < d->n; b++)
				d->path[a][b] |= d->path[a][via] && d->path[via][b];
	for (uint32_t i = 0; i < d->n_states; i++)
		d->size[i] = 1 + draw(random, 100000);
	memset(d->use, NONE, sizeof(d->use));
	for (uint32_t tries = 0; tries < 40 && d->n_states; tries++) {
		uint8_t *use = &d->use[draw(random, d->n)][draw(random, d->n_states)], was = *use;
		*use = (uint8_t)draw(random, 3);
		if (conflicts(d))
			*use = was;
	}
}

/* ---- the same job for the closed form */

struct built {
	struct sfe_graph *graph;
	struct sfe_step steps[STEPS];
	uint32_t deps[STEPS][STATES], *node[1], job[1], client[1];
	uint8_t access[STEPS][STATES];
	struct sfe_job one;
	struct sfe_workload w;
};

static void build(struct drawn *d, struct built *x)
{
	struct sfe_edge edges[STEPS * STEPS];
	size_t n = 0;

	*x = (struct built){.node = {d->node}};
	for (uint32_t s = 0; s < d->n; s++) {
		struct sfe_step *step = &x->steps[s];
		*step = (struct sfe_step){.ops = d->ops[s],
			.out_bytes = d->out[s],
			.deps = x->deps[s],
			.access = x->access[s]};
		bool first = true;
		for (uint32_t u = 0; u < s; u++)
			if (d->edge[u][s]) {
				edges[n++] = (struct sfe_edge){u, s};
				step->arg_bytes += d->out[u];
				first = false;
			}
		step->arg_bytes = first ? d->argument : step->arg_bytes;
		for (uint32_t i = 0; i < d->n_states; i++)
			if (d->use[s][i] != NONE) {
				x->access[s][step->n_deps] = d->use[s][i];
				x->deps[s][step->n_deps++] = i;
			}
	}
	CU_ASSERT_FATAL(!sfe_graph_new(d->n, edges, n, &x->graph));
	x->one = (struct sfe_job){.n_steps = d->n,
		.steps = x->steps,
		.graph = x->graph,
		.declared = true,
		.n_states = d->n_states,
		.state_bytes = d->size};
	x->w = (struct sfe_workload){
		.n_jobs = 1, .jobs = &x->one, .n_graphs = 1, .graphs = &x->graph};
}

static bool same(const struct bench *b, struct drawn *d, struct built *x, const char *strategy)
{
	const struct sfe_estimate_params cloud = {CLOUD_S, CLOUD_MBPS};
	const struct sfe_assignment a = {1, x->job, x->client, x->node, d->load};
	const struct costs want = brute_force(b, d, strategy);
	struct sfe_error err = {0};
	struct sfe_estimate *e;

	CU_ASSERT_EQUAL_FATAL(sfe_estimate(b->t, b->r, &x->w, &a, strategy, &cloud, &e, &err), 0);
	double net = want.longest - want.longest_proc;
	bool equal = e->traffic_bytes == want.traffic && e->net_delay_s > net - 1e-6 &&
		     e->net_delay_s < net + 1e-6 && e->proc_delay_s > want.longest_proc - 1e-6 &&
		     e->proc_delay_s < want.longest_proc + 1e-6;
	if (!equal)
		printf("\n%s, %u steps: net %.9g, not %.9g; processing %.9g, not %.9g; traffic "
		       "%llu, not %llu\n",
			strategy, d->n, e->net_delay_s, net, e->proc_delay_s, want.longest_proc,
			(unsigned long long)e->traffic_bytes, (unsigned long long)want.traffic);
	free(e);
	return equal;
}

static void test_random(void)
{
	struct bench b = {0};
	struct sfe_stream random = sfe_stream_named(14, "declared");
	uint32_t bad = 0, graphs = 0, uses[3] = {0};

	CU_ASSERT_FATAL(!sfe_topology_parse(NODES, strlen(NODES), "n", LINKS, strlen(LINKS), "l",
		EDGES, strlen(EDGES), "e", &b.t, &b.err));
	CU_ASSERT_FATAL(!sfe_routing_new(b.t, SFE_PHYSICAL, &b.r, &b.err));
	CU_ASSERT_FATAL(!sfe_routing_prepare(b.r, &b.err));
	b.central = sfe_central_node(b.t, b.r);
	CU_ASSERT_FATAL(b.central != 0 && b.central < NODES_N);
	for (int k = 0; k < 500; k++) {
		struct drawn d;
		struct built x;
		draw_job(&random, &d);
		build(&d, &x);
		for (unsigned s = 0; sfe_estimate_strategy(s); s++)
			bad += !same(&b, &d, &x, sfe_estimate_strategy(s));
		CU_ASSERT_FATAL(!sfe_graph_add_states(x.graph, &x.one));
		for (unsigned s = 0; sfe_estimate_strategy(s); s++)
			bad += !same(&b, &d, &x, sfe_estimate_strategy(s));
		for (uint32_t s = 1; s < d.n; s++)
			if (!d.path[s - 1][s]) {
				graphs++;
				break;
			}
		for (uint32_t s = 0; s < d.n; s++)
			for (uint32_t i = 0; i < d.n_states; i++)
				if (d.use[s][i] != NONE)
					uses[d.use[s][i]]++;
		sfe_graph_free(x.graph);
	}
	CU_ASSERT_EQUAL(bad, 0);
	/* What was drawn is what is to be tested. */
	CU_ASSERT(graphs > 300);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(uses[i] > 300);
	sfe_routing_free(b.r);
	sfe_topology_free(b.t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"random graphs against brute force", test_random},
	};

	return unit_main("declared random", tests, sizeof(tests) / sizeof(tests[0]));
}
