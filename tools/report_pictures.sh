#!/usr/bin/env bash
# The pictures of docs/report.md, taken in headless Chromium of a run of scenarios/iiot.yaml.
#
#   tools/report_pictures.sh [FOLDER]     FOLDER: results that are there already; without one the scenario is run
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-}
if [ -z "$folder" ]; then
	made=$(mktemp -d)
	trap 'rm -rf "$made"' EXIT
	folder=$made/iiot
	build/sfemu run --into "$folder" scenarios/iiot.yaml >/dev/null
fi
build/sfemu report "$folder" >/dev/null
take() { # name, options
	timeout 100 tools/report_browser.py picture "$folder/report.html" "docs/report-$1.png" "${@:2}"
	echo "docs/report-$1.png: $(stat -c %s "docs/report-$1.png") bytes"
}
take result --width 1200 --height 1000
take network --width 1200 --dark --of '#topology-0'
take timeline --width 1200 --of 'figure[id^=job-]'
