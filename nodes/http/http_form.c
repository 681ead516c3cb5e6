/* SPDX-License-Identifier: MIT */
#include "nodes/http/http_form.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define MAX_LENGTH_DIGITS 18 /* less than 2^63, for every parser */

/* One head while it is read, line by line. */
struct reader {
	const char *at, *end;
	bool length; /* there is a Content-Length */
	struct http_form *out;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_token(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Of a header's value: neither control characters nor DEL. */
static bool is_text(char c)
{
	return (unsigned char)c >= ' ' ? c != 0x7f : c == '\t';
}

/* Whether text, as much of it as there is, is what the data goes on with; moves behind it. */
static bool literal(struct reader *f, const char *text)
{
	size_t n = strlen(text), there = (size_t)(f->end - f->at);

	if (n > there)
		n = there;
	if (memcmp(f->at, text, n))
		return false;
	f->at += n;
	return true;
}

/* The end of a line. 1: taken, 0: more is needed. */
static int line_end(struct reader *f)
{
	const char *begin = f->at;

	if (!literal(f, "\r\n"))
		return -EBADMSG;
	return f->at == begin + 2;
}

static int version(struct reader *f)
{
	if (!literal(f, "HTTP/1."))
		return -EBADMSG;
	if (f->at == f->end)
		return 0;
	return *f->at == '0' || *f->at == '1' ? (f->at++, 1) : -EBADMSG;
}

static int request_method(struct reader *f)
{
	static const char *const names[] = {
		[HTTP_METHOD_DELETE] = "DELETE ",
		[HTTP_METHOD_GET] = "GET ",
		[HTTP_METHOD_HEAD] = "HEAD ",
		[HTTP_METHOD_OPTIONS] = "OPTIONS ",
		[HTTP_METHOD_PATCH] = "PATCH ",
		[HTTP_METHOD_POST] = "POST ",
		[HTTP_METHOD_PUT] = "PUT ",
		[HTTP_METHOD_TRACE] = "TRACE ",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *begin = f->at;
		if (!literal(f, names[i]))
			continue;
		f->out->method = (enum http_form_method)i;
		return f->at == begin + strlen(names[i]);
	}
	return -EBADMSG;
}

static int request_line(struct reader *f)
{
	int r = request_method(f);

	if (r <= 0)
		return r;
	if (f->at < f->end && *f->at != '/')
		return -EBADMSG;
	while (f->at<f->end && * f->at> ' ' && *f->at < 0x7f && *f->at != '#')
		f->at++;
	if (f->at == f->end)
		return 0;
	if (*f->at++ != ' ')
		return -EBADMSG;
	r = version(f);
	return r <= 0 ? r : line_end(f);
}

static int status_line(struct reader *f)
{
	int r = version(f);

	if (r <= 0)
		return r;
	if (!literal(f, " "))
		return -EBADMSG;
	for (int i = 0; i < 3; i++, f->at++) {
		if (f->at == f->end)
			return 0;
		if (!is_digit(*f->at) || (!i && (*f->at < '1' || *f->at > '5')))
			return -EBADMSG;
	}
	if (f->at == f->end)
		return 0;
	if (*f->at == ' ') { /* a reason phrase, which may be empty */
		while (f->at < f->end && is_text(*f->at))
			f->at++;
	}
	return line_end(f);
}

static bool is(const char *text, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(text, name, n);
}

/* "close, Upgrade": tokens, none of them empty. */
static bool is_token_list(const char *value, size_t length)
{
	bool token = false, ended = false; /* one has begun; and white space follows it */

	for (size_t i = 0; i < length; i++) {
		char c = value[i];
		if (c == ' ' || c == '\t') {
			ended = token;
		} else if (c == ',' && token) {
			token = ended = false;
		} else if (is_token(c) && !ended) {
			token = true;
		} else {
			return false;
		}
	}
	return token;
}

static bool content_length(struct reader *f, const char *value, size_t length)
{
	if (f->length || !length || length > MAX_LENGTH_DIGITS)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_digit(value[i]))
			return false;
		f->out->body_bytes = 10 * f->out->body_bytes + (uint64_t)(value[i] - '0');
	}
	f->length = true;
	return !f->out->chunked;
}

