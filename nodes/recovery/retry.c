/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/retry.h"

#include <errno.h>

uint64_t retry_backoff_ns(const struct sfe_retry_policy *policy, uint32_t number)
{
	uint64_t wait = policy->backoff_ns;

	while (--number && wait < UINT64_MAX / 4)
		wait *= 2;
	return wait;
}

uint64_t retry_window_ns(const struct sfe_retry_policy *policy)
{
	uint64_t window = policy->deadline_ns;

	for (uint32_t n = 1; n <= policy->retries && window < UINT64_MAX / 4; n++)
		window += retry_backoff_ns(policy, n) + policy->deadline_ns;
	return window;
}

bool retry_may_help(int code)
{
	switch (-code) {
	case ETIMEDOUT:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case EILSEQ: /* damaged in flight */
		return true;
	}
	return false;
}
