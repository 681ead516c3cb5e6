/* SPDX-License-Identifier: MIT */
/* The scheduler: order, places, memory, failures, signals. */
#include "emu/guests/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define MAX 16

struct tasks { /* each child waits until the test lets it go */
	uint64_t memory_mb[MAX];
	uint32_t n, started;
	int go[MAX]; /* closing it ends the child */
	pid_t pid[MAX];
	int fails; /* this task cannot be started; -1: none */
	uint32_t order[MAX], n_ended;
	int status[MAX];
};

static bool next(void *arg, uint32_t *task, uint64_t *memory_mb)
{
	struct tasks *t = arg;

	*task = t->started;
	*memory_mb = t->memory_mb[t->started < MAX ? t->started : 0];
	return t->started < t->n;
}

static int start(void *arg, uint32_t task, int cpu, pid_t *pid, struct sfe_error *err)
{
	struct tasks *t = arg;
	int ends[2];
	char byte;

	(void)err;
	(void)cpu;
	CU_ASSERT_EQUAL(task, t->started);
	t->started++;
	if ((int)task == t->fails)
		return 0;
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	*pid = fork();
	if (!*pid) {
		for (uint32_t i = 0; i < MAX; i++)
			if (t->go[i])
				close(t->go[i]);
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) ? 1 : (int)task);
	}
	close(ends[0]);
	t->go[task] = ends[1];
	t->pid[task] = *pid;
	return 0;
}

static int ended(void *arg, uint32_t task, int status, struct sfe_error *err)
{
	struct tasks *t = arg;

	(void)err;
	t->order[t->n_ended++] = task;
	t->status[task] = status;
	return task == 9 ? -ENODATA : 0;
}

/* Lets a child go, and waits until it has ended without taking its status. */
static void let_go(struct tasks *t, uint32_t task)
{
	siginfo_t info;

	close(t->go[task]);
	t->go[task] = 0;
	CU_ASSERT_EQUAL(waitid(P_PID, (id_t)t->pid[task], &info, WEXITED | WNOWAIT), 0);
}

static void check_running(const struct sfe_pool *p, const struct tasks *t, unsigned running,
	uint32_t started, uint64_t used_mb)
{
	CU_ASSERT_EQUAL(p->running, running);
	CU_ASSERT_EQUAL(t->started, started);
	CU_ASSERT_EQUAL(p->used_mb, used_mb);
}

static void end(struct sfe_pool *p, struct tasks *t)
{
	sfe_pool_close(p);
	for (uint32_t i = 0; i < MAX; i++)
		if (t->go[i])
			close(t->go[i]);
}

static void test_places(void)
{
	struct tasks t = {.n = 4, .fails = -1};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	struct sfe_pool p;

	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, 2, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 2, 2, 0);
	/* Nothing has ended. */
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 2, 2, 0);
	let_go(&t, 1);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	check_running(&p, &t, 1, 2, 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 2, 3, 0);
	let_go(&t, 0);
	let_go(&t, 2);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 1, 4, 0);
	let_go(&t, 3);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 0, 4, 0);
	CU_ASSERT_EQUAL(t.n_ended, 4);
	CU_ASSERT_EQUAL(t.order[0], 1);
	for (int i = 0; i < 4; i++)
		CU_ASSERT(WIFEXITED(t.status[i]) && WEXITSTATUS(t.status[i]) == i);
	end(&p, &t);
}

/* No two run beyond the budget; a small one does not overtake a large one that waits; what is
 * larger than the budget runs alone. */
static void test_memory(void)
{
	struct tasks t = {.n = 5, .fails = -1, .memory_mb = {400, 500, 200, 2000, 100}};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	struct sfe_pool p;

	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, 4, 1000, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 2, 2, 900); /* 200 more would be 1100 */
	let_go(&t, 0);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 2, 3, 700); /* 2000 never fit, and 100 waits behind it */
	let_go(&t, 1);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 1, 3, 200);
	let_go(&t, 2);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 1, 4, 2000);
	let_go(&t, 3);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 1, 5, 100);
	end(&p, &t);
	CU_ASSERT_EQUAL(t.n_ended, 4); /* the last was killed, and is no end */
}

