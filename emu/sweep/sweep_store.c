/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_store.h"
#include "emu/model/strategies/strategy_options.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "emu/experiment/function_files.h"
#include "emu/experiment/functions.h"
#include "emu/experiment/program_files.h"
#include "emu/results/results_folder.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "emu/security/invoker.h"
#include "emu/security/trust.h"
#include "emu/sweep/sweep_digest.h"
#include "emu/sweep/sweep_placed.h"

#define MAX_NAME_PART 120

/* Makes and opens the folder, which nobody else may have made or may write. */
static bool is_private(const char *file)
{
	struct stat st;

	return !stat(file, &st) && S_ISREG(st.st_mode) && !(st.st_mode & S_IROTH);
}

/* The cells' scenarios are made of the base and of the sweep's file: where not everybody may read
 * these, nobody but the owner may enter the folder. (A cell's own inputs: see its run.) */
static int keep_private(const struct sfe_sweep_store *store, struct sfe_error *err)
{
	struct stat own;

	if (!is_private(store->sweep->file) && !is_private(store->sweep->base))
		return 0;
	return fstat(store->dir, &own) || fchmod(store->dir, own.st_mode & 07700)
		       ? sfe_fail(err, -errno, store->folder, NULL, "cannot be made private: %s",
				 strerror(errno))
		       : 0;
}

static int open_folder(struct sfe_sweep_store *store, struct sfe_error *err)
{
	struct sfe_error why = {0};
	int r = sfe_results_parents(store->folder, err);

	if (r)
		return r;
	r = sfe_trust_path(store->folder, &why);
	if (r)
		return sfe_fail(err, r, store->folder,
			"choose a folder with --output that only you and root can reach and write",
			"a sweep does not work where others could put files: %.600s", why.what);
	/* By links too: the check above has followed and judged them. */
	store->dir = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->dir < 0)
		return sfe_fail(
			err, -errno, store->folder, NULL, "cannot be opened: %s", strerror(errno));
	r = keep_private(store, err);
	return r ? r : sfe_beneath_folder(store->dir, "cells", err);
}

/* Locks the folder for an engine. The kernel releases the lock when the process ends. */
static int take_lock(struct sfe_sweep_store *store, struct sfe_error *err)
{
	struct sfe_as_invoker before;
	int r = sfe_as_invoker_begin(&before, err);

	if (r)
		return r;
	store->lock = sfe_beneath_open(
		store->dir, "lock", O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0600);
	sfe_as_invoker_end(&before);
	if (store->lock < 0)
		return sfe_fail(err, store->lock, store->folder,
			"choose another folder with --output",
			"cannot make the file lock in it: %s", strerror(-store->lock));
	/* Whoever can open a file can lock it. One of an earlier sfemu could be opened by all. */
	if (fchmod(store->lock, 0600))
		return sfe_fail(err, -errno, store->folder, "choose another folder with --output",
			"its file lock cannot be made private: %s", strerror(errno));
	return flock(store->lock, LOCK_EX | LOCK_NB)
		       ? sfe_fail(err, -EBUSY, store->folder,
				 "wait for its end, or choose another folder with --output",
				 "another sweep is at work in it")
		       : 0;
}

int sfe_sweep_store_open(const struct sfe_sweep *sweep, const char *folder, const char *program,
	bool exclusive, struct sfe_sweep_store *store, struct sfe_error *err)
{
	*store =
		(struct sfe_sweep_store){.sweep = sweep, .program = program, .dir = -1, .lock = -1};
	if (folder)
		store->folder = *folder == '/' ? strdup(folder) : NULL;
	else if (asprintf(&store->folder, "%s/sweep-%s", sweep->results, sweep->name) < 0)
		store->folder = NULL;
	if (folder && *folder != '/') {
		char *here = getcwd(NULL, 0);
		if (!here || asprintf(&store->folder, "%s/%s", here, folder) < 0)
			store->folder = NULL;
		free(here);
	}
	if (!store->folder)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	int r = sfe_digest_file(program, &store->program_digest);
	if (r)
		return sfe_fail(err, r, program, NULL, "cannot read it: %s", strerror(-r));
	r = open_folder(store, err);
	return r || !exclusive ? r : take_lock(store, err);
}

void sfe_sweep_store_close(struct sfe_sweep_store *store)
{
	if (store->lock >= 0)
		close(store->lock);
	if (store->dir >= 0)
		close(store->dir);
	free(store->folder);
	free(store->substrate);
	free(store->placed);
}

/* The cell's label with its strategy in the form for names of files. */
static const char *short_label(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size)
{
	const char *strategy = sfe_sweep_at(s, cell, s->n_axes - 2)->label;
	char brief[SFE_STRATEGY_BYTES];
	char *at = strstr(sfe_sweep_label(s, cell, buf, size), strategy);

	sfe_strategy_short_name(strategy, brief);
	for (char *next = at; next; next = strstr(next + 1, strategy))
		at = next; /* the last one: a value of an axis may be the same text */
	if (at && strlen(brief) <= strlen(strategy)) {
		memmove(at + strlen(brief), at + strlen(strategy),
			strlen(at + strlen(strategy)) + 1);
		for (size_t i = 0; brief[i]; i++) /* \1: a plus that stays, and changes nothing */
			at[i] = (char)(brief[i] == '+' ? '\1' : brief[i]);
	}
	return buf;
}

