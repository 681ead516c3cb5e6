/* SPDX-License-Identifier: MIT */
/* What is to be verified travels to a guest as a file of the results folder. */
#ifndef SFE_RUN_VERIFY_REQUEST_H
#define SFE_RUN_VERIFY_REQUEST_H

#include "emu/verify/verify.h"

/* Of a run that verifies its links. */
int sfe_verify_request_write(
	const struct sfe_verify_options *options, int results_fd, struct sfe_error *err);
/* *verifies: whether there is a request. options->pattern is the caller's then. */
int sfe_verify_request_read(
	struct sfe_verify_options *options, bool *verifies, int results_fd, struct sfe_error *err);

#endif
