/* SPDX-License-Identifier: MIT */
/* FNV-1a, 64 bits, of the argument: most significant byte first. */
#include <sfemu/function.h>

static int fingerprint(struct sfe_call *call)
{
	const unsigned char *in = call->argument;
	unsigned char *out = sfe_output(call, 8);
	uint64_t hash = 0xcbf29ce484222325u;

	for (uint64_t i = 0; i < call->argument_bytes; i++)
		hash = (hash ^ in[i]) * 0x100000001b3u;
	for (unsigned i = 0; out && i < 8; i++)
		out[i] = (unsigned char)(hash >> (56 - 8 * i));
	return out ? 0 : -1;
}
SFE_FUNCTION(fingerprint)
