/* SPDX-License-Identifier: MIT */
#include "emu/analyze/messages.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

struct seen {
	struct sfe_message_reader reader, back;
	unsigned heads, wholes;
	struct sfe_message last;
	struct sfe_message_part parts[4];
};

static void on_head(void *arg, const struct sfe_message *m)
{
	((struct seen *)arg)->heads++;
	(void)m;
}

static void on_whole(void *arg, const struct sfe_message *m)
{
	struct seen *s = arg;

	s->wholes++;
	s->last = *m;
	for (uint32_t i = 0; i < m->n_parts && i < 4; i++)
		s->parts[i] = m->parts[i];
}

static void begin(struct seen *s)
{
	*s = (struct seen){0};
	s->reader.sink = (struct sfe_message_sink){on_head, on_whole, s};
	s->reader.back = &s->back;
	s->back.back = &s->reader;
}

static void end(struct seen *s)
{
	sfe_messages_free(&s->reader);
	sfe_messages_free(&s->back);
}

static void take(struct seen *s, const char *text, uint64_t ns)
{
	sfe_messages_take(&s->reader, (const uint8_t *)text, strlen(text), false, ns);
}

static const char call[] =
	"POST /invoke HTTP/1.1\r\nHost: 10.0.0.1:8080\r\nsfemu-job: 5\r\nsfemu-step: 2\r\n"
	"sfemu-strategy: StateLocal\r\nsfemu-from: 7\r\nsfemu-function: f3\r\n"
	"sfemu-parts: arg=3, s1=0, s4=5\r\nContent-Length: 8\r\n\r\n";

static void test_call(void)
{
	struct seen s;

	begin(&s);
	take(&s, call, 10);
	CU_ASSERT_EQUAL(s.heads, 1);
	CU_ASSERT_EQUAL(s.wholes, 0);
	take(&s, "ab", 20);
	take(&s, "cde", 30);
	take(&s, "fgh", 40);
	CU_ASSERT_EQUAL_FATAL(s.wholes, 1);
	CU_ASSERT_EQUAL(s.last.kind, SFE_MESSAGE_CALL);
	CU_ASSERT(s.last.ours);
	CU_ASSERT_EQUAL(s.last.job, 5);
	CU_ASSERT_EQUAL(s.last.step, 2);
	CU_ASSERT_STRING_EQUAL(s.last.strategy, "StateLocal");
	CU_ASSERT_EQUAL(s.last.head_bytes, strlen(call));
	CU_ASSERT_EQUAL(s.last.begin_ns, 10);
	CU_ASSERT_EQUAL(s.last.body_ns, 20);
	CU_ASSERT_EQUAL(s.last.end_ns, 40);
	CU_ASSERT_EQUAL_FATAL(s.last.n_parts, 3);
	CU_ASSERT_EQUAL(s.parts[0].state, HEAD_ARG);
	CU_ASSERT_EQUAL(s.parts[0].begin_ns, 20);
	CU_ASSERT_EQUAL(s.parts[0].end_ns, 30);
	CU_ASSERT_EQUAL(s.parts[1].bytes, 0);
	CU_ASSERT_EQUAL(s.parts[1].end_ns, 30);
	CU_ASSERT_EQUAL(s.parts[2].state, 4);
	CU_ASSERT_EQUAL(s.parts[2].begin_ns, 30);
	CU_ASSERT_EQUAL(s.parts[2].end_ns, 40);
	end(&s);
}

/* However the stream is cut into pieces, the messages are the same. */
static void test_any_pieces(void)
{
	char text[2 * sizeof(call) + 32];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s12345678%s87654321", call, call);

	for (size_t piece = 1; piece < n; piece++) {
		struct seen s;
		begin(&s);
		for (size_t at = 0; at < n; at += piece)
			sfe_messages_take(&s.reader, (const uint8_t *)text + at,
				at + piece < n ? piece : n - at, false, at);
		if (s.wholes != 2 || s.reader.lost_bytes || s.last.begin != n / 2)
			CU_FAIL("another number of messages");
		end(&s);
	}
}

