/* SPDX-License-Identifier: MIT */
/*
 * The library that splits a head into its parts: llhttp where it is packaged (Debian 13), else
 * http_parser, which has no upstream any more (Debian 12). http_library.c alone knows which. It is
 * given only what http_form_check() has found whole and well-formed.
 */
#ifndef SFE_NODES_HTTP_LIBRARY_H
#define SFE_NODES_HTTP_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct http_parts {
	void *arg;
	/* In the head's order, each text whole; any value but 0 ends the reading. */
	int (*on_target)(void *arg, const char *at, size_t length);
	int (*on_name)(void *arg, const char *at, size_t length);
	int (*on_value)(void *arg, const char *at, size_t length);
	bool keep_alive; /* the connection goes on after the message */
	unsigned status; /* of a response */
};

/* 0, or -EBADMSG: the library refuses the head, or a callback ended the reading. */
int http_library_read(bool request, const char *head, size_t length, struct http_parts *parts);

#endif
