/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nodes/http/http_form.h"
#include "nodes/http/http_head.h"
#include "tests/unit/unit.h"

static int list(const char *text, struct head_list *l)
{
	return head_list_read(l, text, strlen(text), true);
}

static void test_lists(void)
{
	static const char *const bad[] = {"arg", "arg=", "arg=x", "arg=1,", "arg=1, ", ",", "s=1",
		"s0", "s0=", "s0=-1", "s0=1 ", " s0=1", "s1=1, s0=1", "s0=1, s0=1", "s0=1, arg=1",
		"arg=1, arg=1", "t0=1", "s0=99999999999999999999", "s5000=1", "s4294967295=1",
		"S0=1", "arg=1;s0=2"};
	struct head_list l = {0};

	CU_ASSERT_EQUAL(list("arg=123, s0=4567,s3=0", &l), 0);
	CU_ASSERT_EQUAL_FATAL(l.n, 3);
	CU_ASSERT(l.items[0].state == HEAD_ARG && l.items[0].value == 123);
	CU_ASSERT(l.items[1].state == 0 && l.items[1].value == 4567);
	CU_ASSERT(l.items[2].state == 3 && l.items[2].value == 0);
	CU_ASSERT_EQUAL(list("s0=18446744073709551615", &l), 0);
	CU_ASSERT_EQUAL(l.items[0].value, UINT64_MAX);
	CU_ASSERT_EQUAL(list("", &l), 0);
	CU_ASSERT_EQUAL(l.n, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CU_ASSERT_EQUAL(list(bad[i], &l), -EBADMSG);
		if (list(bad[i], &l) != -EBADMSG)
			fprintf(stderr, "taken: %s\n", bad[i]);
	}
	CU_ASSERT_EQUAL(head_list_read(&l, "arg=1", 5, false), -EBADMSG);
	free(l.items);
}

static void test_list_limit(void)
{
	static char text[32768];
	struct head_list l = {0};
	size_t n = 0;

	n += (size_t)sprintf(text, "arg=1");
	for (unsigned i = 0; i < HEAD_MAX_ITEMS - 1; i++)
		n += (size_t)sprintf(text + n, ", s%u=1048576", i);
	CU_ASSERT_EQUAL(head_list_read(&l, text, n, true), 0);
	CU_ASSERT_EQUAL(l.n, HEAD_MAX_ITEMS);
	n += (size_t)sprintf(text + n, ", s1000=1");
	CU_ASSERT_EQUAL(head_list_read(&l, text, n, true), -EBADMSG);
	free(l.items);
}

static const char request[] =
	"POST /invoke HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nSFEMU-Job: 7\r\n"
	"sfemu-step: 2\r\nsfemu-from: 3\r\nsfemu-strategy: StateLocal\r\n"
	"sfemu-function: f0\r\nsfemu-holders: s0=12, s1=3\r\nsfemu-parts: arg=5\r\n"
	"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello";

static void test_request(void)
{
	struct http_head h = {0};
	size_t used = 0, head = sizeof(request) - 1 - 5;

	CU_ASSERT_EQUAL_FATAL(http_head_read(&h, true, request, sizeof(request) - 1, &used), 1);
	CU_ASSERT_EQUAL(h.bytes, used);
	CU_ASSERT_EQUAL(used, head);
	CU_ASSERT(h.method == HTTP_METHOD_POST && !strcmp(h.path, "/invoke") && h.body_bytes == 5);
	CU_ASSERT(h.job == 7 && h.step == 2 && h.from == 3 && h.keep_alive && h.expects_continue);
	CU_ASSERT(!strcmp(h.strategy, "StateLocal") && !strcmp(h.function, "f0"));
	CU_ASSERT(h.holders.n == 2 && h.holders.items[1].value == 3 && h.parts.n == 1);
	for (size_t n = 0; n < head; n++) /* every shorter piece wants more */
		CU_ASSERT_EQUAL(http_head_read(&h, true, request, n, &used), 0);
	CU_ASSERT_EQUAL(http_head_read(&h, true, request, head, &used), 1);
	CU_ASSERT_EQUAL(used, head);
	http_head_clear(&h);
}