static void test_answers(void)
{
	struct seen s;

	begin(&s);
	sfe_messages_take(&s.back,
		(const uint8_t *)"GET /state/3/4 HTTP/1.1\r\nHost: a\r\nsfemu-job: "
				 "3\r\nsfemu-step: 1\r\n"
				 "sfemu-strategy: StateLocal\r\nsfemu-from: 2\r\n\r\n",
		strlen("GET /state/3/4 HTTP/1.1\r\nHost: a\r\nsfemu-job: 3\r\nsfemu-step: 1\r\n"
		       "sfemu-strategy: StateLocal\r\nsfemu-from: 2\r\n\r\n"),
		false, 5);
	CU_ASSERT_EQUAL(s.back.message.kind, SFE_MESSAGE_FETCH);
	take(&s,
		"HTTP/1.1 200 OK\r\nsfemu-job: 3\r\nsfemu-step: 1\r\nsfemu-strategy: StateLocal\r\n"
		"sfemu-from: 9\r\nsfemu-version: 2\r\nContent-Length: 4\r\n\r\nwxyz",
		6);
	CU_ASSERT_EQUAL_FATAL(s.wholes, 1);
	CU_ASSERT_EQUAL(s.last.kind, SFE_MESSAGE_STATE);
	CU_ASSERT_EQUAL(s.parts[0].state, 4); /* as its request says */
	CU_ASSERT_EQUAL(s.parts[0].bytes, 4);
	/* Without job headers it belongs to the last request. */
	take(&s, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 7);
	CU_ASSERT_EQUAL(s.wholes, 2);
	CU_ASSERT(s.last.ours);
	CU_ASSERT_EQUAL(s.last.kind, SFE_MESSAGE_OTHER);
	CU_ASSERT_EQUAL(s.last.job, 3);
	end(&s);
}

/* A PUT of a state names the state in its own path. */
static void test_store(void)
{
	struct seen s;

	begin(&s);
	take(&s,
		"PUT /state/3/7 HTTP/1.1\r\nHost: a\r\nsfemu-job: 3\r\nsfemu-step: 1\r\n"
		"sfemu-strategy: UnchainedInEdge\r\nsfemu-from: 2\r\nsfemu-version: 1\r\n"
		"Content-Length: 4\r\n\r\nwxyz",
		1);
	CU_ASSERT_EQUAL_FATAL(s.wholes, 1);
	CU_ASSERT_EQUAL(s.last.kind, SFE_MESSAGE_STATE);
	CU_ASSERT_EQUAL(s.last.job, 3);
	CU_ASSERT_EQUAL(s.parts[0].state, 7);
	CU_ASSERT_EQUAL(s.parts[0].bytes, 4);
	/* So does a PUT of a replica. */
	take(&s,
		"PUT /replica/3/5 HTTP/1.1\r\nHost: a\r\nsfemu-job: 3\r\nsfemu-step: 1\r\n"
		"sfemu-strategy: StateLocal\r\nsfemu-from: 2\r\nsfemu-version: 1\r\n"
		"Content-Length: 2\r\n\r\nyz",
		2);
	CU_ASSERT_EQUAL_FATAL(s.wholes, 2);
	CU_ASSERT_EQUAL(s.last.kind, SFE_MESSAGE_STATE);
	CU_ASSERT_EQUAL(s.parts[0].state, 5);
	end(&s);
}

static void test_holes(void)
{
	struct seen s;

	begin(&s);
	take(&s, call, 1);
	sfe_messages_take(&s.reader, NULL, 8, true, 2); /* a hole in a body is counted */
	CU_ASSERT_EQUAL(s.wholes, 1);
	CU_ASSERT_EQUAL(s.last.missing_bytes, 8);
	sfe_messages_take(
		&s.reader, NULL, 10, true, 3); /* with one in a head the message is lost */
	take(&s, "rest of something", 4);
	CU_ASSERT_EQUAL(s.reader.lost_bytes, 27);
	take(&s, call, 5); /* reading resumes with the next segment that begins with a message */
	take(&s, "12345678", 6);
	CU_ASSERT_EQUAL(s.wholes, 2);
	CU_ASSERT_EQUAL(s.last.begin, strlen(call) + 8 + 27);
	end(&s);
}

static void test_not_ours(void)
{
	struct seen s;

	begin(&s);
	take(&s, "\x16\x03\x01 some other protocol", 1);
	take(&s, "and more of it", 2);
	CU_ASSERT_EQUAL(s.heads, 0);
	end(&s);
	begin(&s);
	take(&s, "POST /invoke HTTP/1.1\r\nsfemu-job: x\r\n\r\n", 1); /* malformed */
	CU_ASSERT_EQUAL(s.heads, 0);
	take(&s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 2); /* HTTP, but not of a job */
	CU_ASSERT_EQUAL(s.wholes, 1);
	CU_ASSERT(!s.last.ours);
	end(&s);
	/* Parts whose sum is not the body's length are ignored. */
	begin(&s);
	take(&s,
		"POST /return HTTP/1.1\r\nsfemu-job: 1\r\nsfemu-step: 0\r\nsfemu-strategy: x\r\n"
		"sfemu-parts: arg=18446744073709551615, s0=3\r\nContent-Length: 2\r\n\r\nab",
		1);
	CU_ASSERT_EQUAL(s.wholes, 1);
	CU_ASSERT_EQUAL(s.last.n_parts, 0);
	end(&s);
}

static const struct unit_test tests[] = {
	{"a call and its parts", test_call},
	{"any pieces", test_any_pieces},
	{"answers", test_answers},
	{"a state that is brought to a store", test_store},
	{"holes", test_holes},
	{"not ours", test_not_ours},
};

int main(void)
{
	return unit_main("analyze messages", tests, sizeof(tests) / sizeof(tests[0]));
}
