/* SPDX-License-Identifier: MIT */
#include "emu/vm/guest_command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int append(char *word, size_t *used, const char *text, struct sfe_error *err)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = isascii(c) && (isalnum(c) || strchr("/._-", c));
		if (*used + 5 > SFE_GUEST_COMMAND_BYTES)
			return sfe_fail(err, -E2BIG, "command", "put it into a script",
				"is too long for a guest's command line");
		*used += (size_t)sprintf(word + *used, plain ? "%c" : "%%%02X", c);
	}
	word[(*used)++] = ',';
	word[*used] = 0;
	return 0;
}

int sfe_guest_command_encode(bool pipes, char *const *command,
	char word[static SFE_GUEST_COMMAND_BYTES], struct sfe_error *err)
{
	const char *term = getenv("TERM");
	char *here = getcwd(NULL, 0);
	size_t used = strlen(SFE_GUEST_SHELL_PREFIX) + 1;

	strcpy(word, SFE_GUEST_SHELL_PREFIX);
	strcat(word, pipes ? "p" : "t");
	int r = append(word, &used, here ? here : "/", err);
	r = r ? r : append(word, &used, term ? term : "dumb", err);
	for (; command && *command && !r; command++)
		r = append(word, &used, *command, err);
	free(here);
	return r;
}

static void decode(char *text)
{
	char *out = text;
	unsigned c;

	for (; *text; text++)
		if (*text == '%' && sscanf(text + 1, "%2X", &c) == 1) {
			*out++ = (char)c;
			text += 2;
		} else {
			*out++ = *text;
		}
	*out = 0;
}

int sfe_guest_command_decode(char *word, char ***parts, struct sfe_error *err)
{
	size_t n = 0, room = 1;
	char *comma;

	for (const char *p = word; *p; p++)
		room += *p == ',';
	*parts = calloc(room, sizeof(**parts));
	if (!*parts)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (; (comma = strchr(word, ',')); word = comma + 1) {
		*comma = 0;
		decode(word);
		(*parts)[n++] = word;
	}
	if (n >= 2)
		return 0;
	free(*parts);
	*parts = NULL;
	return sfe_fail(err, -EPROTO, NULL, NULL, "the guest was not told what to run");
}
