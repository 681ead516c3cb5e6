/* SPDX-License-Identifier: MIT */
#include "nodes/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_ROOM 512

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	for (;;) {
		size_t left = text->room - text->length;
		va_start(args, format);
		n = vsnprintf(text->bytes ? text->bytes + text->length : NULL, left, format, args);
		va_end(args);
		if (n >= 0 && (size_t)n < left)
			break;
		size_t room = text->room ? 2 * text->room : FIRST_ROOM;
		char *bytes = n < 0 ? NULL : realloc(text->bytes, room);
		if (!bytes) {
			text->failed = true;
			return;
		}
		text->bytes = bytes;
		text->room = room;
	}
	text->length += (size_t)n;
}

void text_clear(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}
