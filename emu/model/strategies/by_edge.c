/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/by_edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/job_graph.h"

/* What a message may have; more stays where it is. */
#define MOST_BYTES (1ull << 30)

static void clear_bit(uint64_t *row, uint32_t i)
{
	row[i / 64] &= ~(1ull << i % 64);
}

static bool is_empty(const uint64_t *row, size_t words)
{
	while (words--)
		if (row[words])
			return false;
	return true;
}

static uint32_t node_of(const struct sfe_placed_job *j, uint32_t step)
{
	return step == SFE_CLIENT ? j->client : j->node[step];
}

/* ---- the edges */

/* The states that step `to` or one after it reads, in the version that `from` has when it ends. */
static void read_on_in_graph(
	const struct sfe_job *job, const struct sfe_edge_call *c, uint64_t *row)
{
	for (uint32_t i = 0; i < job->n_states; i++)
		if (sfe_reader_along(job, i, c->from, c->to) < job->n_steps)
			sfe_bits_set(row, i);
}

/* The same of a chain: before a step reads a state, none replaces it. `row` is that of the step
 * after this one, and becomes that of this one. */
static void read_on_in_chain(const struct sfe_step *step, uint64_t *row)
{
	for (uint32_t i = 0; i < step->n_deps; i++)
		if (sfe_step_access(step, i) == SFE_WRITE)
			clear_bit(row, step->deps[i]);
		else
			sfe_bits_set(row, step->deps[i]);
}

static void find_read_on(struct sfe_edge_calls *c)
{
	const struct sfe_job *job = c->placed->job;

	for (uint32_t i = c->n; i--;) {
		uint64_t *row = c->read_on + i * c->words;
		if (job->graph) {
			read_on_in_graph(job, &c->call[i], row);
			continue;
		}
		if (i + 1 < c->n)
			memcpy(row, row + c->words, c->words * sizeof(*row));
		read_on_in_chain(&job->steps[c->call[i].to], row);
	}
}

/* Without those that no state can go along. */
static void leave_out_empty(struct sfe_edge_calls *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		const uint64_t *row = c->read_on + i * c->words;
		if (is_empty(row, c->words))
			continue;
		memmove(c->read_on + n * c->words, row, c->words * sizeof(*row));
		c->call[n++] = c->call[i];
	}
	c->n = n;
}

static void list(struct sfe_edge_calls *c)
{
	const struct sfe_job *job = c->placed->job;

	for (uint32_t to = 0; to < job->n_steps; to++) {
		uint32_t n = sfe_steps_before(job, to);
		if (!n)
			c->call[c->n++] = (struct sfe_edge_call){SFE_CLIENT, to};
		for (uint32_t i = 0; i < n; i++)
			c->call[c->n++] = (struct sfe_edge_call){sfe_step_before(job, to, i), to};
	}
}

int sfe_edge_calls_new(const struct sfe_placed_job *placed, struct sfe_edge_calls **out)
{
	const struct sfe_job *job = placed->job;
	size_t rows = sfe_inlined_rows(job), words = job->n_states / 64 + 1u;
	struct sfe_edge_calls *c = calloc(1, sizeof(*c));

	*out = c;
	if (!c)
		return -ENOMEM;
	c->placed = placed;
	c->words = words;
	c->call = calloc(rows + 1, sizeof(*c->call));
	c->read_on = calloc(rows * words + 1, sizeof(*c->read_on));
	c->has = calloc(job->n_steps * words + 1, sizeof(*c->has));
	c->came = calloc(job->n_steps * words + 1, sizeof(*c->came));
	c->holder = calloc(2 * ((size_t)job->n_states + 1), sizeof(*c->holder));
	if (!c->call || !c->read_on || !c->has || !c->came || !c->holder) {
		sfe_edge_calls_free(c);
		*out = NULL;
		return -ENOMEM;
	}
	c->owner = c->holder + job->n_states;
	list(c);
	find_read_on(c);
	leave_out_empty(c);
	return 0;
}

void sfe_edge_calls_free(struct sfe_edge_calls *c)
{
	if (!c)
		return;
	free(c->call);
	free(c->read_on);
	free(c->has);
	free(c->came);
	free(c->holder);
	free(c);
}

/* ---- what is decided */

