#!/usr/bin/env bash
# `sfemu verify` of slow links on this kernel: what chance decides, and that order is kept. What time decides depends on the machine.
. "$(dirname "$0")/../lib.sh"
need_native
need python3

star slow 4
cat >>"$TEST_TMP/slow.yaml" <<'YAML'
link: {node: {rate: 1Mbit, delay: 50ms, queue: 1s}}
links:
  - {link: l1, loss: 10%}
  - {link: l2, duplicate: 10%}
  - {link: l3, delay: uniform 50ms 250ms}
YAML
"$SFEMU" verify --native --quiet --into "$TEST_TMP/out" --probes 400 "$TEST_TMP/slow.yaml" >"$TEST_TMP/log" 2>&1 || true
cat "$TEST_TMP/log"
