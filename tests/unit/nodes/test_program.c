/* SPDX-License-Identifier: MIT */
/* Functions that are programs: what they get, what is taken from them, and what fails. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "nodes/functions/program.h"
#include "tests/unit/unit.h"

#define N 3
enum { UPDATED, READ, WRITTEN };

static char scratch[] = "/tmp/sfemu-test-program-XXXXXX";

struct bench {
	struct buffer_pool pool;
	struct slice argument, state[N], output;
	struct program_state states[N];
	struct sfe_function_word words[3];
	struct sfe_function_spec spec;
	struct sfe_deployed_function function;
	struct program_order order;
	char reason[PROGRAM_REASON];
	int code;
};

static void fill(struct bench *b, struct slice *s, const char *text)
{
	if (slice_new(&b->pool, strlen(text), s))
		abort();
	memcpy(s->data, text, strlen(text));
}

/* Runs a command of the shell as a program; with patience_ms 0 it is ended at once. */
static void run(struct bench *b, const char *command, int patience_ms)
{
	static const char *const names[N] = {"s0", "s2", "s7"};
	static const enum sfe_state_access access[N] = {
		SFE_STATE_UPDATED, SFE_STATE_READ_ONLY, SFE_STATE_WRITTEN};
	struct program p;

	*b = (struct bench){.words = {{"/bin/sh", false}, {"-c", false}, {(char *)command, false}},
		.spec = {.name = "f",
			.kind = SFE_FUNCTION_EXEC,
			.n_words = 3,
			.timeout_ns = 1500000000}};
	b->spec.words = b->words;
	b->function.spec = &b->spec;
	fill(b, &b->argument, "the argument");
	fill(b, &b->state[UPDATED], "updated");
	fill(b, &b->state[READ], "read");
	for (unsigned i = 0; i < N; i++)
		b->states[i] = (struct program_state){
			.name = names[i], .bytes = &b->state[i], .access = access[i]};
	b->order = (struct program_order){.scratch = scratch,
		.function = &b->function,
		.node = "rpi3_0",
		.step = "two",
		.job = 7,
		.step_number = 2,
		.time_ns = 5,
		.seed = 6,
		.argument = &b->argument,
		.n_states = N,
		.states = b->states};
	b->code = program_start(&p, &b->order, b->reason);
	if (b->code)
		return;
	struct pollfd ended = {.fd = p.ended_fd, .events = POLLIN};
	if (!patience_ms) {
		p.timed_out = true;
		program_kill(&p);
	}
	CU_ASSERT_EQUAL(poll(&ended, 1, 20000), 1);
	b->code = program_take(&p, &b->order, &b->pool, &b->output, b->reason);
	program_close(&p);
}

static bool is(const struct slice *s, const char *text)
{
	bool same = s->size == strlen(text) && !memcmp(s->data, text, s->size);

	if (!same)
		fprintf(stderr, "'%.*s', not '%s'\n", (int)s->size, (const char *)s->data, text);
	return same;
}

static void drop(struct bench *b)
{
	for (unsigned i = 0; i < N; i++)
		slice_drop(&b->state[i]);
	slice_drop(&b->argument);
	slice_drop(&b->output);
	buffer_pool_clear(&b->pool);
}

static void test_all(void)
{
	struct bench b;

	run(&b,
		"cat; echo .; cat s2; echo +more >>s0; printf new >s7; "
		"echo \" $SFEMU_FUNCTION $SFEMU_JOB $SFEMU_STEP $SFEMU_STEP_NUMBER $SFEMU_NODE "
		"$SFEMU_TIME_NS $SFEMU_SEED r:$SFEMU_READ w:$SFEMU_WRITE u:$SFEMU_UPDATE\"; "
		"touch $TMPDIR/any",
		1);
	CU_ASSERT_EQUAL(b.code, 0);
	CU_ASSERT(is(&b.output, "the argument.\nread f 7 two 2 rpi3_0 5 6 r:s2 w:s7 u:s0\n"));
	CU_ASSERT(is(&b.state[UPDATED], "updated+more\n"));
	CU_ASSERT(is(&b.state[READ], "read"));
	CU_ASSERT(is(&b.state[WRITTEN], "new"));
	CU_ASSERT(b.states[UPDATED].changes.n == 1 &&
		  b.states[UPDATED].changes.range[0].offset == strlen("updated") &&
		  b.states[UPDATED].changes.range[0].bytes == strlen("+more\n"));
	CU_ASSERT(!b.states[WRITTEN].changes.n);
	drop(&b);
}

