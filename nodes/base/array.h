/* SPDX-License-Identifier: MIT */
/* Arrays that grow. */
#ifndef SFE_NODES_ARRAY_H
#define SFE_NODES_ARRAY_H

#include <stddef.h>

/*
 * Makes room for one more element of `size` bytes in an array of n elements with room for *room;
 * the room doubles. 0 or -ENOMEM, which leaves the array as it was.
 */
int array_reserve(void **array, size_t n, size_t *room, size_t size);

#endif