static void test_response(void)
{
	static const char text[] =
		"HTTP/1.1 500 Internal Server Error\r\nsfemu-status: 111\r\n"
		"sfemu-reason: no way\r\nsfemu-version: 9\r\nContent-Length: 0\r\n\r\n";
	struct http_head h = {0};
	size_t used;

	CU_ASSERT_EQUAL(http_head_read(&h, false, text, sizeof(text) - 1, &used), 1);
	CU_ASSERT_EQUAL(used, sizeof(text) - 1);
	CU_ASSERT(h.status == 500 && h.error == -111 && !strcmp(h.reason, "no way") &&
		  h.version == 9);
	CU_ASSERT_EQUAL(h.fields, HEAD_STATUS | HEAD_REASON | HEAD_VERSION);
	http_head_clear(&h);
}

#define LONG_STRATEGY                                                                              \
	("GET / HTTP/1.1\r\nsfemu-strategy: 0123456789012345678901234567890123456789"              \
	 "01234567890123456789012345678901234567890123456789012345678901234567890123456789"        \
	 "01234567\r\n\r\n")

static void test_malformed(void)
{
	static const char *const bad[] = {"nonsense\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-job: x\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-job: 4294967295\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-job:\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-job: 1\r\nsfemu-job: 1\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-parts: arg=1,,\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-holders: arg=1\r\n\r\n", LONG_STRATEGY,
		"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"GET / HTTP/1.1\r\nsfemu-status: 5000\r\n\r\n", "\r\n\r\n\r\nx"};
	struct http_head h = {0};
	size_t used;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CU_ASSERT_EQUAL(http_head_read(&h, true, bad[i], strlen(bad[i]), &used), -EBADMSG);
		if (http_head_read(&h, true, bad[i], strlen(bad[i]), &used) != -EBADMSG)
			fprintf(stderr, "taken: %s\n", bad[i]);
	}
	http_head_clear(&h);
}

/* What libraries of HTTP take or refuse each in its own way: all of them give the same answer. */
static void test_form(void)
{
	static const struct {
		int rc;
		const char *text;
	} heads[] = {
		{1, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"}, /* RFC 9112, 2.2 */
		{1, "GET /?a=b&c HTTP/1.0\r\n\r\n"},
		{1, "PUT /state/1/2 HTTP/1.1\r\nContent-Length: \t17 \r\n\r\n"},
		{1, "GET / HTTP/1.1\r\nempty:\r\nhigh: \xc3\xa4\tx\r\n\r\n"},
		{1, "GET / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"},
		{0, "\r"},
		{0, "TRAC"},
		{0, "GET /"},
		{0, "GET / HTTP/1.1\r\nhost: x\r\n\r"},
		{-EBADMSG, "\n\nGET / HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\n\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nhost: x\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\rhost: x\r\n\r\n"},
		{-EBADMSG, "GET  / HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET /  HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.2\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/2.0\r\n\r\n"},
		{-EBADMSG, "GET / RTSP/1.0\r\n\r\n"},
		{-EBADMSG, "GET / http/1.1\r\n\r\n"},
		{-EBADMSG, "GET /\r\n\r\n"},
		{-EBADMSG, "get / HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GETS / HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "QUERY / HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "CONNECT a:1 HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET http://a/ HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET /#a HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET /\xc3\xa4 HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET /\t HTTP/1.1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\n folded\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na : b\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na b: c\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\n: c\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na: \x01\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\na: \x7f\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length:\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1\t\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nTransfer-Encodings: x\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nConnection: ,close\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1234567890123456789\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			   "Transfer-Encoding: chunked\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			   "Content-Length: 1\r\n\r\n"},
		{-EBADMSG, "GET / HTTP/1.1\r\nContent-Length: 1\r\n"
			   "transfer-encoding: chunked\r\n\r\n"},
	};
	struct http_head h = {0};
	size_t used;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const char *text = heads[i].text;
		int r = http_head_read(&h, true, text, strlen(text), &used);
		CU_ASSERT_EQUAL(r, heads[i].rc);
		if (r != heads[i].rc)
			fprintf(stderr, "%d, not %d: %s\n", r, heads[i].rc, text);
		for (size_t n = 0; r == 1 && n < strlen(text); n++)
			CU_ASSERT_EQUAL(http_head_read(&h, true, text, n, &used), 0);
	}
	http_head_clear(&h);
}