static void test_failures(void)
{
	static const struct {
		const char *command, *why;
		int patience;
	} cases[] = {
		{"echo first >&2; echo 'no model' >&2; exit 3", "ended with status 3: no model", 1},
		{"kill -SEGV $$", "ended by signal 11 (Segmentation fault)", 1},
		{"echo x >other", "leaves the file other, which is no state", 1},
		{"rm s0", "no file for the state s0", 1},
		{"rm s0; ln -s /etc/passwd s0", "no file for the state s0", 1},
		{"rm s0; mkfifo s0", "no file for the state s0", 1},
		{"rm -f s2; echo other >s2", "changes the state s2, which it only reads", 1},
		{"exec sleep 100", "did not end within its timeout of 1.5 s", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;
		run(&b, cases[i].command, cases[i].patience);
		CU_ASSERT(b.code < 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(b.reason, cases[i].why));
		if (!strstr(b.reason, cases[i].why))
			fprintf(stderr, "'%s', not '%s'\n", b.reason, cases[i].why);
		drop(&b);
	}
}

static void test_no_program(void)
{
	struct bench b;

	run(&b, "true", 1);
	drop(&b);
	b.words[0].text = "/no/such/program";
	struct program p;
	CU_ASSERT_EQUAL(program_start(&p, &b.order, b.reason), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.reason, "/no/such/program cannot be started: No such"));
}

/* What a program started and left behind ends with it. */
static void test_left_behind(void)
{
	struct bench b;

	run(&b, "sleep 1000 & echo $!", 1);
	CU_ASSERT_EQUAL(b.code, 0);
	pid_t left = (pid_t)strtol((char *)b.output.data, NULL, 10);
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/cmdline", left);
	for (int i = 0; i < 100 && !access(path, F_OK); i++) {
		FILE *f = fopen(path, "re");
		size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
		if (f)
			fclose(f);
		if (!n) /* a zombie until its new parent looks */
			break;
		usleep(10000);
		CU_ASSERT(i < 99);
	}
	drop(&b);
}

static void test_install(void)
{
	static const struct sfe_function_file files[] = {
		{"run.sh", "#!/bin/sh\nprintf %s \"$0\"\n", 25, true}, {"more", "x", 1, false}};
	struct sfe_function_word words[] = {{"/home/a/run.sh", true}};
	struct bench b;
	struct sfe_error err = {0};
	struct program p;
	char path[128];

	run(&b, "true", 1);
	b.spec.words = words;
	b.spec.n_words = 1;
	b.function.files = files;
	b.function.n_files = 2;
	CU_ASSERT_EQUAL(program_install(scratch, &b.function, &err), 0);
	slice_drop(&b.output);
	CU_ASSERT_EQUAL_FATAL(program_start(&p, &b.order, b.reason), 0);
	struct pollfd ended = {.fd = p.ended_fd, .events = POLLIN};
	CU_ASSERT_EQUAL(poll(&ended, 1, 20000), 1);
	CU_ASSERT_EQUAL(program_take(&p, &b.order, &b.pool, &b.output, b.reason), 0);
	program_close(&p);
	snprintf(path, sizeof(path), "%s/functions/f/run.sh", scratch);
	CU_ASSERT(is(&b.output, path));
	drop(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"argument, states, environment", test_all},
		{"failures", test_failures},
		{"no program", test_no_program},
		{"what is left behind", test_left_behind},
		{"files of the scenario", test_install},
	};
	char command[128];

	if (!mkdtemp(scratch))
		return EXIT_FAILURE;
	int status = unit_main("program", tests, sizeof(tests) / sizeof(*tests));
	snprintf(command, sizeof(command), "rm -r %s", scratch);
	return system(command) ? EXIT_FAILURE : status;
}
