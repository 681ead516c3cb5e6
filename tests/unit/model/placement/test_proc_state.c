/* SPDX-License-Identifier: MIT */
/* ProcState against every node looked at by itself, and hints. */
#include <math.h>

#include "emu/model/placement/hints.h"
#include "emu/model/placement/placer.h"
#include "tests/unit/model/placement/placement_bench.h"

#define TRACE                                                                                      \
	"topology: {generate: iiot, premises: 2}\n"                                                \
	"workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv, jobs: 40}\n"     \
	"placement: ProcState\n"
/* One state is read by two branches, one is written, one updated. */
#define GRAPH                                                                                      \
	"topology: {generate: iiot, premises: 2}\n"                                                \
	"placement: {rule: ProcState%s}\n"                                                         \
	"functions: {f: {ops: 5e8, output: 1kB}, g: {ops: 6e9, output: 300kB}}\n"                  \
	"workflows: [{name: w, jobs: 30, arrivals: poisson 1, argument: 200kB, states: {a: "       \
	"{size: 4MB}, b: {size: 1MB}, c: {size: 300kB}}, steps: [{name: x, function: g, update: "  \
	"a}, {name: y, function: f, after: x, read: a, write: b%s}, {name: z, function: g, "       \
	"after: x, read: a, update: c%s}, {name: e, function: f, after: [y, z], read: [a, b], "    \
	"update: c%s}]}]\n"

#define STATES 40 /* of a job, at most */

/* The same model without groups and classes: which node has which state, and who changed it. */
struct model {
	struct bench *b;
	struct sfe_placer *p;
	uint32_t *load;
	uint32_t changed_by[STATES];
	bool (*has)[STATES]; /* by node */
	struct sfe_placement_totals totals;
};

static double seconds(struct model *m, uint32_t from, uint32_t to, uint64_t bytes)
{
	return sfe_pair_path_time(m->p->paths, sfe_pair_path_between(m->p->paths, from, to), bytes);
}

static double processing(const struct model *m, const struct sfe_step *step, uint32_t node)
{
	float speed = m->b->t->nodes[node].speed_ops / (float)(m->load[node] + 1);

	return (double)((float)step->ops / speed);
}

static double by_states(
	struct model *m, const struct sfe_job *job, uint32_t k, uint32_t client, uint32_t node)
{
	const struct sfe_step *step = &job->steps[k];
	double sum = processing(m, step, node) + seconds(m, client, node, step->arg_bytes) +
		     seconds(m, node, client, step->out_bytes);

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t s = step->deps[i];
		if ((!step->access || step->access[i] != SFE_WRITE) && !m->has[node][s])
			sum += seconds(m, m->changed_by[s], node, job->state_bytes[s]);
	}
	return sum;
}

static double by_client(
	struct model *m, const struct sfe_job *job, uint32_t k, uint32_t client, uint32_t node)
{
	const struct sfe_step *step = &job->steps[k];

	return processing(m, step, node) +
	       seconds(m, client, node, step->arg_bytes + job->states_total_bytes) +
	       seconds(m, node, client, step->out_bytes + job->states_total_bytes);
}

typedef double estimate(struct model *, const struct sfe_job *, uint32_t, uint32_t, uint32_t);

static uint32_t least(struct model *m, estimate *of, const struct sfe_job *job, uint32_t k,
	uint32_t client, double *value)
{
	uint8_t affinity = m->p->affinity[job->steps[k].function];
	uint32_t best = SFE_NONE;

	*value = INFINITY;
	for (uint32_t i = 0; i < m->b->t->n_nodes; i++) {
		uint32_t node = m->p->node[i];
		if (affinity != SFE_ANY_AFFINITY &&
			(uint8_t)m->b->t->nodes[node].affinity != affinity)
			continue;
		double time = of(m, job, k, client, node);
		if (time < *value) {
			*value = time;
			best = node;
		}
	}
	return best;
}

static void ran(struct model *m, const struct sfe_step *step, uint32_t node)
{
	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t s = step->deps[i];
		if (!step->access || step->access[i] != SFE_READ) {
			for (uint32_t n = 0; n < m->b->t->n_nodes; n++)
				m->has[n][s] = false;
			m->changed_by[s] = node;
		}
		m->has[node][s] = true;
	}
	m->load[node]++;
}

