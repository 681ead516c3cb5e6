/* SPDX-License-Identifier: MIT */
/* Advice for a name that nothing has: which names there are, and which one is most like it. */
#ifndef SFE_BASE_KNOWN_NAMES_H
#define SFE_BASE_KNOWN_NAMES_H

#include <stdint.h>

#define SFE_ADVICE 256 /* bytes, as of an error's todo */

/* The i-th name; NULL: it does not count. The same name may come again. */
typedef const char *sfe_known_name(const void *of, uint32_t i);

/* "BEFORE: a, b, c and others; the nearest is b", or "BEFORE: there is none". Returns todo. */
const char *sfe_known_names(char todo[static SFE_ADVICE], const char *before, const char *wrong,
	sfe_known_name *name, const void *of, uint32_t n);

#endif
