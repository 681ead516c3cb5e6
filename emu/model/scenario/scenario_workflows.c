/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_workflows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/name_check.h"
#include "emu/model/scenario/workflow_reader.h"
#include "emu/model/workload/workflow_json.h"

#define MAX_RATE 1e6                            /* jobs/s */
#define MAX_AT_NS (8760ull * 3600 * 1000000000) /* a year */
#define MAX_CLIENT_PATTERNS 10000u

typedef const struct sfe_workflow_reader reader;

static int fail_cause(reader *r, const struct sfe_tree *t, const struct sfe_error *cause)
{
	return sfe_workflow_fail(r, t, cause->todo, "%s: %s", t->key, cause->what);
}

static int read_clients(reader *r, const struct sfe_tree *t)
{
	unsigned n = sfe_workflow_n_texts(t);
	int rc = 0;

	r->f->clients_line = t->line;
	if (!n || n > MAX_CLIENT_PATTERNS)
		return sfe_workflow_fail(r, t, "name nodes, or leave the key out for all clients",
			"clients: %u names are not between 1 and %u", n, MAX_CLIENT_PATTERNS);
	r->f->clients = calloc(n, sizeof(*r->f->clients));
	if (!r->f->clients)
		return sfe_workflow_no_memory(r);
	for (unsigned i = 0; i < n && !rc; i++) {
		const struct sfe_tree *at = sfe_workflow_text(r, t, i);
		struct sfe_error cause = {0};
		if (!at)
			return -EINVAL;
		if (sfe_pattern_check(at->text, &cause))
			return sfe_workflow_fail(r, at, cause.todo, "clients: %s", cause.what);
		if (!(r->f->clients[r->f->n_clients] = strdup(at->text)))
			return sfe_workflow_no_memory(r);
		r->f->n_clients++;
	}
	return rc;
}

static int read_jobs(reader *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, "jobs", r->err);
	uint64_t n;

	if (!text)
		return -EINVAL;
	if (sfe_span_u64((struct sfe_span){text, strlen(text)}, &n) || !n || n > SFE_MAX_JOBS)
		return sfe_workflow_fail(r, t, "write how many there are",
			"jobs: '%.40s' is not a number from 1 to %u", text, SFE_MAX_JOBS);
	r->f->jobs = (uint32_t)n;
	return 0;
}

static int read_arrivals(reader *r, const struct sfe_tree *t)
{
	static const char poisson[] = "poisson ";
	const char *text = sfe_tree_text(t, r->file, "arrivals", r->err);
	double rate = 0;

	if (!text)
		return -EINVAL;
	if (!strcmp(text, "sequential"))
		return sfe_workflow_fail(r, t,
			"write workload: {arrivals: sequential}, and no arrivals here",
			"arrivals: sequential is for all jobs of a scenario");
	if (!strncmp(text, poisson, strlen(poisson)) &&
		!sfe_span_double(sfe_span_trim((struct sfe_span){
					 text + strlen(poisson), strlen(text) - strlen(poisson)}),
			&rate) &&
		rate > 0 && rate <= MAX_RATE) {
		r->f->poisson_rate = rate;
		return 0;
	}
	return sfe_workflow_fail(r, t,
		"write poisson with jobs/s, such as 'poisson 2.5', or times: at: [0s, 1.5s]",
		"arrivals: '%.80s' is not a kind of arrivals", text);
}

static int read_at(reader *r, const struct sfe_tree *t)
{
	unsigned n = sfe_workflow_n_texts(t);

	r->f->at_ns = calloc((size_t)n + 1, sizeof(*r->f->at_ns));
	if (!r->f->at_ns)
		return sfe_workflow_no_memory(r);
	if (!n)
		return sfe_workflow_fail(
			r, t, "write times, such as [0s, 1.5s]", "at: the list is empty");
	while (r->f->n_at < n) {
		const struct sfe_tree *at = sfe_workflow_text(r, t, r->f->n_at);
		uint64_t *ns = &r->f->at_ns[r->f->n_at];
		struct sfe_error cause = {0};
		if (!at)
			return -EINVAL;
		if (sfe_parse_time(at->text, ns, &cause))
			return sfe_workflow_fail(r, at, cause.todo, "at: %s", cause.what);
		if (*ns > MAX_AT_NS)
			return sfe_workflow_fail(
				r, at, "write a time up to 8760h", "at: %s is too late", at->text);
		r->f->n_at++;
	}
	return 0;
}

static int read_bytes(reader *r, const struct sfe_tree *t, uint64_t *out)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_size(text, out, &cause))
		return fail_cause(r, t, &cause);
	if (*out > SFE_MAX_MESSAGE_BYTES)
		return sfe_workflow_fail(r, t, "write a size up to 1GiB",
			"%s: %.40s is more than a message may be, 1 GiB", t->key, text);
	return 0;
}

