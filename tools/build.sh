#!/usr/bin/env bash
# Builds sfemu into build/ (options of cmake may follow). Says what failed, and little otherwise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "building sfemu in build/" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake -B build "$@" && cmake --build build -j"$(nproc)"; } >"$log" 2>&1; then
	tail -n 40 "$log" >&2
	echo "build: failed; above are its last lines" >&2
	exit 1
fi
