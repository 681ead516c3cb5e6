/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/results/results_file.h"

#define REQUEST "verify.txt"

int sfe_verify_request_write(
	const struct sfe_verify_options *options, int dir, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, REQUEST, "w", err);

	if (!f)
		return err ? err->code : -EIO;
	fprintf(f, "%u %" PRIu64 " %u %s\n", options->probes, options->tcp_window, options->sample,
		options->pattern);
	return sfe_results_close(f, REQUEST, err);
}

int sfe_verify_request_read(
	struct sfe_verify_options *options, bool *verifies, int dir, struct sfe_error *err)
{
	char line[512], *pattern;

	*verifies = !faccessat(dir, REQUEST, F_OK, 0);
	if (!*verifies)
		return 0;
	FILE *f = sfe_results_open(dir, REQUEST, "r", err);
	if (!f)
		return err ? err->code : -EIO;
	bool read = fgets(line, sizeof(line), f) != NULL;
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	options->probes = read ? (uint32_t)strtoul(line, &pattern, 10) : 0;
	options->tcp_window = read ? strtoull(pattern, &pattern, 10) : 0;
	options->sample = read ? (uint32_t)strtoul(pattern, &pattern, 10) : 0;
	options->pattern = read ? strdup(pattern + strspn(pattern, " ")) : NULL;
	if (!options->probes || !options->tcp_window || !options->pattern)
		return sfe_fail(err, -EINVAL, REQUEST, NULL, "cannot be read");
	return 0;
}
