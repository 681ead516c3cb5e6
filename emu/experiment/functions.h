/* SPDX-License-Identifier: MIT */
/* The functions that a scenario brings, as workers get them. */
#ifndef SFE_EXPERIMENT_FUNCTIONS_H
#define SFE_EXPERIMENT_FUNCTIONS_H

#include "emu/experiment/experiment.h"

/* Reads the files of the functions, and notes which jobs have functions whose sizes nobody knows
 * before they run. */
int sfe_functions_make(struct sfe_experiment *e, struct sfe_error *err);
/* One function, and what is in its files, which is the caller's array (also after a failure) of
 * texts of the scenario's. */
int sfe_function_read(const struct sfe_scenario *s, const struct sfe_function_spec *spec,
	struct sfe_deployed_function *out, struct sfe_error *err);

/* Refuses files of functions that another user could have put there (emu/security/trust.h), and
 * those that are not what was read. For who starts a run. */
int sfe_function_trust(
	const struct sfe_scenario *s, const struct sfe_function_spec *spec, struct sfe_error *err);
int sfe_functions_trust(const struct sfe_scenario *s, struct sfe_error *err);
/* The same for strategies alone. */
int sfe_strategies_trust(const struct sfe_scenario *s, struct sfe_error *err);
/* Whether code of the user's runs: plugins or programs. */
bool sfe_functions_have_code(const struct sfe_experiment *e);
/* Whether functions can call others: there are plugins. */
bool sfe_functions_may_call(const struct sfe_experiment *e);

#endif
