/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(char *text, size_t size, const char *fmt, va_list ap)
{
	size_t used = strlen(text);

	if (used)
		used += (size_t)snprintf(text + used, size - used, "; ");
	if (used < size)
		vsnprintf(text + used, size - used, fmt, ap);
}

void sfe_verify_fault(struct sfe_verify_row *row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(row->verdict, sizeof(row->verdict), fmt, ap);
	va_end(ap);
}

void sfe_verify_timed_fault(const struct sfe_verifying *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(v->speed->faults, sizeof(v->speed->faults), fmt, ap);
	va_end(ap);
}
