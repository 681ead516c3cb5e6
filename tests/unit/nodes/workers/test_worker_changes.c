/* SPDX-License-Identifier: MIT */
/*
 * States that C code changes in part: what travels is what was changed, the states are what the
 * same code makes of them without a network, and who has lost the version before gets all of it.
 */
#include <xxhash.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/payload.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/job_states.h"
#include "tests/unit/nodes/workers/chain_lab.h"

#define PART 1024u /* that scenarios/functions/change_part.c changes of a state */

static struct sfe_function_spec specs[N_STEPS];
static struct sfe_deployed_function functions[N_STEPS];
static struct sfe_function_file plugin, append_plugin;
static char *names[N_STEPS] = {"f0", "f1", "f2"};

static void read_plugin(const char *path, char *bytes, size_t room, struct sfe_function_file *out)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		abort();
	*out = (struct sfe_function_file){
		.name = "plugin.so", .bytes = bytes, .size = fread(bytes, 1, room, f)};
	fclose(f);
}

static void read_plugins(void)
{
	static char bytes[2][1 << 20];

	read_plugin(SFE_CHANGE_PART, bytes[0], sizeof(bytes[0]), &plugin);
	read_plugin(SFE_APPEND_BYTES, bytes[1], sizeof(bytes[1]), &append_plugin);
}

/* The chain with declared access; each step updates its states by the plugin. */
static void make_parts(struct chain *c, const struct sfe_strategy_info *strategy, int long_step)
{
	make_chain(c, strategy, long_step);
	for (uint32_t s = 0; s < N_STEPS; s++) {
		specs[s] = (struct sfe_function_spec){.name = names[s],
			.kind = SFE_FUNCTION_PLUGIN,
			.ops = {.constant = (double)c->steps[s].ops}};
		functions[s] = (struct sfe_deployed_function){
			.spec = &specs[s], .n_files = 1, .files = &plugin};
		c->steps[s].function = s;
	}
	c->job.declared = true;
	c->deployed.sizes_vary = true;
	c->deployment.n_functions = N_STEPS;
	c->deployment.function_names = names;
	c->deployment.functions = functions;
}

/* What change_part does. */
static void change_part(uint8_t *state, uint64_t bytes, uint32_t step)
{
	for (uint32_t k = 500; k < 1500; k++)
		state[k] = (uint8_t)(state[k] + step + 1);
	for (uint64_t k = bytes - 24; k < bytes; k++)
		state[k] ^= 0xff;
}

static void make_right(void)
{
	static uint8_t state[200000];
	struct chain c;

	make_parts(&c, &sfe_pure_faas, -1);
	for (uint32_t i = 0; i < N_STATES; i++) {
		uint64_t bytes = c.state_bytes[i];
		payload_fill(payload_job_key(c.deployment.seed, 1), 1 + (uint64_t)i, state, bytes);
		for (uint32_t s = 0; s < N_STEPS; s++)
			if (sfe_step_uses(&c.steps[s], i))
				change_part(state, bytes, s);
		right_digest[i] = XXH3_64bits(state, bytes);
	}
	right_return = XXH3_64bits(NULL, 0);
}

/* ---- what travels */

struct tally {
	struct outcome o;
	uint64_t bytes[SFE_TRANSFER_REPLICA + 1];
	unsigned n[SFE_TRANSFER_REPLICA + 1];
};

static void take_bytes(void *context, const union lab_message *m)
{
	struct tally *t = context;

	take(&t->o, m);
	if (m->header.type != SFE_CTL_TRANSFER)
		return;
	t->bytes[m->transfer.kind] += m->transfer.payload_bytes;
	t->n[m->transfer.kind]++;
}

/* Runs the job; `victim` crashes and restarts when the long step computes on the node `where`. */
static struct tally run(struct chain *c, enum lab_kind kind, uint32_t where, int victim)
{
	struct lab lab = {.kind = kind};
	struct tally t = {0};
	union lab_message m;

