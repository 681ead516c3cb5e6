/* SPDX-License-Identifier: MIT */
/*
 * A list of packets by their numbers, from a file: those that a link loses. Pure.
 *
 * The first packet that is handed to the link has number 1. A line is a number, a range such as
 * 10-19, or "every N": after N packets the list begins again. Numbers ascend; # begins a comment.
 */
#ifndef SFEMU_PACKET_LIST_H
#define SFEMU_PACKET_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_PACKET_NUMBER (1ull << 48)
#define SFE_MAX_PACKET_RANGES (1u << 20)

struct sfe_packet_range {
	uint64_t first, last;
};

struct sfe_packet_list {
	struct sfe_packet_list *next;
	char *file;      /* absolute */
	uint64_t digest; /* XXH3 of its text */
	uint64_t period; /* 0: it does not begin again */
	uint64_t packets;
	uint32_t n;
	struct sfe_packet_range *range; /* ascending; between two there is a number in none */
};

/* Reads the text of a file into *list. Errors are -EINVAL at file:line. What was allocated is the
 * caller's also after an error. */
int sfe_packet_list_parse(const char *text, size_t len, const char *file,
	struct sfe_packet_list *list, struct sfe_error *err);
/* The same from a file, looked for in folder, unless it is in *lists already; kept there. Fills err
 * without a place. */
int sfe_packet_list_load(const char *name, const char *folder, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err);
/* The list of a file that is named and not read. */
int sfe_packet_list_named(const char *name, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err);
void sfe_packet_lists_free(struct sfe_packet_list *lists);

/* Whether the packet of that number, from 1, is in it. */
bool sfe_packet_list_has(const struct sfe_packet_list *list, uint64_t number);
/* The share of all packets in the long run: 0 for a list that does not begin again. */
double sfe_packet_list_mean(const struct sfe_packet_list *list);

#ifdef __cplusplus
}
#endif

#endif
