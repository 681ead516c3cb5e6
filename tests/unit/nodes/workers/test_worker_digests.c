/* SPDX-License-Identifier: MIT */
/*
 * Messages with digests, as where links corrupt packets; and requests that no worker sends.
 */
#include "tests/unit/nodes/workers/chain_lab.h"

static void test_digests(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_chain(&c, strategies[i], -1);
		c.deployment.damages = true;
		struct outcome o = run_chain(&c, LAB_RING);
		expect_done(&o);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
	}
}

/* A message that does not agree with its digest is refused; a person with curl sends no digest. */
static void test_damaged(void)
{
#define ASK "curl -s --max-time 5 -o /dev/null -w '%{http_code}' "
#define STEP "http://127.0.0.2:8080/step/0/1"
	static const char *const asked[][2] = {
		{ASK "http://127.0.0.2:8080/", "200"},
		{ASK STEP, "404"},
		{ASK "-H 'sfemu-job: 0' " STEP, "503"},
		{ASK "-H 'sfemu-job: 0' -H 'sfemu-digest: 0123456789abcdef-0123456789abcdef' " STEP,
			"503"},
		{ASK "-H 'sfemu-job: 0' -H 'sfemu-digest: 0123456789abcdeg-0123456789abcdef' " STEP,
			"503"},
		{ASK "-H 'sfemu-job: x' " STEP, "503"},
	};
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {.ended = true};
	char out[256];

	make_chain(&c, &sfe_state_local, -1);
	c.deployment.damages = true;
	lab_start(&lab, &c.deployment);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		CU_ASSERT_STRING_EQUAL(lab_output(asked[i][0], out, sizeof(out)), asked[i][1]);
	finish(&lab, &o);
}

/* Each request is refused, and the worker goes on. */
static void test_odd_requests(void)
{
#define STATUS "curl -s --max-time 10 -o /dev/null -w '%{http_code}' "
#define HEAD                                                                                       \
	"-H 'sfemu-job: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: arg=1000' -H 'sfemu-strategy: "     \
	"StateLocal' "
#define PUT "-H 'sfemu-step: 2' " HEAD "-H 'sfemu-version: 2' -X PUT --data-binary @- "
	static const struct {
		const struct sfe_strategy_info *strategy;
		const char *command, *answer;
	} odd[] = {
		/* A step that does not exist: at a store, at a holder, of a copy. */
		{&sfe_unchained_in_edge,
			STATUS "-H 'sfemu-step: 4294967294' http://127.0.0.5:8080/state/0/0",
			"404"},
		{&sfe_unchained_in_edge,
			STATUS "-H 'sfemu-step: 3' http://127.0.0.5:8080/state/0/0", "404"},
		{&sfe_state_local,
			STATUS "-H 'sfemu-step: 4294967294' http://127.0.0.1:8080/state/0/0",
			"404"},
		{&sfe_state_local,
			"head -c 200000 /dev/zero | " STATUS PUT
			"http://127.0.0.5:8080/replica/0/0; " STATUS
			"-H 'sfemu-step: 4294967294' http://127.0.0.5:8080/replica/0/0",
			"200404"},
		{&sfe_state_local, STATUS "http://127.0.0.1:8080/step/0/4294967294", "404"},
		{&sfe_state_local, STATUS "http://127.0.0.1:8080/step/0/4", "404"},
		/* Impossible attempts. */
		{&sfe_state_local,
			STATUS HEAD "-H 'sfemu-step: 0' -H 'sfemu-attempt: 0' -d '' "
				    "http://127.0.0.2:8080/invoke",
			"400"},
		{&sfe_state_local,
			STATUS HEAD "-H 'sfemu-step: 0' -H 'sfemu-attempt: 99999999999' -d '' "
				    "http://127.0.0.2:8080/invoke",
			"400"},
		/* A copy of an older version than the one kept, and one where no copies are kept.
		 */
		{&sfe_state_local,
			"for i in 1 2; do head -c 3000 /dev/zero | " STATUS HEAD
			"-H \"sfemu-step: $((2 - i))\" -H \"sfemu-version: $((3 - i))\" -X PUT "
			"--data-binary "
			"@- "
			"http://127.0.0.5:8080/replica/0/1; done",
			"200409"},
		{&sfe_pure_faas,
			"head -c 200000 /dev/zero | " STATUS PUT
			"http://127.0.0.5:8080/replica/0/0",
			"400"},
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct chain c;
		struct lab lab = {.kind = i % 2 ? LAB_RING : LAB_PROCESSES};
		struct outcome o = {0};
		char out[256];

		make_chain(&c, odd[i].strategy, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		lab_wait_until_computing(2);
		CU_ASSERT_STRING_EQUAL(lab_output(odd[i].command, out, sizeof(out)), odd[i].answer);
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.job.status, 0);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"messages with digests", test_digests},
		{"damaged messages", test_damaged},
		{"requests that no worker sends", test_odd_requests},
	};

	return chain_main("worker digests", tests, sizeof(tests) / sizeof(*tests));
}
