/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/connections.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "emu/model/base/text.h"

/* Makes room for the path's connection, and remembers it as it is. */
static int remember(struct sfe_connections *all, uint32_t path)
{
	uint32_t before = all->room;

	if (path >= all->room && sfe_grow(&all->of, &all->room, path + 1, sizeof(*all->of)))
		return -ENOMEM;
	for (uint32_t i = before; i < all->room; i++)
		all->of[i] = (struct sfe_connection){0};
	if (sfe_grow(&all->changed, &all->changed_room, all->n_changed + 1, sizeof(*all->changed)))
		return -ENOMEM;
	all->changed[all->n_changed++] = (struct sfe_connection_before){path, all->of[path]};
	return 0;
}

int sfe_connections_send(struct sfe_connections *all, const struct sfe_predicted_message *m,
	double start_s, double *end_s)
{
	uint32_t other = m->opener == m->from ? m->to : m->from, side = m->from != m->opener;
	uint32_t forward, back, opened;

	*end_s = start_s;
	if (m->from == m->to)
		return 0;
	if (sfe_explained_paths_find(&all->paths, m->from, m->to, &forward) ||
		sfe_explained_paths_find(&all->paths, m->to, m->from, &back) ||
		sfe_explained_paths_find(&all->paths, m->opener, other, &opened) ||
		remember(all, opened))
		return -ENOMEM;
	const struct sfe_explained_path *there = &all->paths.of[forward],
					*return_path = &all->paths.of[back];
	struct sfe_connection *c = &all->of[opened];
	struct sfe_message message = {.payload_bytes = m->bytes,
		.head_bytes = SFE_FETCH_HEAD_BYTES,
		.request_bytes = m->asked ? SFE_FETCH_HEAD_BYTES + m->asks_more_bytes : 0,
		.connects = !c->open};

	if (!c->open)
		*c = (struct sfe_connection){true,
			{all->tcp.initial_window, all->tcp.initial_window}, {start_s, start_s}};
	message.window = sfe_transfer_window_idle(&all->tcp, c->window[side],
		fmax(0, start_s - c->last_s[side]), there->delay_s + return_path->delay_s);
	const struct sfe_transfer_time t =
		sfe_transfer_time(there->path, return_path->path, &all->tcp, &message);
	*end_s += sfe_transfer_whole_s(&t);
	c->window[side] = sfe_transfer_window_after(&all->tcp, &message);
	c->last_s[side] = *end_s - there->delay_s;
	return 0;
}

int sfe_connections_warm_up(struct sfe_connections *all, uint32_t opener, uint32_t other)
{
	uint32_t there, back;

	if (sfe_explained_paths_find(&all->paths, opener, other, &there) ||
		sfe_explained_paths_find(&all->paths, other, opener, &back) || remember(all, there))
		return -ENOMEM;
	const struct sfe_transfer_path forward = all->paths.of[there].path,
				       opposite = all->paths.of[back].path;
	if (!all->of[there].open)
		all->of[there] = (struct sfe_connection){true,
			{sfe_transfer_full_window(forward, opposite, &all->tcp),
				sfe_transfer_full_window(opposite, forward, &all->tcp)},
			{-INFINITY, -INFINITY}};
	return 0;
}

void sfe_connections_mark(struct sfe_connections *all)
{
	all->n_changed = 0;
}

void sfe_connections_undo(struct sfe_connections *all)
{
	while (all->n_changed) {
		const struct sfe_connection_before *c = &all->changed[--all->n_changed];
		all->of[c->path] = c->before;
	}
}

void sfe_connections_free(struct sfe_connections *all)
{
	sfe_explained_paths_free(&all->paths);
	free(all->of);
	free(all->changed);
}
