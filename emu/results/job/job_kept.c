/* SPDX-License-Identifier: MIT */
#include "emu/results/job/job_kept.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/security/beneath.h"

#define CHUNK (256u << 10)

struct hashing {
	XXH3_state_t *state;
	unsigned char *chunk;
};

/* Whether the file has these bytes. One of another size is not read. */
static bool has_bytes(const struct hashing *h, int fd, const struct sfe_state_row *row)
{
	struct stat st;
	uint64_t left = row->size_bytes;

	if (fstat(fd, &st) || (uint64_t)st.st_size != left)
		return false;
	XXH3_64bits_reset(h->state);
	while (left) {
		ssize_t n = read(fd, h->chunk, left < CHUNK ? left : CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		XXH3_64bits_update(h->state, h->chunk, (size_t)n);
		left -= (uint64_t)n;
	}
	return XXH3_64bits_digest(h->state) == row->digest;
}

static const char *look(const struct hashing *h, int dir, const struct sfe_state_row *row)
{
	struct sfe_error err = {0};
	int fd = sfe_beneath_read(dir, row->file, row->size_bytes, &err);

	if (fd < 0)
		return fd == -EFBIG ? "others" : "missing";
	bool same = has_bytes(h, fd, row);
	close(fd);
	return same ? "as recorded" : "others";
}

int sfe_job_kept_check(int dir, struct sfe_job_record *j, struct sfe_error *err)
{
	const struct hashing h = {XXH3_createState(), malloc(CHUNK)};
	int wrong = 0;

	for (unsigned i = 0; h.state && h.chunk && i < j->n_kept; i++) {
		struct sfe_job_kept *k = &j->kept[i];
		snprintf(k->bytes_are, sizeof(k->bytes_are), "%s", look(&h, dir, &k->row));
		wrong += k->bytes_are[0] != 'a';
	}
	if (!h.state || !h.chunk)
		wrong = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	XXH3_freeState(h.state);
	free(h.chunk);
	return wrong;
}
