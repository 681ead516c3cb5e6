/* SPDX-License-Identifier: MIT */
/* When a request that failed is retried. */
#ifndef SFE_NODES_RETRY_H
#define SFE_NODES_RETRY_H

#include "nodes/base/deployment.h"

/* The wait between attempt `number` (from 1) and the next one. */
uint64_t retry_backoff_ns(const struct sfe_retry_policy *policy, uint32_t number);
/* How long after its first attempt a request may still be retried. */
uint64_t retry_window_ns(const struct sfe_retry_policy *policy);
/* Whether the path or the node failed, so that another attempt may succeed; other errors are about
 * the request itself. code is a negative errno. */
bool retry_may_help(int code);

#endif
