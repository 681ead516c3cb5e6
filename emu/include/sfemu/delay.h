/* SPDX-License-Identifier: MIT */
/*
 * Delay laws: how long a packet is in flight, constant or drawn per packet. Pure: text, moments,
 * quantiles, and the table from which netem draws.
 *
 * Texts as in scenarios (times with units):
 *   0 | 5ms                        none, constant
 *   normal MEAN SD                 cut off at 0
 *   uniform LOW HIGH
 *   pareto LEAST SHAPE             P(X > x) = (LEAST / x)^SHAPE, SHAPE > 1
 *   lognormal SHAPE LOCATION SCALE LOCATION + SCALE × exp(SHAPE × Z), as in Ether and scipy
 *   table FILE                     one sample per line: 1.2ms, or a bare number of ms
 */
#ifndef SFEMU_DELAY_H
#define SFEMU_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_DELAY_TEXT 4352 /* bytes of a law as text at most: a path and a word */
#define SFE_MAX_DELAY_NS 3600000000000ull
#define SFE_MAX_DELAY_SAMPLES 1000000u
/* Samples in our netem tables: the law is cut into this many parts of equal probability, and the
 * median of each part is a sample. netem takes up to 16384; 4096 keep a message at 8 KB. */
#define SFE_DELAY_TABLE 4096u

enum sfe_delay_law {
	SFE_DELAY_NONE,
	SFE_DELAY_CONSTANT,
	SFE_DELAY_NORMAL,
	SFE_DELAY_UNIFORM,
	SFE_DELAY_PARETO,
	SFE_DELAY_LOGNORMAL,
	SFE_DELAY_TABLE_OF_SAMPLES,
};

/* Samples of a file, ascending. A law borrows them; their list owns them. */
struct sfe_delay_samples {
	struct sfe_delay_samples *next;
	char *file;      /* absolute */
	uint64_t digest; /* XXH3 of its text */
	uint32_t n;
	uint64_t *ns;
};

struct sfe_delay {
	enum sfe_delay_law law;
	uint64_t a_ns; /* constant: the delay; normal: mean; uniform: low; pareto: least;
			  lognormal: location */
	uint64_t b_ns; /* normal: standard deviation; uniform: high; lognormal: scale */
	double shape;  /* pareto, lognormal */
	const struct sfe_delay_samples *samples;
};

/*
 * Reads a law. Relative file names start at folder. Samples are added to *samples, a list that the
 * caller frees with sfe_delay_samples_free after the last law that uses it. Without a list (NULL)
 * `table` is refused. Errors have no place.
 */
int sfe_delay_parse(const char *text, const char *folder, struct sfe_delay_samples **samples,
	struct sfe_delay *out, struct sfe_error *err);
/* A law of a file that is named but not read; *samples as above. */
int sfe_delay_named(const char *name, struct sfe_delay_samples **samples, struct sfe_delay *out,
	struct sfe_error *err);
void sfe_delay_samples_free(struct sfe_delay_samples *samples);
/* Ether's log-normal law; location and scale in ms. */
int sfe_delay_ether(double shape, double location_ms, double scale_ms, struct sfe_delay *out,
	struct sfe_error *err);

/* The text that reads back as the same law. Returns buf. */
const char *sfe_delay_format(const struct sfe_delay *d, char buf[SFE_DELAY_TEXT]);
bool sfe_delay_equal(const struct sfe_delay *a, const struct sfe_delay *b);
/* Whether the delay differs between packets. */
bool sfe_delay_varies(const struct sfe_delay *d);

/* Mean and standard deviation in ns. The deviation of a Pareto law with shape <= 2 is infinite.
 * For a normal law both ignore the cut at 0. */
double sfe_delay_mean(const struct sfe_delay *d);
double sfe_delay_deviation(const struct sfe_delay *d);
/* The smallest x with P(delay <= x) >= p, in ns; 0 < p < 1. */
double sfe_delay_quantile(const struct sfe_delay *d, double p);
/* P(delay <= ns). */
double sfe_delay_cdf(const struct sfe_delay *d, double ns);

/*
 * A law in netem's form: delay = latency + jitter × table[random] / 8192, rounded to ns. The table
 * covers the law from its 1/8192 to its 8191/8192 quantile and uses all 16 bits, so a drawn delay
 * is at most step_ns / 2 + 1 from a quantile of the law. A constant law has jitter 0.
 */
struct sfe_delay_netem {
	int64_t latency_ns, jitter_ns;
	uint32_t n; /* entries of table; 0 if jitter is 0 */
	int16_t table[SFE_DELAY_TABLE];
	double step_ns;  /* between neighbouring values of the table */
	uint64_t max_ns; /* the longest delay that netem can draw */
};
/* Fails with -ERANGE if the law spans more than netem's 32 bits: 17 s. */
int sfe_delay_netem(const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err);
/*
 * The same for correlated draws (correlation 0 to 0.99). netem's correlated numbers concentrate
 * around the middle of their range; the table compensates, so that the law stays the same.
 */
int sfe_delay_netem_correlated(const struct sfe_delay *d, double correlation,
	struct sfe_delay_netem *out, struct sfe_error *err);
/* All fields except the table, which takes most of the time. */
int sfe_delay_netem_range(
	const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
