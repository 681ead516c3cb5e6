/* SPDX-License-Identifier: MIT */
/* Changes two parts of each state that its step updates: 1000 bytes from 500 on, and the last 24. */
#include <sfemu/function.h>

static int change_part(struct sfe_call *call)
{
	for (uint32_t i = 0; i < call->n_states; i++) {
		uint64_t bytes = call->states[i].bytes;
		if (call->states[i].access != SFE_STATE_UPDATED)
			continue;
		if (bytes < 2000)
			return sfe_refuse(call, "a state of less than 2000 bytes");
		unsigned char *middle = sfe_state_change(call, i, 500, 1000);
		unsigned char *end = sfe_state_change(call, i, bytes - 24, 24);
		if (!middle || !end)
			return -1;
		for (unsigned k = 0; k < 1000; k++)
			middle[k] += (unsigned char)(call->step_number + 1);
		for (unsigned k = 0; k < 24; k++)
			end[k] ^= 0xff;
	}
	return 0;
}
SFE_FUNCTION(change_part)
