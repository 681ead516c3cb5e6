/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/placed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/csv_line.h"
#include "emu/model/base/name_index.h"
#include "emu/model/base/text.h"
#include "sfemu/workflow.h"

struct placed_job {
	uint32_t number;
	char *client;
};

struct placed_step {
	uint32_t job, step;
	unsigned line;
	char *function, *node;
};

struct sfe_placed {
	char *jobs_text, *steps_text; /* what the names point into */
	char *name;                   /* of the table of invocations, for errors */
	uint32_t n_jobs, cap_jobs, n_steps, cap_steps;
	struct placed_job *jobs;   /* by number */
	struct placed_step *steps; /* by job and step; each once */
};

struct columns {
	const char *const *names;
	unsigned n;
	unsigned at[4];
};

static int find_columns(struct columns *c, const struct sfe_csv_cells *head, const char *file,
	struct sfe_error *err)
{
	for (unsigned i = 0; i < c->n; i++) {
		for (c->at[i] = 0; c->at[i] < head->n; c->at[i]++)
			if (!strcmp(head->at[c->at[i]], c->names[i]))
				break;
		if (c->at[i] == head->n)
			return sfe_fail_at(err, -EINVAL, file, 1,
				"give a results folder of a finished run", "there is no column %s",
				c->names[i]);
	}
	return 0;
}

static int read_number(
	const char *text, const char *file, unsigned line, uint32_t *out, struct sfe_error *err)
{
	uint64_t value;

	if (sfe_span_u64((struct sfe_span){text, strlen(text)}, &value) || value > UINT32_MAX)
		return sfe_fail_at(err, -EINVAL, file, line,
			"give a results folder of a finished run", "'%.40s' is not a number", text);
	*out = (uint32_t)value;
	return 0;
}

