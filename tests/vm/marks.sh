#!/usr/bin/env bash
# Results that a spreadsheet or an editor saved with a byte order mark are read as before: report, diff, links, analyze.
. "$(dirname "$0")/../lib.sh"
need iconv
cd "$TEST_TMP"

star star 2
"$SFEMU" run --quiet --capture all --into plain star.yaml >out 2>err || { cat err; fail "the run fails"; }
"$SFEMU" links --json plain >links.plain || fail "links of the plain folder"
"$SFEMU" analyze --json plain >analyze.plain || fail "analyze of the plain folder"
"$SFEMU" report plain >/dev/null || fail "report of the plain folder"
cp plain/report.html report.plain
for what in links.plain analyze.plain report.plain; do
	[ -s $what ] || fail "$what is empty"
done

# The mark in every text file of the folder.
cp -r plain marked
files=(marked/*.csv marked/manifest.json marked/scenario.yaml marked/hosts marked/topology/*)
[ ${#files[@]} -ge 12 ] || fail "only ${#files[@]} files"
for file in "${files[@]}"; do
	{ printf '\357\273\277'; cat "$file"; } >with
	cat with >"$file"
done
same() { # what: with the other folder's name in it
	sed 's/marked/plain/g' "$1.marked" | cmp - "$1.plain" || fail "$1: other output for files with a byte order mark"
}
"$SFEMU" links --json marked >links.marked || fail "links of marked files"
same links
"$SFEMU" analyze --json marked >analyze.marked || fail "analyze of marked files"
same analyze
"$SFEMU" report marked >/dev/null || fail "report of marked files"
cp marked/report.html report.marked
same report

# diff says what differs, and that it is no value.
cp -r plain table
{ printf '\357\273\277'; cat plain/jobs.csv; } >table/jobs.csv
"$SFEMU" diff plain table >out || { cat out; fail "a byte order mark is a difference of results"; }
expect out 'table/jobs.csv begins with a byte order mark'
sed -i '2s/StateLocal/PureFaaS/' table/jobs.csv
status=0
"$SFEMU" diff plain table >out || status=$?
[ $status -eq 1 ] || fail "diff: status $status and not 1"
expect out "strategy is 'StateLocal' and 'PureFaaS'"

# UTF-16 is named.
for file in jobs.csv manifest.json hosts; do
	cp -r plain wide
	iconv -f UTF-8 -t UTF-16 plain/$file >wide/$file
	case $file in
	hosts) status=0; "$SFEMU" analyze wide >out 2>&1 || status=$? ;;
	*) status=0; "$SFEMU" report wide >out 2>&1 || status=$?; [ $file != jobs.csv ] || cat wide/report.html >>out ;;
	esac
	grep -q 'UTF-16 and not UTF-8' out || { head -c 2000 out; fail "$file in UTF-16 is not named"; }
	[ $file = jobs.csv ] || [ $status -eq 2 ] || fail "$file in UTF-16: status $status and not 2"
	rm -r wide
done
