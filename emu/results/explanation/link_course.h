/* SPDX-License-Identifier: MIT */
/*
 * The links over time: the scenario's schedule played once more, and what a transfer takes because
 * of it. Manual changes (`sfemu link`) are not part of it.
 */
#ifndef SFE_RESULTS_EXPLANATION_LINK_COURSE_H
#define SFE_RESULTS_EXPLANATION_LINK_COURSE_H

#include "emu/experiment/explained_paths.h"

struct sfe_link_course;

/* The schedule until until_ns after the replay's start; the caller frees *out, which is NULL
 * without a schedule. Errors: -ENOMEM, or the schedule's own. */
int sfe_link_course_new(const struct sfe_experiment *e, uint64_t until_ns,
	struct sfe_link_course **out, struct sfe_error *err);
void sfe_link_course_free(struct sfe_link_course *c);

struct sfe_link_changes {              /* what they make of a message */
	double longer_s;               /* negative: shorter */
	double down_s;                 /* of it: waiting for links that were down */
	struct sfe_transfer_time then; /* over the links as of when it could be sent */
};

/*
 * How many seconds longer the message takes than over links as at the start, if it starts start_s
 * after the replay's start, and at most until end_s:
 * - waiting until no link of the path, there or back, is down, and no partition cuts it;
 * - the time that sfe_transfer_time gives with the links' rates and delays of then, less that with
 *   those of the start;
 * - what the narrowest link needs longer for the bits because it changes meanwhile: the time in
 *   which the integral of its rate over time is these bits, less bits / rate.
 * c may be NULL: no changes.
 */
struct sfe_link_changes sfe_link_course_changes(const struct sfe_link_course *c,
	const struct sfe_explained_path *forward, const struct sfe_explained_path *back,
	const struct sfe_tcp *tcp, const struct sfe_message *m, double start_s, double end_s);

#endif