/* Sums that differ in their order differ in the last bits. */
static bool close_to(double x, double y)
{
	return fabs(x - y) <= 1e-9 * fabs(y);
}

static void check_job(struct model *m, const struct sfe_job *job, uint32_t j)
{
	const struct sfe_assignment *a = m->b->a;
	uint32_t client = a->client[j];

	CU_ASSERT_FATAL(job->n_states <= STATES);
	for (uint32_t s = 0; s < job->n_states; s++) {
		for (uint32_t n = 0; n < m->b->t->n_nodes; n++)
			m->has[n][s] = n == client;
		m->changed_by[s] = client;
	}
	for (uint32_t k = 0; k < job->n_steps; k++) {
		uint32_t node = a->node[j][k];
		double best, of_net, mine = by_states(m, job, k, client, node);
		least(m, by_states, job, k, client, &best);
		uint32_t other = least(m, by_client, job, k, client, &of_net);
		CU_ASSERT(close_to(mine, best));
		CU_ASSERT(mine <= by_states(m, job, k, client, other) * (1 + 1e-9));
		m->totals.estimate_s += mine;
		m->totals.proc_net_s += by_states(m, job, k, client, other);
		ran(m, &job->steps[k], node);
	}
}

/* The jobs in the order in which they are placed. */
static void check(struct bench *b, uint32_t seed)
{
	struct sfe_assignment *drawn;
	uint32_t *order;
	struct model m = {.b = b};

	assign(b, seed);
	CU_ASSERT_EQUAL_FATAL(sfe_placer_new(b->t, b->r, b->w, NULL, &m.p, &b->err), 0);
	CU_ASSERT_EQUAL_FATAL(
		sfe_placer_draw(m.p, b->s->workload.jobs, seed, &drawn, &order, &b->err), 0);
	m.load = calloc(b->t->n_nodes, sizeof(*m.load));
	m.has = calloc(b->t->n_nodes, sizeof(*m.has));
	for (uint32_t i = 0; i < b->a->n_jobs; i++)
		check_job(&m, &b->w->jobs[b->a->job[order[i]]], order[i]);
	for (uint32_t n = 0; n < b->t->n_nodes; n++) {
		CU_ASSERT_EQUAL(m.load[n], b->a->load[n]);
		m.totals.most = m.load[n] > m.totals.most ? m.load[n] : m.totals.most;
	}
	CU_ASSERT(close_to(b->a->totals.estimate_s, m.totals.estimate_s));
	CU_ASSERT(close_to(b->a->totals.proc_net_s, m.totals.proc_net_s));
	CU_ASSERT_EQUAL(b->a->totals.most, m.totals.most);
	free(m.load);
	free(m.has);
	free(order);
	sfe_assignment_free(drawn);
	sfe_placer_free(m.p);
}

static void test_trace(void)
{
	struct bench b;

	prepare(&b, TRACE);
	for (uint32_t seed = 1; seed <= 5; seed++)
		check(&b, seed);
	end(&b);
}

static void prepare_graph(
	struct bench *b, const char *placement, const char *y, const char *z, const char *e)
{
	char text[2000];

	snprintf(text, sizeof(text), GRAPH, placement, y, z, e);
	prepare(b, text);
}

static void test_graph(void)
{
	struct bench b;

	prepare_graph(&b, "", "", "", "");
	for (uint32_t seed = 1; seed <= 5; seed++)
		check(&b, seed);
	/* It differs from ProcNet's, else nothing was tested. */
	CU_ASSERT(b.a->totals.proc_net_s > b.a->totals.estimate_s);
	struct bench net;
	prepare_graph(&net, "", "", "", "");
	net.s->placement = SFE_PROC_NET;
	assign(&net, 5);
	uint32_t most = 0;
	for (uint32_t n = 0; n < net.t->n_nodes; n++)
		most = net.a->load[n] > most ? net.a->load[n] : most;
	CU_ASSERT_EQUAL(b.a->totals.proc_net_most, most);
	CU_ASSERT(!same_places(&b, &net));
	CU_ASSERT(net.a->totals.estimate_s == 0 && !net.a->totals.most);
	end(&net);
	end(&b);
}

