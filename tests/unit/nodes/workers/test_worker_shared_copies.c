/* SPDX-License-Identifier: MIT */
/* The copies of a state that outlives jobs, after a crash of its home: who is asked for them, what
 * is no copy, and which one is taken. */
#include "tests/unit/nodes/workers/shared_lab.h"

#define HOME 1
#define SILENT 3 /* asked first */

static void tell(struct lab *lab, uint32_t node, enum sfe_ctl_type what)
{
	const struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(lab->control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

/* One job has changed the state, of which there are two copies; then the home crashes. The next
 * job's step is on the node of the second copy. */
static struct outcome *begin_copies(struct lab *lab, struct bench *b, uint32_t n_jobs)
{
	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	make_bench(b, n_jobs, MS);
	b->replica_of[0] = SILENT;
	b->replica_of[1] = STORE;
	b->replica_of[2] = HOME;
	b->deployment.n_replicas = 2;
	b->deployment.replica_of = b->replica_of;
	/* More than twice the time in which the silent one must have answered. */
	b->deployment.retry = (struct sfe_retry_policy){1000 * MS, 2, 20 * MS};
	struct outcome *o = begin(lab, b, &sfe_state_local);
	CU_ASSERT_EQUAL_FATAL(sfe_shared_home(&b->shared, 0, &sfe_state_local, STORE, CLOUD), HOME);
	lab_go(lab, 0, 0);
	wait_for(lab, o, 1);
	return o;
}

static void crash_home(struct lab *lab)
{
	tell(lab, HOME, SFE_CTL_CRASH);
	lab_wait_for_port(HOME, false);
	tell(lab, HOME, SFE_CTL_RESTART);
	lab_wait_for_port(HOME, true);
}

/* The second job has gone on with the first one's version, and one request has failed so. */
static void check_copies(const struct outcome *o, int code)
{
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, 0), 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ANEW, 0), 0);
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT_EQUAL(o->records[i].version_made, o->records[i].job + 1);
	uint32_t n = 0;
	for (uint32_t i = 0; i < o->n_attempts; i++) {
		if (o->attempts[i].header.node != HOME)
			continue;
		n++;
		CU_ASSERT_EQUAL(o->attempts[i].to, SILENT);
		CU_ASSERT_EQUAL(o->attempts[i].code, code);
	}
	CU_ASSERT_EQUAL(n, 1);
}

/* Whoever asks the home gets the copy before it gives up. */
static void test_silent_replica(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);

	kill(lab.pid[SILENT], SIGSTOP);
	crash_home(&lab);
	lab_go(&lab, 1, 0);
	wait_for(&lab, o, 2);
	kill(lab.pid[SILENT], SIGCONT);
	end(&lab, o);
	check_copies(o, -ETIMEDOUT);
	free(o);
	sfe_shared_free(&b.shared);
}

/* Answers all requests of one connection after another with these bytes. */
static pid_t answer_as(uint32_t node, const char *bytes, size_t n)
{
	const struct sockaddr_in here = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + node)};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char request[4096];

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	CU_ASSERT_FATAL(!bind(fd, (const struct sockaddr *)&here, sizeof(here)) && !listen(fd, 8));
	pid_t pid = fork();
	CU_ASSERT_FATAL(pid >= 0);
	if (pid) {
		close(fd);
		return pid;
	}
	for (;;) {
		int c = accept(fd, NULL, NULL);
		if (c >= 0 && recv(c, request, sizeof(request), 0) > 0)
			send(c, bytes, n, MSG_NOSIGNAL);
		if (c >= 0)
			close(c);
	}
}

/* What one replica says is no copy. It is not taken, and it is told. */
static void test_bad_replica(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nsfemu-version: 9\r\nsfemu-effects: 10\r\n"
		"Content-Length: 0\r\n\r\n",
		"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: "
		"0\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct lab lab = {.kind = LAB_PROCESSES};
		struct bench b;
		struct outcome *o = begin_copies(&lab, &b, 2);
		tell(&lab, SILENT, SFE_CTL_CRASH);
		lab_wait_for_port(SILENT, false);
		pid_t pid = answer_as(SILENT, answers[i], strlen(answers[i]));
		crash_home(&lab);
		lab_go(&lab, 1, 0);
		wait_for(&lab, o, 2);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		end(&lab, o);
		check_copies(o, -EBADMSG);
		free(o);
		sfe_shared_free(&b.shared);
	}
}

