/* SPDX-License-Identifier: MIT */
#include "emu/measure/fidelity.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * The limits. Beyond each, a result begins to be wrong because of the machine:
 * - Timers: the shortest delays of our topologies are some ms, and netem sends by such timers. If
 *   one packet in a hundred is 2 ms late, the tail is wrong.
 * - Waiting to run: the same 2 ms, as the mean over all tasks: workers answer that much later.
 * - CPU time left: a machine that is never idle has a backlog of unknown length.
 * - Stolen: a hypervisor takes the processor in slices of ms. Nothing here runs meanwhile, and the
 *   guest's own timers notice only if they were due.
 * - Squeezes: a receive round ends after 300 packets or two ticks (8 ms with HZ=250), and the rest
 *   waits for another round. Ten per second are up to 8 % of the time; some per minute are normal.
 * - Backlog drops: packets lost without a cause in the scenario. The limit is 0.
 * - Reordering: a link without the reorder attribute keeps the order of packets (emu/net/order.h).
 *   The sign is TCPSACKReorder: the sender counts a segment that it sent once and that was
 *   selectively acknowledged after a later one. Losses, retransmissions and duplicates do not
 * count: on the virtual clock it is 0 in the 3.5 million segments of iiot, urban, lossy, chaos and
 *   changing. It counts reordering that TCP noticed, not each pair of packets. The limit is 0.
 * - Pressure: in a burst of jobs tasks wait; if some wait nearly always, others use the processors,
 *   or the emulation needs more than there are. Short waits are harmless, so this limit is wide;
 *   long ones also show in the timers.
 */
#define LATE_P99_LIMIT_S 0.002
#define RUN_DELAY_LIMIT_S 0.002
#define IDLE_LIMIT 0.05
#define STOLEN_LIMIT 0.05
#define SQUEEZES_PER_S_LIMIT 10
#define PRESSURE_LIMIT 0.8
/*
 * Without a sample for this long the monitor has stopped and saw nothing of the machine meanwhile.
 * Less counts as lateness.
 */
#define SILENCE_LIMIT_S 1

/* Appends a reason why the results may be invalid; the first reason sets the verdict. */
static __attribute__((format(printf, 4, 5))) void add_reason(
	char *out, size_t size, const char *verdict, const char *format, ...)
{
	size_t len = strlen(out);
	va_list args;

	snprintf(out + len, size - len, "%s", len ? "; " : verdict);
	len = strlen(out);
	va_start(args, format);
	vsnprintf(out + len, size - len, format, args);
	va_end(args);
}

/* Reports gaps in the monitoring. */
static void judge_monitor(const struct sfe_fidelity *f, char *out, size_t size)
{
	if (f->monitor_ended)
		add_reason(out, size, SFE_UNKNOWN, "the monitor ended after %.1f s",
			f->watched_s - f->silent_s);
	else if (!f->measured)
		add_reason(out, size, SFE_UNKNOWN, "nothing was measured");
	else if (f->silent_s > SILENCE_LIMIT_S)
		add_reason(out, size, SFE_UNKNOWN, "the monitor took no sample after %.1f s",
			f->watched_s - f->silent_s);
}

