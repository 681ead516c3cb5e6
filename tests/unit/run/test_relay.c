/* SPDX-License-Identifier: MIT */
/* What the lab's end of the relay may say: a guest's commands write to the same terminal. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/run/request_relay.h"
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

/* Asks, and writes what the lab gets up to its first blank into word. */
static void ask(struct both *b, char *word, size_t size)
{
	struct sfe_control_request request = {.text = "lab {\"ask\":\"links\"}"};
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	request.connection = ends[0];
	b->asker = ends[1];
	sfe_relay_ask(&b->relay, &request);
	char got[256];
	ssize_t n = recv(b->lab, got, sizeof(got) - 1, MSG_DONTWAIT);
	CU_ASSERT_FATAL(n > 0);
	got[n] = 0;
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "{\"ask\":\"links\"}\n"));
	snprintf(word, size, "%.*s", (int)strcspn(got, " "), got);
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

int main(void)
{
	static const struct unit_test tests[] = {
		{"what nobody asked for is thrown away", test_unasked},
		{"only the line with the request's word is its answer", test_forged},
		{"an answer has a limit", test_too_long},
	};

	return unit_main("relay", tests, sizeof(tests) / sizeof(tests[0]));
}
