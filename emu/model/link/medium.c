/* SPDX-License-Identifier: MIT */
/* Which media exist, by duplex and discipline. */
#include <errno.h>

#include "sfemu/link.h"

struct pair {
	bool exists;
	const char *attribute, *why, *todo; /* of one that does not */
};

#define EXISTS                                                                                     \
	{                                                                                          \
		true, NULL, NULL, NULL                                                             \
	}
#define UNMANAGED                                                                                  \
	{                                                                                          \
		false, "discipline", "the queues of a medium of full duplex cannot be managed",    \
			"write droptail, or duplex: half"                                          \
	}
#define NO_TURNS                                                                                   \
	{                                                                                          \
		false, "medium",                                                                   \
			"stations take turns at one transmitter, and a medium of full duplex has " \
			"two queues",                                                              \
			"write fifo, or duplex: half"                                              \
	}

#define NO_CONTENTION                                                                              \
	{                                                                                          \
		false, "medium",                                                                   \
			"stations contend for one channel, and a medium of full duplex has two "   \
			"queues",                                                                  \
			"write fifo, or duplex: half"                                              \
	}
#define PLAIN                                                                                      \
	{                                                                                          \
		false, "discipline",                                                               \
			"a station that contends has a queue of its own, which is not managed",    \
			"write droptail, or medium: fair"                                          \
	}

/* By medium, full duplex and discipline. */
static const struct pair pairs[SFE_MEDIA][2][SFE_DISCIPLINES] = {
	[SFE_MEDIUM_FIFO] = {{EXISTS, EXISTS, EXISTS, EXISTS},
		{EXISTS, UNMANAGED, UNMANAGED, UNMANAGED}},
	[SFE_MEDIUM_FAIR] = {{EXISTS, EXISTS, EXISTS, EXISTS},
		{NO_TURNS, NO_TURNS, NO_TURNS, NO_TURNS}},
	[SFE_MEDIUM_DCF] = {{EXISTS, PLAIN, PLAIN, PLAIN},
		{NO_CONTENTION, NO_CONTENTION, NO_CONTENTION, NO_CONTENTION}},
};

int sfe_link_check_medium(
	const struct sfe_link_spec *spec, const char **attribute, struct sfe_error *err)
{
	const struct pair *p = &pairs[spec->medium][spec->full_duplex][spec->discipline];

	*attribute = p->attribute;
	return p->exists ? 0 : sfe_fail(err, -EINVAL, NULL, p->todo, "%s", p->why);
}

bool sfe_link_is_managed(const struct sfe_link_spec *spec)
{
	return spec->discipline != SFE_DROP_TAIL || spec->medium != SFE_MEDIUM_FIFO;
}
