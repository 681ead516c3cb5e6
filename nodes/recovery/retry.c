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

/* How long all attempts of a job take, where its client restarts it; UINT64_MAX: no limit. */
static uint64_t attempts_ns(const struct sfe_deployment *d, uint32_t job)
{
	struct sfe_retry_policy all = d->retry;

	if (!deployment_rules(d, job)->restarts || !all.deadline_ns ||
		__builtin_mul_overflow(
			all.deadline_ns, (uint64_t)d->jobs[job].job->n_steps, &all.deadline_ns) ||
		all.deadline_ns > UINT64_MAX / 8)
		return UINT64_MAX;
	return retry_window_ns(&all);
}

uint64_t job_over_ns(const struct sfe_deployment *d, uint32_t job, uint64_t now_ns)
{
	uint64_t longest = attempts_ns(d, job), over;

	if (d->job_timeout_ns && d->job_timeout_ns < longest)
		longest = d->job_timeout_ns;
	return __builtin_add_overflow(now_ns, longest, &over) ? UINT64_MAX : over;
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
