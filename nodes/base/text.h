/* SPDX-License-Identifier: MIT */
/* Text that grows: message heads are written into it. */
#ifndef SFE_NODES_TEXT_H
#define SFE_NODES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text { /* all zero: empty */
	char *bytes;
	size_t length, room;
	bool failed; /* out of memory: text that was added after that is missing */
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *text);

#endif