/* A file with the first content of something. */
static int read_content(
	reader *r, const struct sfe_tree *t, char **file, uint64_t *bytes, const void **content)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	struct sfe_error cause = {0};
	const struct sfe_input *in;

	if (!text)
		return -EINVAL;
	*bytes = 0;
	if (r->s->files.names_only) {
		*file = strdup(text);
		return *file ? 0 : sfe_workflow_no_memory(r);
	}
	if (sfe_text_find(text, r->folder, file, &cause) ||
		!(in = sfe_inputs_get_bytes(r->s->inputs, *file, &cause)))
		return cause.code == -ENOMEM ? sfe_workflow_no_memory(r)
					     : sfe_workflow_fail(r, t, cause.todo, "%s: %.200s: %s",
						       t->key, text, cause.what);
	*bytes = in->len;
	*content = in->text;
	return 0;
}

/* SIZE, {size: SIZE} or {file: FILE}. */
static int read_argument(reader *r, const struct sfe_tree *t)
{
	static const char *const keys[] = {"size", "file", NULL};
	const struct sfe_tree *size = sfe_tree_get(t, "size"), *file = sfe_tree_get(t, "file");
	int rc;

	if (t->kind == SFE_TREE_VALUE)
		return read_bytes(r, t, &r->f->arg_bytes);
	if (t->kind != SFE_TREE_MAPPING || t->n != 1)
		return sfe_workflow_fail(r, t, "write argument: 2MB or argument: {file: frame.jpg}",
			"argument: is neither a size nor a file");
	if ((rc = sfe_tree_check_keys(t, r->file, keys, r->err)))
		return rc;
	return size ? read_bytes(r, size, &r->f->arg_bytes)
		    : read_content(
			      r, file, &r->f->arg_file, &r->f->arg_bytes, &r->f->content.argument);
}

/* The index of a word in a list; the list's length: it is not there. */
static unsigned find_word(const char *const *words, unsigned n, const char *text)
{
	unsigned i = 0;

	while (i < n && strcmp(words[i], text) != 0)
		i++;
	return i;
}

static int read_scope(reader *r, const struct sfe_tree *t, struct sfe_workflow_state *state)
{
	const char *text = sfe_tree_text(t, r->file, "scope", r->err);
	unsigned i = text ? find_word(sfe_scope_names, SFE_SCOPE_GLOBAL + 1, text) : 0;

	if (!text)
		return -EINVAL;
	if (i > SFE_SCOPE_GLOBAL)
		return sfe_workflow_fail(r, t, "write job, client, function or global",
			"scope: '%.40s' is not known", text);
	state->scope = (enum sfe_scope)i;
	return 0;
}

static int read_consistency(reader *r, const struct sfe_tree *t, struct sfe_workflow_state *state)
{
	const char *text = sfe_tree_text(t, r->file, "consistency", r->err);
	unsigned i = text ? find_word(sfe_consistency_names, SFE_LAST_WRITE + 1, text) : 0;

	if (!text)
		return -EINVAL;
	if (i > SFE_LAST_WRITE)
		return sfe_workflow_fail(r, t, "write first-write or last-write",
			"consistency: '%.40s' is not known", text);
	if (state->scope == SFE_SCOPE_JOB)
		return sfe_workflow_fail(r, t, "leave it out, or add scope: client or another one",
			"consistency: the state %s is of the scope of a job, whose steps change it "
			"one after the other",
			state->name);
	state->consistency = (enum sfe_consistency)i;
	return 0;
}

static int read_state(
	reader *r, const struct sfe_tree *t, struct sfe_workflow_state *state, const void **content)
{
	static const char *const keys[] = {"size", "file", "scope", "consistency", NULL};
	const struct sfe_tree *size = sfe_tree_get(t, "size"), *file = sfe_tree_get(t, "file"),
			      *scope = sfe_tree_get(t, "scope"),
			      *consistency = sfe_tree_get(t, "consistency");
	struct sfe_error cause = {0};
	int rc;

	if (sfe_name_check_vertex((struct sfe_span){t->key, strlen(t->key)}, &cause))
		return sfe_workflow_fail(r, t, cause.todo, "states: %s", cause.what);
	state->name = strdup(t->key);
	if (!state->name)
		return sfe_workflow_no_memory(r);
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_workflow_fail(r, t, "write {size: 100kB} or {file: FILE}",
			"states: %s is not a group of keys", t->key);
	if ((rc = sfe_tree_check_keys(t, r->file, keys, r->err)) ||
		(scope && (rc = read_scope(r, scope, state))) ||
		(consistency && (rc = read_consistency(r, consistency, state))))
		return rc;
	if (!size == !file)
		return sfe_workflow_fail(r, t, "write {size: 100kB} or {file: FILE}",
			"states: %s has %s", t->key,
			size ? "a size and a file" : "neither a size nor a file");
	return size ? read_bytes(r, size, &state->bytes)
		    : read_content(r, file, &state->file, &state->bytes, content);
}

