/* SPDX-License-Identifier: MIT */
/*
 * llhttp and http_parser behind the same interface: of a head whose form http_form_check() accepts,
 * both read the same. Built where both are there (tools/bootstrap.sh --tests on Debian 13).
 */
#include <stdio.h>
#include <string.h>

#include "nodes/http/http_form.h"
#include "nodes/http/http_library.h"
#include "tests/unit/unit.h"

int llhttp_read(bool request, const char *head, size_t length, struct http_parts *parts);
int http_parser_read(bool request, const char *head, size_t length, struct http_parts *parts);

struct seen {
	size_t n;
	char text[4096]; /* what was called, in order, and where in the head */
};

static int note(void *arg, char kind, size_t length)
{
	struct seen *s = arg;

	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%c%zu ", kind, length);
	return s->n >= sizeof(s->text);
}

static int on_target(void *arg, const char *at, size_t length)
{
	(void)at;
	return note(arg, 't', length);
}

static int on_name(void *arg, const char *at, size_t length)
{
	(void)at;
	return note(arg, 'n', length);
}

static int on_value(void *arg, const char *at, size_t length)
{
	(void)at;
	return note(arg, 'v', length);
}

/* Whether head, whatever it is, is read alike. */
static bool alike(bool request, const char *data, size_t length)
{
	struct seen seen[2] = {0};
	struct http_parts parts[2];
	struct http_form form;

	if (http_form_check(request, data, length, &form) != 1)
		return true;
	data += form.begin;
	length = form.end - form.begin;
	for (int i = 0; i < 2; i++) {
		parts[i] = (struct http_parts){.arg = &seen[i],
			.on_target = on_target,
			.on_name = on_name,
			.on_value = on_value};
		int r = (i ? llhttp_read : http_parser_read)(request, data, length, &parts[i]);
		if (r) {
			fprintf(stderr, "%s refuses what the form allows:\n%.*s",
				i ? "llhttp" : "http_parser", (int)length, data);
			return false;
		}
	}
	if (parts[0].keep_alive == parts[1].keep_alive && parts[0].status == parts[1].status &&
		!strcmp(seen[0].text, seen[1].text))
		return true;
	fprintf(stderr, "read differently (keep-alive %d and %d, %s and %s):\n%.*s",
		parts[0].keep_alive, parts[1].keep_alive, seen[0].text, seen[1].text, (int)length,
		data);
	return false;
}

static uint64_t draw(uint64_t *x, uint64_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (*x >> 33) % n;
}

/* Heads put together from what parsers look at, with some bytes changed. */
static size_t compose(uint64_t *x, bool request, char *text, size_t room)
{
	static const char *const requests[] = {"GET / HTTP/1.1\r\n", "POST /invoke HTTP/1.0\r\n",
		"PUT /state/1/2 HTTP/1.1\r\n", "OPTIONS /?a HTTP/1.1\r\n", "TRACE /a HTTP/1.1\r\n",
		"\r\n\r\nPATCH /a%20b HTTP/1.1\r\n", "HEAD //@:?? HTTP/1.0\r\n",
		"DELETE /\"<>\\^`{|} HTTP/1.1\r\n"};
	static const char *const responses[] = {"HTTP/1.1 200 OK\r\n", "HTTP/1.0 304\r\n",
		"HTTP/1.1 101 Switching\r\n", "HTTP/1.1 204 \r\n", "HTTP/1.1 599 x\ty\r\n"};
	static const char *const names[] = {"Connection", "Proxy-Connection", "Content-Length",
		"Transfer-Encoding", "Upgrade", "Keep-Alive", "sfemu-job", "x", "Connection-x",
		"Content-Lengthy", "content-length", "Transfer-Encoding2", "Host", "c", "t", "u",
		"!#$"};
	static const char *const values[] = {"close", "keep-alive", "upgrade", "chunked", "7", "0",
		"123456789012345678", "gzip, chunked", "h2c", "close, keep-alive", "Upgrade,close",
		"", "keep-alive2", " ", "chunked ", "\tclose\t", "x\x80y", "clo se", ",close,,",
		"100-continue", "close;q=1", "CHUNKED", "identity", "5\t\t"};
	size_t n = (size_t)snprintf(text, room, "%s",
		request ? requests[draw(x, sizeof(requests) / sizeof(*requests))]
			: responses[draw(x, sizeof(responses) / sizeof(*responses))]);

	for (uint64_t i = draw(x, 4); i; i--)
		n += (size_t)snprintf(text + n, room - n, "%s:%s%s\r\n",
			names[draw(x, sizeof(names) / sizeof(*names))], draw(x, 2) ? " " : "",
			values[draw(x, sizeof(values) / sizeof(*values))]);
	n += (size_t)snprintf(text + n, room - n, "\r\n");
	for (uint64_t i = draw(x, 4); i; i--)
		text[draw(x, n)] = (char)draw(x, 256);
	return n;
}

static void test_composed(void)
{
	uint64_t x = 1, different = 0;

	for (int i = 0; i < 1000000 && different < 5; i++) {
		char text[1024];
		bool request = draw(&x, 2);
		size_t n = compose(&x, request, text, sizeof(text));
		different += !alike(request, text, n);
	}
	CU_ASSERT_EQUAL(different, 0);
}

int main(void)
{
	static const struct unit_test tests[] = {{"heads of all kinds", test_composed}};

	return unit_main("http libraries", tests, sizeof(tests) / sizeof(*tests));
}
