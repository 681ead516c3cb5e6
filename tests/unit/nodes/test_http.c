/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <http_parser.h>
#include <stdio.h>
#include <string.h>

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
	CU_ASSERT(h.method == HTTP_POST && !strcmp(h.path, "/invoke") && h.body_bytes == 5);
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
	("GET / HTTP/1.1\r\nsfemu-strategy: 0123456789012345678901234567890123456789\r\n\r\n")

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
		{"mutated heads", test_mutations},
		{"the longest head", test_head_limit},
	};

	return unit_main("http", tests, sizeof(tests) / sizeof(*tests));
}
