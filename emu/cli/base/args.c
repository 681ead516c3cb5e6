/* SPDX-License-Identifier: MIT */
#include "emu/cli/base/args.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "sfemu/units.h"

int sfe_arg_add(const char ***list, unsigned *n, const char *text)
{
	const char **more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[(*n)++] = text;
	return 0;
}

int sfe_arg_add_clock(const char ***list, unsigned *n, const char *clock)
{
	char *set;

	return asprintf(&set, "clock=%s", clock) < 0 ? -ENOMEM : sfe_arg_add(list, n, set);
}

int sfe_arg_u64(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	unsigned long long v = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || v < min || v > max) {
		fprintf(stderr, "sfemu: %s needs a whole number from %llu to %llu, not '%s'\n",
			option, (unsigned long long)min, (unsigned long long)max, text);
		return SFE_EXIT_USAGE;
	}
	*out = v;
	return 0;
}

int sfe_arg_double(const char *option, const char *text, double *out)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !isfinite(v) || v < 0) {
		fprintf(stderr, "sfemu: %s needs a number of 0 or more, not '%s'\n", option, text);
		return SFE_EXIT_USAGE;
	}
	*out = v;
	return 0;
}

int sfe_arg_range(const char *option, const char *text, double min, double max, double *out)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !(v >= min && v <= max)) {
		fprintf(stderr, "sfemu: %s needs a number from %g to %g, not '%s'\n", option, min,
			max, text);
		return SFE_EXIT_USAGE;
	}
	*out = v;
	return 0;
}

int sfe_arg_shape(const char *text, enum sfe_shape *out)
{
	if (!strcmp(text, "chain") || !strcmp(text, "dag")) {
		*out = *text == 'd' ? SFE_SHAPE_DAG : SFE_SHAPE_CHAIN;
		return 0;
	}
	fprintf(stderr, "sfemu: --shape needs chain or dag, not '%s'\n", text);
	return SFE_EXIT_USAGE;
}

int sfe_arg_size(const char *option, const char *text, uint64_t *out)
{
	struct sfe_error err = {0};

	if (!sfe_parse_size(text, out, &err) && *out)
		return 0;
	fprintf(stderr, "sfemu: %s needs a size as 500MB or 32GiB, not '%s'\n", option, text);
	return SFE_EXIT_USAGE;
}

int sfe_arg_memory(const char *option, const char *text, uint64_t *mb)
{
	uint64_t bytes;
	int status = sfe_arg_size(option, text, &bytes);

	if (!status)
		*mb = bytes >> 20 ? bytes >> 20 : 1;
	return status;
}

int sfe_cli_error(const struct sfe_error *err, int status)
{
	char text[1100];

	/* The text may quote a file of another user: control characters are escaped. */
	sfe_error_text(err, text, sizeof(text));
	fprintf(stderr, "sfemu: %s\n", sfe_make_printable(text));
	return status;
}

int sfe_cli_fail(const char *verb, const struct sfe_error *err)
{
	char text[1100];

	sfe_error_text(err, text, sizeof(text));
	fprintf(stderr, "sfemu %s: %s\n", verb, sfe_make_printable(text));
	return err->code == -ENOMEM || err->code == -EIO ? EXIT_FAILURE : SFE_EXIT_USAGE;
}

int sfe_cli_usage(const char *verb, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "sfemu %s: ", verb);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; try 'sfemu %s --help'\n", verb);
	return SFE_EXIT_USAGE;
}
