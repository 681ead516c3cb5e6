/* SPDX-License-Identifier: MIT */
#include "nodes/http/http_library.h"

#include <errno.h>

#ifdef SFE_LLHTTP
#include <llhttp.h>
typedef llhttp_t parser_of_library;
typedef llhttp_settings_t settings_of_library;
#else
#include <http_parser.h>
typedef http_parser parser_of_library;
typedef http_parser_settings settings_of_library;
#endif

/* The parser's own data: what was asked for, and whether the head's end was seen. */
struct reading {
	struct http_parts *parts;
	bool whole;
};

static int on_target(parser_of_library *parser, const char *at, size_t length)
{
	const struct reading *r = parser->data;

	return r->parts->on_target(r->parts->arg, at, length) ? -1 : 0;
}

static int on_name(parser_of_library *parser, const char *at, size_t length)
{
	const struct reading *r = parser->data;

	return r->parts->on_name(r->parts->arg, at, length) ? -1 : 0;
}

static int on_value(parser_of_library *parser, const char *at, size_t length)
{
	const struct reading *r = parser->data;

	return r->parts->on_value(r->parts->arg, at, length) ? -1 : 0;
}

static int on_end(parser_of_library *parser)
{
	struct reading *r = parser->data;
	struct http_parts *parts = r->parts;

	r->whole = true;
	parts->status = parser->status_code;
#ifdef SFE_LLHTTP
	parts->keep_alive = llhttp_should_keep_alive(parser);
	return HPE_PAUSED; /* bodies are received by the connection itself */
#else
	parts->keep_alive = http_should_keep_alive(parser);
	http_parser_pause(parser, 1); /* bodies are received by the connection itself */
	return 0;
#endif
}

int http_library_read(bool request, const char *head, size_t length, struct http_parts *parts)
{
	static const settings_of_library settings = {
		.on_url = on_target,
		.on_header_field = on_name,
		.on_header_value = on_value,
		.on_headers_complete = on_end,
	};
	struct reading reading = {.parts = parts};
	parser_of_library parser;

#ifdef SFE_LLHTTP
	llhttp_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
	parser.data = &reading;
	llhttp_execute(&parser, head, length);
#else
	http_parser_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE);
	parser.data = &reading;
	http_parser_execute(&parser, &settings, head, length);
#endif
	return reading.whole ? 0 : -EBADMSG;
}