int sfe_by_edge_new(const struct sfe_job *job, struct sfe_by_edge **out)
{
	size_t words = job->n_states / 64 + 1u, uses = 0;
	struct sfe_by_edge *of = calloc(1, sizeof(*of));

	*out = of;
	if (!of)
		return -ENOMEM;
	for (uint32_t s = 0; s < job->n_steps; s++)
		uses += job->steps[s].n_deps;
	of->along = calloc(
		1, sizeof(*of->along) + sfe_inlined_rows(job) * words * sizeof(of->along->bits[0]));
	of->first = calloc((size_t)job->n_steps + 1, sizeof(*of->first));
	of->source = calloc(uses + 1, sizeof(*of->source));
	of->left = calloc(job->n_steps * words + 1, sizeof(*of->left));
	if (!of->along || !of->first || !of->source || !of->left) {
		sfe_by_edge_free(of);
		*out = NULL;
		return -ENOMEM;
	}
	of->along->words = words;
	for (uint32_t s = 0; s < job->n_steps; s++) {
		of->first[s + 1] = of->first[s] + job->steps[s].n_deps;
		for (uint32_t i = 0; i < job->steps[s].n_deps; i++)
			of->source[of->first[s] + i] =
				sfe_writer_before(job, job->steps[s].deps[i], s);
	}
	return 0;
}

void sfe_by_edge_free(struct sfe_by_edge *of)
{
	if (!of)
		return;
	free(of->along);
	free(of->first);
	free(of->source);
	free(of->left);
	free(of);
}

/* What goes along an edge that carries. */
static void carry(const struct sfe_edge_calls *c, uint32_t i, struct sfe_by_edge *of)
{
	const struct sfe_job *job = c->placed->job;
	const struct sfe_edge_call *call = &c->call[i];
	uint64_t *row = of->along->bits + sfe_inlined_row(job, call->from, call->to) * c->words;
	uint64_t bytes = call->from == SFE_CLIENT ? job->steps[call->to].arg_bytes
						  : job->steps[call->from].out_bytes;

	for (size_t k = 0; k < c->words; k++) {
		row[k] = c->read_on[i * c->words + k];
		if (call->from != SFE_CLIENT)
			row[k] &= c->has[call->from * c->words + k];
		c->came[call->to * c->words + k] |= row[k];
	}
	if (bytes + job->states_total_bytes <= MOST_BYTES)
		return;
	for (uint32_t state = 0; state < job->n_states; state++)
		bytes += sfe_bits_has(row, state) ? job->state_bytes[state] : 0;
	for (size_t k = 0; k < c->words && bytes > MOST_BYTES; k++) {
		c->came[call->to * c->words + k] &= ~row[k];
		row[k] = 0;
	}
}

/* The last step before this one to which the version came along; `owner`: none. */
static uint32_t source_in_graph(
	const struct sfe_edge_calls *c, uint32_t state, uint32_t step, uint32_t owner)
{
	for (uint32_t k = step; k-- > (owner == SFE_CLIENT ? 0 : owner + 1);)
		if (sfe_bits_has(c->came + k * c->words, state) &&
			sfe_step_reaches(c->placed->job, k, step))
			return k;
	return owner;
}

/* Where the step fetches what did not come with its calls, and who leaves a copy for it. */
static void find_sources(struct sfe_edge_calls *c, uint32_t step, struct sfe_by_edge *of)
{
	const struct sfe_placed_job *placed = c->placed;
	const struct sfe_step *s = &placed->job->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++) {
		uint32_t state = s->deps[i];
		uint32_t owner = placed->job->graph ? sfe_writer_before(placed->job, state, step)
						    : c->owner[state];
		uint32_t *source = &of->source[of->first[step] + i];
		*source = owner;
		if (sfe_step_access(s, i) == SFE_WRITE ||
			sfe_bits_has(c->came + step * c->words, state))
			continue;
		*source = placed->job->graph ? source_in_graph(c, state, step, owner)
					     : c->holder[state];
		if (*source != owner && node_of(placed, *source) != node_of(placed, owner))
			sfe_bits_set(of->left + *source * c->words, state);
	}
}

/* Of a chain: where the states are when the step has ended. */
static void hold(struct sfe_edge_calls *c, uint32_t step)
{
	const struct sfe_step *s = &c->placed->job->steps[step];
	const uint64_t *came = c->came + step * c->words;

	for (size_t k = 0; k < c->words; k++)
		for (uint64_t word = came[k]; word; word &= word - 1)
			c->holder[k * 64 + (uint32_t)__builtin_ctzll(word)] = step;
	for (uint32_t i = 0; i < s->n_deps; i++)
		if (sfe_step_access(s, i) != SFE_READ)
			c->holder[s->deps[i]] = c->owner[s->deps[i]] = step;
}

