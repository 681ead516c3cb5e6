/* SPDX-License-Identifier: MIT */
/*
 * A request ahead of the call is given up while the step's request for other states of the same
 * keeper is on its way: the answer to that is of what it asked for, and the rest is asked for
 * again.
 */
#define N_STATES 3
#include "tests/unit/nodes/workers/chain_lab.h"

struct seen {
	bool ended;
	int32_t status;
	char reason[160];
	unsigned given_up, fetched; /* requests ahead; states that the last step fetched */
};

static void look(void *context, const union lab_message *m)
{
	struct seen *s = context;

	if (m->header.type == SFE_CTL_JOB) {
		s->ended = true;
		s->status = m->job.status;
		memcpy(s->reason, m->job.reason, sizeof(s->reason));
	}
	s->given_up += m->header.type == SFE_CTL_ATTEMPT &&
		       m->attempt.kind == SFE_TRANSFER_PREFETCH && m->attempt.step == 2;
	s->fetched += m->header.type == SFE_CTL_TRANSFER &&
		      m->transfer.kind == SFE_TRANSFER_FETCH && m->transfer.step == 2;
}

/* Steps 0 and 1 run on node 1, which keeps all three states. Step 1 leaves new versions of two of
 * them, so that only the first is final for step 2 before. */
static void make(struct chain *c, const struct sfe_strategy_info *with)
{
	make_chain(c, with, -1);
	memcpy(c->deps, (uint32_t[N_STEPS][N_STATES]){{0, 1, 2}, {1, 2}, {0, 1, 2}},
		sizeof(c->deps));
	c->node[1] = 1;
	c->state_bytes[2] = 4000;
	c->steps[0].n_deps = c->steps[2].n_deps = 3;
	c->steps[1].n_deps = 2;
	c->steps[1].ops = 20 * MS;
	c->job.states_total_bytes += 4000;
	c->deployment.retry = (struct sfe_retry_policy){400 * MS, 8, 10 * MS};
}

static void test_lost(void)
{
	struct sfe_strategy_info with = sfe_state_local;
	struct lab lab = {0};
	struct chain c;
	struct seen s = {0};
	union lab_message m;

	with.name = "with(prefetch=1)";
	with.options = (struct sfe_strategy_options){.fetch = SFE_FETCH_PARALLEL, .prefetch = 1};
	make(&c, &with);
	lab_start(&lab, &c.deployment);
	/* Its word and the call wait for node 3, and then their requests for node 1. */
	kill(lab.pid[3], SIGSTOP);
	lab_go(&lab, 0, 0);
	usleep(200000); /* step 1 has ended, and no deadline is over */
	kill(lab.pid[1], SIGSTOP);
	kill(lab.pid[3], SIGCONT);
	usleep(500000);
	kill(lab.pid[1], SIGCONT);
	while (!s.ended) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		look(&s, &m);
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, look, &s);
	CU_ASSERT_EQUAL(s.status, 0);
	if (s.status)
		fprintf(stderr, "failed with '%s'\n", s.reason);
	CU_ASSERT(s.given_up >= 1);
	CU_ASSERT(s.fetched >= 2); /* two states in one message, and the first */
}

int main(void)
{
	static const struct unit_test tests[] = {{"a request ahead is given up", test_lost}};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker ahead lost", tests, 1);
}
