/* SPDX-License-Identifier: MIT */
/* What the lab's end of the relay may say: a guest's commands write to the same terminal. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/run/control/request_relay.h"
#include "tests/unit/unit.h"

struct both {
	struct sfe_relay relay;
	int lab, asker;
};

static void begin(struct both *b)
{
	struct sfe_error err = {0};

	*b = (struct both){.relay.lab = -1, .lab = -1, .asker = -1};
	CU_ASSERT_EQUAL_FATAL(sfe_relay_open(&b->relay, &b->lab, &err), 0);
	sfe_relay_serves(&b->relay);
}

static void end(struct both *b)
{
	sfe_relay_close(&b->relay);
	close(b->lab);
	if (b->asker >= 0)
		close(b->asker);
}

static void send_request(struct both *b, const char *text)
{
	struct sfe_control_request request;
	int ends[2];

	snprintf(request.text, sizeof(request.text), "lab %s", text);
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	request.connection = ends[0];
	b->asker = ends[1];
	sfe_relay_ask(&b->relay, &request);
}

/* What the lab gets; empty: nothing. */
static const char *lab_gets(struct both *b, char *buf, size_t size)
{
	ssize_t n = recv(b->lab, buf, size - 1, MSG_DONTWAIT);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

/* Asks, and writes what the lab gets up to its first blank into word. */
static void ask_for(struct both *b, const char *what, char *word, size_t size)
{
	char request[64], got[256], want[80];

	snprintf(request, sizeof(request), "{\"ask\":\"%s\"}", what);
	snprintf(want, sizeof(want), "%s\n", request);
	send_request(b, request);
	lab_gets(b, got, sizeof(got));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, want));
	snprintf(word, size, "%.*s", (int)strcspn(got, " "), got);
}

static void ask(struct both *b, char *word, size_t size)
{
	ask_for(b, "links", word, size);
}

static void say(struct both *b, const char *text)
{
	CU_ASSERT_EQUAL(send(b->lab, text, strlen(text), 0), (ssize_t)strlen(text));
	sfe_relay_read(&b->relay);
}

/* What the one who asked has got; empty: nothing yet. */
static const char *answer(struct both *b, char *buf, size_t size)
{
	ssize_t n = recv(b->asker, buf, size - 1, MSG_DONTWAIT);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static void test_unasked(void)
{
	static char junk[60000];
	struct both b;

	begin(&b);
	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 200; i++) {
		CU_ASSERT(send(b.lab, junk, sizeof(junk), MSG_DONTWAIT) > 0);
		sfe_relay_read(&b.relay);
	}
	/* 12 MB were said. */
	CU_ASSERT(b.relay.room <= 65536);
	end(&b);
}

static void test_forged(void)
{
	char word[64], line[128], got[128];
	struct both b;

	begin(&b);
	say(&b, "{\"links\":[\"written before\"]}\n");
	say(&b, "without an end");
	ask(&b, word, sizeof(word));
	CU_ASSERT_EQUAL(strlen(word), SFE_RELAY_WORD_BYTES);
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say(&b, " and its end\n{\"links\":[\"forged\"]}\n0123456789abcdef {\"links\":[]}\n\n");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say(&b, "something");
	snprintf(line, sizeof(line), "\n%s {\"li", word);
	say(&b, line);
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say(&b, "nks\":[1]}\nmore");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "{\"links\":[1]}\n");
	close(b.asker);
	/* The next has another word, and the old one is worth nothing. */
	char next[64];
	ask(&b, next, sizeof(next));
	CU_ASSERT_STRING_NOT_EQUAL(word, next);
	snprintf(line, sizeof(line), "\n%s {\"links\":[2]}\n", word);
	say(&b, line);
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	snprintf(line, sizeof(line), "\n%s {\"links\":[3]}\n", next);
	say(&b, line);
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "{\"links\":[3]}\n");
	end(&b);
}

static void test_too_long(void)
{
	static char part[60000];
	char word[64], got[256];
	struct both b;

	begin(&b);
	ask(&b, word, sizeof(word));
	say(&b, word);
	say(&b, " ");
	memset(part, 'x', sizeof(part));
	for (size_t i = 0; b.relay.lab >= 0 && i < 2 * (SFE_CONTROL_ANSWER_BYTES / sizeof(part));
		i++) {
		CU_ASSERT(send(b.lab, part, sizeof(part), MSG_DONTWAIT) > 0);
		sfe_relay_read(&b.relay);
	}
	CU_ASSERT_EQUAL(b.relay.lab, -1);
	CU_ASSERT_EQUAL(b.relay.room, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(answer(&b, got, sizeof(got)), "\"error\""));
	end(&b);
}

