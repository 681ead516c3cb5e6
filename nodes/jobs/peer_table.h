/* SPDX-License-Identifier: MIT */
/*
 * Nodes that a worker has been in contact with, by their index. A worker talks to few of the nodes
 * of a large network: a table of all nodes for each would take memory that is quadratic in them.
 */
#ifndef SFE_NODES_PEER_TABLE_H
#define SFE_NODES_PEER_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct peer_connection;

struct peer {
	uint32_t node;
	TAILQ_HEAD(, peer_connection) idle; /* the last used first */
	bool lost;
};

struct peer_table {
	struct peer **slot;  /* a hash table; NULL: free. A peer stays where it is */
	uint32_t n, n_slots; /* slots: 0 or a power of two */
};

/* NULL: there was no contact. */
struct peer *peer_table_find(const struct peer_table *t, uint32_t node);
/* Adds it if it is not there; NULL: out of memory. */
struct peer *peer_table_get(struct peer_table *t, uint32_t node);
void peer_table_clear(struct peer_table *t);

#endif
