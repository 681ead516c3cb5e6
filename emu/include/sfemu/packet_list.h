/* SPDX-License-Identifier: MIT */
/*
 * A list of packets by number, from a file: the packets that a link loses. Pure.
 *
 * The first packet handed to the link is number 1. A line is a number, a range such as 10-19, or
 * "every N": after N packets the list starts again. Numbers ascend; # begins a comment.
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
	struct sfe_packet_range *range; /* ascending, with a gap between two ranges */
};

/* Parses the text of a file into *list. Errors are -EINVAL at file:line. The caller frees *list
 * also after an error. */
int sfe_packet_list_parse(const char *text, size_t len, const char *file,
	struct sfe_packet_list *list, struct sfe_error *err);
/* The same from a file; a relative name starts at folder. *lists keeps it, and a file that is in
 * *lists is not read again. Errors have no place. */
int sfe_packet_list_load(const char *name, const char *folder, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err);
/* A list for a file that is named but not read. */
int sfe_packet_list_named(const char *name, struct sfe_packet_list **lists,
	const struct sfe_packet_list **out, struct sfe_error *err);
void sfe_packet_lists_free(struct sfe_packet_list *lists);

/* Whether the packet of that number (from 1) is in the list. */
bool sfe_packet_list_has(const struct sfe_packet_list *list, uint64_t number);
/* The long-run share of packets in the list; 0 if it does not repeat. */
double sfe_packet_list_mean(const struct sfe_packet_list *list);

#ifdef __cplusplus
}
#endif

#endif
