/* SPDX-License-Identifier: MIT */
/* The digest of a guest's kernel. */
#ifndef SFE_VM_DIGEST_H
#define SFE_VM_DIGEST_H

#include "sfemu/error.h"

#define SFE_DIGEST_TEXT 65 /* SHA-256 in hexadecimal, with the end of the string */

/*
 * Reads descriptor in to its end and copies it to descriptor out (-1: no copy). With `expected`
 * (may be NULL) another digest is an error, -EBADMSG. path names the file in error texts.
 */
int sfe_digest_copy(int in, int out, const char *expected, const char *path, struct sfe_error *err);

/* Reads the digest of a kernel from PATH.sha256, which tools/guest-kernel/build.sh writes. -ENOENT
 * if there is no such file. */
int sfe_digest_beside(const char *path, char digest[static SFE_DIGEST_TEXT], struct sfe_error *err);

#endif