/* One replica is down and the other one has lost its copy: who did not answer is asked again. */
static void test_lost_copies(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);

	b.node[1] = 0;
	tell(&lab, SILENT, SFE_CTL_CRASH);
	lab_wait_for_port(SILENT, false);
	tell(&lab, STORE, SFE_CTL_CRASH);
	lab_wait_for_port(STORE, false);
	tell(&lab, STORE, SFE_CTL_RESTART); /* without its copy */
	lab_wait_for_port(STORE, true);
	crash_home(&lab);
	lab_go(&lab, 1, 0);
	end(&lab, o);
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ANEW, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 0);
	uint32_t n = 0;
	for (uint32_t i = 0; i < o->n_attempts; i++)
		if (o->attempts[i].header.node == HOME) {
			CU_ASSERT_EQUAL(o->attempts[i].number, ++n);
			CU_ASSERT_EQUAL(o->attempts[i].last, n == 2);
			CU_ASSERT_EQUAL(o->attempts[i].code, -ECONNREFUSED);
		}
	CU_ASSERT_EQUAL(n, 2);
	free(o);
	sfe_shared_free(&b.shared);
}

/* A copy of the first job's change, as a replica sends it. */
static pid_t answer_with_older_copy(uint32_t node)
{
	static char bytes[60000];
	static const uint64_t version = 1;
	size_t n = (size_t)sprintf(bytes,
		"HTTP/1.1 200 OK\r\nConnection: close\r\nsfemu-version: 1\r\nsfemu-effects: 1\r\n"
		"Content-Length: %zu\r\n\r\n",
		sizeof(first_content) + SHARED_EFFECT_BYTES);

	n += sizeof(first_content) + SHARED_EFFECT_BYTES;
	memcpy(bytes + n - sizeof(version), &version, sizeof(version));
	return answer_as(node, bytes, n);
}

/* Two jobs have changed the state. After the crash of its home one replica has only the first
 * change, the other one does not answer the first time, or never. It is asked again, since the home
 * knows which version was lost; when that does not help either, the older copy is the state. */
static void older_copy(bool answers)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 3);
	uint32_t n = 0;

	lab_go(&lab, 1, 0);
	wait_for(&lab, o, 2);
	tell(&lab, SILENT, SFE_CTL_CRASH);
	lab_wait_for_port(SILENT, false);
	pid_t pid = answer_with_older_copy(SILENT);
	kill(lab.pid[STORE], SIGSTOP);
	crash_home(&lab);
	lab_go(&lab, 2, 0);
	usleep(1300000); /* after the deadline */
	if (answers)
		kill(lab.pid[STORE], SIGCONT);
	wait_for(&lab, o, 3);
	kill(lab.pid[STORE], SIGCONT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	end(&lab, o);
	for (uint32_t i = 0; i < o->n; i++) {
		if (o->records[i].outcome == SFE_SHARED_RESTORED) {
			CU_ASSERT_EQUAL(o->records[i].version_read, 2);
			CU_ASSERT_EQUAL(o->records[i].version_made, answers ? 2 : 1);
		}
	}
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	for (uint32_t i = 0; i < o->n_attempts; i++)
		if (o->attempts[i].header.node == HOME) {
			CU_ASSERT_EQUAL(o->attempts[i].to, STORE);
			CU_ASSERT_EQUAL(o->attempts[i].number, ++n);
			CU_ASSERT_EQUAL(o->attempts[i].last, n == 2);
		}
	CU_ASSERT_EQUAL(n, answers ? 1 : 2);
	free(o);
	sfe_shared_free(&b.shared);
}

static void test_older_copy(void)
{
	older_copy(true);
	older_copy(false);
}

/* A home that crashed may not have sent all copies of its last change: who repeats that has them
 * sent before it is answered. */
static void test_repeated_after_crash(void)
{
	static const char head[] = "PUT /shared/0 HTTP/1.1\r\n" FROM("0", "StateLocal") V0
		"Content-Length: 50000\r\n\r\n";
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);
	char answer[256];

	crash_home(&lab);
	CU_ASSERT_EQUAL(lab_ask(HOME, head, 50000, answer, sizeof(answer)), 200);
	lab_go(&lab, 1, 0);
	end(&lab, o);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_REPEATED, 0), 1);
	CU_ASSERT_EQUAL(o->copies[0], 6); /* of its own state, of the change, and of that again */
	free(o);
	sfe_shared_free(&b.shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"one replica does not answer", test_silent_replica},
		{"one replica has an older copy", test_older_copy},
		{"one replica's answer is no copy", test_bad_replica},
		{"one replica is down, and the other one has no copy", test_lost_copies},
		{"a change that is repeated after a crash of its home", test_repeated_after_crash},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_shared_copies", tests, sizeof(tests) / sizeof(*tests));
}
