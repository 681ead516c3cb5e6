/* SPDX-License-Identifier: MIT */
#include "emu/results/job/job_accesses.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_topology.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "sfemu/job_graph.h"
#include "sfemu/workflow.h"

#define TASKS "inputs/batch_task.csv"

struct list { /* accesses, of a workflow's job or of a trace's */
	struct sfe_job_record *j;
	const struct sfe_workflow *workflow; /* NULL: of a trace */
	const uint64_t *state_bytes;         /* of a trace */
	uint32_t room;
	uint64_t *version; /* of each state so far */
};

static const char *const words[] = {
	[SFE_UPDATE] = "update", [SFE_READ] = "read", [SFE_WRITE] = "write"};

static int add(struct list *x, uint32_t step, uint32_t state, enum sfe_access access)
{
	struct sfe_job_record *j = x->j;
	const struct sfe_workflow *f = x->workflow;
	struct sfe_access_row row = {.step = step,
		.version_read = access == SFE_WRITE ? NAN : (double)x->version[state],
		.declared_bytes = f ? f->states[state].bytes : x->state_bytes[state]};

	if (access != SFE_READ)
		x->version[state]++;
	row.version_left = access == SFE_READ ? NAN : (double)x->version[state];
	snprintf(row.access, sizeof(row.access), "%s", words[access]);
	if (f) {
		snprintf(row.step_name, sizeof(row.step_name), "%s", f->steps[step].name);
		snprintf(row.state, sizeof(row.state), "%s", f->states[state].name);
	} else {
		snprintf(row.state, sizeof(row.state), "s%" PRIu32, state);
	}
	if (sfe_grow(&j->accesses, &x->room, j->n_accesses + 1, sizeof(*j->accesses)))
		return -ENOMEM;
	j->accesses[j->n_accesses++] = row;
	return 0;
}

static int add_workflow(struct list *x, const struct sfe_workflow *f)
{
	int r = 0;

	x->workflow = f;
	x->version = calloc((size_t)f->n_states + 1, sizeof(*x->version));
	for (uint32_t s = 0; x->version && s < f->n_steps; s++)
		for (uint32_t i = 0; i < f->steps[s].n_uses && !r; i++)
			r = add(x, s, f->steps[s].uses[i], (enum sfe_access)f->steps[s].access[i]);
	return x->version ? r : -ENOMEM;
}

static int add_traced(struct list *x, const struct sfe_job *job)
{
	int r = 0;

	x->state_bytes = job->state_bytes;
	x->version = calloc((size_t)job->n_states + 1, sizeof(*x->version));
	for (uint32_t s = 0; x->version && s < job->n_steps; s++)
		for (uint32_t i = 0; i < job->steps[s].n_deps && !r; i++)
			r = add(x, s, job->steps[s].deps[i], sfe_step_access(&job->steps[s], i));
	return x->version ? r : -ENOMEM;
}

/* Of a job of a trace: the copy of the trace in the folder. */
static int read_trace(int dir, const struct sfe_scenario *s, struct list *x, struct sfe_error *err)
{
	struct sfe_workload *w = NULL;
	char *text = NULL;
	size_t len;
	uint32_t i = 0;
	int r = sfe_folder_load(dir, TASKS, SFE_LIMIT_TABLE_BYTES, &text, &len, err);

	r = r ? r : sfe_workload_parse(text, len, TASKS, &s->workload.params, &w, err);
	free(text);
	if (r)
		return r;
	while (i < w->n_jobs && w->jobs[i].number != x->j->number)
		i++;
	if (i == w->n_jobs)
		r = sfe_fail(err, -EINVAL, TASKS, NULL, "has no job %" PRIu32, x->j->number);
	else if ((r = add_traced(x, &w->jobs[i])))
		sfe_fail(err, r, NULL, NULL, "out of memory");
	sfe_workload_free(w);
	return r;
}

/* A state that begins with the bytes of a file: that is in the folder. */
static int set_file_size(int dir, struct sfe_workflow_state *state, struct sfe_error *err)
{
	struct stat st;
	int fd = sfe_beneath_read(dir, state->file, UINT64_MAX, err);

	if (fd < 0)
		return fd;
	if (!fstat(fd, &st))
		state->bytes = (uint64_t)st.st_size;
	close(fd);
	return 0;
}

static int find_workflow(int dir, struct sfe_scenario *s, struct list *x, struct sfe_error *err)
{
	const char *name = x->j->outcomes[0].workflow;

	for (uint32_t i = 0; i < s->workflows.n; i++) {
		struct sfe_workflow *f = &s->workflows.of[i];
		int r = 0;
		if (strcmp(f->name, name))
			continue;
		for (uint32_t k = 0; k < f->n_states && !r; k++)
			if (f->states[k].file)
				r = set_file_size(dir, &f->states[k], err);
		if (r)
			return r;
		return add_workflow(x, f) ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : 0;
	}
	return sfe_fail(err, -EINVAL, "scenario.yaml", NULL, "has no workflow %.64s", name);
}

int sfe_job_accesses(int dir, struct sfe_job_record *j, struct sfe_error *err)
{
	struct list x = {.j = j};
	struct sfe_scenario *s = NULL;
	struct sfe_error own = {0};
	char text[1100];
	int r = sfe_results_read_scenario(dir, NULL, 0, &s, &own);

	if (!r)
		r = j->named ? find_workflow(dir, s, &x, &own) : read_trace(dir, s, &x, &own);
	free(x.version);
	sfe_scenario_free(s);
	if (r == -ENOMEM) {
		*err = own;
		return r;
	}
	if (r)
		sfe_job_record_note(j, "how its steps use states is not known",
			sfe_error_text(&own, text, sizeof(text)));
	return 0;
}