	lab_start(&lab, &c->deployment);
	lab_go(&lab, 0, 0);
	if (victim >= 0) {
		lab_wait_until_computing(where);
		tell(&lab, (uint32_t)victim, SFE_CTL_CRASH);
		usleep(50000);
		tell(&lab, (uint32_t)victim, SFE_CTL_RESTART);
	}
	while (!t.o.ended) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take_bytes(&t, &m);
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take_bytes, &t);
	return t;
}

/* The steps change four times a state, the last one on another node than the first. */
static void test_without_faults(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		uint64_t calls, returned, fetched, stored;
	} moved[] = {
		{&sfe_pure_faas, 1000 + 3 * 203000, 4 * PART, 0, 0},
		{&sfe_state_propagate, 1000 + 3 * 203000, 2 * PART, 0, 0}, /* both steps' changes */
		{&sfe_state_local, 1000, 0, 203000 + 3000 + 200000, 0},
		{&sfe_unchained_external, 1000, 0, 203000 + 3000 + 200000, 4 * PART},
		{&sfe_unchained_in_edge, 1000, 0, 203000 + 3000 + 200000, 4 * PART},
		{&sfe_unchained_in_function, 1000, 0, 3000 + 200000, 0},
		{&sfe_unchained_in_client, 1000 + 203000 + 3000 + 200000, 4 * PART, 0, 0},
	};

	for (int kind = LAB_PROCESSES; kind <= LAB_RING; kind++) {
		for (size_t i = 0; i < sizeof(moved) / sizeof(*moved); i++) {
			struct chain c;
			make_parts(&c, moved[i].strategy, -1);
			struct tally t = run(&c, (enum lab_kind)kind, 0, -1);
			expect_done(&t.o);
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_CALL], moved[i].calls);
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_RETURN], moved[i].returned);
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_FETCH], moved[i].fetched);
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_STORE], moved[i].stored);
		}
	}
}

/* Where the access is not declared, and of the sample function, all of it. */
static void test_whole(void)
{
	for (int sample = 0; sample < 2; sample++) {
		struct chain c;
		make_parts(&c, &sfe_unchained_in_edge, -1);
		c.job.declared = sample;
		for (uint32_t s = 0; s < N_STEPS && sample; s++)
			specs[s].kind = SFE_FUNCTION_SYNTHETIC;
		struct tally t = run(&c, LAB_SHARED, 0, -1);
		CU_ASSERT_EQUAL(t.o.job.status, 0);
		CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_STORE], 203000 + 3000 + 200000);
		if (!sample)
			expect_done(&t.o);
	}
}

/* What several steps change adds up on the way to the client. */
static void test_two_functions(void)
{
	static uint8_t state[203000];
	const uint64_t bytes = 200000;

	payload_fill(payload_job_key(1, 1), 1, state, bytes);
	change_part(state, bytes, 0);
	memset(state + bytes, '0' + 2, 3000); /* what append_bytes.c does */
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_parts(&c, strategies[i], -1);
		functions[2].files = &append_plugin;
		struct tally t = run(&c, LAB_SHARED, 0, -1);
		CU_ASSERT_EQUAL(t.o.job.status, 0);
		CU_ASSERT_EQUAL(t.o.digest[0], XXH3_64bits(state, bytes + 3000));
		CU_ASSERT_EQUAL(t.o.digest[1], right_digest[1]);
		if (strategies[i] == &sfe_state_propagate)
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_RETURN], 2 * PART + 3000);
	}
}

