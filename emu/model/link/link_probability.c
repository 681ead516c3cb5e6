/* SPDX-License-Identifier: MIT */
/* The mean loss of netem's loss models, and the distribution of its correlated numbers. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/link.h"

#define STATES 4
#define GRID 4096u
#define MAX_ROUNDS 4000
#define CONVERGED 1e-13

/* A loss model as a Markov chain: transition probabilities, and the loss probability of each
 * transition. */
struct chain {
	int n;
	double move[STATES][STATES], lost[STATES][STATES];
};

static struct chain gilbert_elliott(const double *p)
{
	/* Good and bad. The state before the transition decides the loss (loss_gilb_ell). */
	return (struct chain){
		.n = 2,
		.move = {{1 - p[0], p[0]}, {p[1], 1 - p[1]}},
		.lost = {{p[3], p[3]}, {p[2], p[2]}},
	};
}

static struct chain markov(const double *p)
{
	enum { GAP, BURST, LOST_BURST, LOST_GAP };
	struct chain c = {.n = 4};

	/* The state after the transition decides the loss (loss_4state). */
	c.move[GAP][LOST_GAP] = p[3];
	c.move[GAP][LOST_BURST] = p[0];
	c.move[GAP][GAP] = 1 - p[0] - p[3];
	c.move[BURST][LOST_BURST] = p[4];
	c.move[BURST][BURST] = 1 - p[4];
	c.move[LOST_BURST][BURST] = p[2];
	c.move[LOST_BURST][GAP] = p[1];
	c.move[LOST_BURST][LOST_BURST] = 1 - p[1] - p[2];
	c.move[LOST_GAP][GAP] = 1;
	for (int s = 0; s < 4; s++)
		c.lost[s][LOST_BURST] = c.lost[s][LOST_GAP] = 1;
	return c;
}

static void step(const struct chain *c, const double *from, double *to)
{
	memset(to, 0, STATES * sizeof(*to));
	for (int s = 0; s < c->n; s++)
		for (int t = 0; t < c->n; t++)
			to[t] += from[s] * c->move[s][t];
}

/* The long-run share of each state, starting from netem's first state. Averages two successive
 * steps, so that an alternating chain converges too. */
static void stationary(const struct chain *c, double *share)
{
	double next[STATES], off = 1;

	memset(share, 0, STATES * sizeof(*share));
	share[0] = 1;
	for (uint32_t i = 0; i < 10000000 && off > CONVERGED; i++) {
		step(c, share, next);
		off = 0;
		for (int s = 0; s < c->n; s++) {
			double mean = (share[s] + next[s]) / 2;
			off += fabs(mean - share[s]);
			share[s] = mean;
		}
	}
}

static double loss_of(const struct chain *c, const double *share)
{
	double loss = 0;

	for (int s = 0; s < c->n; s++)
		for (int t = 0; t < c->n; t++)
			loss += share[s] * c->move[s][t] * c->lost[s][t];
	return loss;
}

static bool chain_of(const struct sfe_loss *loss, struct chain *c)
{
	if (loss->model == SFE_LOSS_RANDOM || loss->model == SFE_LOSS_PACKET_LIST)
		return false;
	*c = loss->model == SFE_LOSS_MARKOV ? markov(loss->p) : gilbert_elliott(loss->p);
	return true;
}

double sfe_loss_mean(const struct sfe_loss *loss)
{
	double share[STATES];
	struct chain c;

	if (loss->model == SFE_LOSS_PACKET_LIST)
		return sfe_packet_list_mean(loss->packets);
	if (!chain_of(loss, &c))
		return loss->p[0];
	stationary(&c, share);
	return loss_of(&c, share);
}

