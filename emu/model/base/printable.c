/* SPDX-License-Identifier: MIT */
#include "emu/model/base/printable.h"

#include <string.h>

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

void sfe_print_text(const char *text, FILE *out)
{
	while (*text) {
		int n = printable((const unsigned char *)text);
		if (n)
			fwrite(text, 1, (size_t)n, out);
		else
			fputc('?', out);
		text += n ? n : 1;
	}
}

/* The bytes of the character that begins with this byte; 1 if none does. */
static size_t length_of(unsigned char first)
{
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
}

size_t sfe_print_lines(const char *text, size_t len, bool end, FILE *out)
{
	for (size_t i = 0; i < len;) {
		unsigned char at[4] = {0};
		size_t left = len - i, have = left < sizeof(at) ? left : sizeof(at);

		memcpy(at, text + i, have);
		if (!end && have < length_of(at[0]))
			return i;
		int n = *at == '\n' ? 1 : printable(at);
		fwrite(n ? (const char *)at : "?", 1, n ? (size_t)n : 1, out);
		i += n ? (size_t)n : 1;
	}
	return len;
}

int sfe_printable_bytes(const char *text)
{
	return printable((const unsigned char *)text);
}

/* One that is not printed: its code, or that of what stands for bytes that are none. */
static int escape(const unsigned char *at, FILE *out)
{
	unsigned code = at[0];
	int n = 1;

	if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
		code = at[1];
		n = 2;
	} else if (at[0] == 0xe2 && (at[1] == 0x80 || at[1] == 0x81) && (at[2] & 0xc0) == 0x80) {
		code = 0x2000u | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
		n = 3;
	} else if (at[0] >= 0x80) {
		code = 0xfffd;
	}
	fprintf(out, "\\u%04x", code);
	return n;
}

void sfe_print_json_text(const char *text, FILE *out)
{
	fputc('"', out);
	while (*text) {
		int n = sfe_printable_bytes(text);
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text++);
		else if (!n || *text == '\t')
			text += escape((const unsigned char *)text, out);
		else
			for (; n; n--)
				fputc(*text++, out);
	}
	fputc('"', out);
}

void sfe_print_json(const char *json, FILE *out)
{
	while (*json) {
		int n = *json == '\n' ? 1 : sfe_printable_bytes(json);
		if (!n)
			json += escape((const unsigned char *)json, out);
		for (; n; n--)
			fputc(*json++, out);
	}
}

bool sfe_is_one_line(const char *text, size_t len)
{
	return !memchr(text, '\t', len) && sfe_is_printable(text, len);
}

bool sfe_is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		/* A character that is cut off by the end is none. */
		unsigned char at[4] = {0};
		memcpy(at, text + i, len - i < sizeof(at) ? len - i : sizeof(at));
		int n = printable(at);
		if (!n)
			return false;
		i += (size_t)n;
	}
	return true;
}

void sfe_one_line(char *text)
{
	sfe_make_printable(text);
	for (; *text; text++)
		if (*text == '\t')
			*text = '?';
}
