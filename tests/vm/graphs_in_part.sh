#!/usr/bin/env bash
# tests/vm/graphs.sh with C code in every second function, which changes states in part: changed ranges travel, without faults
# and with them, and are refused where a crash took the version before.
. "$(dirname "$0")/../lib.sh"
need cc python3

cat >"$TEST_TMP/change_some.c" <<'C'
#include <sfemu/function.h>
#include <string.h>

/* Changes some ranges, appends, and cuts: what and where are random numbers, and the bytes depend on all that was there. */
static void change(struct sfe_call *call, uint32_t state, uint64_t sum)
{
	uint64_t bytes = call->states[state].bytes, n = sfe_random(call, "ranges") % 12;

	for (uint64_t k = 0; bytes && k < n; k++) {
		uint64_t at = sfe_random(call, "at") % bytes, most = bytes - at < 700 ? bytes - at : 700;
		uint64_t length = sfe_random(call, "length") % (most + 1);
		unsigned char *to = sfe_state_change(call, state, at, length);
		for (uint64_t i = 0; to && i < length; i++)
			to[i] = (unsigned char)(to[i] + sum + i);
	}
	if (bytes && sfe_random(call, "cut") % 4 == 0)
		sfe_state_resize(call, state, bytes - sfe_random(call, "cut") % bytes);
	if (sfe_random(call, "append") % 2) {
		uint64_t length = sfe_random(call, "append") % 3000;
		void *to = sfe_state_append(call, state, length);
		if (to)
			memset(to, (int)(sum % 256), length);
	}
}

static int change_some(struct sfe_call *call)
{
	uint64_t sum = call->argument_bytes;

	for (uint32_t s = 0; s < call->n_states; s++) {
		const unsigned char *bytes = call->states[s].data;
		for (uint64_t i = 0; i < call->states[s].bytes; i++)
			sum = 31 * sum + bytes[i];
	}
	for (uint32_t s = 0; s < call->n_states; s++)
		if (call->states[s].access != SFE_STATE_READ_ONLY)
			change(call, s, sum);
	void *out = sfe_output(call, 100 + sum % 5000);
	if (out)
		memcpy(out, &sum, sizeof(sum));
	return out ? 0 : -1;
}
SFE_FUNCTION(change_some)
C
cc -O2 -Wall -Wextra -Werror -shared -fPIC -I "$SOURCE/emu/include" -o "$TEST_TMP/change_some.so" "$TEST_TMP/change_some.c"
mkdir "$TEST_TMP/graphs"
PLUGIN=$TEST_TMP/change_some.so GRAPHS="${GRAPHS:-1 20}" TEST_TMP=$TEST_TMP/graphs bash "$SOURCE/tests/vm/graphs.sh" || fail "the graphs"

# A program: what it appends, and what it changes in the middle, is one range.
cat >"$TEST_TMP/edit.sh" <<'SHELL'
#!/bin/sh
printf 'XYZ' | dd of=log bs=1 seek=100 conv=notrunc 2>/dev/null
[ "$SFEMU_STEP" = first ] || echo "step $SFEMU_STEP" >>log
SHELL
chmod +x "$TEST_TMP/edit.sh"
cat >"$TEST_TMP/program.yaml" <<YAML
name: program
topology: {compose: {cells: [{node: rpi4, to: sw}, {node: server, to: sw, count: 2}], backbone: []}}
functions: {edit: {exec: [./edit.sh], ops: 1e6}}
placement: {pin: [{step: first, node: server_0}, {step: last, node: server_1}]}
workflows:
  - name: edit
    jobs: 1
    at: 0s
    states: {log: {size: 50000B}}
    steps:
      - {name: first, function: edit, update: log}
      - {name: last, function: edit, after: first, update: log}
strategies: [PureFaaS, StatePropagate, StateLocal, UnchainedInFunction, UnchainedInClient, UnchainedExternal, UnchainedInEdge]
YAML
"$SFEMU" run --vm --clock virtual --quiet --into "$TEST_TMP/program" "$TEST_TMP/program.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the program"; }
# XYZ is there already when the last step begins: of it, the line that it appends differs. The return of StatePropagate has both.
for row in PureFaaS:return:3,10 StatePropagate:return:13 UnchainedInClient:return:3,10 UnchainedInEdge:store:3,10 UnchainedExternal:store:3,10; do
	IFS=: read -r strategy kind right <<<"$row"
	got=$(awk -F, -v s="$strategy" -v k="$kind" '$1 == s && $4 == k { print $7 }' "$TEST_TMP/program/transfers.csv" | paste -sd,)
	[ "$got" = "$right" ] || fail "$strategy: $kind of $got bytes, not $right"
done
