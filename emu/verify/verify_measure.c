/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sfe_verify_fault(struct sfe_verify_row *row, const char *fmt, ...)
{
	size_t used = strlen(row->verdict);
	va_list ap;

	if (used)
		used += (size_t)snprintf(row->verdict + used, sizeof(row->verdict) - used, "; ");
	if (used >= sizeof(row->verdict))
		return;
	va_start(ap, fmt);
	vsnprintf(row->verdict + used, sizeof(row->verdict) - used, fmt, ap);
	va_end(ap);
}