/* After the sample function nobody knows what it changed: the client gets all of it. */
static void test_after_sample(void)
{
	uint64_t digest[N_STATES] = {0};

	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_parts(&c, strategies[i], -1);
		specs[0].kind = SFE_FUNCTION_SYNTHETIC;
		struct tally t = run(&c, LAB_SHARED, 0, -1);
		CU_ASSERT_EQUAL(t.o.job.status, 0);
		if (!i)
			memcpy(digest, t.o.digest, sizeof(digest));
		CU_ASSERT(!memcmp(digest, t.o.digest, sizeof(digest)));
		if (strategies[i] == &sfe_state_propagate)
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_RETURN], 203000);
		if (strategies[i] == &sfe_pure_faas)
			CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_RETURN], 203000 + 2 * PART);
	}
}

/* ---- crashes */

/* As without changes in part: what is lost is asked for, or called, again. */
static void test_crash_of_first(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_parts(&c, strategies[i], 0);
		struct tally t = run(&c, LAB_SHARED, 1, 1);
		expect_done(&t.o);
		CU_ASSERT_EQUAL(t.o.job.attempts, strategies[i] == &sfe_state_propagate ? 2u : 1u);
	}
}

static void test_crash_of_last(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_parts(&c, strategies[i], 2);
		struct tally t = run(&c, LAB_RING, 3, 3);
		expect_done(&t.o);
	}
}

