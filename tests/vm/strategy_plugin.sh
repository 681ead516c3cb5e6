#!/usr/bin/env bash
# A strategy of the user's own, built outside of the tree against the installed headers alone: it runs beside the seven, leaves the
# same bytes as they do, repeats, also from its own results folder and on the real clock, and its bytes are those of its closed form.
# Files that are no strategy, or that another user may write, are refused before anything runs.
. "$(dirname "$0")/../lib.sh"
need cc pkg-config python3

cmake --install "$BUILD" --prefix "$TEST_TMP/prefix" >/dev/null
export PKG_CONFIG_PATH=$TEST_TMP/prefix/lib/pkgconfig
read -ra cflags < <(pkg-config --cflags sfemu)
build() { # source, NAME.so
	cc -std=c17 -Wall -Wextra -Werror -shared -fPIC "${cflags[@]}" -o "$TEST_TMP/$2" "$1"
}
source=$SOURCE/scenarios/plugins/state_at_first.c
[ "$(wc -l <"$source")" -le 80 ] || fail "the example has more than 80 lines"
build "$source" state_at_first.so
seven=PureFaaS,StatePropagate,StateLocal,UnchainedExternal,UnchainedInEdge,UnchainedInFunction,UnchainedInClient
plugin=$TEST_TMP/state_at_first.so
run() { "$SFEMU" run --quiet --vm --set "results=$TEST_TMP/results" "$@"; }


# What a job moved is what the rule says, byte for byte: the closed form follows the rule, the workers' records are what went.
moved() { # results folder
	python3 - "$1" <<'PY'
import csv, sys
rows = [r for r in csv.DictReader(open(sys.argv[1] + "/jobs.csv")) if r["strategy"] == "state_at_first"]
moved = sum(int(r["payload_bytes_hops"]) for r in rows)
assert rows and moved > 0, "no job moved anything"
for r in rows:
    assert r["status"] == "done", r
    assert r["payload_bytes_hops"] == r["predicted_payload_bytes_hops"], r
    assert float(r["predicted_net_delay_s"]) >= 0, r
PY
}

# A graph with declared access, beside the seven. Equal digests under all of them, or the run fails.
run --clock virtual --verify-repeat 2 --set "strategies=$seven,$plugin" "$SOURCE/scenarios/camera.yaml" \
	>"$TEST_TMP/log" 2>"$TEST_TMP/err" || fail "camera: $(cat "$TEST_TMP/err")"
camera=$(results_of "$TEST_TMP/log")
[ "$(grep -c '^[A-Za-z_]*,.*,done,' "$camera/jobs.csv")" -eq 80 ] || fail "not 10 jobs under 8 strategies"
moved "$camera" || fail "camera: other bytes than the rule says"

# Chains of a trace. The folder has the plugin: it runs again from there, when the file that was given is gone.
trace=(--set "workload.tasks=$SOURCE/scenarios/workloads/quickstart.csv" --set workload.jobs=10 --set topology.premises=1)
run --clock virtual "${trace[@]}" --set "strategies=StateLocal,$plugin" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log"
results=$(results_of "$TEST_TMP/log")
moved "$results" || fail "chains: other bytes than the rule says"
grep -qF "strategies: [StateLocal, 'inputs/strategies/state_at_first.so']" "$results/scenario.yaml" || fail "the copy is not named"
cmp "$plugin" "$results/inputs/strategies/state_at_first.so"
mv "$plugin" "$TEST_TMP/gone.so"
run --clock virtual "$results/scenario.yaml" >"$TEST_TMP/log"
cmp "$results/jobs.csv" "$(results_of "$TEST_TMP/log")/jobs.csv" || fail "it does not repeat from its results"
mv "$TEST_TMP/gone.so" "$plugin"

# On the real clock each worker is a process of its own, which gives its rights up.
if command -v linux.uml >/dev/null; then
	run --clock real "${trace[@]}" --set workload.jobs=3 --set workload.arrivals=sequential --set "strategies=$plugin" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log"
	moved "$(results_of "$TEST_TMP/log")" || fail "real clock: other bytes than the rule says"
fi

# The closed form alone, from a process without rights; a sweep over strategies.
"$SFEMU" estimate --quiet --csv "${trace[@]}" --set "strategies=StateLocal,$plugin" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log"
grep -q '^ProcNet,state_at_first,all,200,' "$TEST_TMP/log" || fail "no estimate"
cat >"$TEST_TMP/sweep.yaml" <<EOF
base: $SOURCE/scenarios/iiot.yaml
set: {topology.premises: 1, workload.jobs: 3}
strategies: [StateLocal, ./state_at_first.so]
EOF
"$SFEMU" sweep --quiet --output "$TEST_TMP/sweep" "$TEST_TMP/sweep.yaml" >"$TEST_TMP/log" 2>&1 || fail "sweep: $(cat "$TEST_TMP/log")"
grep -q 'state_at_first' "$TEST_TMP/sweep/sweep.csv" || fail "no cell of the plugin in the sweep"

