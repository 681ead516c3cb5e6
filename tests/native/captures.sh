#!/usr/bin/env bash
# Captures of every link of a native run agree with its own records to the byte, and with tcpdump's count.
. "$(dirname "$0")/../lib.sh"
need_native
need tcpdump

"$SFEMU" run --native --quiet --set workload.jobs=16 --set 'workload.arrivals=poisson 2' --set topology.premises=1 --set strategies=StateLocal --capture all \
	--into "$TEST_TMP/kept" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a run with captures"; }
! grep 'THE CAPTURES ARE NOT WHOLE' "$TEST_TMP/log" || fail "packets are missing"
"$SFEMU" analyze --quiet "$TEST_TMP/kept" >"$TEST_TMP/said" 2>&1 || { cat "$TEST_TMP/said"; fail "captures and records differ"; }
tail -n 2 "$TEST_TMP/said"
expect "$TEST_TMP/said" 'agree in all [0-9]* figures'
packets=0 counted=0
# A row a capture point; several write into one file.
while IFS=, read -r file what _ _ _ _ _ n dropped; do
	[ "$what" = link ] || continue
	[ "$dropped" -eq 0 ] || fail "$file lacks $dropped packets"
	counted=$((counted + n))
done < <(tail -n +2 "$TEST_TMP/kept/captures.csv")
for file in $(awk -F, '$2 == "link" { print $1 }' "$TEST_TMP/kept/captures.csv" | sort -u); do
	packets=$((packets + $(tcpdump -nr "$TEST_TMP/kept/$file" 2>/dev/null | wc -l)))
done
echo "$packets packets in the captures"
[ "$packets" -gt 100 ] && [ "$packets" -eq "$counted" ] || fail "tcpdump reads $packets packets, captures.csv has $counted"
