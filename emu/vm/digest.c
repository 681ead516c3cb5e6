/* SPDX-License-Identifier: MIT */
#include "emu/vm/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CHUNK (1u << 18)

static int write_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno != EINTR)
			return -errno;
		at += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int copy(int in, int out, EVP_MD_CTX *sum)
{
	char *chunk = malloc(CHUNK);
	int r = chunk ? 0 : -ENOMEM;
	ssize_t n = 1;

	while (!r && n) {
		n = read(in, chunk, CHUNK);
		if (n < 0)
			r = errno == EINTR ? 0 : -errno;
		if (n > 0 && sum && !EVP_DigestUpdate(sum, chunk, (size_t)n))
			r = -EIO;
		if (n > 0 && out >= 0 && !r)
			r = write_all(out, chunk, (size_t)n);
	}
	free(chunk);
	return r;
}

static void to_text(const unsigned char *bytes, unsigned n, char *text)
{
	for (unsigned i = 0; i < n; i++)
		snprintf(text + (size_t)2 * i, 3, "%02x", bytes[i]);
}

int sfe_digest_copy(int in, int out, const char *expected, const char *path, struct sfe_error *err)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned n = 0;
	EVP_MD_CTX *sum = expected ? EVP_MD_CTX_new() : NULL;
	int r = expected && (!sum || !EVP_DigestInit_ex(sum, EVP_sha256(), NULL)) ? -ENOMEM : 0;

	r = r ? r : copy(in, out, sum);
	if (!r && sum && !EVP_DigestFinal_ex(sum, bytes, &n))
		r = -EIO;
	EVP_MD_CTX_free(sum);
	if (r)
		return sfe_fail(err, r, path, NULL, "cannot be read: %s", strerror(-r));
	to_text(bytes, n, text);
	if (expected && strcasecmp(text, expected))
		return sfe_fail(err, -EBADMSG, path, "build it again: sfemu guest build --force",
			"is not the kernel that was built: its SHA-256 is %.12s… and not %.12s…",
			text, expected);
	return 0;
}

int sfe_digest_beside(const char *path, char digest[static SFE_DIGEST_TEXT], struct sfe_error *err)
{
	char beside[4200];
	ssize_t n;

	snprintf(beside, sizeof(beside), "%s.sha256", path);
	int fd = open(beside, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return sfe_fail(err, -errno, beside, "build it again: sfemu guest build --force",
			"the kernel's digest cannot be read: %s", strerror(errno));
	n = read(fd, digest, SFE_DIGEST_TEXT - 1);
	close(fd);
	digest[SFE_DIGEST_TEXT - 1] = 0;
	if (n != SFE_DIGEST_TEXT - 1 || strspn(digest, "0123456789abcdef") != SFE_DIGEST_TEXT - 1)
		return sfe_fail(err, -EBADMSG, beside, "build it again: sfemu guest build --force",
			"is no SHA-256 digest");
	return 0;
}