/* Whether the connection goes on after a message, and how long its body is. */
static void test_framing(void)
{
	static const struct {
		bool request, keep_alive, chunked;
		uint64_t body_bytes;
		const char *text;
	} heads[] = {
		{true, true, false, 0, "GET / HTTP/1.1\r\n\r\n"},
		{true, false, false, 0, "GET / HTTP/1.0\r\n\r\n"},
		{true, true, false, 0, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
		{true, false, false, 0, "GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n"},
		{true, true, true, 0, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{true, true, false, 999999999999999999,
			"PUT / HTTP/1.1\r\nContent-Length: 999999999999999999\r\n\r\n"},
		{false, true, false, 7, "HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n"},
		{false, false, false, 0, "HTTP/1.1 200 \r\n\r\n"}, /* until the connection ends */
		{false, true, false, 0, "HTTP/1.1 204 No Content\r\n\r\n"},
		{false, true, false, 0, "HTTP/1.1 100 Continue\r\n\r\n"},
	};
	struct http_head h = {0};
	size_t used;

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const char *text = heads[i].text;
		CU_ASSERT_EQUAL_FATAL(
			http_head_read(&h, heads[i].request, text, strlen(text), &used), 1);
		CU_ASSERT_EQUAL(h.keep_alive, heads[i].keep_alive);
		CU_ASSERT_EQUAL(h.chunked, heads[i].chunked);
		CU_ASSERT_EQUAL(h.body_bytes, heads[i].body_bytes);
		if (h.keep_alive != heads[i].keep_alive)
			fprintf(stderr, "keep alive: %d: %s\n", h.keep_alive, text);
	}
	http_head_clear(&h);
}

static void test_head_limit(void)
{
	static char text[HEAD_MAX_BYTES + 1];
	struct http_head h = {0};
	size_t used;

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET / HTTP/1.1\r\nx: ", 19);
	CU_ASSERT_EQUAL(http_head_read(&h, true, text, HEAD_MAX_BYTES - 1, &used), 0);
	CU_ASSERT_EQUAL(http_head_read(&h, true, text, sizeof(text), &used), -EMSGSIZE);
	http_head_clear(&h);
}

/* Whatever comes, the answer is one of the three and the lengths hold; the sanitizers watch the
 * rest. */
static void test_mutations(void)
{
	struct http_head h = {0};
	uint64_t x = 1;

	for (int i = 0; i < 50000; i++) {
		char text[sizeof(request)];
		size_t used = 0, n = sizeof(request) - 1;
		memcpy(text, request, sizeof(request));
		for (int k = 0; k < 3; k++) {
			x = x * 6364136223846793005ull + 1442695040888963407ull;
			text[(x >> 33) % n] = (char)(x >> 25);
		}
		int r = http_head_read(&h, i % 8, text, n - (x >> 50) % 64, &used);
		if (r != 0 && r != -EBADMSG && !(r == 1 && used <= n))
			CU_FAIL("no such answer");
	}
	http_head_clear(&h);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"lists", test_lists},
		{"the longest list", test_list_limit},
		{"a request, in pieces", test_request},
		{"a response", test_response},
		{"malformed heads", test_malformed},
		{"the form of heads", test_form},
		{"keep-alive and length", test_framing},
		{"mutated heads", test_mutations},
		{"the longest head", test_head_limit},
	};

	return unit_main("http", tests, sizeof(tests) / sizeof(*tests));
}