/* Headers that say where the message ends, and whether the connection goes on: said in one way. */
static bool framing(struct reader *f, const char *name, size_t n, const char *value, size_t length)
{
	static const char encoding[] = "transfer-encoding";

	if (is(name, n, "connection") || is(name, n, "proxy-connection"))
		return is_token_list(value, length);
	if (is(name, n, "content-length"))
		return content_length(f, value, length);
	if (n < sizeof(encoding) - 1 || strncasecmp(name, encoding, sizeof(encoding) - 1))
		return true;
	/* http_parser takes "Transfer-Encoding2" for it. */
	if (n != sizeof(encoding) - 1 || f->out->chunked || f->length)
		return false;
	f->out->chunked = true;
	return is(value, length, "chunked");
}

static int header_line(struct reader *f)
{
	const char *name = f->at, *value, *end;

	while (f->at < f->end && is_token(*f->at))
		f->at++;
	size_t n = (size_t)(f->at - name);
	if (f->at == f->end)
		return 0;
	if (*f->at++ != ':' || !n)
		return -EBADMSG;
	value = f->at;
	while (f->at < f->end && is_text(*f->at))
		f->at++;
	end = f->at;
	int r = line_end(f);
	if (r <= 0)
		return r;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && end[-1] == ' ') /* behind a length http_parser takes no tab */
		end--;
	return framing(f, name, n, value, (size_t)(end - value)) ? 1 : -EBADMSG;
}

int http_form_check(bool request, const char *data, size_t length, struct http_form *form)
{
	struct reader f = {.at = data, .end = data + length, .out = form};
	int r = 1;

	*form = (struct http_form){0};
	while (r == 1 && f.at < f.end && *f.at == '\r')
		r = line_end(&f);
	if (r != 1)
		return r;
	form->begin = (size_t)(f.at - data);
	r = request ? request_line(&f) : status_line(&f);
	while (r == 1 && f.at < f.end && *f.at != '\r')
		r = header_line(&f);
	if (r != 1)
		return r;
	r = line_end(&f);
	form->end = (size_t)(f.at - data);
	return r;
}

const char *http_status_text(unsigned status)
{
	static const char *const texts[] = {
		[100] = "Continue",
		[101] = "Switching Protocols",
		[200] = "OK",
		[201] = "Created",
		[202] = "Accepted",
		[203] = "Non-Authoritative Information",
		[204] = "No Content",
		[205] = "Reset Content",
		[206] = "Partial Content",
		[300] = "Multiple Choices",
		[301] = "Moved Permanently",
		[302] = "Found",
		[303] = "See Other",
		[304] = "Not Modified",
		[305] = "Use Proxy",
		[307] = "Temporary Redirect",
		[308] = "Permanent Redirect",
		[400] = "Bad Request",
		[401] = "Unauthorized",
		[402] = "Payment Required",
		[403] = "Forbidden",
		[404] = "Not Found",
		[405] = "Method Not Allowed",
		[406] = "Not Acceptable",
		[407] = "Proxy Authentication Required",
		[408] = "Request Timeout",
		[409] = "Conflict",
		[410] = "Gone",
		[411] = "Length Required",
		[412] = "Precondition Failed",
		[413] = "Payload Too Large",
		[414] = "URI Too Long",
		[415] = "Unsupported Media Type",
		[416] = "Range Not Satisfiable",
		[417] = "Expectation Failed",
		[421] = "Misdirected Request",
		[422] = "Unprocessable Entity",
		[426] = "Upgrade Required",
		[500] = "Internal Server Error",
		[501] = "Not Implemented",
		[502] = "Bad Gateway",
		[503] = "Service Unavailable",
		[504] = "Gateway Timeout",
		[505] = "HTTP Version Not Supported",
		[507] = "Insufficient Storage",
	};
	const char *text = status < sizeof(texts) / sizeof(*texts) ? texts[status] : NULL;

	return text ? text : "Unknown";
}