static bool is_same(const struct sfe_shared_state *a, const struct sfe_shared_state *b)
{
	return a->consistency == b->consistency && a->bytes == b->bytes &&
	       !a->content == !b->content &&
	       (!a->content || !a->bytes || !memcmp(a->content, b->content, a->bytes));
}

/* Adds a state that outlives jobs to those of the scenario. Workflows that name the same global
 * state have to mean the same. */
static int share(
	reader *r, const struct sfe_tree *t, struct sfe_workflow_state *state, const void *content)
{
	struct sfe_workflows *all = &r->s->workflows;
	const struct sfe_shared_state one = {state->name, r->f->file, t->line, state->scope,
		state->consistency, state->bytes, content, false};
	uint32_t i = 0;

	while (i < all->n_shared &&
		(state->scope != SFE_SCOPE_GLOBAL || all->shared[i].scope != SFE_SCOPE_GLOBAL ||
			strcmp(all->shared[i].name, state->name) != 0))
		i++;
	state->shared = i;
	if (i < all->n_shared)
		return is_same(&one, &all->shared[i])
			       ? 0
			       : sfe_workflow_fail(r, t,
					 "give both the same content and consistency, or other "
					 "names",
					 "states: the global state %s is another one at %s:%u",
					 state->name, all->shared[i].file, all->shared[i].line);
	struct sfe_shared_state *more =
		reallocarray(all->shared, (size_t)i + 1, sizeof(*all->shared));
	if (!more)
		return sfe_workflow_no_memory(r);
	all->shared = more;
	more[all->n_shared++] = one;
	return 0;
}

/* Moves the states of the scope of a job to the front; both kinds keep their order. */
static void separate(struct sfe_workflow *f, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sfe_workflow_state state = f->states[i];
		const void *content = f->content.states[i];
		uint32_t at = f->n_states;
		if (state.scope != SFE_SCOPE_JOB)
			continue;
		memmove(&f->states[at + 1], &f->states[at], (i - at) * sizeof(*f->states));
		memmove(&f->content.states[at + 1], &f->content.states[at],
			(i - at) * sizeof(*f->content.states));
		f->states[at] = state;
		f->content.states[at] = content;
		f->n_states++;
		f->states_total_bytes += state.bytes;
	}
	f->n_shared = n - f->n_states;
}

static int read_states(reader *r, const struct sfe_tree *t)
{
	struct sfe_workflow *f = r->f;
	uint32_t n = 0;
	int rc = 0;

	if (t->kind != SFE_TREE_MAPPING || t->n > SFE_MAX_WORKFLOW_STATES)
		return sfe_workflow_fail(r, t, "write states: {NAME: {size: 100kB}}",
			"states: is not a group of at most %u states", SFE_MAX_WORKFLOW_STATES);
	f->states = calloc((size_t)t->n + 1, sizeof(*f->states));
	f->content.states = calloc((size_t)t->n + 1, sizeof(*f->content.states));
	if (!f->states || !f->content.states)
		return sfe_workflow_no_memory(r);
	while (n < t->n && !rc) {
		struct sfe_workflow_state *state = &f->states[n];
		rc = read_state(r, t->child[n], state, &f->content.states[n]);
		if (!rc && state->scope != SFE_SCOPE_JOB)
			rc = share(r, t->child[n], state, f->content.states[n]);
		n++;
	}
	separate(f, n);
	return rc;
}

static int read_key(reader *r, const struct sfe_tree *c)
{
	if (!strcmp(c->key, "clients"))
		return read_clients(r, c);
	if (!strcmp(c->key, "jobs"))
		return read_jobs(r, c);
	if (!strcmp(c->key, "arrivals"))
		return read_arrivals(r, c);
	if (!strcmp(c->key, "at"))
		return read_at(r, c);
	if (!strcmp(c->key, "argument"))
		return read_argument(r, c);
	return !strcmp(c->key, "states") ? read_states(r, c) : 0; /* steps follow the states */
}

/* As many jobs as there are times, else those that are asked for, else one. */
static int count_jobs(reader *r, const struct sfe_tree *t)
{
	const struct sfe_tree *jobs = sfe_tree_get(t, "jobs");

	if (r->f->n_at && r->f->poisson_rate > 0)
		return sfe_workflow_fail(
			r, sfe_tree_get(t, "at"), "keep one of them", "both arrivals and at");
	if (r->f->n_at && jobs && r->f->jobs != r->f->n_at)
		return sfe_workflow_fail(r, jobs,
			"leave jobs out: the times say how many there are",
			"jobs: %u jobs, but at has %u times", r->f->jobs, r->f->n_at);
	if (r->f->n_at)
		r->f->jobs = r->f->n_at;
	else if (!jobs)
		r->f->jobs = 1;
	if (r->f->poisson_rate > 0 && r->f->jobs / r->f->poisson_rate > MAX_AT_NS / 1e9)
		return sfe_workflow_fail(r, sfe_tree_get(t, "arrivals"),
			"ask for fewer jobs, or for more in a second",
			"arrivals: %u jobs at %g a second come in more than a year", r->f->jobs,
			r->f->poisson_rate);
	return 0;
}

