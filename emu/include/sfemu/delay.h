/* SPDX-License-Identifier: MIT */
/*
 * Delay laws: how long a packet is in flight, as a constant or drawn for each packet. Pure: text,
 * moments, quantiles, and the table by which netem draws from a law.
 *
 * Texts, as scenarios write them (times with units):
 *
 *   0 | 5ms                              none, constant
 *   normal MEAN SD                       cut off at 0
 *   uniform LOW HIGH
 *   pareto LEAST SHAPE                   P(X > x) = (LEAST / x)^SHAPE, SHAPE > 1
 *   lognormal SHAPE LOCATION SCALE       LOCATION + SCALE × exp(SHAPE × Z), as Ether and scipy have
 * it table FILE                           one sample a line: 1.2ms, or a bare number of ms
 */
#ifndef SFEMU_DELAY_H
#define SFEMU_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_DELAY_TEXT 4352 /* bytes that a law as text needs at most: a path and a word */
#define SFE_MAX_DELAY_NS 3600000000000ull
#define SFE_MAX_DELAY_SAMPLES 1000000u
/* How many samples a netem table of ours has: the law cut into as many parts of equal probability,
 * each stood for by its median. netem takes up to 16384; 4096 keep a message at 8 KB. */
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

/* Samples of a file, ascending. A law only borrows them: they live as long as their list. */
struct sfe_delay_samples {
	struct sfe_delay_samples *next;
	char *file; /* absolute */
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
 * Reads a law. Files are looked for in folder and kept in *samples (a list that the caller frees
 * with sfe_delay_samples_free when no law needs it any more); without a list (NULL) `table` is
 * refused. Fills err without a place.
 */
int sfe_delay_parse(const char *text, const char *folder, struct sfe_delay_samples **samples,
	struct sfe_delay *out, struct sfe_error *err);
/* The law of a file that is named and not read; *samples as above. */
int sfe_delay_named(const char *name, struct sfe_delay_samples **samples, struct sfe_delay *out,
	struct sfe_error *err);
void sfe_delay_samples_free(struct sfe_delay_samples *samples);
/* Ether's law with its three parameters in ms. */
int sfe_delay_ether(double shape, double location_ms, double scale_ms, struct sfe_delay *out,
	struct sfe_error *err);

/* The text that reads back as the same law. Returns buf. */
const char *sfe_delay_format(const struct sfe_delay *d, char buf[SFE_DELAY_TEXT]);
bool sfe_delay_equal(const struct sfe_delay *a, const struct sfe_delay *b);
/* Whether packets take different times. */
bool sfe_delay_varies(const struct sfe_delay *d);

/* Moments of the law in ns. The standard deviation of a pareto law of shape <= 2 is infinite. A
 * normal law's are those before it is cut off at 0. */
double sfe_delay_mean(const struct sfe_delay *d);
double sfe_delay_deviation(const struct sfe_delay *d);
/* The smallest x with P(delay <= x) >= p, in ns; 0 < p < 1. */
double sfe_delay_quantile(const struct sfe_delay *d, double p);
/* P(delay <= ns). */
double sfe_delay_cdf(const struct sfe_delay *d, double ns);

/*
 * The law as netem draws from it: latency + jitter × table[random] / 8192, rounded to ns. The table
 * spans the law from its 1/8192 to its 8191/8192 quantile with all of its 16 bits, so that what
 * comes out is at most step_ns / 2 + 1 from a quantile of the law. A law that does not vary has
 * jitter 0.
 */
struct sfe_delay_netem {
	int64_t latency_ns, jitter_ns;
	uint32_t n; /* of table, 0 where jitter is 0 */
	int16_t table[SFE_DELAY_TABLE];
	double step_ns;  /* between neighbouring values that the table can give */
	uint64_t max_ns; /* the longest delay that it gives */
};
/* Fails (-ERANGE) where the law spans more than netem's 32 bits can: 17 s. */
int sfe_delay_netem(const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err);
/*
 * The same for numbers that netem draws with a correlation (0 to 0.99): they crowd in the middle,
 * and the table makes up for it, so that the law stays what it is.
 */
int sfe_delay_netem_correlated(const struct sfe_delay *d, double correlation,
	struct sfe_delay_netem *out, struct sfe_error *err);
/* All but the table, which takes most of the time. */
int sfe_delay_netem_range(
	const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
