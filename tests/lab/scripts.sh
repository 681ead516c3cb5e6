#!/usr/bin/env bash
# Scripts under pipefail do not pipe into a reader that stops early (grep -q, head): who writes into the closed pipe then
# fails now and then, by SIGPIPE. And the check itself finds each form of it.
. "$(dirname "$0")/../lib.sh"

stops_early() { # files…: their lines that do so, with the file and the line
	grep -nHE '(^|[^|])\|[[:space:]]*([ef]?grep( +[^[:space:]|;&)]+)* +(-[A-Za-z]*(q|m ?[0-9])|--(quiet|silent|max-count))|head( |$)|sed (-n )?.?[0-9]+q)' "$@" || [ $? -eq 1 ]
}
shopt -s globstar
scripts=()
for file in "$SOURCE"/{tests,tools,scenarios}/** "$SOURCE/.ci/run"; do
	[ -f "$file" ] && [ "$file" != "$SOURCE/tests/lab/scripts.sh" ] || continue
	# What runs in a terminal's message, after a failure or in a here document, decides nothing.
	grep -Iq pipefail "$file" || grep -Iq '^\. .*lib\.sh"$' "$file" || continue
	scripts+=("$file")
done
[ "${#scripts[@]}" -gt 100 ] || fail "looks at ${#scripts[@]} scripts only"
stops_early "${scripts[@]}" | sed "s|^$SOURCE/||" | grep -vE '\{ .*\| head; fail|\$\(gcc --version' >"$TEST_TMP/found" || true
[ ! -s "$TEST_TMP/found" ] || { cat "$TEST_TMP/found"; fail "a pipe that its reader closes: grep PATTERN >/dev/null reads to the end"; }

for line in 'ls | grep -q a' 'ls |grep -Eqx a' 'ls | head -n 1' 'ls | sed -n 1q' 'ls | grep -m 1 a' 'ls | grep --quiet a' 'ls | grep -x -q a' 'ls | grep -F --line-regexp --silent a' 'ls | grep -e a -q' \
	'ls | grep --max-count=1 a'; do
	echo "$line" >"$TEST_TMP/line"
	[ -n "$(stops_early "$TEST_TMP/line")" ] || fail "does not find: $line"
done
for line in 'true || grep -q a file' 'ls | grep a >/dev/null' 'grep -q a file' 'head -n 1 file | grep a >/dev/null' 'ls | grep -x -e a >/dev/null; grep -q a file' 'ls | grep a && grep -q a file'; do
	echo "$line" >"$TEST_TMP/line"
	[ -z "$(stops_early "$TEST_TMP/line")" ] || fail "finds: $line"
done