# Bad files: file:line, what, why, what to do; exit status 2.
refused() { # text of a strategy, words of the error
	local status=0
	printf 'topology: {generate: iiot, premises: 1}\nworkload: {tasks: %s, jobs: 1}\nstrategies: [StateLocal, %s]\n' \
		"$SOURCE/scenarios/workloads/quickstart.csv" "$1" >"$TEST_TMP/bad.yaml"
	run "$TEST_TMP/bad.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "$1: status $status"
	expect "$TEST_TMP/err" "bad.yaml:3: strategies: .*$2"
}
refused ./missing.so 'cannot read ./missing.so'
sed 's/^SFE_STRATEGY(/const int nothing = sizeof(struct sfe_strategy_info); extern const struct sfe_strategy_info mine; const struct sfe_strategy_info mine = { .abi = 1,/; s/true)$/true};/' \
	"$source" >"$TEST_TMP/no_symbol.c"
build "$TEST_TMP/no_symbol.c" no_symbol.so
refused ./no_symbol.so 'names no strategy; write SFE_STRATEGY'
for abi in 1 99; do
	{ echo '#include <sfemu/strategy.h>'; echo '#undef SFE_STRATEGY_ABI'; echo "#define SFE_STRATEGY_ABI $abi"; cat "$source"; } >"$TEST_TMP/other_abi.c"
	build "$TEST_TMP/other_abi.c" other_abi$abi.so
	refused ./other_abi$abi.so "version $abi of the interface, this sfemu has 5; build it again"
done
refused ./bad.yaml 'is not a shared object; build it with cc'
# Both rules or none, also where relocations are packed into the places themselves; for the prediction and a sweep alike.
sed 's/^SFE_STRATEGY(/static bool carries(const struct sfe_job *j, uint32_t s, uint32_t f, uint32_t t) { return j \&\& s + f + t; }\nSFE_STRATEGY(.carries = carries,/' \
	"$source" >"$TEST_TMP/both.c"
build "$TEST_TMP/both.c" both.so
cc -shared -fPIC "${cflags[@]}" -Wl,-z,pack-relative-relocs -o "$TEST_TMP/packed.so" "$TEST_TMP/both.c"
printf '#include <sfemu/strategy.h>\nSFE_STRATEGY(.summary = "none")\n' >"$TEST_TMP/norule.c"
build "$TEST_TMP/norule.c" norule.so
for bad in both packed norule; do
	words='it has both rules'
	[ $bad != norule ] || words='it has no rule'
	refused ./$bad.so "$bad.so: $words; give SFE_STRATEGY(…) one of them"
	status=0
	"$SFEMU" estimate "$TEST_TMP/bad.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "estimate of $bad: status $status"
	expect "$TEST_TMP/err" "bad.yaml:3: strategies: .*$words"
	sed "s/state_at_first/$bad/" "$TEST_TMP/sweep.yaml" >"$TEST_TMP/bad_sweep.yaml"
	status=0
	"$SFEMU" sweep --quiet --output "$TEST_TMP/bad_sweep" "$TEST_TMP/bad_sweep.yaml" >"$TEST_TMP/err" 2>&1 || status=$?
	[ $status -eq 2 ] || fail "sweep of $bad: status $status"
	expect "$TEST_TMP/err" "bad_sweep.yaml:3: .*$words"
done
packed=$TEST_TMP/packed_good.so
cc -shared -fPIC "${cflags[@]}" -Wl,-z,pack-relative-relocs -o "$packed" "$source"
"$SFEMU" estimate --quiet --csv "${trace[@]}" --set "strategies=$packed" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" || fail "packed relocations"
cp "$plugin" "$TEST_TMP/open.so"
chmod o+w "$TEST_TMP/open.so"
refused ./open.so 'may be written by everybody .*correct it'
cp "$plugin" "$TEST_TMP/StateLocal.so"
refused ./StateLocal.so 'is the name of a strategy that is built in'

# A rule that names no node: the run fails with that reason. A rule that crashes: the run fails, and nothing else does.
sed 's/return j->node\[s\]/return j->node[s] + 1000000/' "$source" >"$TEST_TMP/nowhere.c"
build "$TEST_TMP/nowhere.c" nowhere.so
status=0
run --clock virtual "${trace[@]}" --set "strategies=$TEST_TMP/nowhere.so" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a rule that names no node: status $status"
expect "$TEST_TMP/log" 'nowhere: its closed form: its rule names no node that keeps a state of j_1; correct'
sed 's/return j->client;/__builtin_trap();/; s/if (sfe_step_uses.*/if (!s \&\& !state)/; s/return j->node\[s\]/__builtin_trap()/' "$source" >"$TEST_TMP/crash.c"
build "$TEST_TMP/crash.c" crash.so
status=0
run --clock virtual "${trace[@]}" --set "strategies=$TEST_TMP/crash.so" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "a rule that crashes: status $status, $(cat "$TEST_TMP/log")"
