/* SPDX-License-Identifier: MIT */
/*
 * What is in a shared object, read from its bytes: nothing of it is loaded or run. The bytes may be
 * anybody's: nothing beyond them is read, and the work stays that of the file.
 */
#ifndef SFE_BASE_SHARED_OBJECT_H
#define SFE_BASE_SHARED_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

/* What to do with a file that is none. */
extern const char sfe_shared_object_build[];

struct sfe_shared_object {
	const char *bytes; /* borrowed */
	size_t size;
	Elf64_Ehdr head;
};

/* Refuses what is no shared object of this machine. Errors have no place. */
int sfe_shared_object_open(
	const char *bytes, size_t size, struct sfe_shared_object *out, struct sfe_error *err);

struct sfe_shared_symbol {
	uint64_t address; /* at which the object is to be loaded */
	uint64_t bytes;
};

/* A symbol that the object defines for others. */
bool sfe_shared_object_find(
	const struct sfe_shared_object *o, const char *name, struct sfe_shared_symbol *out);

/* Copies n bytes of an address; false: the file does not have them. */
bool sfe_shared_object_read(
	const struct sfe_shared_object *o, uint64_t address, void *to, size_t n);

/* Whether the pointer at that address is other than NULL when the object is loaded: it is written
 * there, or a relocation sets it. */
bool sfe_shared_object_points(const struct sfe_shared_object *o, uint64_t address);

#endif
