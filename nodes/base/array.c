/* SPDX-License-Identifier: MIT */
#include "nodes/base/array.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_ROOM 64

int array_reserve(void **array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return 0;
	size_t more = *room ? 2 * *room : FIRST_ROOM;
	void *grown = reallocarray(*array, more, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = more;
	return 0;
}
