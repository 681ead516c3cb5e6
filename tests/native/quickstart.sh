#!/usr/bin/env bash
# On a Debian with netem, the command that scenarios/quickstart.sh ends with prints the table of README to the byte. (The whole of
# quickstart.sh, with packages and build, is tests/long/quickstart.sh.)
. "$(dirname "$0")/../lib.sh"
need_native
need python3

cd "$SOURCE"
command='build/sfemu run scenarios/iiot.yaml'
expect scenarios/quickstart.sh "^exec $command"
"$SFEMU" ${command#* } --into "$TEST_TMP/results" >"$TEST_TMP/log" 2>"$TEST_TMP/said" || { cat "$TEST_TMP/said"; fail "$command"; }
expect "$TEST_TMP/said" 'in a User-Mode Linux guest, on the virtual clock'
python3 tests/lab/documents.py shown README.md "$command" "$TEST_TMP/log" || fail "not the table of README"
