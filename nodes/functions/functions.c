/* SPDX-License-Identifier: MIT */
#include "nodes/functions/functions.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nodes/functions/mix.h"
#include "nodes/functions/program.h"

struct library {
	void *handle;
	const struct sfe_function_plugin *plugin;
};

struct functions {
	uint32_t n;
	struct library *of; /* by function; without a plugin all zero */
};

int function_load_file(const char *path, const char *name, void **library,
	const struct sfe_function_plugin **plugin, struct sfe_error *err)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return sfe_fail(err, -ELIBBAD, name,
			"build it with cc -shared -fPIC $(pkg-config --cflags sfemu)",
			"the plugin cannot be loaded: %.300s", dlerror());
	*plugin = dlsym(handle, SFE_FUNCTION_SYMBOL);
	if (*plugin && (*plugin)->abi == SFE_FUNCTION_ABI && (*plugin)->invoke) {
		*library = handle;
		return 0;
	}
	int r = *plugin ? sfe_fail(err, -ELIBBAD, name,
				  "build it again with the sfemu/function.h of this sfemu",
				  "the plugin is for version %u of the interface, this sfemu has "
				  "%u",
				  (*plugin)->abi, SFE_FUNCTION_ABI)
			: sfe_fail(err, -ELIBBAD, name,
				  "write SFE_FUNCTION(NAME) at the end of its source",
				  "the plugin names no function");
	dlclose(handle);
	return r;
}

/* From memory: what was read when the experiment was made is what runs. */
static int load(const struct sfe_deployed_function *f, struct library *out, struct sfe_error *err)
{
	int fd = memfd_create(f->files[0].name, MFD_CLOEXEC);
	char path[64];
	size_t done = 0;
	int r;

	if (fd < 0)
		return sfe_fail(err, -errno, f->spec->name, NULL,
			"the plugin cannot be loaded: memfd_create: %s", strerror(errno));
	while (done < f->files[0].size) {
		ssize_t n = write(fd, f->files[0].bytes + done, f->files[0].size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = done < f->files[0].size
		    ? sfe_fail(err, -errno, f->spec->name, NULL,
			      "the plugin cannot be loaded: write: %s", strerror(errno))
		    : function_load_file(path, f->spec->name, &out->handle, &out->plugin, err);
	close(fd);
	return r;
}

int functions_load(const struct sfe_deployment *d, struct functions **out, struct sfe_error *err)
{
	struct functions *all;
	int r = 0;

	*out = NULL;
	if (!d->functions)
		return 0;
	all = calloc(1, sizeof(*all));
	if (all)
		all->of = calloc((size_t)d->n_functions + 1, sizeof(*all->of));
	if (!all || !all->of) {
		functions_free(all);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	for (; all->n < d->n_functions && !r; all->n++) {
		const struct sfe_function_spec *spec = d->functions[all->n].spec;
		if (spec && spec->kind == SFE_FUNCTION_PLUGIN)
			r = load(&d->functions[all->n], &all->of[all->n], err);
		else if (spec && spec->kind == SFE_FUNCTION_EXEC)
			r = program_install(d->scratch, &d->functions[all->n], err);
	}
	if (r)
		functions_free(all);
	else
		*out = all;
	return r;
}

void functions_free(struct functions *functions)
{
	if (!functions)
		return;
	for (uint32_t i = 0; i < functions->n; i++)
		if (functions->of[i].handle)
			dlclose(functions->of[i].handle);
	free(functions->of);
	free(functions);
}

const struct sfe_function_plugin *functions_code(
	const struct functions *functions, const struct sfe_deployment *d, uint32_t function)
{
	const struct sfe_function_spec *spec = d->functions ? d->functions[function].spec : NULL;

	if (!spec || spec->kind == SFE_FUNCTION_SYNTHETIC)
		return &function_mix;
	return functions ? functions->of[function].plugin : NULL;
}
