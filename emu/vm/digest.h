/* SPDX-License-Identifier: MIT */
/* The digest of a guest's kernel. */
#ifndef SFE_VM_DIGEST_H
#define SFE_VM_DIGEST_H

#include "sfemu/error.h"

#define SFE_DIGEST_TEXT 65 /* SHA-256 in hexadecimal, with the end of the string */

/*
 * Reads all of descriptor in and copies it to descriptor out (-1: nowhere). With expected (may be
 * NULL) a file of another digest is refused, -EBADMSG; path names the file in errors.
 */
int sfe_digest_copy(int in, int out, const char *expected, const char *path, struct sfe_error *err);

/* The digest beside a kernel (PATH.sha256, which tools/guest-kernel/build.sh writes), or -ENOENT.
 */
int sfe_digest_beside(const char *path, char digest[static SFE_DIGEST_TEXT], struct sfe_error *err);

#endif