const char *sfe_sweep_cell_name(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size)
{
	char label[4096], whole[24] = "";
	bool changed = strlen(short_label(s, cell, label, sizeof(label))) > MAX_NAME_PART;

	for (char *p = label; *p; p++) {
		bool blank = *p == ' ' || *p == '\1';
		if (isascii((unsigned char)*p) &&
			(isalnum((unsigned char)*p) || strchr("._=,-", *p)))
			continue;
		changed |= !blank;
		*p = blank ? '+' : '_';
	}
	/* Different labels that give the same name get different names by their hashes. */
	if (changed) {
		char exact[4096];
		sfe_sweep_label(s, cell, exact, sizeof(exact));
		snprintf(whole, sizeof(whole), "-%08" PRIx32,
			(uint32_t)XXH3_64bits(exact, strlen(exact)));
	}
	snprintf(buf, size, "%.*s%s", MAX_NAME_PART, label, whole);
	return buf;
}

const char *sfe_sweep_cell_path(const struct sfe_sweep_store *store, uint32_t cell,
	const char *suffix, char *buf, size_t size)
{
	char name[256];

	snprintf(buf, size, "%s/cells/%s%s", store->folder,
		sfe_sweep_cell_name(store->sweep, cell, name, sizeof(name)), suffix);
	return buf;
}

int sfe_sweep_cell_open(const struct sfe_sweep_store *store, uint32_t cell, const char *suffix)
{
	char name[256], path[300];

	snprintf(path, sizeof(path), "cells/%s%s",
		sfe_sweep_cell_name(store->sweep, cell, name, sizeof(name)), suffix);
	return sfe_beneath_open(store->dir, path, O_RDONLY | O_DIRECTORY, 0);
}

int sfe_sweep_cells_open(const struct sfe_sweep_store *store)
{
	return sfe_beneath_open(store->dir, "cells", O_RDONLY | O_DIRECTORY, 0);
}

static int add_substrate(
	struct sfe_sweep_store *store, const struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_sweep_substrate *more =
		reallocarray(store->substrate, store->n_substrates + 1, sizeof(*more));

	if (!more)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	store->substrate = more;
	struct sfe_sweep_substrate *x = &more[store->n_substrates];
	*x = (struct sfe_sweep_substrate){.asked_substrate = s->substrate, .asked_clock = s->clock};
	int r = sfe_substrate_choose(s, &x->choice, err);
	if (!r && x->choice.kernel[0] && (r = sfe_digest_file(x->choice.kernel, &x->kernel)))
		r = sfe_fail(err, r, x->choice.kernel, NULL, "cannot read it: %s", strerror(-r));
	store->n_substrates += !r;
	return r;
}

static int substrate_of(struct sfe_sweep_store *store, const struct sfe_scenario *s,
	const struct sfe_sweep_substrate **out, struct sfe_error *err)
{
	for (int again = 0; again < 2; again++) {
		for (unsigned i = 0; i < store->n_substrates; i++)
			if (store->substrate[i].asked_substrate == s->substrate &&
				store->substrate[i].asked_clock == s->clock) {
				*out = &store->substrate[i];
				return sfe_substrate_check(s, &store->substrate[i].choice, err);
			}
		int r = again ? -EINVAL : add_substrate(store, s, err);
		if (r)
			return r;
	}
	return -EINVAL;
}

static int runnable(const struct sfe_scenario *s, const struct sfe_sweep_substrate *substrate,
	struct sfe_error *err)
{
	const bool guest = substrate->choice.substrate == SFE_SUBSTRATE_VM;
	int r = sfe_functions_runnable(s, guest, err);

	return r ? r : sfe_programs_runnable(s, guest, err);
}

int sfe_sweep_cell_substrate(struct sfe_sweep_store *store, uint32_t cell,
	const struct sfe_sweep_substrate **out, struct sfe_error *err)
{
	struct sfe_scenario *s;
	int r = sfe_sweep_scenario(store->sweep, cell, &s, err);

	if (r)
		return r;
	r = substrate_of(store, s, out, err);
	r = r ? r : runnable(s, *out, err);
	sfe_scenario_free(s);
	return r;
}

/* A frozen cell is placed as the base. */
static int freeze(struct sfe_sweep_store *store, struct sfe_scenario *s, struct sfe_error *err)
{
	int r = 0;

	if (!s->placed.frozen || s->placed.from)
		return 0;
	if (!store->placed)
		r = sfe_sweep_place_base(
			store->sweep, store->dir, store->folder, &store->placed, err);
	if (!r && !(s->placed.from = strdup(store->placed)))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return r;
}

int sfe_sweep_cell_text(struct sfe_sweep_store *store, uint32_t cell, char **text, size_t *len,
	const struct sfe_sweep_substrate **substrate, struct sfe_error *err)
{
	struct sfe_scenario *s;
	int r = sfe_sweep_scenario(store->sweep, cell, &s, err);

	if (r)
		return r;
	r = substrate_of(store, s, substrate, err);
	r = r ? r : freeze(store, s, err);
	/* The text has paths without links: who owns those is seen only here. */
	r = r ? r : sfe_functions_trust(s, err);
	r = r ? r : runnable(s, *substrate, err);
	*text = NULL;
	FILE *f = r ? NULL : open_memstream(text, len);
	if (!r && (!f || sfe_scenario_write(s, f)))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (f && fclose(f) && !r)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	sfe_scenario_free(s);
	if (r) {
		free(*text);
		*text = NULL;
	}
	return r;
}

int sfe_sweep_cell_remove(const struct sfe_sweep_store *store, uint32_t cell, struct sfe_error *err)
{
	static const char *const suffixes[] = {"", ".part"};
	char path[4096];
	int r = 0;

	for (int i = 0; i < 2 && !r; i++) {
		sfe_sweep_cell_path(store, cell, suffixes[i], path, sizeof(path));
		r = sfe_folder_remove(store->dir, path + strlen(store->folder) + 1, err);
	}
	return r;
}
