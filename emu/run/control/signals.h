/* SPDX-License-Identifier: MIT */
/* Signals that end a command, as a file descriptor. */
#ifndef SFE_RUN_SIGNALS_H
#define SFE_RUN_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "sfemu/error.h"

/*
 * Blocks SIGINT, SIGTERM and SIGHUP, and SIGCHLD if children; *fd is a signalfd for them, *old the
 * former mask.
 */
int sfe_signals_open(bool children, int *fd, sigset_t *old, struct sfe_error *err);
/* Reads pending signals; true: one of them ends the command. */
bool sfe_signals_read(int fd);

#endif
