#!/usr/bin/env bash
# A comma as decimal separator in the locale: numbers are read and written with a point all the same, and all output is the
# same to the byte (issue 13, point 14).
. "$(dirname "$0")/../lib.sh"
need localedef
cd "$TEST_TMP"
mkdir locales
localedef -i de_DE -f UTF-8 "$TEST_TMP/locales/de_DE.UTF-8" >log 2>&1 || { cat log; fail "localedef"; }
german() { # command… with the locale; LC_ALL and LC_NUMERIC alone
	env -u LANG -u LC_ALL LOCPATH="$TEST_TMP/locales" "$locale=de_DE.UTF-8" "$@"
}
locale=LC_ALL
[ "$(german locale decimal_point)" = , ] || fail "the locale has no comma, so nothing is tested"
[ "$(german bash -c 'printf %.1f 0,5')" = 0,5 ] || fail "the locale has no effect, so nothing is tested"

cat >s.yaml <<-YAML
	topology: {generate: iiot, premises: 1}
	workload: {tasks: $SOURCE/scenarios/workloads/quickstart.csv, jobs: 3, state_factor: 0.5}
	strategies: [StateLocal]
	link: {shared: {rate: 1.5Mbit, delay: normal 2.5ms 0.5ms, loss: 0.5%}}
	invocation: {deadline: 30.5s, retries: 1}
YAML
printf 'base: s.yaml\nseeds: [1, 2]\nrows: summary\n' >sweep.yaml
same() { # command…: its output with the locale
	LC_ALL=C "$@" >plain 2>err || { cat err; fail "it fails: $*"; }
	[ -s plain ] || fail "it prints nothing: $*"
	grep -q '[0-9][.][0-9]' plain || fail "no number with a fraction, so nothing is compared: $*"
	german "$@" >other 2>err || { cat err; fail "it fails with $locale=de_DE.UTF-8: $*"; }
	cmp plain other || fail "another output with $locale=de_DE.UTF-8: $*"
}
LC_ALL=C "$SFEMU" run --quiet --capture all --into reference s.yaml >out 2>err || { cat err; fail "the run fails"; }
LC_ALL=C "$SFEMU" sweep --quiet --output sweep sweep.yaml >/dev/null
for locale in LC_ALL LC_NUMERIC; do
	german "$SFEMU" run --quiet --capture all --into results-$locale s.yaml >out 2>err || { cat err; fail "a run with $locale"; }
	"$SFEMU" diff reference results-$locale >out || { cat out; fail "other results with $locale=de_DE.UTF-8"; }
	cp -r reference own-$locale
	german "$SFEMU" report own-$locale >/dev/null
	cmp reference/report.html own-$locale/report.html || fail "another report with $locale"
	german "$SFEMU" sweep --quiet --output sweep-$locale sweep.yaml >/dev/null
	cmp sweep/sweep.csv sweep-$locale/sweep.csv || fail "another table of the sweep with $locale"
	same "$SFEMU" estimate --json s.yaml
	same "$SFEMU" topology iiot --premises 1 --latency -o -
	same "$SFEMU" workload spar --jobs 20 --load-factor 1.5 -o -
	same "$SFEMU" workload show --json "$SOURCE/scenarios/workloads/quickstart.csv"
	same "$SFEMU" schedule --set 'schedule=[{at: 1.5s, link: link_0, set: {rate: 2.5Mbit}}]' s.yaml
	same "$SFEMU" workload show "$SOURCE/scenarios/workloads/quickstart.csv"
	same "$SFEMU" links --json reference
	same "$SFEMU" analyze --json reference
	same "$SFEMU" verify --csv --link link_0 --probes 50 s.yaml
	# A comma is no decimal separator in input either.
	status=0
	german "$SFEMU" run --set link.shared.rate=1,5Mbit s.yaml >out 2>err || status=$?
	[ $status -eq 2 ] || fail "1,5Mbit is accepted with $locale: status $status"
done
