/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/model/base/yaml_tree.h"

int sfe_digest_descriptor(int fd, uint64_t *digest)
{
	char buf[65536];
	XXH3_state_t *state = XXH3_createState();
	ssize_t n = -1;

	if (!state)
		return -ENOMEM;
	XXH3_64bits_reset(state);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		XXH3_64bits_update(state, buf, (size_t)n);
	*digest = XXH3_64bits_digest(state);
	int code = n < 0 ? -errno : 0;
	XXH3_freeState(state);
	return code;
}

int sfe_digest_file(const char *path, uint64_t *digest)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int code = sfe_digest_descriptor(fd, digest);
	close(fd);
	return code;
}

static int add_tree(XXH3_state_t *state, const struct sfe_tree *t, struct sfe_error *err);

/* Adds the tables of a results folder that a placement is read from; false: it is none. */
static bool add_placed(XXH3_state_t *state, const char *folder)
{
	static const char *const names[] = {"jobs.csv", "invocations.csv"};
	uint64_t digest[2];

	for (int i = 0; i < 2; i++) {
		char *path;
		if (asprintf(&path, "%s/%s", folder, names[i]) < 0)
			return false;
		int r = sfe_digest_file(path, &digest[i]);
		free(path);
		if (r)
			return false;
	}
	XXH3_64bits_update(state, digest, sizeof(digest));
	return true;
}

/* Adds a value. If it is the path of a file, or of a results folder, their contents are added
 * instead. */
static int add_value(XXH3_state_t *state, const char *text, struct sfe_error *err)
{
	struct stat st;
	uint64_t digest;

	bool there = text[0] == '/' && !stat(text, &st);
	if (there && S_ISDIR(st.st_mode) && add_placed(state, text))
		return 0;
	if (!there || !S_ISREG(st.st_mode)) {
		XXH3_64bits_update(state, text, strlen(text) + 1);
		return 0;
	}
	int r = sfe_digest_file(text, &digest);
	if (r)
		return sfe_fail(err, r, text, NULL, "cannot read it: %s", strerror(-r));
	XXH3_64bits_update(state, &digest, sizeof(digest));
	return 0;
}

static int add_children(
	XXH3_state_t *state, const struct sfe_tree *t, bool root, struct sfe_error *err)
{
	int r = 0;

	for (unsigned i = 0; i < t->n && !r; i++)
		/* The results folder does not change the results. */
		if (!root || !t->child[i]->key || strcmp(t->child[i]->key, "results"))
			r = add_tree(state, t->child[i], err);
	return r;
}

static int add_tree(XXH3_state_t *state, const struct sfe_tree *t, struct sfe_error *err)
{
	const uint32_t shape[] = {t->kind, t->n};

	XXH3_64bits_update(state, shape, sizeof(shape));
	if (t->key)
		XXH3_64bits_update(state, t->key, strlen(t->key) + 1);
	return t->kind == SFE_TREE_VALUE ? add_value(state, t->text, err)
					 : add_children(state, t, false, err);
}

int sfe_sweep_digest(const char *scenario, size_t len, const uint64_t *others, size_t n,
	uint64_t *spec, struct sfe_error *err)
{
	SFE_TREE_AUTO struct sfe_tree *root = NULL;
	XXH3_state_t *state = XXH3_createState();
	int r = state ? sfe_tree_read(scenario, len, "scenario.yaml", 0, &root, err)
		      : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (!r) {
		XXH3_64bits_reset(state);
		XXH3_64bits_update(state, others, n * sizeof(*others));
		r = add_children(state, root, true, err);
		*spec = XXH3_64bits_digest(state);
	}
	XXH3_freeState(state);
	return r;
}
