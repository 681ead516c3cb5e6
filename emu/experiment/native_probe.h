/* SPDX-License-Identifier: MIT */
/* Finds out what this kernel allows this user, by trying it in a temporary namespace. */
#ifndef SFE_EXPERIMENT_NATIVE_PROBE_H
#define SFE_EXPERIMENT_NATIVE_PROBE_H

#include <stdbool.h>

#include "sfemu/error.h"

struct sfe_probe {
	bool namespaces, veth, ifb, redirect, netem;
	char why[5][160]; /* in the order above; empty: works */
};

int sfe_probe_native(struct sfe_probe *p, struct sfe_error *err);
/*
 * The release of a kernel whose modules are in that folder ("/lib/modules") while those of the
 * running one are not, "" if there is none: the kernel was upgraded, and its modules cannot be
 * loaded before a restart.
 */
void sfe_probe_upgraded(const char *modules, const char *running, char *out, size_t size);
/* Whether the native substrate is usable; if not, why gets the first reason. */
bool sfe_probe_ok(const struct sfe_probe *p, char *why, size_t size);

#endif
