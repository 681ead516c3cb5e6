/* SPDX-License-Identifier: MIT */
#include "emu/model/base/printable.h"

#include <stdbool.h>

/* The number of bytes of a character that a terminal displays as it is; 0 for control characters
 * (C0, C1), characters that change the direction of text, and invalid UTF-8. */
static int printable(const unsigned char *at)
{
	int n = at[0] < 0x80                    ? 1
		: at[0] >= 0xc2 && at[0] < 0xe0 ? 2
		: at[0] >= 0xe0 && at[0] < 0xf0 ? 3
		: at[0] >= 0xf0 && at[0] < 0xf5 ? 4
						: 0;
	unsigned code = n == 1 ? at[0] : at[0] & (0x7fu >> n);

	for (int i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	/* Refuses overlong forms, surrogates, and codes beyond the last character. */
	bool wrong = (n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
		     (code >= 0xd800 && code < 0xe000);
	bool control = (code < ' ' && code != '\t') || (code >= 0x7f && code < 0xa0);
	bool turns = (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
	return wrong || control || turns ? 0 : n;
}

char *sfe_make_printable(char *text)
{
	for (char *at = text; *at;) {
		int n = printable((const unsigned char *)at);
		if (!n)
			*at = '?';
		at += n ? n : 1;
	}
	return text;
}

void sfe_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}
