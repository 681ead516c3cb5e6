/* SPDX-License-Identifier: MIT */
#include "emu/results/input_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/results_file.h"
#include "emu/security/beneath.h"

int sfe_results_copy_input(
	int dir, const struct sfe_input *in, const char *name, struct sfe_error *err)
{
	FILE *out = in ? sfe_results_open(dir, name, "w", err) : NULL;
	struct stat st;

	if (!out)
		return err ? err->code : -EIO;
	fwrite(in->text, 1, in->len, out);
	mode_t hidden = (S_IRGRP | S_IROTH) & ~in->mode;
	bool set = !fstat(fileno(out), &st) &&
		   !fchmod(fileno(out), ((st.st_mode & 0777) | (in->mode & S_IXUSR)) & ~hidden);
	int bad =
		set ? 0
		    : sfe_fail(err, -errno, name, NULL, "cannot set its mode: %s", strerror(errno));
	int r = sfe_results_close(out, name, bad ? NULL : err);
	return bad ? bad : r;
}

/* Makes a folder and opens it. */
static int folder_in(int dir, const char *name, int *fd, struct sfe_error *err)
{
	int r = sfe_beneath_folder(dir, name, err);

	if (r)
		return r;
	*fd = sfe_beneath_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
	return *fd < 0 ? sfe_fail(err, *fd, name, NULL, "cannot open it: %s", strerror(-*fd)) : 0;
}

/* One function, whose files go to the folder. */
static int copy_words(int dir, const struct sfe_scenario *s, const struct sfe_function_spec *from,
	struct sfe_function_spec *to, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < from->n_words && !r; i++) {
		const char *text = from->words[i].text, *slash = strrchr(text, '/');
		const char *base = slash ? slash + 1 : text;
		if (from->words[i].file) {
			r = sfe_results_copy_input(
				dir, sfe_inputs_get_bytes(s->inputs, text, err), base, err);
			if (!r && asprintf(&to->words[i].text, "inputs/functions/%s/%s", from->name,
					  base) < 0)
				to->words[i].text = NULL;
		} else {
			to->words[i].text = strdup(text);
		}
		if (!r && !to->words[i].text)
			r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return r;
}

static int copy_function(int functions, const struct sfe_scenario *s,
	const struct sfe_function_spec *from, struct sfe_function_spec *to, struct sfe_error *err)
{
	int fd = -1;

	*to = *from;
	to->words = calloc((size_t)from->n_words + 1, sizeof(*to->words));
	int r = to->words ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!r && from->n_words)
		r = folder_in(functions, from->name, &fd, err);
	r = r ? r : copy_words(fd, s, from, to, err);
	if (fd >= 0)
		close(fd);
	return r;
}

int sfe_results_copy_functions(
	int dir, const struct sfe_scenario *s, struct sfe_scenario *resolved, struct sfe_error *err)
{
	int inputs = -1, functions = -1;
	int r = folder_in(dir, "inputs", &inputs, err);

	r = r ? r : folder_in(inputs, "functions", &functions, err);
	resolved->functions.of = calloc(s->functions.n, sizeof(*resolved->functions.of));
	if (!r && !resolved->functions.of)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < s->functions.n && !r; i++)
		r = copy_function(
			functions, s, &s->functions.of[i], &resolved->functions.of[i], err);
	if (functions >= 0)
		close(functions);
	if (inputs >= 0)
		close(inputs);
	return r;
}

void sfe_results_free_functions(struct sfe_scenario *resolved)
{
	for (uint32_t i = 0; resolved->functions.of && i < resolved->functions.n; i++) {
		struct sfe_function_spec *f = &resolved->functions.of[i];
		for (uint32_t k = 0; f->words && k < f->n_words; k++)
			free(f->words[k].text);
		free(f->words);
	}
	free(resolved->functions.of);
}