static int add_job(struct sfe_placed *p, char *const *cell, const char *file, unsigned line,
	struct sfe_error *err)
{
	if (sfe_grow(&p->jobs, &p->cap_jobs, p->n_jobs + 1, sizeof(*p->jobs)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
	struct placed_job *job = &p->jobs[p->n_jobs++];
	job->client = cell[1];
	return read_number(cell[0], file, line, &job->number, err);
}

static int add_step(struct sfe_placed *p, char *const *cell, const char *file, unsigned line,
	struct sfe_error *err)
{
	if (sfe_grow(&p->steps, &p->cap_steps, p->n_steps + 1, sizeof(*p->steps)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
	struct placed_step *step = &p->steps[p->n_steps++];
	step->line = line;
	step->function = cell[2];
	step->node = cell[3];
	int rc = read_number(cell[0], file, line, &step->job, err);
	return rc ? rc : read_number(cell[1], file, line, &step->step, err);
}

static int parse_table(struct sfe_placed *p, char *text, size_t len, const char *file,
	struct columns *c,
	int (*add)(struct sfe_placed *, char *const *, const char *, unsigned, struct sfe_error *),
	struct sfe_error *err)
{
	struct sfe_csv_cells cells;
	char *rest = text, *line;
	unsigned number = 0;
	int rc = 0;

	if (strlen(text) != len)
		return sfe_fail(err, -EINVAL, file, NULL, "the file has a byte 0");
	while (!rc && (line = strsep(&rest, "\n")) && (*line || rest)) {
		char *cell[4] = {NULL};
		number++;
		if (!sfe_csv_split(line, &cells))
			return sfe_fail_at(err, -EINVAL, file, number,
				"give a results folder of a finished run", "the line is not CSV");
		if (number == 1) {
			rc = find_columns(c, &cells, file, err);
			continue;
		}
		for (unsigned i = 0; i < c->n && !rc; i++) {
			if (c->at[i] >= cells.n)
				rc = sfe_fail_at(err, -EINVAL, file, number,
					"give a results folder of a finished run",
					"the row has no %s", c->names[i]);
			else
				cell[i] = cells.at[c->at[i]];
		}
		rc = rc ? rc : add(p, cell, file, number, err);
	}
	return rc || number
		       ? rc
		       : sfe_fail(err, -EINVAL, file, "give a results folder of a finished run",
				 "the file is empty");
}

static int by_number(const void *a, const void *b)
{
	const struct placed_job *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_job_and_step(const void *a, const void *b)
{
	const struct placed_step *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Each job and step once: strategies and attempts repeat them, at the same nodes. */
static int make_unique(struct sfe_placed *p, struct sfe_error *err)
{
	uint32_t n = 0;

	if (p->n_jobs)
		qsort(p->jobs, p->n_jobs, sizeof(*p->jobs), by_number);
	for (uint32_t i = 0; i < p->n_jobs; i++) {
		if (n && p->jobs[n - 1].number == p->jobs[i].number) {
			if (strcmp(p->jobs[n - 1].client, p->jobs[i].client) != 0)
				return sfe_fail(err, -EINVAL, p->name, NULL,
					"job %u has the clients %.64s and %.64s", p->jobs[i].number,
					p->jobs[n - 1].client, p->jobs[i].client);
			continue;
		}
		p->jobs[n++] = p->jobs[i];
	}
	p->n_jobs = n;
	n = 0;
	if (p->n_steps)
		qsort(p->steps, p->n_steps, sizeof(*p->steps), by_job_and_step);
	for (uint32_t i = 0; i < p->n_steps; i++) {
		const struct placed_step *last = n ? &p->steps[n - 1] : NULL, *x = &p->steps[i];
		if (last && last->job == x->job && last->step == x->step) {
			if (strcmp(last->node, x->node) || strcmp(last->function, x->function))
				return sfe_fail_at(err, -EINVAL, p->name, x->line, NULL,
					"step %u of job %u ran %.64s on %.64s, and in line %u "
					"%.64s "
					"on %.64s",
					x->step, x->job, x->function, x->node, last->line,
					last->function, last->node);
			continue;
		}
		p->steps[n++] = *x;
	}
	p->n_steps = n;
	return 0;
}

int sfe_placed_parse(const char *jobs, size_t jobs_len, const char *jobs_name,
	const char *invocations, size_t invocations_len, const char *invocations_name,
	struct sfe_placed **out, struct sfe_error *err)
{
	static const char *const of_jobs[] = {"job", "client"};
	static const char *const of_steps[] = {"job", "step", "function", "node"};
	struct columns job_columns = {of_jobs, 2, {0}}, step_columns = {of_steps, 4, {0}};
	struct sfe_placed *p = calloc(1, sizeof(*p));
	int rc;

	*out = NULL;
	if (p) {
		p->jobs_text = strndup(jobs, jobs_len);
		p->steps_text = strndup(invocations, invocations_len);
		p->name = strdup(invocations_name);
	}
	if (!p || !p->jobs_text || !p->steps_text || !p->name) {
		sfe_placed_free(p);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
	}
	(void)((rc = parse_table(
			p, p->jobs_text, jobs_len, jobs_name, &job_columns, add_job, err)) ||
		(rc = parse_table(p, p->steps_text, invocations_len, invocations_name,
			 &step_columns, add_step, err)) ||
		(rc = make_unique(p, err)));
	if (rc)
		sfe_placed_free(p);
	else
		*out = p;
	return rc;
}

void sfe_placed_free(struct sfe_placed *p)
{
	if (!p)
		return;
	free(p->jobs_text);
	free(p->steps_text);
	free(p->name);
	free(p->jobs);
	free(p->steps);
	free(p);
}

struct applying {
	const struct sfe_placed *p;
	const struct sfe_topology *t;
	const struct sfe_workload *w;
	struct sfe_name_index *nodes;
	struct sfe_error *err;
};

static int find_node(const struct applying *x, const char *name, uint32_t job, uint32_t *out)
{
	*out = sfe_name_index_find(x->nodes, name, strlen(name));
	return *out != SFE_NONE
		       ? 0
		       : sfe_fail(x->err, -EINVAL, x->p->name,
				 "place with a run of the same topology",
				 "job %u used the node %.64s, which the topology does not have",
				 job, name);
}

static int apply_step(
	const struct applying *x, const struct sfe_job *job, uint32_t step, uint32_t *node)
{
	const struct placed_step key = {.job = job->number, .step = step};
	const char *function = x->w->function_names[job->steps[step].function];
	size_t low = 0, high = x->p->n_steps;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct placed_step *at = &x->p->steps[mid];
		if (at->job < key.job || (at->job == key.job && at->step < key.step))
			low = mid + 1;
		else
			high = mid;
	}
	const struct placed_step *found = low < x->p->n_steps ? &x->p->steps[low] : NULL;
	if (!found || found->job != key.job || found->step != key.step)
		return sfe_fail(x->err, -EINVAL, x->p->name,
			"place with a run in which all jobs were done",
			"there is no row for step %u of job %u", step, job->number);
	if (strcmp(found->function, function) != 0)
		return sfe_fail_at(x->err, -EINVAL, x->p->name, found->line,
			"place with a run of the same jobs",
			"step %u of job %u ran %.64s, but here it runs %.64s", step, job->number,
			found->function, function);
	return find_node(x, found->node, job->number, node);
}

static int apply_job(const struct applying *x, struct sfe_assignment *a, uint32_t j)
{
	const struct sfe_job *job = &x->w->jobs[a->job[j]];
	const struct placed_job key = {.number = job->number};
	const struct placed_job *found =
		x->p->n_jobs ? bsearch(&key, x->p->jobs, x->p->n_jobs, sizeof(key), by_number)
			     : NULL;
	int rc = found ? find_node(x, found->client, job->number, &a->client[j])
		       : sfe_fail(x->err, -EINVAL, x->p->name, "place with a run of the same jobs",
				 "that run did not have job %u", job->number);

	if (!rc && !x->t->nodes[a->client[j]].client)
		rc = sfe_fail(x->err, -EINVAL, x->p->name, "place with a run of the same topology",
			"job %u started at %.64s, which is no client here", job->number,
			found->client);
	for (uint32_t s = 0; s < job->n_steps && !rc; s++)
		rc = apply_step(x, job, s, &a->node[j][s]);
	return rc;
}

int sfe_placed_apply(const struct sfe_placed *placed, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_assignment *a, struct sfe_error *err)
{
	struct applying x = {placed, t, w, sfe_name_index_new(), err};
	size_t steps = 0;
	int rc = x.nodes ? 0 : -ENOMEM;

	for (uint32_t n = 0; n < t->n_nodes && !rc; n++)
		rc = sfe_name_index_add(x.nodes, t->nodes[n].name, n);
	if (rc)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
	for (uint32_t j = 0; j < a->n_jobs && !rc; j++) {
		rc = apply_job(&x, a, j);
		steps += w->jobs[a->job[j]].n_steps;
	}
	sfe_name_index_free(x.nodes);
	if (!rc && (placed->n_jobs != a->n_jobs || placed->n_steps != steps))
		rc = sfe_fail(err, -EINVAL, placed->name, "place with a run of the same jobs",
			"that run had %u jobs with %u steps, here there are %u with %zu",
			placed->n_jobs, placed->n_steps, a->n_jobs, steps);
	return rc;
}

void sfe_placed_write_jobs(const struct sfe_topology *t, const struct sfe_workload *w,
	const struct sfe_assignment *a, FILE *out)
{
	fputs("job,client\n", out);
	for (uint32_t j = 0; j < a->n_jobs; j++)
		fprintf(out, "%u,%s\n", w->jobs[a->job[j]].number, t->nodes[a->client[j]].name);
}

void sfe_placed_write_invocations(const struct sfe_topology *t, const struct sfe_workload *w,
	const struct sfe_assignment *a, FILE *out)
{
	fputs("job,step,function,node\n", out);
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		const struct sfe_job *job = &w->jobs[a->job[j]];
		for (uint32_t s = 0; s < job->n_steps; s++)
			fprintf(out, "%u,%u,%s,%s\n", job->number, s,
				w->function_names[job->steps[s].function],
				t->nodes[a->node[j][s]].name);
	}
}