/* A task that cannot be started leaves its place; an error of ended() ends the collecting. */
static void test_failures(void)
{
	struct tasks t = {.n = 10, .fails = 1};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	struct sfe_pool p;

	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, 9, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	check_running(&p, &t, 9, 10, 0);
	let_go(&t, 9);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), -ENODATA);
	check_running(&p, &t, 8, 10, 0);
	end(&p, &t);
}

static void test_signals(void)
{
	struct tasks t = {.n = 4, .fails = -1};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	struct sfe_pool p;
	siginfo_t info;

	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, 4, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(sfe_pool_fill(&p, &err), 0);
	sfe_pool_signal(&p, 2, SIGTERM);
	for (int i = 2; i < 4; i++)
		waitid(P_PID, (id_t)t.pid[i], &info, WEXITED | WNOWAIT);
	CU_ASSERT_EQUAL(sfe_pool_collect(&p, &err), 0);
	check_running(&p, &t, 2, 4, 0);
	CU_ASSERT(WIFSIGNALED(t.status[2]) && WTERMSIG(t.status[2]) == SIGTERM);
	CU_ASSERT(WIFSIGNALED(t.status[3]) && WTERMSIG(t.status[3]) == SIGTERM);
	sfe_pool_stop(&p, SIGTERM);
	check_running(&p, &t, 0, 4, 0);
	for (int i = 0; i < 4; i++)
		CU_ASSERT(kill(t.pid[i], 0) && errno == ESRCH);
	end(&p, &t);
}

static void test_cores(void)
{
	struct tasks t = {0};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	unsigned cores = sfe_pool_cores();
	struct sfe_pool p;

	CU_ASSERT(cores >= 1);
	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, cores + 1, UINT64_MAX, &err), 0);
	for (unsigned i = 0; i < cores; i++)
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT_NOT_EQUAL(p.place[i].cpu, p.place[k].cpu);
	CU_ASSERT_EQUAL(p.place[cores].cpu, p.place[0].cpu);
	const int first = p.place[0].cpu, second = p.place[1].cpu;
	end(&p, &t);

	/* As many tasks of two cores each: the second begins behind the first's cores. */
	const struct sfe_pool_work two = {next, start, ended, &t, 2};
	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &two, cores + 1, UINT64_MAX, &err), 0);
	CU_ASSERT_EQUAL(p.place[0].cpu, first);
	if (cores > 2)
		CU_ASSERT_NOT_EQUAL(p.place[1].cpu, second);
	if (cores == 2)
		CU_ASSERT_EQUAL(p.place[1].cpu, first);
	end(&p, &t);
}

/* In a process of its own, which then may use the one core. */
static void test_pin(void)
{
	struct tasks t = {0};
	const struct sfe_pool_work work = {next, start, ended, &t};
	struct sfe_error err = {0};
	struct sfe_pool p;
	int status;

	CU_ASSERT_EQUAL_FATAL(sfe_pool_open(&p, &work, sfe_pool_cores(), UINT64_MAX, &err), 0);
	const int last = p.place[p.n - 1].cpu;
	pid_t pid = fork();
	if (!pid) {
		struct sfe_pool own;
		sfe_pool_pin(last, 1);
		if (sfe_pool_open(&own, &work, 2, UINT64_MAX, &err))
			_exit(2);
		_exit(sfe_pool_cores() != 1 || own.place[0].cpu != last ||
			own.place[1].cpu != last);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	end(&p, &t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"places", test_places},
		{"memory", test_memory},
		{"failures", test_failures},
		{"signals", test_signals},
		{"cores", test_cores},
		{"one core", test_pin},
	};

	return unit_main("pool", tests, sizeof(tests) / sizeof(tests[0]));
}
