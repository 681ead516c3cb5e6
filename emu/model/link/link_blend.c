/* SPDX-License-Identifier: MIT */
/* Interpolates between two values of a link attribute. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "sfemu/link.h"

bool sfe_link_blends(const char *attribute)
{
	static const char *const names[] = {"rate", "delay", "loss", "duplicate", "corrupt"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], attribute))
			return true;
	return false;
}

static double between(double a, double b, double part)
{
	return a + (b - a) * part;
}

static uint64_t between_whole(uint64_t a, uint64_t b, double part)
{
	return (uint64_t)llround(between((double)a, (double)b, part));
}

static struct sfe_probability between_probabilities(
	const struct sfe_probability *a, const struct sfe_probability *b, double part)
{
	return (struct sfe_probability){between(a->probability, b->probability, part),
		between(a->correlation, b->correlation, part)};
}

static int blend_delay(const struct sfe_delay *a, const struct sfe_delay *b, double part,
	struct sfe_delay *out, struct sfe_error *err)
{
	if (a->law > SFE_DELAY_CONSTANT || b->law > SFE_DELAY_CONSTANT)
		return sfe_fail(err, -EINVAL, NULL, "use set",
			"delay: there are steps only between constant delays");
	uint64_t ns = between_whole(a->law ? a->a_ns : 0, b->law ? b->a_ns : 0, part);
	*out = (struct sfe_delay){.law = ns ? SFE_DELAY_CONSTANT : SFE_DELAY_NONE, .a_ns = ns};
	return 0;
}

static int blend_loss(const struct sfe_loss *a, const struct sfe_loss *b, double part,
	struct sfe_loss *out, struct sfe_error *err)
{
	if (a->model != SFE_LOSS_RANDOM || b->model != SFE_LOSS_RANDOM)
		return sfe_fail(err, -EINVAL, NULL, "use set",
			"loss: there are steps only between random losses");
	*out = (struct sfe_loss){.model = SFE_LOSS_RANDOM,
		.p = {between(a->p[0], b->p[0], part), between(a->p[1], b->p[1], part)}};
	return 0;
}

int sfe_link_blend(const struct sfe_link_spec *a, const struct sfe_link_spec *b,
	const char *attribute, double part, struct sfe_link_spec *out, struct sfe_error *err)
{
	if (!strcmp(attribute, "rate"))
		out->rate_bps = between_whole(a->rate_bps, b->rate_bps, part);
	else if (!strcmp(attribute, "delay"))
		return blend_delay(&a->delay, &b->delay, part, &out->delay, err);
	else if (!strcmp(attribute, "loss"))
		return blend_loss(&a->loss, &b->loss, part, &out->loss, err);
	else if (!strcmp(attribute, "duplicate"))
		out->duplicate = between_probabilities(&a->duplicate, &b->duplicate, part);
	else if (!strcmp(attribute, "corrupt"))
		out->corrupt = between_probabilities(&a->corrupt, &b->corrupt, part);
	else
		return sfe_fail(err, -EINVAL, NULL, "use set",
			"%s: has no steps between two values", attribute);
	return 0;
}
