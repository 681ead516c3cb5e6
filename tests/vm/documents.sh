#!/usr/bin/env bash
# long: four minutes
# The documents' commands run as they are written, from a fresh copy of the tree, and print what is shown.
. "$(dirname "$0")/../lib.sh"
alone "$@" # no other run may be found by `sfemu links`
need python3 tcpdump

# The order of README first: it is what people try first.
cd "$SOURCE"
documents=(README.md CONTRIBUTING.md docs/*.md scenarios/README.md scenarios/workloads/README.md)
python3 tests/lab/documents.py run "$SOURCE" "$BUILD" "$TEST_TMP/documents" "${documents[@]}"
