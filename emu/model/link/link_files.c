/* SPDX-License-Identifier: MIT */
/* The contents of files that links name: lists of samples and lists of packets. */
#include <stddef.h>

#include "sfemu/link.h"

void sfe_link_files_free(struct sfe_link_files *files)
{
	sfe_delay_samples_free(files->samples);
	sfe_packet_lists_free(files->packets);
	*files = (struct sfe_link_files){0};
}

/* The end of a list, or the point where the list of rest was joined. */
static struct sfe_delay_samples **end_of_samples(
	struct sfe_link_files *files, const struct sfe_delay_samples *rest)
{
	struct sfe_delay_samples **end = &files->samples;

	while (*end && *end != rest)
		end = &(*end)->next;
	return end;
}

static struct sfe_packet_list **end_of_packets(
	struct sfe_link_files *files, const struct sfe_packet_list *rest)
{
	struct sfe_packet_list **end = &files->packets;

	while (*end && *end != rest)
		end = &(*end)->next;
	return end;
}

void sfe_link_files_join(struct sfe_link_files *files, const struct sfe_link_files *rest)
{
	*end_of_samples(files, NULL) = rest->samples;
	*end_of_packets(files, NULL) = rest->packets;
}

void sfe_link_files_separate(struct sfe_link_files *files, const struct sfe_link_files *rest)
{
	*end_of_samples(files, rest->samples) = NULL;
	*end_of_packets(files, rest->packets) = NULL;
}