/* A replica has the version before, or has lost it in a crash and gets all of the next one. */
static void test_copies(void)
{
	for (int crashes = 0; crashes < 2; crashes++) {
		struct chain c;
		make_parts(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		struct tally t = run(&c, LAB_SHARED, 2, crashes ? 4 : -1);
		expect_done(&t.o);
		CU_ASSERT(t.o.copies[0] == 1 && t.o.copies[1] == 1);
		/* Of each state a first copy, and what was changed later. */
		uint64_t bytes = 203000 + 2 * PART;
		CU_ASSERT_EQUAL(t.bytes[SFE_TRANSFER_REPLICA], crashes ? bytes + 203000 : bytes);
		CU_ASSERT_EQUAL(t.n[SFE_TRANSFER_REPLICA], crashes ? 6 : 4);
	}
}

static uint32_t last_node(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	(void)j, (void)state, (void)step;
	return N_NODES - 1;
}

/* A store that has lost the version before gets all of the next one, where it may take it at all:
 * where there are copies. */
static void test_crash_of_keeper(void)
{
	static const struct sfe_strategy_info rule = {.abi = SFE_STRATEGY_ABI,
		.name = "AtLastNode",
		.created_on_use = true,
		.keeper = last_node,
		.names_keepers = true,
		.copies = true};
	struct chain c;

	for (int crashes = 0; crashes < 2; crashes++) {
		make_parts(&c, &rule, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		struct tally t = run(&c, LAB_SHARED, 2, crashes ? N_NODES - 1 : -1);
		expect_done(&t.o);
		/* Of state 1 by the second step, of state 0 by the third, which has a copy. */
		uint64_t bytes = 4 * PART;
		CU_ASSERT_EQUAL(
			t.bytes[SFE_TRANSFER_STORE], crashes ? bytes + 3000 + 200000 : bytes);
	}
	make_parts(&c, &sfe_unchained_in_edge, 1);
	struct tally t = run(&c, LAB_PROCESSES, 2, 4);
	expect_failed(&t.o, "it does not take it");
}

/* ---- requests that look like changes */

#define PUT                                                                                        \
	"head -c %u /dev/zero | curl -s --max-time 10 -o /dev/null -w '%%{http_code}' -X PUT "     \
	"-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 1' "                                 \
	"-H 'sfemu-strategy: UnchainedInEdge' -H 'sfemu-version: 1' -H 'sfemu-changes: %s' "       \
	"--data-binary @- http://127.0.0.5:8080/state/0/0"
#define GET                                                                                        \
	"curl -s --max-time 10 -H 'sfemu-step: %u' http://127.0.0.5:8080/state/0/0 | tail -c 11 "  \
	"| "                                                                                       \
	"tr '\\0' . | cut -b 1-%u"

static void test_forged_store(void)
{
	static const struct {
		const char *changes;
		unsigned body;
		const char *answer;
	} puts[] = {
		{"s0=0/200000/0+10", 11, "400"},         /* another body */
		{"s0=0/200000/0+10/5+10", 20, "400"},    /* ranges that overlap */
		{"s0=0/200000/199995+10", 10, "400"},    /* and are beyond the end */
		{"s0=0/99999999999/0+10", 10, "400"},    /* more than a state may have */
		{"s1=0/200000/0+10", 10, "400"},         /* another state */
		{"s0=0/200000/0+10, s1=0/9", 10, "400"}, /* and one more */
		{"s0=1/200000/0+10", 10, "400"},         /* of another version */
		{"s0=18446744073709551615/200000/0+10", 10, "400"},
		{"s0=0/200000/0+", 0, "400"},    /* no header */
		{"s0=0/200009/0+10", 10, "400"}, /* bytes that are in no range */
		{"s0=0/200010/199999+11", 11, "200"},
		{"s0=0/200010/199999+11", 11, "200"}, /* again: its answer may be lost */
	};
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {.ended = true};
	char command[1024], out[256];

	make_parts(&c, &sfe_unchained_in_edge, -1);
	lab_start(&lab, &c.deployment);
	/* Not there: it would take all of it, since a later version is no loss. */
	snprintf(command, sizeof(command), PUT, 10u, "s0=0/200000/0+10");
	CU_ASSERT_STRING_EQUAL(lab_output(command, out, sizeof(out)), "409");
	snprintf(command, sizeof(command), GET, 0u, 1u); /* creates it */
	lab_output(command, out, sizeof(out));
	/* A later version than the store has. */
	lab_output("curl -s --max-time 10 -o /dev/null -w '%{http_code}' -X PUT -H 'sfemu-job: 0' "
		   "-H 'sfemu-step: 2' -H 'sfemu-from: 3' -H 'sfemu-strategy: UnchainedInEdge' "
		   "-H 'sfemu-version: 2' -H 'sfemu-changes: s0=1/200000' --data-binary '' "
		   "http://127.0.0.5:8080/state/0/0",
		out, sizeof(out));
	CU_ASSERT_STRING_EQUAL(out, "412");
	for (size_t i = 0; i < sizeof(puts) / sizeof(*puts); i++) {
		snprintf(command, sizeof(command), PUT, puts[i].body, puts[i].changes);
		lab_output(command, out, sizeof(out));
		CU_ASSERT_STRING_EQUAL(out, puts[i].answer);
		if (strcmp(out, puts[i].answer) != 0)
			fprintf(stderr, "%s: %s\n", puts[i].changes, out);
	}
	snprintf(command, sizeof(command), GET, 2u, 11u);
	CU_ASSERT_STRING_EQUAL(lab_output(command, out, sizeof(out)), "...........\n");
	finish(&lab, &o);
}

/* A step that runs again after a crash may leave other bytes as the same version: the copy is of
 * the last run, as what the keeper has is. */
static void test_copy_of_second_run(void)
{
	static const char *const letters[] = {"a", "b"};
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {.ended = true};
	char command[512], out[64];

	make_parts(&c, &sfe_state_local, -1);
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	for (size_t i = 0; i < 2; i++) {
		snprintf(command, sizeof(command),
			"curl -s --max-time 10 -o /dev/null -w '%%{http_code}' -X PUT "
			"-H 'sfemu-step: 0' -H 'sfemu-from: 1' -H 'sfemu-strategy: StateLocal' "
			"-H 'sfemu-version: 1' --data-binary %s%s%s "
			"http://127.0.0.5:8080/replica/0/0",
			letters[i], letters[i], letters[i]);
		CU_ASSERT_STRING_EQUAL(lab_output(command, out, sizeof(out)), "200");
		lab_output("curl -s --max-time 10 -H 'sfemu-step: 2' "
			   "http://127.0.0.5:8080/replica/0/0 | cut -b 1",
			out, sizeof(out));
		CU_ASSERT_EQUAL(out[0], *letters[i]);
	}
	/* Changes of the version before are none of this one. */
	lab_output("curl -s --max-time 10 -o /dev/null -w '%{http_code}' -X PUT -H 'sfemu-step: 0' "
		   "-H 'sfemu-from: 1' -H 'sfemu-strategy: StateLocal' -H 'sfemu-version: 1' "
		   "-H 'sfemu-changes: s0=0/3/0+1' --data-binary c "
		   "http://127.0.0.5:8080/replica/0/0",
		out, sizeof(out));
	CU_ASSERT_STRING_EQUAL(out, "412");
	finish(&lab, &o);
}

/* A client has version `held`, and gets a change of version `base` to version 2. */
static int complete(uint64_t held, bool final, uint64_t base)
{
	struct host host = {0};
	struct chain c;
	struct worker w = {.deployment = &c.deployment, .host = &host};
	const struct changes changes = {.base = base, .size = 5, .n = 1, .range = {{1, 2}}};
	struct package package;
	struct slice content, part;

	make_parts(&c, &sfe_unchained_in_client, -1);
	CU_ASSERT_FATAL(!slice_new(&host.buffers, 5, &content));
	memcpy(content.data, "abcde", 5);
	CU_ASSERT_FATAL(!slice_new(&host.buffers, 2, &part));
	memcpy(part.data, "XY", 2);
	CU_ASSERT_FATAL(!store_put(&w.store, 0, 0, content, held, final));
	CU_ASSERT_FATAL(!package_init(&package, &c.deployment, 0));
	package_put(&package, 0, part, 2);
	CU_ASSERT_FATAL(!package_changed(&package, 0, &changes));
	package.states[0].partial = true;
	int r = job_complete_states(&w, &package);
	const struct carried *s = &package.states[0];
	if (!r && s->here)
		CU_ASSERT(!s->partial && s->bytes.size == 5 && !memcmp(s->bytes.data, "aXYde", 5));
	if (!r && !s->here)
		r = 1;
	package_drop(&package);
	store_clear(&w.store);
	buffer_pool_clear(&host.buffers);
	return r;
}

static void test_client(void)
{
	CU_ASSERT_EQUAL(complete(1, false, 1), 0);
	CU_ASSERT_EQUAL(complete(0, false, 1), -EPROTO);
	CU_ASSERT_EQUAL(complete(1, false, 0), -EPROTO);
	CU_ASSERT_EQUAL(complete(1, true, 1), -EPROTO);
	CU_ASSERT_EQUAL(complete(2, true, 1), 1); /* it has that version already */
	CU_ASSERT_EQUAL(complete(3, false, 1), 1);
}

/* Heads of results and returns, as wire_check judges them. */
static int judge(const struct wire *w, bool request, const char *head, enum wire_kind kind)
{
	static struct http_head h;
	char text[1024], why[160];
	size_t used;

	snprintf(text, sizeof(text),
		"%s\r\nsfemu-job: 0\r\nsfemu-step: 2\r\nsfemu-from: 3\r\nsfemu-strategy: %s\r\n%s"
		"\r\n\r\n",
		request ? kind == WIRE_CALL ? "POST /invoke HTTP/1.1" : "POST /return HTTP/1.1"
			: "HTTP/1.1 200 OK",
		w->deployment->strategy->name, head);
	int r = http_head_read(&h, request, text, strlen(text), &used);
	r = r == 1 ? wire_check(w, &h, kind, why, sizeof(why)) : -EINVAL;
	http_head_clear(&h);
	return r;
}

static void test_forged_results(void)
{
#define PARTS(parts, versions, changes, length)                                                    \
	"sfemu-parts: " parts "\r\nsfemu-versions: " versions "\r\nsfemu-changes: " changes        \
	"\r\nContent-Length: " length
	static const struct {
		const struct sfe_strategy_info *strategy;
		bool request;
		enum wire_kind kind;
		const char *head;
		int code;
	} heads[] = {
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=10", "s0=2", "s0=1/200000/5+10", "10"), 0},
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=11", "s0=2", "s0=1/200000/5+10", "11"), -EBADMSG},
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=10", "s0=2", "s0=0/200000/5+10", "10"), -EBADMSG},
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=10", "s0=2", "s0=1/14/5+10", "10"), -EBADMSG},
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=10", "s0=2", "s0=1/200000/5+10, s1=1/9", "10"), -EBADMSG},
		{&sfe_pure_faas, false, WIRE_RETURN,
			PARTS("arg=0, s0=10", "s0=2", "s9=1/200000/5+10", "10"), -EBADMSG},
		{&sfe_unchained_in_edge, false, WIRE_RETURN,
			PARTS("arg=0", "s0=2", "s0=1/200000", "0"), -EBADMSG},
		/* Calls have states whole. Those of a client say no changes. */
		{&sfe_unchained_in_client, true, WIRE_CALL,
			PARTS("arg=0, s0=20", "s0=1", "s0=0/20/5+10", "20"), -EBADMSG},
		{&sfe_state_propagate, true, WIRE_CALL,
			PARTS("arg=0, s0=20, s1=5", "s0=1, s1=2", "s0=0/20/5+10", "25"), 0},
		{&sfe_state_propagate, true, WIRE_CALL,
			PARTS("arg=0, s0=10, s1=5", "s0=1, s1=2", "s0=0/20/5+10", "15"), -EBADMSG},
		{&sfe_state_propagate, true, WIRE_CALL,
			PARTS("arg=0, s0=20, s1=5", "s0=1, s1=2", "s0=1/20/5+10", "25"), -EBADMSG},
		/* The return has what was changed since the client's version. */
		{&sfe_state_propagate, true, WIRE_RETURN,
			PARTS("arg=0, s0=10, s1=5", "s0=2, s1=2", "s0=0/20/5+10", "15"), 0},
		{&sfe_state_propagate, true, WIRE_RETURN,
			PARTS("arg=0, s0=10, s1=5", "s0=2, s1=2", "s0=1/20/5+10", "15"), -EBADMSG},
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct chain c;
		make_parts(&c, heads[i].strategy, -1);
		struct wire w = {
			&c.deployment, heads[i].request && heads[i].kind == WIRE_CALL ? 3 : 0};
		int r = judge(&w, heads[i].request, heads[i].head, heads[i].kind);
		CU_ASSERT_EQUAL(r, heads[i].code);
		if (r != heads[i].code)
			fprintf(stderr, "%s: %d\n", heads[i].head, r);
		/* Whole states only: of sample functions, and where the access is not declared. */
		c.deployed.sizes_vary = false;
		CU_ASSERT_EQUAL(
			judge(&w, heads[i].request, heads[i].head, heads[i].kind), -EBADMSG);
		c.deployed.sizes_vary = true;
		c.job.declared = false;
		CU_ASSERT_EQUAL(
			judge(&w, heads[i].request, heads[i].head, heads[i].kind), -EBADMSG);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what travels without faults", test_without_faults},
		{"what travels whole", test_whole},
		{"two functions, whose changes add up", test_two_functions},
		{"a function after the sample function", test_after_sample},
		{"the first node crashes", test_crash_of_first},
		{"the last node crashes", test_crash_of_last},
		{"copies, with and without a crash", test_copies},
		{"a keeper crashes between changes", test_crash_of_keeper},
		{"forged changes of a store's state", test_forged_store},
		{"a copy of a step's second run", test_copy_of_second_run},
		{"changes that come to a client", test_client},
		{"forged changes in results", test_forged_results},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	read_plugins();
	make_right();
	return unit_main("worker changes", tests, sizeof(tests) / sizeof(*tests));
}
