/* SPDX-License-Identifier: MIT */
#include "emu/vm/kernel_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/security/folder.h"
#include "emu/vm/guest.h"
#include "emu/vm/tools.h"

#define SYSTEM_CACHE "/var/cache/sfemu/guest-kernel"
#define UNFINISHED "build-"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

static uint64_t bytes_of(const char *folder)
{
	char *const paths[] = {(char *)folder, NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	uint64_t bytes = 0;
	FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info != FTS_DP && e->fts_statp)
			bytes += (uint64_t)e->fts_statp->st_blocks * 512;
	if (fts)
		fts_close(fts);
	return bytes;
}

static int add(struct sfe_kernels *out, struct sfe_kernel k, struct sfe_error *err)
{
	struct sfe_kernel *more = reallocarray(out->kernel, out->n + 1, sizeof(*more));

	if (more)
		out->kernel = more;
	if (!more || !k.name || !k.path) {
		free(k.name);
		free(k.path);
		free(k.folder);
		return no_memory(err);
	}
	more[out->n++] = k;
	return 0;
}

static int add_entry(struct sfe_kernels *out, const char *cache, bool own, const char *name,
	struct sfe_error *err)
{
	bool unfinished = !strncmp(name, UNFINISHED, strlen(UNFINISHED));
	struct sfe_kernel k = {.unfinished = unfinished,
		.virtual_clock = true,
		.runs = true,
		.own = own,
		.system = !own || !strcmp(cache, SYSTEM_CACHE)};
	struct stat st;

	if (asprintf(&k.folder, "%s/%s", cache, name) < 0)
		return no_memory(err);
	if (asprintf(&k.path, "%s%s", k.folder, unfinished ? "" : "/linux") < 0)
		k.path = NULL;
	if (!k.path || stat(k.path, &st)) { /* the lock, or no kernel */
		free(k.path);
		free(k.folder);
		return 0;
	}
	k.name = strdup(name + (unfinished ? strlen(UNFINISHED) : 0));
	k.built = st.st_mtime;
	k.bytes = bytes_of(k.folder);
	return add(out, k, err);
}

static int hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int add_cache(struct sfe_kernels *out, const char *cache, bool own, struct sfe_error *err)
{
	struct dirent **entries;
	int n = scandir(cache, &entries, hidden, alphasort), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0
				       : sfe_fail(err, -errno, cache, NULL, "cannot read it: %s",
						 strerror(errno));
	for (int i = 0; i < n; i++) {
		if (!r)
			r = add_entry(out, cache, own, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int add_debian(struct sfe_kernels *out, struct sfe_error *err)
{
	struct stat st;

	if (stat(SFE_DEBIAN_KERNEL, &st))
		return 0;
	return add(out,
		(struct sfe_kernel){.name = strdup("user-mode-linux"),
			.path = strdup(SFE_DEBIAN_KERNEL),
			.real_clock = true,
			.runs = sfe_guest_debian_kernel_runs(),
			.bytes = (uint64_t)st.st_blocks * 512,
			.built = st.st_mtime,
			.system = true},
		err);
}

int sfe_kernels_list(struct sfe_kernels *out, struct sfe_error *err)
{
	char script[4352], cache[4096], used[4096];
	struct sfe_error none;
	int r = 0;

	*out = (struct sfe_kernels){0};
	r = sfe_tool("guest-kernel/build.sh", script, sizeof(script), err);
	if (r)
		return r;
	FILE *f = sfe_tool_read(script, "--print-caches");
	/* The first cache is this user's. */
	for (bool own = true; f && !r && fgets(cache, sizeof(cache), f); own = false) {
		cache[strcspn(cache, "\n")] = 0;
		r = add_cache(out, cache, own, err);
	}
	if (!f || (pclose(f) && !r))
		r = sfe_fail(err, -EIO, script, NULL, "does not say where kernels are kept");
	r = r ? r : add_debian(out, err);
	for (int clock = 0; clock < 2 && !r; clock++) {
		if (sfe_guest_kernel(clock, used, sizeof(used), &none))
			continue;
		for (unsigned i = 0; i < out->n; i++) {
			struct sfe_kernel *k = &out->kernel[i];
			if (strcmp(k->path, used))
				continue;
			k->used = true;
			k->real_clock |= !clock; /* a built one, where Debian's does not run */
		}
	}
	if (r)
		sfe_kernels_free(out);
	return r;
}

void sfe_kernels_free(struct sfe_kernels *k)
{
	for (unsigned i = 0; i < k->n; i++) {
		free(k->kernel[i].name);
		free(k->kernel[i].path);
		free(k->kernel[i].folder);
	}
	free(k->kernel);
	*k = (struct sfe_kernels){0};
}

int sfe_kernel_remove(const struct sfe_kernel *k, struct sfe_error *err)
{
	if (!k->folder)
		return sfe_fail(err, -EPERM, k->path, "apt-get remove user-mode-linux",
			"belongs to Debian's package");
	if (!k->own && strncmp(k->folder, SYSTEM_CACHE, strlen(SYSTEM_CACHE)) != 0)
		return sfe_fail(err, -EPERM, k->folder, "apt-get remove sfemu-guest-kernel",
			"belongs to a package");
	if (!k->own)
		return sfe_fail(err, -EPERM, k->folder, "remove it as root, without SFEMU_CACHE",
			"is for all users");
	const char *name = strrchr(k->folder, '/') + 1;
	char *cache = strndup(k->folder, (size_t)(name - k->folder));
	int folder = cache ? open(cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int fd = folder < 0 ? -1 : openat(folder, "lock", O_RDONLY | O_CLOEXEC);
	int r = !cache       ? no_memory(err)
		: folder < 0 ? sfe_fail(err, -errno, cache, NULL, "cannot be opened: %s",
				       strerror(errno))
		: fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)
			? sfe_fail(err, -EBUSY, k->folder, "wait for its end, or interrupt it",
				  "a build in the same folder is running")
			: sfe_folder_remove(folder, name, err);
	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
	free(cache);
	return r;
}
