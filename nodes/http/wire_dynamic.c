/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_dynamic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REFUSE(...) (snprintf(why, room, __VA_ARGS__), -EBADMSG)

uint32_t wire_dynamic_function(const struct sfe_deployment *d, const char *name)
{
	for (uint32_t f = 0; d->functions && f < d->n_functions; f++)
		if (d->functions[f].spec && !strcmp(d->function_names[f], name))
			return f;
	return UINT32_MAX;
}

int wire_check_dynamic(const struct wire *w, const struct http_head *head, struct call_key *key,
	char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;
	const unsigned needed =
		HEAD_JOB | HEAD_STEP | HEAD_FROM | HEAD_STRATEGY | HEAD_FUNCTION | HEAD_CALL;

	if ((head->fields & needed) != needed)
		return REFUSE("sfemu-job, -step, -from, -strategy, -function or -call is missing");
	*key = (struct call_key){.job = head->job,
		.step = head->step,
		.attempt = head->attempt,
		.function = wire_dynamic_function(d, head->function),
		.path = head->call,
		.stream = head->fields & HEAD_STREAM ? head->stream : head->call};
	if (strcmp(head->strategy, d->strategy->name))
		return REFUSE("the strategy here is %s, not %s", d->strategy->name, head->strategy);
	if (head->job >= d->n_jobs || head->step >= d->jobs[head->job].job->n_steps)
		return REFUSE("no step %" PRIu32 " of job %" PRIu32, head->step, head->job);
	if (head->from >= d->n_nodes)
		return REFUSE("no node %" PRIu32, head->from);
	/* As for calls of steps: each attempt uses memory here. */
	if (head->attempt - 1 > d->retry.retries)
		return REFUSE("attempt %" PRIu32 ", with %" PRIu32 " retries", head->attempt,
			d->retry.retries);
	if (key->function == UINT32_MAX)
		return REFUSE("the scenario has no function %s", head->function);
	return 0;
}

bool wire_answers_dynamic(
	const struct wire *w, const struct http_head *head, const struct call_key *key)
{
	const unsigned needed = HEAD_JOB | HEAD_STEP | HEAD_STRATEGY | HEAD_CALL;

	return (head->fields & needed) == needed && head->job == key->job &&
	       head->step == key->step && head->call == key->path &&
	       !strcmp(head->strategy, w->deployment->strategy->name);
}
