/* SPDX-License-Identifier: MIT */
/* What is to be verified travels to a guest as a file of the results folder. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/results/results_file.h"
#include "emu/run/lab.h"

#define REQUEST "verify.txt"

int sfe_lab_write_verify(const struct sfe_lab_options *options, int dir, struct sfe_error *err)
{
	if (!options->verifies)
		return 0;
	FILE *f = sfe_results_open(dir, REQUEST, "w", err);
	if (!f)
		return err ? err->code : -EIO;
	fprintf(f, "%u %" PRIu64 " %s\n", options->verify.probes, options->verify.tcp_window,
		options->verify.pattern);
	return sfe_results_close(f, REQUEST, err);
}

int sfe_lab_read_verify(struct sfe_lab_options *options, int dir, struct sfe_error *err)
{
	char line[512], *pattern;

	if (faccessat(dir, REQUEST, F_OK, 0))
		return 0;
	FILE *f = sfe_results_open(dir, REQUEST, "r", err);
	if (!f)
		return err ? err->code : -EIO;
	bool read = fgets(line, sizeof(line), f) != NULL;
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	options->verify.probes = read ? (uint32_t)strtoul(line, &pattern, 10) : 0;
	options->verify.tcp_window = read ? strtoull(pattern, &pattern, 10) : 0;
	options->verify.pattern = read ? strdup(pattern + strspn(pattern, " ")) : NULL;
	if (!options->verify.probes || !options->verify.tcp_window || !options->verify.pattern)
		return sfe_fail(err, -EINVAL, REQUEST, NULL, "cannot be read");
	options->verifies = true;
	return 0;
}
