#!/usr/bin/env bash
# Runs the sweep beside this script as it is, or goes on with it. Options of `sfemu sweep` may follow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ -x build/sfemu ] || { tools/bootstrap.sh && tools/build.sh; }
exec build/sfemu sweep scenarios/sweep.yaml "$@"
