/* SPDX-License-Identifier: MIT */
/*
 * What HTTP/1.1 (RFC 9112) fixes of a head, checked before a library reads it. The libraries that
 * there are (nodes/http/http_library.h) accept different things beyond the standard: bare line
 * feeds, folded lines, other versions, lengths said twice. What this check accepts, they read
 * alike; tests/unit/nodes/test_http_libraries.c holds them to it.
 */
#ifndef SFE_NODES_HTTP_FORM_H
#define SFE_NODES_HTTP_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_form_method { /* the methods of RFC 9110 and 5789 whose target is a path */
	HTTP_METHOD_DELETE,
	HTTP_METHOD_GET,
	HTTP_METHOD_HEAD,
	HTTP_METHOD_OPTIONS,
	HTTP_METHOD_PATCH,
	HTTP_METHOD_POST,
	HTTP_METHOD_PUT,
	HTTP_METHOD_TRACE,
};

struct http_form {
	size_t begin, end;            /* of the head; empty lines may precede a start line */
	enum http_form_method method; /* of a request */
	bool chunked;                 /* there is a "Transfer-Encoding: chunked" */
	uint64_t body_bytes;          /* Content-Length; 0 if nothing is said */
};

/*
 * Finds the head at the beginning of data. 1: whole, *form is filled; 0: well-formed so far, more
 * bytes are needed; -EBADMSG: malformed.
 *
 * Accepted are: lines that end with CR LF; HTTP/1.0 and 1.1; as target of a request a path without
 * a fragment; header names that are tokens, values without control characters, no folded line; one
 * Content-Length at most, of at most 18 digits; in its place one "Transfer-Encoding: chunked", and
 * no header whose name begins with that one's; a Connection that is a list of tokens.
 */
int http_form_check(bool request, const char *data, size_t length, struct http_form *form);

/* The reason phrase of a status of RFC 9110, and of 507 (RFC 4918). */
const char *http_status_text(unsigned status);

#endif