/* A pin that leaves all nodes gives the same as none. */
/* The node that changed a state is alone behind its switch: no path leads within its class. */
static void test_alone(void)
{
	struct bench b;

	prepare(&b, "topology: {compose: {cells: [{node: rpi4, to: s1}, {node: server, to: s2}, "
		    "{node: nuc, to: s3}], backbone: [[s1, s2], [s2, s3]]}}\n"
		    "placement: {rule: ProcState, pin: [{step: x, node: 'server_*'}]}\n"
		    "functions: {f: {ops: 5e8, output: 1kB}}\n"
		    "workflows: [{name: w, jobs: 4, arrivals: poisson 1, argument: 2kB, states: "
		    "{a: {size: 4MB}}, steps: [{name: x, function: f, update: a}, {name: y, "
		    "function: f, after: x, read: a}]}]\n");
	assign(&b, 1);
	for (uint32_t j = 0; j < b.a->n_jobs; j++)
		CU_ASSERT_EQUAL(b.a->node[j][1], b.a->node[j][0]);
	end(&b);
}

static void test_pinned(void)
{
	struct bench b, pinned;

	prepare_graph(&b, "", "", "", "");
	prepare_graph(&pinned, ", pin: [{client: '*', node: '*'}]", "", "", "");
	assign(&b, 3);
	assign(&pinned, 3);
	CU_ASSERT(same_places(&b, &pinned));
	end(&pinned);
	prepare_graph(&pinned, ", pin: [{step: z, node: nuc_1}]", "", "", "");
	assign(&pinned, 3);
	for (uint32_t j = 0; j < pinned.a->n_jobs; j++)
		CU_ASSERT_STRING_EQUAL(pinned.t->nodes[pinned.a->node[j][2]].name, "nuc_1");
	end(&pinned);
	end(&b);
}

static void test_hints(void)
{
	struct bench b;
	uint32_t of_client[1000], one = SFE_NONE, different = 0;

	memset(of_client, 0xff, sizeof(of_client));
	prepare_graph(&b, "", ", hint: 'at-{client}'", ", hint: all", ", hint: 'at-{client}'");
	assign(&b, 2);
	for (uint32_t j = 0; j < b.a->n_jobs; j++) {
		const uint32_t *node = b.a->node[j];
		uint32_t *kept = &of_client[b.a->client[j]];
		*kept = *kept == SFE_NONE ? node[1] : *kept;
		one = one == SFE_NONE ? node[2] : one;
		CU_ASSERT_EQUAL(node[1], *kept);
		CU_ASSERT_EQUAL(node[3], *kept);
		CU_ASSERT_EQUAL(node[2], one);
		different += node[1] != b.a->node[0][1];
	}
	CU_ASSERT(different > 0);
	end(&b);
	prepare_graph(&b, "", ", hint: 'job {job}'", "", ", hint: 'job {job}'");
	assign(&b, 2);
	for (uint32_t j = 0; j < b.a->n_jobs; j++)
		CU_ASSERT_EQUAL(b.a->node[j][1], b.a->node[j][3]);
	end(&b);
	/* The steps are placed in their order: y has the key first. */
	prepare_graph(&b, ", pin: [{step: y, node: nuc_1}, {step: e, node: server_1}]", ", hint: k",
		"", ", hint: k");
	fails(&b, NULL, "s.yaml:4: workflows: w: hint: k has step e of job ");
	end(&b);
}

static void test_bad_hints(void)
{
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_hint_check("frames", &err), 0);
	CU_ASSERT_EQUAL(sfe_hint_check("{client}{job}-{client}", &err), 0);
	CU_ASSERT_EQUAL(sfe_hint_check("", &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_hint_check("{client", &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_hint_check("client}", &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_hint_check("{state}", &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_hint_check("0123456789012345678901234567890123456789"
				       "0123456789012345678901234",
				&err),
		-EINVAL);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a trace, node by node", test_trace},
		{"a graph, node by node", test_graph},
		{"a node alone behind its switch", test_alone},
		{"pins", test_pinned},
		{"hints", test_hints},
		{"hints that cannot be", test_bad_hints},
	};

	return scenario_main("ProcState", tests, LEN(tests));
}
