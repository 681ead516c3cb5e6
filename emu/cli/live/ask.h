/* SPDX-License-Identifier: MIT */
/* Requests to a running experiment. */
#ifndef SFE_CLI_ASK_H
#define SFE_CLI_ASK_H

#include <json-c/json.h>
#include <sys/types.h>

#include "sfemu/error.h"

/* Reads the PID of --run. 0, or the exit status after one line on stderr. */
int sfe_cli_run_of(const char *text, pid_t *run);

/* "lab " and the request, as text, the caller's; fails if it is too long. */
int sfe_cli_make_request(json_object *request, char **text, struct sfe_error *err);

/*
 * run: the orchestrator's process, 0 for the only one. 0, and *answer is the caller's; or the exit
 * status after the one line on stderr: 2 for what was refused.
 */
int sfe_cli_ask_lab(const char *verb, pid_t run, json_object *request, json_object **answer);

#endif
