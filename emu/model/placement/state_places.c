/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/state_places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"

struct sfe_state_place {
	uint32_t n, cap;
	uint32_t *node; /* those that have it; the first one changed it last */
};

static int put(struct sfe_state_place *place, uint32_t node)
{
	if (sfe_grow(&place->node, &place->cap, place->n + 1, sizeof(*place->node)))
		return -ENOMEM;
	place->node[place->n++] = node;
	return 0;
}

static bool has(const struct sfe_state_place *place, uint32_t node)
{
	for (uint32_t i = 0; i < place->n; i++)
		if (place->node[i] == node)
			return true;
	return false;
}

int sfe_state_places_begin(struct sfe_state_places *s, const struct sfe_job *job, uint32_t client)
{
	uint32_t known = s->cap;

	s->job = job;
	if (sfe_grow(&s->of, &s->cap, job->n_states + 1, sizeof(*s->of)))
		return -ENOMEM;
	memset(s->of + known, 0, (s->cap - known) * sizeof(*s->of));
	for (uint32_t i = 0; i < job->n_states; i++) {
		s->of[i].n = 0;
		if (put(&s->of[i], client))
			return -ENOMEM;
	}
	return 0;
}

void sfe_state_places_free(struct sfe_state_places *s)
{
	for (uint32_t i = 0; i < s->cap; i++)
		free(s->of[i].node);
	free(s->of);
	*s = (struct sfe_state_places){0};
}

static enum sfe_access access_of(const struct sfe_step *step, uint32_t i)
{
	return step->access ? (enum sfe_access)step->access[i] : SFE_UPDATE;
}

int sfe_state_places_after(struct sfe_state_places *s, uint32_t k, uint32_t node)
{
	const struct sfe_step *step = &s->job->steps[k];

	for (uint32_t i = 0; i < step->n_deps; i++) {
		struct sfe_state_place *place = &s->of[step->deps[i]];
		if (access_of(step, i) != SFE_READ)
			place->n = 0;
		else if (has(place, node))
			continue;
		if (put(place, node))
			return -ENOMEM;
	}
	return 0;
}

double sfe_state_places_time(
	const struct sfe_state_places *s, struct sfe_pair_paths *paths, uint32_t k, uint32_t node)
{
	const struct sfe_step *step = &s->job->steps[k];
	double sum = 0;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		const struct sfe_state_place *place = &s->of[step->deps[i]];
		if (access_of(step, i) == SFE_WRITE || has(place, node))
			continue;
		sum += sfe_pair_path_time(paths, sfe_pair_path_between(paths, place->node[0], node),
			s->job->state_bytes[step->deps[i]]);
	}
	return sum;
}

double sfe_state_places_class_time(
	const struct sfe_state_places *s, struct sfe_pair_paths *paths, uint32_t k, uint32_t class)
{
	const struct sfe_step *step = &s->job->steps[k];
	double sum = 0;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		if (access_of(step, i) == SFE_WRITE)
			continue;
		uint32_t from = paths->class_of[s->of[step->deps[i]].node[0]];
		/* Who is alone in its class has the state itself: there is no path within. */
		if (from == class && paths->example[class][1] == SFE_NONE)
			continue;
		sum += sfe_pair_path_time(paths, sfe_class_path(paths, from, class),
			s->job->state_bytes[step->deps[i]]);
	}
	return sum;
}

uint32_t sfe_state_places_next(const struct sfe_state_places *s, uint32_t k, uint64_t *next)
{
	const struct sfe_step *step = &s->job->steps[k];

	/* The upper half is the place among the step's states, the lower one that in its nodes. */
	for (uint32_t i = (uint32_t)(*next >> 32); i < step->n_deps; i++) {
		const struct sfe_state_place *place = &s->of[step->deps[i]];
		uint32_t at = (uint32_t)*next;
		if (access_of(step, i) != SFE_WRITE && at < place->n) {
			*next = ((uint64_t)i << 32) | (at + 1);
			return place->node[at];
		}
		*next = (uint64_t)(i + 1) << 32;
	}
	return SFE_NONE;
}
