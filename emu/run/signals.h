/* SPDX-License-Identifier: MIT */
/* What ends a command from outside, as something to wait for. */
#ifndef SFE_RUN_SIGNALS_H
#define SFE_RUN_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "sfemu/error.h"

/*
 * Blocks SIGINT, SIGTERM and SIGHUP, and SIGCHLD if children; *fd is a signalfd of them, *old what
 * was blocked before.
 */
int sfe_signals_open(bool children, int *fd, sigset_t *old, struct sfe_error *err);
/* Takes what there is; true if one of them asks for the end. */
bool sfe_signals_read(int fd);

#endif
