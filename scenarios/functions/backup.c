/* SPDX-License-Identifier: MIT */
/*
 * Saves a file: asks for the fingerprint of each block of it, where there is room for the work, and
 * hands the file to the archive, for which nobody waits. A minute later the archive is to be
 * checked.
 */
#include <sfemu/function.h>
#include <string.h>

#define BLOCK 65536u
#define FINGERPRINT 8u
#define MINUTE_NS 60000000000ull

static int backup(struct sfe_call *call)
{
	const unsigned char *file = call->argument;
	uint64_t n = (call->argument_bytes + BLOCK - 1) / BLOCK;
	unsigned char *out = sfe_output(call, FINGERPRINT * n);

	for (uint64_t i = 0; out && i < n; i++) {
		uint64_t left = call->argument_bytes - i * BLOCK, bytes;
		const void *print;

		if (sfe_call_function(call, "fingerprint", file + i * BLOCK,
			    left < BLOCK ? left : BLOCK, &print, &bytes))
			return -1;
		if (bytes != FINGERPRINT)
			return sfe_refuse(call, "a fingerprint of another size");
		memcpy(out + FINGERPRINT * i, print, FINGERPRINT);
	}
	if (!out || sfe_cast(call, "archive", file, call->argument_bytes))
		return -1;
	return sfe_cast_later(call, "check", out, FINGERPRINT * n, MINUTE_NS);
}
SFE_FUNCTION(backup)
