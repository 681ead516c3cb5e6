#!/usr/bin/env bash
# kill -9 of a native run at random moments leaves nothing behind.
. "$(dirname "$0")/../lib.sh"
need_native
alone "$@"

kill_often 5 20000 "$SFEMU" run --native --hold --quiet --set "results=$TEST_TMP/results" --set topology.premises=1 --set workload.jobs=all \
	"$SOURCE/scenarios/iiot.yaml"
