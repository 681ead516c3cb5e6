/* SPDX-License-Identifier: MIT */
#include "emu/model/base/encoding.h"

#include <errno.h>
#include <string.h>

#define MARK "\xef\xbb\xbf"

size_t sfe_encoding_mark(const char *text, size_t len)
{
	return len >= strlen(MARK) && !memcmp(text, MARK, strlen(MARK)) ? strlen(MARK) : 0;
}

/* NULL: it may be UTF-8. Text in UTF-16 begins with an ASCII character in all formats here. */
static const char *other_encoding(const char *text, size_t len)
{
	if (len >= 4 && (!memcmp(text, "\xff\xfe\0\0", 4) || !memcmp(text, "\0\0\xfe\xff", 4)))
		return "UTF-32";
	if (len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return "UTF-16";
	return len >= 2 && !text[0] != !text[1] ? "UTF-16" : NULL;
}

int sfe_encoding_check(const char *text, size_t len, const char *file, struct sfe_error *err)
{
	const char *found = other_encoding(text, len);

	return found ? sfe_fail(err, -EINVAL, file,
			       "save it as UTF-8, as by iconv -f UTF-16 -t UTF-8",
			       "the file is %s and not UTF-8", found)
		     : 0;
}

int sfe_encoding_begin(FILE *in, const char *file, struct sfe_error *err)
{
	char text[4];
	size_t n = fread(text, 1, sizeof(text), in);

	if (fseek(in, (long)sfe_encoding_mark(text, n), SEEK_SET))
		return sfe_fail(err, -errno, file, NULL, "cannot be read: %s", strerror(errno));
	return sfe_encoding_check(text, n, file, err);
}
