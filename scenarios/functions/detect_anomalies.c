/* SPDX-License-Identifier: MIT */
/* Compares each reading of the argument with the minute before it: what is more than 5 standard
 * deviations from the mean is appended to the state "alarms". The state "window" carries the minute
 * over to the next batch. Both may be new and empty. All sums are whole numbers, so the result does
 * not depend on how they are rounded. */
#include <sfemu/function.h>
#include <string.h>

#include "sensor.h"

#define DEVIATIONS 5

/* With d = WINDOW * value - sum, WINDOW times the distance from the mean, and WINDOW * squares -
 * sum^2, WINDOW^2 times the variance. Readings within 10^7 are sure to fit. */
static int is_anomaly(const struct window *w, int32_t value)
{
	int64_t d = WINDOW * (int64_t)value - w->sum;

	return w->seen >= WINDOW &&
	       d * d > DEVIATIONS * DEVIATIONS * (WINDOW * w->sum_of_squares - w->sum * w->sum);
}

static void slide(struct window *w, int32_t value)
{
	int32_t *slot = &w->last[w->seen % WINDOW];

	w->sum += value - *slot;
	w->sum_of_squares += (int64_t)value * value - (int64_t)*slot * *slot;
	*slot = value;
	w->seen++;
}

static int add_alarm(struct sfe_call *call, uint32_t state, const struct window *w, int32_t value)
{
	const struct alarm alarm = {w->seen, value, (int32_t)(w->sum / WINDOW)};
	void *to = sfe_state_append(call, state, sizeof(alarm));

	if (to)
		memcpy(to, &alarm, sizeof(alarm));
	return to ? 0 : -1;
}

static int detect_anomalies(struct sfe_call *call)
{
	uint32_t window = sfe_state_find(call, "window"), alarms = sfe_state_find(call, "alarms");
	const char *readings = call->argument;
	struct window w;
	int32_t value;

	if (window == call->n_states || alarms == call->n_states)
		return sfe_refuse(call, "the step does not use the states window and alarms");
	if (!call->states[window].bytes && sfe_state_resize(call, window, sizeof(struct window)))
		return -1;
	if (call->states[window].bytes != sizeof(struct window) ||
		call->argument_bytes % sizeof(value))
		return sfe_refuse(call, "the window or the readings have a wrong size");
	memcpy(&w, call->states[window].data, sizeof(w));
	for (uint64_t i = 0; i < call->argument_bytes / sizeof(value); i++) {
		memcpy(&value, readings + i * sizeof(value), sizeof(value));
		if (value < -10000000 || value > 10000000)
			return sfe_refuse(call, "a reading is beyond 10 000 degrees");
		if (is_anomaly(&w, value) && add_alarm(call, alarms, &w, value))
			return -1;
		slide(&w, value);
	}
	void *to = sfe_state_change(call, window, 0, sizeof(w));
	if (to)
		memcpy(to, &w, sizeof(w));
	return to ? 0 : -1;
}
SFE_FUNCTION(detect_anomalies)
