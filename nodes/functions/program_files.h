/* SPDX-License-Identifier: MIT */
/* The folder in which a program runs. */
#ifndef SFE_NODES_PROGRAM_FILES_H
#define SFE_NODES_PROGRAM_FILES_H

#include <sys/types.h>

#include "nodes/base/buffer.h"

/* All return 0 or a negative errno. */

/* A new folder below the scratch folder, with folders `states` and `tmp`. *folder is its
 * descriptor. */
int program_files_make(
	const char *scratch, uint32_t job, uint32_t step, char *path, size_t size, int *folder);
/* A new file; NULL: an empty one. */
int program_files_write(int folder, const char *path, const struct slice *bytes, mode_t mode);
/* A regular file of at most 1 GiB, not through a link. */
int program_files_read(int folder, const char *path, struct buffer_pool *pool, struct slice *out);
/* The last bytes of a file, at most size of them: how many. *file_bytes: all that it has. */
size_t program_files_tail(
	int folder, const char *path, char *tail, size_t size, uint64_t *file_bytes);
/* The last line of a text; empty: there is none. */
void program_files_last_line(int folder, const char *path, char *line, size_t size);
/* Whether a folder has an entry that is none of the names (ended by NULL): -EEXIST, and its name.
 */
int program_files_other(
	int folder, const char *path, const char *const *names, char *other, size_t size);

/* The lines of a text as a list that NULL ends; NULL: out of memory. */
char **program_files_lines(const char *text);
void program_files_free_words(char **words); /* also NULL */

#endif
