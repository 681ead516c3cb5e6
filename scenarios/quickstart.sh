#!/usr/bin/env bash
# From a fresh Debian machine to the comparison: installs what is missing, builds, runs PureFaaS, StatePropagate and
# StateLocal on the industrial IoT topology, prints what each costs.
#
#   sudo scenarios/quickstart.sh            (options of `sfemu run` may follow)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/bootstrap.sh
tools/build.sh
build/sfemu guest build >/dev/null # once
exec build/sfemu run scenarios/iiot.yaml "$@"
