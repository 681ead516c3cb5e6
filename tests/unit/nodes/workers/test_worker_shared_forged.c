/* SPDX-License-Identifier: MIT */
/* Requests for states that outlive jobs which no worker sends, and that look as if one did: each is
 * refused. */
#include "tests/unit/nodes/workers/shared_lab.h"

#define FETCH(number, job, strategy)                                                               \
	"GET /shared/" number " HTTP/1.1\r\n" FROM(job, strategy) "\r\n"
#define GIVE(number, job, version, bytes)                                                          \
	"PUT /shared/" number " HTTP/1.1\r\n" FROM(job, "UnchainedInEdge") version                 \
		"Content-Length: " bytes "\r\n\r\n"
/* Requests that no worker sends are refused, and change nothing. */
static void test_forged(void)
{
	static const struct {
		uint32_t node;
		const char *head;
		size_t body;
		int status;
	} cases[] = {
		{STORE, FETCH("0", "0", "UnchainedInEdge"), 0, 200},
		{STORE, FETCH("0", "0", "StateLocal"), 0, 400},
		{STORE, FETCH("0", "2", "UnchainedInEdge"), 0, 400}, /* no such job */
		{STORE, FETCH("7", "0", "UnchainedInEdge"), 0, 400}, /* no such instance */
		{STORE, FETCH("0/0", "0", "UnchainedInEdge"), 0, 400},
		{STORE, FETCH("0x", "0", "UnchainedInEdge"), 0, 400},
		{0, FETCH("0", "0", "UnchainedInEdge"), 0, 400}, /* not the home */
		{STORE, "GET /shared/0 HTTP/1.1\r\n\r\n", 0, 400},
		{STORE, "POST /shared/0 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 0, 405},
		{STORE, GIVE("0", "0", "", "50000"), 50000, 400}, /* of no version */
		{STORE, GIVE("0", "0", V0, "49999"), 49999, 400},
		{STORE, GIVE("0", "0", V0 "sfemu-attempt: 9\r\n", "50000"), 50000, 400},
		{STORE, GIVE("0", "0", V0 "sfemu-epoch: 1\r\n", "50000"), 50000, 409},
		{STORE, GIVE("0", "0", "sfemu-version: 3\r\n", "50000"), 50000, 409},
		{STORE, GIVE("0", "0", V0, "50000"), 50000, 200},
		{STORE, GIVE("0", "0", V0, "50000"), 50000, 200}, /* again */
		{STORE, GIVE("0", "1", V0, "50000"), 50000, 409},
	};
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	char answer[256];

	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	make_bench(&b, 2, MS);
	struct outcome *o = begin(&lab, &b, &sfe_unchained_in_edge);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = lab_ask(
			cases[i].node, cases[i].head, cases[i].body, answer, sizeof(answer));
		CU_ASSERT_EQUAL(status, cases[i].status);
		if (status != cases[i].status)
			printf("%d instead of %d: %s\n", status, cases[i].status, cases[i].head);
	}
	o->done = 2; /* none was started */
	end(&lab, o);
	CU_ASSERT(count(o, SFE_SHARED_WRITTEN, 0) == 1 && count(o, SFE_SHARED_REPEATED, 0) == 1);
	CU_ASSERT(count(o, SFE_SHARED_READ, 0) == 1 && count(o, SFE_SHARED_CONFLICT, 0) == 3);
	free(o);
	sfe_shared_free(&b.shared);
}

#define CHANGES(text) "sfemu-changes: " text "\r\n"
#define V1 "sfemu-version: 1\r\n"

/* Likewise of ranges. The home has the version that was read, though it is not the newest. */
static void test_forged_ranges(void)
{
	static const struct {
		const char *head;
		size_t body;
		int status;
	} cases[] = {
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5"), "6"), 6, 400},
		{GIVE("0", "0", V0 CHANGES("s1=0/50000/0+5"), "5"), 5, 400}, /* another state */
		{GIVE("0", "0", V0 CHANGES("s0=9/50000/0+5"), "5"), 5,
			400}, /* of another version */
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5, s1=0/5/0+0"), "5"), 5, 400},
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/49999+5"), "5"), 5, 400},
		{GIVE("0", "0", V0 CHANGES("s0=0/2000000000/0+5"), "5"), 5, 400}, /* too large */
		{GIVE("0", "0", V0 CHANGES("s0=0/50009/50004+5"), "5"), 5, 400},  /* a gap */
		{GIVE("0", "0", CHANGES("s0=0/50000/0+5"), "5"), 5, 400}, /* of no version */
		{GIVE("0", "0", "sfemu-version: 7\r\n" CHANGES("s0=7/50000/0+5"), "5"), 5, 412},
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5"), "5"), 5, 200},
		{GIVE("0", "0", V1 CHANGES("s0=1/50000/0+5"), "5"), 5, 200},     /* again */
		{GIVE("0", "1", V0 CHANGES("s0=0/50003/50000+3"), "3"), 3, 200}, /* late */
	};
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;

	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	states[FIRST].consistency = SFE_LAST_WRITE;
	make_bench(&b, 2, MS);
	for (uint32_t i = 0; i < b.shared.n; i++)
		b.shared.of[i].sizes_vary = true;
	struct outcome *o = begin(&lab, &b, &sfe_unchained_in_edge);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char answer[256];
		int status = lab_ask(STORE, cases[i].head, cases[i].body, answer, sizeof(answer));
		CU_ASSERT_EQUAL(status, cases[i].status);
		if (status != cases[i].status)
			printf("%d instead of %d: %s\n", status, cases[i].status, cases[i].head);
	}
	o->done = 2; /* none was started */
	end(&lab, o);
	CU_ASSERT(count(o, SFE_SHARED_WRITTEN, 0) == 2 && count(o, SFE_SHARED_REPEATED, 0) == 1);
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT_EQUAL(o->records[i].bytes, o->records[i].job ? 50003 : 50000);
	states[FIRST].consistency = SFE_FIRST_WRITE;
	free(o);
	sfe_shared_free(&b.shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"requests that no worker sends", test_forged},
		{"ranges that no worker sends", test_forged_ranges},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_shared_forged", tests, sizeof(tests) / sizeof(*tests));
}
