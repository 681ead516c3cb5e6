/* SPDX-License-Identifier: MIT */
/* Pins against a topology and a workload: which of them hold for an invocation. */
#ifndef SFE_PLACEMENT_PINS_H
#define SFE_PLACEMENT_PINS_H

#include "sfemu/placement.h"

struct sfe_pin_table;

/* Refuses patterns that match nothing. *out is the caller's; it borrows all else. */
int sfe_pin_table_new(const struct sfe_pins *pins, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_pin_table **out, struct sfe_error *err);
void sfe_pin_table_free(struct sfe_pin_table *table);
const char *sfe_pin_table_file(const struct sfe_pin_table *table);

/* The first pin from `next` on that holds for the invocation; NULL: none. *next becomes the number
 * of the pin after it. */
const struct sfe_pin *sfe_pin_table_next(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t step, uint32_t *next);
/* Whether all pins that hold for the invocation let it run on the node. */
bool sfe_pin_table_allows(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t step, uint32_t node);
/* The same for a function that a function of the job calls: pins that name a step do not hold. */
bool sfe_pin_table_allows_function(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t function, uint32_t node);

#endif
