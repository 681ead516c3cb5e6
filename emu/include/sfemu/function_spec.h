/* SPDX-License-Identifier: MIT */
/* What a scenario says about a function: what runs, and how long it takes. */
#ifndef SFEMU_FUNCTION_SPEC_H
#define SFEMU_FUNCTION_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_FUNCTIONS 1000u    /* that a scenario defines */
#define SFE_MAX_FUNCTION_WORDS 64u /* of a command */
#define SFE_MAX_OPERATIONS 1e18    /* of one invocation */
#define SFE_MAX_OUTPUT_BYTES 1e9   /* of one invocation, by a law */

/* A linear law of the argument: constant + factor * bytes of the argument. Neither is negative. */
struct sfe_law {
	double constant, factor;
};

enum sfe_law_unit { SFE_LAW_OPERATIONS, SFE_LAW_BYTES };

/*
 * Parses "2e8", "40kB", "argument / 10" or "1e6 + 40 * argument". Bytes need a unit, operations
 * have none. Errors are -EINVAL and have no place.
 */
int sfe_law_parse(
	const char *text, enum sfe_law_unit unit, struct sfe_law *out, struct sfe_error *err);
#define SFE_LAW_TEXT 80 /* bytes of a formatted law at most, with the final 0 */
/* A text that reads back as the same law. Returns buf. */
const char *sfe_law_format(
	const struct sfe_law *law, enum sfe_law_unit unit, char buf[SFE_LAW_TEXT]);
/* Its value, rounded to the nearest whole number, at most SFE_MAX_OPERATIONS. */
uint64_t sfe_law_value(const struct sfe_law *law, uint64_t argument_bytes);

enum sfe_function_kind {
	SFE_FUNCTION_SYNTHETIC, /* pseudo-random bytes from all of its input */
	SFE_FUNCTION_PLUGIN,    /* a shared object: see sfemu/function.h */
	SFE_FUNCTION_EXEC,      /* a program, started once an invocation */
};

struct sfe_function_word { /* of a command */
	char *text;        /* as given, or the absolute path of a file, without links */
	bool file;         /* a file of the user's, which belongs to the scenario */
	char *written;     /* that file's path with its links; NULL: it was not opened */
};

struct sfe_function_spec {
	char *name;
	char *where; /* "file:line", for errors */
	enum sfe_function_kind kind;
	bool says_ops, says_output; /* of code of the user's; a synthetic one has both */
	struct sfe_law ops;         /* of an invocation */
	/* Of a synthetic one. Of code of the user's what is expected: for placement, the closed
	 * form and the memory of nodes. */
	struct sfe_law output;
	uint32_t n_words; /* of a plugin 1, its path; of exec the command */
	struct sfe_function_word *words;
	uint64_t timeout_ns; /* of exec, on the run's clock */
	uint32_t n_affinity; /* patterns: models of nodes, or CPU, GPU; none: see sfe_assign */
	char **affinity;
};

#ifdef __cplusplus
}
#endif

#endif
