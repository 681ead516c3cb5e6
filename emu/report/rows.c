/* SPDX-License-Identifier: MIT */
#include "emu/report/rows.h"

#include <stdlib.h>
#include <string.h>

void *sfe_rows_add(struct sfe_rows *rows)
{
	size_t size = rows->table->row_size;

	if (rows->n == rows->room) {
		unsigned room = rows->room ? 2 * rows->room : 64;
		void *more = reallocarray(rows->row, room, size);
		if (!more)
			return NULL;
		rows->row = more;
		rows->room = room;
	}
	return memset((char *)rows->row + rows->n++ * size, 0, size);
}

void sfe_rows_free(struct sfe_rows *rows)
{
	free(rows->row);
	rows->row = NULL;
	rows->n = rows->room = 0;
}
