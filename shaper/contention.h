/* SPDX-License-Identifier: MIT */
/* The stations of a medium that contend for it (medium: dcf), with a queue each. */
#ifndef SFE_SHAPER_CONTENTION_H
#define SFE_SHAPER_CONTENTION_H

#include "shaper/netlink.h"
#include "shaper/shaped.h"

/* Queues the messages that make the queues of a medium's stations, on the IFB device of its queue
 * (sfe_ifb_of_queue). The medium has none yet. */
int sfe_contention_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err);
/* Queues the message that changes them. reset: stations also forget backoffs and retries. */
int sfe_contention_change(
	struct sfe_nl *nl, const struct sfe_shaped *s, bool reset, struct sfe_error *err);
/* Reads those of the namespace back, compares, and adds their drops and their backlog. */
int sfe_contention_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif
