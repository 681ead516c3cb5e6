# Shared by the benches. Sourced. Gives SOURCE, BUILD, SFEMU and BENCH_TMP, a folder that is gone afterwards.
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$SOURCE/build}
SFEMU=${SFEMU:-$BUILD/sfemu}
BENCH_TMP=$(mktemp -d)
trap 'rm -rf "$BENCH_TMP"' EXIT

fail() {
	echo "bench: $*" >&2
	exit 1
}

skip() {
	echo "SKIPPED: $*"
	exit 77
}

need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || fail "$tool is missing: tools/bootstrap.sh --tests installs it"
	done
}

# Runs command… and sets wall_s, cpu_s (user and system) and rss_kb (the most that it held).
measure() {
	need /usr/bin/time
	local user system status=0 TIMEFORMAT='%3R %3U %3S'
	{ time /usr/bin/time -o "$BENCH_TMP/rss" -f %M "$@" >"$BENCH_TMP/out" 2>"$BENCH_TMP/err"; } 2>"$BENCH_TMP/time" ||
		status=$?
	[ $status -eq 0 ] || { cat "$BENCH_TMP/err" >&2; fail "status $status: $*"; }
	read -r wall_s user system <"$BENCH_TMP/time"
	read -r rss_kb <"$BENCH_TMP/rss"
	cpu_s=$(calc "$user + $system")
}

# The median of measured wall_s and cpu_s over count runs of command…; rss_kb is the most of all.
measure_median() { # count command…
	local count=$1 i most=0
	shift
	: >"$BENCH_TMP/walls"
	: >"$BENCH_TMP/cpus"
	for ((i = 0; i < count; i++)); do
		measure "$@"
		echo "$wall_s" >>"$BENCH_TMP/walls"
		echo "$cpu_s" >>"$BENCH_TMP/cpus"
		[ "$rss_kb" -le "$most" ] || most=$rss_kb
	done
	wall_s=$(sort -g "$BENCH_TMP/walls" | sed -n "$(((count + 1) / 2))p")
	cpu_s=$(sort -g "$BENCH_TMP/cpus" | sed -n "$(((count + 1) / 2))p")
	rss_kb=$most
}

calc() { # expression: as awk has it
	awk "BEGIN { printf \"%.6g\", $1 }"
}
