/* SPDX-License-Identifier: MIT */
/* Passes a verification request to a guest, as a file of the results folder. */
#ifndef SFE_VERIFY_VERIFY_REQUEST_H
#define SFE_VERIFY_VERIFY_REQUEST_H

#include "emu/verify/verify.h"

/* Writes the request. */
int sfe_verify_request_write(
	const struct sfe_verify_options *options, int results_fd, struct sfe_error *err);
/* *verifies: whether there is a request. The caller owns options->pattern then. */
int sfe_verify_request_read(
	struct sfe_verify_options *options, bool *verifies, int results_fd, struct sfe_error *err);

#endif
