/* SPDX-License-Identifier: MIT */
/* Appends 3000 bytes to each state that its step updates. */
#include <sfemu/function.h>
#include <string.h>

static int append_bytes(struct sfe_call *call)
{
	for (uint32_t i = 0; i < call->n_states; i++) {
		if (call->states[i].access != SFE_STATE_UPDATED)
			continue;
		void *end = sfe_state_append(call, i, 3000);
		if (!end)
			return -1;
		memset(end, (int)('0' + call->step_number), 3000);
	}
	return 0;
}
SFE_FUNCTION(append_bytes)
