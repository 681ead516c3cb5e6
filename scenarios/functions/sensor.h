/* SPDX-License-Identifier: MIT */
/* What the functions of scenarios/sensors.yaml hand to each other. All numbers are in the byte
 * order of the machine. */
#ifndef SENSOR_H
#define SENSOR_H

#include <stdint.h>

/* A batch of readings is an array of int32_t: one temperature a second, in thousandths of a degree.
 */
#define READINGS 1800

/* The state "window": the readings of the last minute and their sums. */
#define WINDOW 60
struct window {
	uint64_t seen; /* readings so far; number n is last[n % WINDOW] until it is replaced */
	int64_t sum, sum_of_squares;
	int32_t last[WINDOW];
};

/* The state "alarms" is an array of these. */
struct alarm {
	uint64_t reading; /* its number, from 0 */
	int32_t value, mean;
};

#endif