/* NaN exceeds no limit. */
static void judge(const struct sfe_fidelity *f, char *out, size_t size)
{
	double squeezes = f->softirq_squeezes / f->watched_s;

	if (f->timer_late_p99_s > LATE_P99_LIMIT_S)
		add_reason(out, size, SFE_DEGRADED,
			"timers were %.1f ms late at the 99th percentile (limit %.1f ms)",
			1e3 * f->timer_late_p99_s, 1e3 * LATE_P99_LIMIT_S);
	if (f->backlog_drops > 0)
		add_reason(out, size, SFE_DEGRADED,
			"the kernel had no room for %.0f packets (limit 0)", f->backlog_drops);
	if (f->reordered > 0)
		add_reason(out, size, SFE_DEGRADED,
			"%.0f segments arrived after later ones on links that do not reorder "
			"(limit 0)",
			f->reordered);
	if (f->run_delay_s > RUN_DELAY_LIMIT_S)
		add_reason(out, size, SFE_DEGRADED,
			"tasks waited %.1f ms for their turn in the mean (limit %.1f ms)",
			1e3 * f->run_delay_s, 1e3 * RUN_DELAY_LIMIT_S);
	if (f->cpu_idle_share < IDLE_LIMIT)
		add_reason(out, size, SFE_DEGRADED,
			"only %.0f %% of the CPU time was left (limit %.0f %%)",
			100 * f->cpu_idle_share, 100 * IDLE_LIMIT);
	if (f->cpu_stolen_share > STOLEN_LIMIT)
		add_reason(out, size, SFE_DEGRADED,
			"a hypervisor took %.0f %% of the CPU time (limit %.0f %%)",
			100 * f->cpu_stolen_share, 100 * STOLEN_LIMIT);
	if (squeezes > SQUEEZES_PER_S_LIMIT)
		add_reason(out, size, SFE_DEGRADED,
			"packets were left for a later round %.0f times a second (limit %d)",
			squeezes, SQUEEZES_PER_S_LIMIT);
	if (f->cpu_pressure_share > PRESSURE_LIMIT)
		add_reason(out, size, SFE_DEGRADED,
			"tasks waited for a processor %.0f %% of the time (limit %.0f %%)",
			100 * f->cpu_pressure_share, 100 * PRESSURE_LIMIT);
}

void sfe_fidelity_verdict(const struct sfe_fidelity *f, char *out, size_t size)
{
	out[0] = 0;
	if (f->real_clock)
		judge_monitor(f, out, size);
	if (f->real_clock && f->measured)
		judge(f, out, size);
	if (!out[0])
		snprintf(out, size, "%s", f->real_clock ? "ok" : "virtual");
}

const char *sfe_fidelity_why(const char *verdict)
{
	if (!strcmp(verdict, "ok") || !strcmp(verdict, "virtual"))
		return NULL;
	if (sfe_fidelity_is_unknown(verdict))
		return verdict + strlen(SFE_UNKNOWN);
	/* Earlier versions wrote only the reason. */
	return strncmp(verdict, SFE_DEGRADED, strlen(SFE_DEGRADED))
		       ? verdict
		       : verdict + strlen(SFE_DEGRADED);
}

bool sfe_fidelity_is_unknown(const char *verdict)
{
	return !strncmp(verdict, SFE_UNKNOWN, strlen(SFE_UNKNOWN));
}

void sfe_fidelity_not_measured(const struct sfe_fidelity *f, char *out, size_t size)
{
	const struct {
		double figure;
		const char *words;
	} signs[] = {
		{f->cpu_idle_share, "CPU time left: no /proc/stat"},
		{f->softirq_squeezes, "squeezes and backlog drops: no /proc/net/softnet_stat"},
		{f->reordered, "reordering: a link was asked to, or TCP has no SACK"},
		{f->run_delay_s, "run delay: no /proc/schedstat"},
		{f->cpu_pressure_share, "pressure: no /proc/pressure/cpu"},
	};
	size_t len = 0;

	out[0] = 0;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]) && len < size; i++)
		if (isnan(signs[i].figure))
			len += (size_t)snprintf(
				out + len, size - len, "%s%s", len ? "; " : "", signs[i].words);
}

void sfe_fidelity_count(const struct sfe_kernel_counters *before,
	const struct sfe_kernel_counters *after, struct sfe_fidelity *f)
{
	double all = after->all - before->all, turns = after->turns - before->turns;

	/* Without ticks (an interval shorter than one) the shares are unknown. */
	f->cpu_idle_share = all > 0 ? (after->idle - before->idle) / all : NAN;
	f->cpu_stolen_share = all > 0 ? (after->stolen - before->stolen) / all : NAN;
	f->softirq_squeezes = after->squeezes - before->squeezes;
	f->backlog_drops = after->backlog_drops - before->backlog_drops;
	f->run_delay_s =
		turns > 0 ? 1e-9 * (after->run_delay_ns - before->run_delay_ns) / turns : NAN;
	f->cpu_pressure_share = 1e-6 * (after->pressure_us - before->pressure_us) / f->watched_s;
}
