/* SPDX-License-Identifier: MIT */
/* Half an hour of a sensor, for scenarios/sensors.yaml: the room warms up and cools down, each
 * reading has noise, and about one in 600 is wrong by several degrees. The readings follow from the
 * seed, the job and the step alone. */
#include <sfemu/function.h>

#include "sensor.h"

/* Up to 150, small ones more often: the sum of three draws. */
static int32_t noise(struct sfe_call *call)
{
	int32_t sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (int32_t)(sfe_random(call, "noise") % 101) - 50;
	return sum;
}

static int32_t spike(struct sfe_call *call)
{
	if (sfe_random(call, "spikes") % 600)
		return 0;
	int32_t size = 2000 + (int32_t)(sfe_random(call, "sizes") % 3000);
	return sfe_random(call, "signs") % 2 ? size : -size;
}

static int read_sensor(struct sfe_call *call)
{
	int32_t *out = sfe_output(call, READINGS * sizeof(*out));

	if (!out)
		return -1;
	for (int32_t i = 0; i < READINGS; i++) {
		int32_t from_middle = i < READINGS / 2 ? i : READINGS - i;
		out[i] = 20000 + 2 * from_middle + noise(call) + spike(call);
	}
	return 0;
}
SFE_FUNCTION(read_sensor)
