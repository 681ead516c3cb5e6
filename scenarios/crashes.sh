#!/usr/bin/env bash
# Runs the scenario beside this script as it is. Options of `sfemu run` may follow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ -x build/sfemu ] || { tools/bootstrap.sh && tools/build.sh; }
exec build/sfemu run scenarios/crashes.yaml "$@"