/* The lab says a line of a command. */
static void say_of(struct both *b, const char *word, const char *text)
{
	char line[128];

	snprintf(line, sizeof(line), "\n%s %s\n", word, text);
	say(b, line);
}

static void test_exec(void)
{
	char word[64], next[64], got[128];
	struct both b;
	int client;

	begin(&b);
	ask_for(&b, "exec", word, sizeof(word));
	client = b.asker;
	say_of(&b, word, SFE_EXEC_STARTED);
	CU_ASSERT_EQUAL(b.relay.n_exec, 1);
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say_of(&b, word, "out 61620a");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "oab\n");
	/* Another is answered meanwhile, and its answer is not of the command, nor the reverse. */
	ask(&b, next, sizeof(next));
	say_of(&b, word, "out 63");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say_of(&b, next, "{\"links\":[]}");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "{\"links\":[]}\n");
	close(b.asker);
	b.asker = client;
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "oc");
	/* No bytes of the lab; and a word that is no command's. */
	say_of(&b, word, "out 6x");
	say_of(&b, "0123456789abcdef", "out 64");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "");
	say_of(&b, word, "end 3");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "x3");
	CU_ASSERT_EQUAL(b.relay.n_exec, 0);
	CU_ASSERT_EQUAL(recv(b.asker, got, sizeof(got), MSG_DONTWAIT), 0);
	end(&b);
}

/* What poll(2) says of the client's connection. */
static void look_at_client(struct both *b)
{
	struct pollfd p = {.fd = b->relay.exec[0].connection, .events = POLLRDHUP};

	CU_ASSERT_EQUAL(poll(&p, 1, 0), 1);
	sfe_relay_client(&b->relay, 0, p.revents);
}

static void test_exec_client(void)
{
	char word[64], got[128], want[128];
	struct both b;

	begin(&b);
	ask_for(&b, "exec", word, sizeof(word));
	say_of(&b, word, SFE_EXEC_STARTED);
	shutdown(b.asker, SHUT_WR);
	look_at_client(&b);
	snprintf(want, sizeof(want), "%s {\"ask\":\"interrupt\"}\n", word);
	CU_ASSERT_STRING_EQUAL(lab_gets(&b, got, sizeof(got)), want);
	/* It still gets what the command prints then. */
	say_of(&b, word, "out 61");
	CU_ASSERT_STRING_EQUAL(answer(&b, got, sizeof(got)), "oa");
	/* It is gone while another's request is in the lab: the signal waits for the answer. */
	close(b.asker);
	char next[64];
	ask(&b, next, sizeof(next));
	look_at_client(&b);
	CU_ASSERT(b.relay.exec[0].gone);
	CU_ASSERT_STRING_EQUAL(lab_gets(&b, got, sizeof(got)), "");
	say_of(&b, next, "{}");
	snprintf(want, sizeof(want), "%s {\"ask\":\"kill\"}\n", word);
	CU_ASSERT_STRING_EQUAL(lab_gets(&b, got, sizeof(got)), want);
	say_of(&b, word, "out 61");
	say_of(&b, word, "end 137");
	CU_ASSERT_EQUAL(b.relay.n_exec, 0);
	end(&b);
}

static void test_signals_refused(void)
{
	static const char *const requests[] = {"{\"ask\":\"kill\"}", "{\"ask\":\"interrupt\"}",
		"{\"ask\":\"links\", \"ask\":\"\\u006bill\"}"};
	char got[256], word[64];
	struct both b;

	begin(&b);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		send_request(&b, requests[i]);
		CU_ASSERT_PTR_NOT_NULL(strstr(answer(&b, got, sizeof(got)), "\"error\""));
		CU_ASSERT_STRING_EQUAL(lab_gets(&b, got, sizeof(got)), "");
		close(b.asker);
	}
	ask(&b, word, sizeof(word)); /* nothing stands before it */
	end(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what nobody asked for is thrown away", test_unasked},
		{"only the line with the request's word is its answer", test_forged},
		{"an answer has a limit", test_too_long},
		{"a command: output and end", test_exec},
		{"a command's client is interrupted, and gone", test_exec_client},
		{"who asks for the relay's own words is refused", test_signals_refused},
	};

	return unit_main("relay", tests, sizeof(tests) / sizeof(tests[0]));
}
