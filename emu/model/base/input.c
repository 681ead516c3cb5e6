/* SPDX-License-Identifier: MIT */
#include "emu/model/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/model/base/encoding.h"
#include "emu/model/base/text.h"

#define FIRST_BYTES (1u << 16)

struct sfe_inputs {
	struct sfe_input *first;
};

static int too_large(const char *file, struct sfe_error *err)
{
	return sfe_fail(err, -EFBIG, file, "cut it", "the file is larger than %llu bytes",
		SFE_MAX_FILE_BYTES);
}

static int open_regular(const char *file, struct stat *st, struct sfe_error *err)
{
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return sfe_fail(
			err, -errno, file, "check the path", "cannot open: %s", strerror(errno));
	if (fstat(fd, st) || !S_ISREG(st->st_mode))
		r = sfe_fail(err, -EINVAL, file, "give the path of a file that can be read",
			"it is not a regular file");
	else if ((uint64_t)st->st_size > SFE_MAX_FILE_BYTES)
		r = too_large(file, err);
	if (r)
		close(fd);
	return r ? r : fd;
}

/* Makes room for at least one more byte than the final 0. */
static int make_room(char **text, size_t *room, size_t len, const char *file, struct sfe_error *err)
{
	if (*text && len + 1 < *room)
		return 0;
	if (len > SFE_MAX_FILE_BYTES)
		return too_large(file, err);
	size_t more = *text ? 2 * *room : FIRST_BYTES;
	char *grown = realloc(*text, more);
	if (!grown)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	*text = grown;
	*room = more;
	return 0;
}

static int read_all(
	int fd, const char *file, bool is_text, char **text, size_t *len, struct sfe_error *err)
{
	size_t room = 0;
	ssize_t n;
	int r;

	*len = 0;
	while (!(r = make_room(text, &room, *len, file, err))) {
		n = read(fd, *text + *len, room - 1 - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sfe_fail(
				err, -errno, file, NULL, "cannot read: %s", strerror(errno));
		if (!n)
			break;
		if (is_text && !*len && (r = sfe_encoding_check(*text, (size_t)n, file, err)))
			return r;
		if (is_text && memchr(*text + *len, 0, (size_t)n))
			return sfe_fail(err, -EINVAL, file, "give a file of text",
				"the file has a byte 0, so it is no text");
		*len += (size_t)n;
	}
	if (!r)
		(*text)[*len] = 0;
	return r;
}

static int load(const char *file, bool is_text, char **text, size_t *len, struct stat *st,
	struct sfe_error *err)
{
	int fd = open_regular(file, st, err);

	*text = NULL;
	if (fd < 0)
		return fd;
	int r = read_all(fd, file, is_text, text, len, err);
	close(fd);
	if (r) {
		free(*text);
		*text = NULL;
	}
	return r;
}

int sfe_input_load(const char *file, char **text, size_t *len, mode_t *mode, struct sfe_error *err)
{
	struct stat st = {0};
	int r = load(file, true, text, len, &st, err);

	if (mode)
		*mode = st.st_mode;
	return r;
}

uint64_t sfe_input_digest(const char *text, size_t len)
{
	return XXH3_64bits(text, len);
}

struct sfe_inputs *sfe_inputs_new(void)
{
	return calloc(1, sizeof(struct sfe_inputs));
}

static void free_input(struct sfe_input *input)
{
	free(input->file);
	free(input->text);
	free(input);
}

static const struct sfe_input *get(
	struct sfe_inputs *inputs, const char *file, bool is_text, struct sfe_error *err)
{
	struct sfe_input *input = inputs->first;
	struct stat st;

	while (input && strcmp(input->file, file) != 0)
		input = input->next;
	if (input)
		return input;
	input = calloc(1, sizeof(*input));
	if (!input || !(input->file = strdup(file))) {
		free(input);
		sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		return NULL;
	}
	if (load(file, is_text, &input->text, &input->len, &st, err)) {
		free_input(input);
		return NULL;
	}
	input->mode = st.st_mode;
	input->device = st.st_dev;
	input->inode = st.st_ino;
	input->next = inputs->first;
	inputs->first = input;
	return input;
}

const struct sfe_input *sfe_inputs_get(
	struct sfe_inputs *inputs, const char *file, struct sfe_error *err)
{
	return get(inputs, file, true, err);
}

const struct sfe_input *sfe_inputs_get_bytes(
	struct sfe_inputs *inputs, const char *file, struct sfe_error *err)
{
	return get(inputs, file, false, err);
}

bool sfe_inputs_private(const struct sfe_inputs *inputs)
{
	for (const struct sfe_input *i = inputs->first; i; i = i->next)
		if (!(i->mode & S_IROTH))
			return true;
	return false;
}

void sfe_inputs_free(struct sfe_inputs *inputs)
{
	struct sfe_input *next;

	if (!inputs)
		return;
	for (struct sfe_input *i = inputs->first; i; i = next) {
		next = i->next;
		free_input(i);
	}
	free(inputs);
}
