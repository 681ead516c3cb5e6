/* SPDX-License-Identifier: MIT */
#include "emu/beside/flow_law.h"

#include "sfemu/schedule.h"

#define NS_PER_S 1000000000ull

static uint64_t draw(struct sfe_flow_clock *f, double mean_ns)
{
	return (uint64_t)(sfe_stream_exponential(&f->stream, mean_ns) + 0.5);
}

/* The distance of two packets at the flow's rate. Distances add up to the exact time: what is
 * rounded off one is in the next. */
static uint64_t distance(struct sfe_flow_clock *f)
{
	const uint64_t bits = 8ull * f->spec->packet_bytes, rate = f->spec->rate_bps;
	uint64_t ns = bits * NS_PER_S / rate;

	f->remainder += bits * NS_PER_S % rate;
	if (f->remainder >= rate) {
		f->remainder -= rate;
		ns++;
	}
	return ns;
}

/* Packets are at equal distances of the time that is on. */
static void advance_onoff(struct sfe_flow_clock *f)
{
	uint64_t left = distance(f);

	while (left >= f->on_ns && f->next_ns < f->spec->until_ns) {
		left -= f->on_ns;
		f->next_ns += f->on_ns + draw(f, (double)f->spec->off_ns);
		f->on_ns = draw(f, (double)f->spec->on_ns);
	}
	f->next_ns += left;
	f->on_ns -= left;
}

static void end_at_until(struct sfe_flow_clock *f)
{
	if (f->next_ns >= f->spec->until_ns)
		f->next_ns = SFE_NEVER;
}

static double mean_distance(const struct sfe_flow_spec *f)
{
	return 8.0 * f->packet_bytes * NS_PER_S / (double)f->rate_bps;
}

struct sfe_flow_clock sfe_flow_law_begin(
	const struct sfe_flow_spec *spec, uint64_t seed, const char *stream)
{
	struct sfe_flow_clock f = {
		.spec = spec, .stream = sfe_stream_named(seed, stream), .next_ns = spec->at_ns};

	if (spec->law == SFE_FLOW_POISSON)
		f.next_ns += draw(&f, mean_distance(spec));
	if (spec->law == SFE_FLOW_ONOFF) {
		double on = (double)spec->on_ns, off = (double)spec->off_ns;
		if (sfe_stream_real(&f.stream) >= on / (on + off))
			f.next_ns += draw(&f, off);
		f.on_ns = draw(&f, on);
	}
	end_at_until(&f);
	return f;
}

void sfe_flow_law_next(struct sfe_flow_clock *f)
{
	if (f->next_ns == SFE_NEVER)
		return;
	switch (f->spec->law) {
	case SFE_FLOW_CONSTANT:
		f->next_ns += distance(f);
		break;
	case SFE_FLOW_POISSON:
		f->next_ns += draw(f, mean_distance(f->spec));
		break;
	case SFE_FLOW_ONOFF:
		advance_onoff(f);
		break;
	}
	end_at_until(f);
}
