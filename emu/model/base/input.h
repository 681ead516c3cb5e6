/* SPDX-License-Identifier: MIT */
/*
 * Files that a scenario names. Who wrote the scenario, or owns a folder on the way to such a file,
 * may put another one in its place at any time. So each is opened once, and what was read then is
 * what is parsed, copied into the results and hashed.
 */
#ifndef SFE_BASE_INPUT_H
#define SFE_BASE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sfemu/error.h"

struct sfe_input {
	struct sfe_input *next;
	char *file;
	char *text; /* ends with a 0 that len does not count */
	size_t len;
	mode_t mode; /* of the file, as the next two */
	dev_t device;
	ino_t inode;
};

/*
 * Reads a regular file of at most SFE_MAX_FILE_BYTES that is text: a byte 0 is refused, so that a
 * hole of a sparse file is no gigabyte of text. Never waits for a FIFO and opens no device. *text
 * is the caller's and ends with a 0 that *len does not count; mode may be NULL.
 */
int sfe_input_load(const char *file, char **text, size_t *len, mode_t *mode, struct sfe_error *err);

/* XXH3, as `xxhsum -H3` prints it. */
uint64_t sfe_input_digest(const char *text, size_t len);

/* What was read of the file, which is read when it is first asked for. NULL: it failed. */
struct sfe_inputs;
struct sfe_inputs *sfe_inputs_new(void); /* NULL: out of memory */
const struct sfe_input *sfe_inputs_get(
	struct sfe_inputs *inputs, const char *file, struct sfe_error *err);
/* The same for a file that need not be text. */
const struct sfe_input *sfe_inputs_get_bytes(
	struct sfe_inputs *inputs, const char *file, struct sfe_error *err);
/* Whether one of what was read may not be read by everybody. */
bool sfe_inputs_private(const struct sfe_inputs *inputs);
void sfe_inputs_free(struct sfe_inputs *inputs);

#endif