double sfe_loss_burstiness(const struct sfe_loss *loss)
{
	double share[STATES], after[STATES] = {0}, next[STATES], p, covariances = 0, last = 1;
	struct chain c;

	/* Draws with a correlation weight c have a correlation of at most c^k after k packets. */
	if (!chain_of(loss, &c))
		return (1 + loss->p[1]) / (1 - loss->p[1]);
	stationary(&c, share);
	p = loss_of(&c, share);
	if (p <= 0 || p >= 1)
		return 1;
	/* The distribution of states after a lost packet, not normalised. */
	for (int s = 0; s < c.n; s++)
		for (int t = 0; t < c.n; t++)
			after[t] += share[s] * c.move[s][t] * c.lost[s][t];
	for (int k = 0; k < 1000000 && fabs(last) > CONVERGED; k++) {
		last = loss_of(&c, after) - p * p;
		covariances += last;
		step(&c, after, next);
		memcpy(after, next, sizeof(after));
	}
	return 1 + 2 * covariances / (p * (1 - p));
}

/* The integral of the distribution function up to y, from its grid values. */
static double integral(const double *sum, const double *cdf, uint32_t n, double y)
{
	if (y <= 0)
		return 0;
	if (y >= 1)
		return sum[n] + (y - 1);
	double at = y * n;
	uint32_t i = (uint32_t)at;
	double part = at - i;
	return sum[i] + (cdf[i] + (cdf[i + 1] - cdf[i]) * part / 2) * part / n;
}

int sfe_correlated_cdf(double correlation, uint32_t n, double *cdf)
{
	double c = correlation, off = 1;
	double *sum = calloc(n + 1, sizeof(*sum)), *next = calloc(n + 1, sizeof(*next));

	if (!sum || !next) {
		free(sum);
		free(next);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i <= n; i++)
		cdf[i] = (double)i / n;
	/* Iterates to the law that is unchanged by mixing it with a fresh uniform number. */
	for (int round = 0; c > 0 && round < MAX_ROUNDS && off > CONVERGED; round++) {
		for (uint32_t i = 1; i <= n; i++)
			sum[i] = sum[i - 1] + (cdf[i - 1] + cdf[i]) / 2 / n;
		off = 0;
		for (uint32_t i = 0; i <= n; i++) {
			double x = (double)i / n;
			next[i] = c / (1 - c) *
				  (integral(sum, cdf, n, x / c) -
					  integral(sum, cdf, n, (x - (1 - c)) / c));
			off = fmax(off, fabs(next[i] - cdf[i]));
		}
		memcpy(cdf, next, (n + 1) * sizeof(*cdf));
	}
	free(sum);
	free(next);
	return 0;
}

double sfe_correlated_quantile(double p, double correlation)
{
	double *cdf, at = p;
	uint32_t lo = 0, hi = GRID;

	if (correlation <= 0 || p <= 0 || p >= 1)
		return p;
	cdf = malloc((GRID + 1) * sizeof(*cdf));
	if (cdf && !sfe_correlated_cdf(correlation, GRID, cdf)) {
		while (hi - lo > 1) {
			uint32_t mid = (lo + hi) / 2;
			if (cdf[mid] <= p)
				lo = mid;
			else
				hi = mid;
		}
		double width = cdf[hi] - cdf[lo];
		at = (lo + (width > 0 ? (p - cdf[lo]) / width : 0)) / GRID;
	}
	free(cdf);
	return at;
}

double sfe_correlated_both(double p, double correlation)
{
	double c = correlation, at = sfe_correlated_quantile(p, c), sum = 0, part = 0;
	double *cdf;

	if (c <= 0 || p <= 0 || p >= 1)
		return p * p;
	cdf = malloc((GRID + 1) * sizeof(*cdf));
	if (!cdf || sfe_correlated_cdf(c, GRID, cdf)) {
		free(cdf);
		return p * p;
	}
	/* From x, the next number is uniform between c x and c x + 1 - c. */
	for (uint32_t i = 0; i < GRID && (i + 0.5) / GRID < at; i++) {
		double x = (i + 0.5) / GRID;
		sum += (cdf[i + 1] - cdf[i]) * fmin(fmax((at - c * x) / (1 - c), 0), 1);
		part += cdf[i + 1] - cdf[i];
	}
	free(cdf);
	return part > 0 ? sum * p / part : 0;
}
