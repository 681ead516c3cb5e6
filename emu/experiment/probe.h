/* SPDX-License-Identifier: MIT */
/* What this kernel lets this user do, found by doing it in a namespace that is gone at once. */
#ifndef SFE_EXPERIMENT_PROBE_H
#define SFE_EXPERIMENT_PROBE_H

#include <stdbool.h>

#include "sfemu/error.h"

struct sfe_probe {
	bool namespaces, veth, ifb, redirect, netem;
	char why[5][160]; /* in the order above; empty where it works */
};

int sfe_probe_native(struct sfe_probe *p, struct sfe_error *err);
/* Whether the native substrate can be used; if not, why gets the first reason. */
bool sfe_probe_ok(const struct sfe_probe *p, char *why, size_t size);

#endif
