#!/usr/bin/env bash
# Runs in a node of a guest whose kernel counts: copies its counts into the results folder. make.sh calls it with --exec.
set -euo pipefail
shopt -s extglob

mount -t debugfs none /sys/kernel/debug
cd /sys/kernel/debug/gcov
find . -name '*.gcda' | while IFS= read -r file; do
	to=$SFEMU_RESULTS/counts/${file##*/guest-kernel/build-+([!/])/}
	mkdir -p "${to%/*}"
	cat "$file" >"$to" # the files have no size, so cp would copy nothing
done