void sfe_by_edge_set(struct sfe_edge_calls *c, const bool *carries, struct sfe_by_edge *of)
{
	const struct sfe_job *job = c->placed->job;
	size_t all = job->n_steps * c->words;
	uint32_t i = 0;

	memset(of->along->bits, 0, sfe_inlined_rows(job) * c->words * sizeof(of->along->bits[0]));
	memset(of->left, 0, all * sizeof(*of->left));
	memset(c->came, 0, all * sizeof(*c->came));
	for (uint32_t state = 0; state < job->n_states; state++)
		c->holder[state] = c->owner[state] = SFE_CLIENT;
	for (uint32_t step = 0; step < job->n_steps; step++) {
		uint64_t *has = c->has + step * c->words;
		for (; i < c->n && c->call[i].to == step; i++)
			if (carries[i])
				carry(c, i, of);
		find_sources(c, step, of);
		memcpy(has, c->came + step * c->words, c->words * sizeof(*has));
		for (uint32_t k = 0; k < job->steps[step].n_deps; k++)
			sfe_bits_set(has, job->steps[step].deps[k]);
		if (!job->graph)
			hold(c, step);
	}
}

/* ---- who asks */

uint32_t sfe_by_edge_source(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	if (j->by_edge && step < j->job->n_steps) {
		uint32_t i = sfe_step_find(&j->job->steps[step], state);
		if (i < j->job->steps[step].n_deps)
			return j->by_edge->source[j->by_edge->first[step] + i];
	}
	if (step && sfe_step_changes(&j->job->steps[step - 1], state))
		return step - 1;
	return sfe_writer_before(j->job, state, step);
}

bool sfe_by_edge_is_final(
	const struct sfe_placed_job *j, uint32_t state, uint32_t step, uint32_t from)
{
	uint32_t source = sfe_by_edge_source(j, state, step);

	return source != from && sfe_version_is_there(j->job, source, from);
}

bool sfe_by_edge_leaves(const struct sfe_by_edge *of, uint32_t state, uint32_t step)
{
	return sfe_bits_has(of->left + step * of->along->words, state);
}

static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	return node_of(j, sfe_by_edge_source(j, state, step));
}

const struct sfe_strategy_info sfe_edges = {
	.abi = SFE_STRATEGY_ABI,
	.name = "edges",
	.summary = "for each edge of a job the states go along, or stay",
	.keeper = keeper,
	.names_keepers = true,
	.resumes = true,
	.copies = true,
};

/* ---- as text */

/* The first successor of the step, or first step that the client calls, to which states go and
 * which is not yet said; SFE_NOBODY: none. */
static uint32_t next_along(const struct sfe_by_edge *of, const struct sfe_job *job, uint32_t from,
	const uint64_t *said)
{
	uint32_t n = from == SFE_CLIENT ? job->n_steps : sfe_steps_after(job, from);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t to = from == SFE_CLIENT ? i : sfe_step_after(job, from, i);
		size_t row = sfe_inlined_row(job, from, to);
		if (row != SIZE_MAX && !sfe_bits_has(said, (uint32_t)row) &&
			!is_empty(of->along->bits + row * of->along->words, of->along->words))
			return to;
	}
	return SFE_NOBODY;
}

static void add(char *text, size_t room, size_t *used, const char *before, uint32_t step)
{
	char name[16] = "client";
	size_t left = room - *used;

	if (step != SFE_CLIENT)
		snprintf(name, sizeof(name), "%" PRIu32, step);
	size_t n = strlen(before) + strlen(name);
	if (n + sizeof(" …") > left) {
		if (*used != room) /* said once */
			snprintf(text + *used, left, " …");
		*used = room;
		return;
	}
	*used += (size_t)snprintf(text + *used, left, "%s%s", before, name);
}

int sfe_by_edge_text(
	const struct sfe_by_edge *of, const struct sfe_job *job, char *text, size_t room)
{
	uint64_t *said = calloc(sfe_inlined_rows(job) / 64 + 1, sizeof(*said));
	size_t used = 0;

	*text = '\0';
	if (!said)
		return -ENOMEM;
	for (uint32_t k = 0; k <= job->n_steps && used < room; k++) {
		uint32_t begin = k ? k - 1 : SFE_CLIENT, from = begin, to;
		while ((to = next_along(of, job, from, said)) != SFE_NOBODY) {
			if (from == begin)
				add(text, room, &used, used ? " " : "", from);
			add(text, room, &used, ">", to);
			sfe_bits_set(said, (uint32_t)sfe_inlined_row(job, from, to));
			from = to;
			if (next_along(of, job, from, said) == SFE_NOBODY)
				from = begin;
		}
	}
	free(said);
	return 0;
}
