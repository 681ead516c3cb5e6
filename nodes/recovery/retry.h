/* SPDX-License-Identifier: MIT */
/* When a request that failed is retried. */
#ifndef SFE_NODES_RETRY_H
#define SFE_NODES_RETRY_H

#include "nodes/base/deployment.h"

/* The wait between attempt `number` (from 1) and the next one. */
uint64_t retry_backoff_ns(const struct sfe_retry_policy *policy, uint32_t number);
/* How long after its first attempt a request may still be retried. */
uint64_t retry_window_ns(const struct sfe_retry_policy *policy);
/* A time by which a job that runs at now_ns has ended, in success or failure; UINT64_MAX: there is
 * none. */
uint64_t job_over_ns(const struct sfe_deployment *d, uint32_t job, uint64_t now_ns);
/* Whether the path or the node failed, so that another attempt may succeed; other errors are about
 * the request itself. code is a negative errno. */
bool retry_may_help(int code);

#endif
