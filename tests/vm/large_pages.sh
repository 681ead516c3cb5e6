#!/usr/bin/env bash
# The memory of a guest's kernel is asked for in large pages, and is in some where this kernel has them for tmpfs. How many depends on what
# else is in the machine's memory.
. "$(dirname "$0")/../lib.sh"
alone "$@" # the only guest that the test sees is its own

mkdir "$TEST_TMP/memory"
mount -t tmpfs -o huge=always sfemu "$TEST_TMP/memory" 2>/dev/null || skip "this kernel has no large pages for tmpfs"
umount "$TEST_TMP/memory"
! grep -qs '\[deny\]' /sys/kernel/mm/transparent_hugepage/shmem_enabled || skip "large pages of tmpfs are denied (shmem_enabled)"

"$SFEMU" run --vm --clock virtual --quiet -j 1 --into "$TEST_TMP/run" --set strategies=PureFaaS "$SOURCE/scenarios/urban.yaml" >"$TEST_TMP/log" 2>&1 &
pid=$!
large=0 all=0 asked=no
while kill -0 $pid 2>/dev/null; do
	for of in /proc/[0-9]*; do
		[ "$(cat "$of/comm" 2>/dev/null)" = linux ] || continue
		read -r l a < <(awk '/^ShmemPmdMapped:/ { l += $2 } /^Rss:/ { a += $2 } END { print l + 0, a + 0 }' "$of/smaps" 2>/dev/null) || continue
		[ "$a" -le "$all" ] || { large=$l all=$a; }
		! grep -q ' /run/sfemu/memory .* - tmpfs .*huge=always' "$of/mountinfo" 2>/dev/null || asked=yes
	done
	sleep 0.1
done
wait $pid || { cat "$TEST_TMP/log"; fail "the run"; }
echo "$large of $all KB of the guest's kernel are in large pages"
[ $asked = yes ] || fail "no guest has its memory in a tmpfs that is mounted with huge=always"
[ "$large" -gt $((all / 10)) ] || fail "less than a tenth of the memory is in large pages: $large of $all KB"