/* Steps and states of a file of the authors' prototype. */
static int read_graph_file(reader *r, const struct sfe_tree *workflow, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, "file", r->err);
	SFE_TREE_AUTO struct sfe_tree *graph = NULL;
	struct sfe_error cause = {0};
	const struct sfe_input *in;
	int rc;

	if (!text)
		return -EINVAL;
	if (sfe_tree_get(workflow, "states") || sfe_tree_get(workflow, "steps"))
		return sfe_workflow_fail(r, t, "leave file out, or states and steps",
			"file: beside states or steps, which the file has");
	if (r->s->files.names_only)
		return (r->f->steps_file = strdup(text)) ? 0 : sfe_workflow_no_memory(r);
	if (sfe_text_find(text, r->folder, &r->f->steps_file, &cause) ||
		!(in = sfe_inputs_get(r->s->inputs, r->f->steps_file, &cause)))
		return cause.code == -ENOMEM ? sfe_workflow_no_memory(r)
					     : sfe_workflow_fail(r, t, cause.todo,
						       "file: %.200s: %s", text, cause.what);
	struct sfe_workflow_reader of_file = *r;
	of_file.file = r->f->steps_file;
	rc = sfe_workflow_json_read(in->text, in->len, of_file.file, &graph, r->err);
	rc = rc ? rc : read_states(&of_file, sfe_tree_get(graph, "states"));
	return rc ? rc : sfe_workflow_read_steps(&of_file, sfe_tree_get(graph, "steps"));
}

static int read_workflow(reader *r, const struct sfe_tree *t)
{
	static const char *const keys[] = {"name", "clients", "jobs", "arrivals", "at", "argument",
		"states", "steps", "file", NULL};
	const struct sfe_tree *name = sfe_tree_get(t, "name"), *steps = sfe_tree_get(t, "steps"),
			      *file = sfe_tree_get(t, "file");
	int rc;

	r->f->line = r->f->clients_line = t->line;
	if (!(r->f->file = strdup(r->file)))
		return sfe_workflow_no_memory(r);
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_workflow_fail(r, t, "write - {name: NAME, steps: [...]}",
			"an element is not a group of keys");
	if (!name)
		return sfe_workflow_fail(r, t, "write name: NAME", "an element has no name");
	if ((rc = sfe_workflow_read_name(r, name, &r->f->name)) ||
		(rc = sfe_tree_check_keys(t, r->file, keys, r->err)))
		return rc;
	for (uint32_t i = 0; &r->s->workflows.of[i] != r->f; i++)
		if (!strcmp(r->s->workflows.of[i].name, r->f->name))
			return sfe_workflow_fail(r, name, "choose another name",
				"a workflow of this name is at line %u",
				r->s->workflows.of[i].line);
	for (unsigned i = 0; i < t->n && !rc; i++)
		rc = read_key(r, t->child[i]);
	rc = rc ? rc : count_jobs(r, t);
	if (file)
		return rc ? rc : read_graph_file(r, t, file);
	if (!rc && !steps)
		rc = sfe_workflow_fail(
			r, t, "write steps: [{name: NAME, function: FUNCTION}]", "it has no steps");
	return rc ? rc : sfe_workflow_read_steps(r, steps);
}

int sfe_section_workflows_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	int rc = 0;

	sfe_section_workflows_clear(s);
	if (tree->kind != SFE_TREE_LIST || tree->n > SFE_MAX_WORKFLOWS)
		return sfe_tree_fail(tree, file, "write - {name: NAME, steps: [...]} below it", err,
			"workflows: is not a list of at most %u workflows", SFE_MAX_WORKFLOWS);
	s->workflows.of = calloc((size_t)tree->n + 1, sizeof(*s->workflows.of));
	if (!s->workflows.of)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	while (s->workflows.n < tree->n && !rc) {
		reader r = {file, folder, s, &s->workflows.of[s->workflows.n], err};
		rc = read_workflow(&r, tree->child[s->workflows.n++]);
	}
	return rc;
}

bool sfe_section_workflows_are_set(const struct sfe_scenario *s)
{
	return s->workflows.n;
}

void sfe_section_workflows_clear(struct sfe_scenario *s)
{
	sfe_workflows_free(&s->workflows);
}
