/* SPDX-License-Identifier: MIT */
#include "emu/run/substrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emu/experiment/congestion.h"
#include "emu/experiment/function_files.h"
#include "emu/experiment/functions.h"
#include "emu/experiment/link_specs.h"
#include "emu/experiment/native_probe.h"
#include "emu/experiment/program_files.h"
#include "emu/experiment/schedule_check.h"
#include "emu/run/guest_paths.h"
#include "emu/run/machine_limits.h"
#include "emu/vm/guest.h"

static int choose_native(const struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_probe probe;
	char why[160];

	if (s->clock == SFE_CLOCK_VIRTUAL)
		return sfe_fail(err, -EINVAL, "clock: virtual", "set substrate: vm (or auto)",
			"this kernel's own clock cannot jump; only a guest's can");
	int r = sfe_probe_native(&probe, err);
	if (r || sfe_probe_ok(&probe, why, sizeof(why)))
		return r;
	return sfe_fail(err, -EPERM, "substrate: native", "see `sfemu check`, or set substrate: vm",
		"this machine cannot: %s", why);
}

/* What is wrong with the scenario is said before what this machine lacks. */
int sfe_substrate_choose(
	const struct sfe_scenario *s, struct sfe_substrate_choice *out, struct sfe_error *err)
{
	bool native = s->substrate == SFE_SUBSTRATE_NATIVE;

	*out = (struct sfe_substrate_choice){
		.substrate = native ? SFE_SUBSTRATE_NATIVE : SFE_SUBSTRATE_VM,
		.clock = native                       ? SFE_CLOCK_REAL
			 : s->clock == SFE_CLOCK_AUTO ? SFE_CLOCK_VIRTUAL
						      : s->clock};
	/* Natively only who may run anything is told which congestion controls they may use. */
	int r = native ? choose_native(s, err) : 0;
	r = r ? r : sfe_substrate_check(s, out, err);
	return r || native ? r
			   : sfe_guest_kernel(out->clock == SFE_CLOCK_VIRTUAL, out->kernel,
				     sizeof(out->kernel), err);
}

int sfe_substrate_check(const struct sfe_scenario *s, const struct sfe_substrate_choice *choice,
	struct sfe_error *err)
{
	return sfe_congestion_check(s->tcp.congestion, choice->substrate == SFE_SUBSTRATE_NATIVE,
		choice->clock == SFE_CLOCK_VIRTUAL, err);
}

int sfe_substrate_check_experiment(const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, struct sfe_error *err)
{
	bool own_kernel = choice->clock == SFE_CLOCK_VIRTUAL;
	int r = sfe_links_check_kernel(
		e->link, SFE_DIRECTIONS * e->topology->n_links, own_kernel, err);

	r = r ? r : sfe_schedule_check_kernel(e, own_kernel, err);
	return r || choice->substrate != SFE_SUBSTRATE_NATIVE ? r : sfe_machine_check(e->plan, err);
}

int sfe_substrate_for_run(const struct sfe_experiment *e, const struct sfe_lab_commands *commands,
	struct sfe_substrate_choice *out, struct sfe_error *err)
{
	int r = sfe_substrate_choose(e->scenario, out, err);
	const bool guest = !r && out->substrate == SFE_SUBSTRATE_VM;

	if (guest)
		r = sfe_guest_paths_check(commands, e, err);
	r = r ? r : sfe_substrate_check_experiment(e, out, err);
	r = r ? r : sfe_functions_trust(e->scenario, err);
	r = r ? r : sfe_functions_runnable(e->scenario, guest, err);
	return r ? r : sfe_programs_runnable(e->scenario, guest, err);
}

const char *sfe_substrate_text(const struct sfe_substrate_choice *choice)
{
	if (choice->substrate == SFE_SUBSTRATE_NATIVE)
		return "native, on the real clock: in namespaces of this kernel; figures depend on "
		       "how fast this machine is";
	if (choice->clock == SFE_CLOCK_REAL)
		return "in a User-Mode Linux guest, on the real clock; figures depend on how fast "
		       "this machine is";
	return "in a User-Mode Linux guest, on the virtual clock: the same results on any machine";
}
