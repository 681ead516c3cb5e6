#!/usr/bin/env bash
# What is made from the tables of the verbs agrees: --help, the manual pages, the completion of bash and zsh. Judged by groff
# and by the shells themselves.
. "$(dirname "$0")/../lib.sh"
need groff zsh
manual=$TEST_TMP/manual
mkdir "$manual"
"$SFEMU" manual "$manual"
mapfile -t verbs < <("$SFEMU" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
[ ${#verbs[@]} -ge 17 ] || fail "only ${#verbs[@]} verbs"

# Pages: without a warning, and each option of --help is in them, and none more.
for page in "$manual"/man1/*.1; do
	groff -man -Tutf8 -Kutf8 -ww "$page" >"$TEST_TMP/page" 2>"$TEST_TMP/warnings"
	[ ! -s "$TEST_TMP/warnings" ] || { cat "$TEST_TMP/warnings"; fail "groff warns of $page"; }
done
options() { grep -oE '(^|[ ,(])-(-[a-z][a-z-]*|[a-zA-Z]\b)' | tr -d ' ,(' | sort -u; }
for verb in "${verbs[@]}"; do
	"$SFEMU" "$verb" --help >"$TEST_TMP/help"
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$TEST_TMP/help")" -le 80 ] || fail "$verb --help is wider than a terminal"
	grep -E '^  -' "$TEST_TMP/help" | sed -E 's/^  (-., )?(--?[A-Za-z-]+).*/\1\2/' | options >"$TEST_TMP/in-help"
	sed -nE '/^\.SH OPTIONS/,/^\.SH (NOTES|EXIT)/s/^\.B //p' "$manual/man1/sfemu-$verb.1" | tr -d '\\' |
		sed -E 's/^(-., )?(--?[A-Za-z-]+).*/\1\2/' | options >"$TEST_TMP/in-page"
	diff "$TEST_TMP/in-help" "$TEST_TMP/in-page" || fail "the options of $verb differ between --help and its page"
	grep -q -- "sfemu\\\\-$verb (1)" "$manual/man1/sfemu.1" || fail "sfemu.1 does not name sfemu-$verb(1)"
	# The completion of bash offers the same.
	bash --norc -c '. "$1"; COMP_WORDS=(sfemu "$2" -) COMP_CWORD=2; _sfemu; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$manual/completion/sfemu.bash" "$verb" | sort -u >"$TEST_TMP/in-bash"
	diff "$TEST_TMP/in-help" "$TEST_TMP/in-bash" || fail "the options of $verb differ between --help and the completion of bash"
	# And that of zsh.
	sed -n "/^\t$verb)/,/;;/p" "$manual/completion/_sfemu" | { grep -oE "'\*--?[A-Za-z-]+=?\[" || true; } | tr -d "'*[=" | sort -u >"$TEST_TMP/in-zsh"
	{ grep -vxE -- '-h|--help' "$TEST_TMP/in-help" || true; } | diff - "$TEST_TMP/in-zsh" || fail "the options of $verb differ in the completion of zsh"
done

# As a user meets it: lines typed with TAB into both shells, and the words that a command gets.
mkdir -p "$TEST_TMP/typed/with blank"
touch "$TEST_TMP/typed/my scenario.yaml"
lines=('sfemu ver\t' 'sfemu run --clock v\t' 'sfemu run --clock=v\t' 'sfemu sweep --engine s\t' 'sfemu topology sh\t' 'sfemu run --verify\t'
	'sfemu estimate --strategies StateL\t' 'sfemu estimate --strategies PureFaaS,StateL\t' 'sfemu run --into wi\t' 'sfemu run my\t')
cat >"$TEST_TMP/words" <<'WORDS'
verify
run|--clock|virtual
run|--clock=virtual
sweep|--engine|slurm
topology|show
run|--verify-repeat
estimate|--strategies|StateLocal
estimate|--strategies|PureFaaS,StateLocal
run|--into|with blank
run|my scenario.yaml
WORDS
for shell in bash zsh; do
	python3 "$SOURCE/tests/lab/completed.py" $shell "$manual/completion" "$TEST_TMP/typed" "${lines[@]}" | sed 's,/$,,' |
		diff "$TEST_TMP/words" - || fail "$shell completes otherwise"
done
# All that can be chosen is offered, and what a list offers is accepted.
is() { # what bash offers for the last word; words…
	local want=$1 got
	shift
	got=$(bash --norc -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _sfemu; echo "${COMPREPLY[*]}"' - "$manual/completion/sfemu.bash" "$@")
	[ "$got" = "$want" ] || fail "'$*' is completed to: $got"
}
is 'real virtual' sfemu run --clock ''
is 'local slurm' sfemu sweep --engine ''
is 'capture connection strategy job step' sfemu analyze --by ''
strategies='PureFaaS StatePropagate StateLocal UnchainedExternal UnchainedInEdge UnchainedInFunction UnchainedInClient'
is "$strategies all" sfemu estimate --strategies ''
is 'ProcNet ProcOnly ProcState all' sfemu estimate --placements ''
"$SFEMU" estimate --quiet --jobs 2 --replications 2 --strategies all --csv "$SOURCE/scenarios/iiot.yaml" | sed 1d | cut -d, -f1-9 >"$TEST_TMP/all"
for strategy in $strategies; do
	grep -qw "$strategy" "$TEST_TMP/all" || fail "$strategy is offered, and is none of all"
done
[ "$(wc -l <"$TEST_TMP/all")" -eq "$(wc -w <<<"$strategies")" ] || fail "not all strategies are offered"

# Examples are commands that run (those that need no run of before, and no running one).
ln -s "$SOURCE/scenarios" "$TEST_TMP/scenarios"
mkdir "$TEST_TMP/bin"
ln -s "$SFEMU" "$TEST_TMP/bin/sfemu"
n=0
for verb in estimate schedule links topology workload; do
	while IFS= read -r line; do
		(cd "$TEST_TMP" && PATH=$TEST_TMP/bin:$PATH bash -c "$line" >example) || fail "an example of $verb fails: $line"
		n=$((n + 1))
	done < <("$SFEMU" "$verb" --help | sed -n '/^Examples:/,/^$/s/^  //p' | grep -v results/ | sed 's/ | dot .*//')
done
[ $n -ge 9 ] || fail "only $n examples"

# A wrong option is said in one line, with where to read on.
status=0
"$SFEMU" run --no-such x.yaml 2>"$TEST_TMP/log" || status=$?
[ $status -eq 2 ] || fail "a wrong option: status $status"
expect "$TEST_TMP/log" 'try `sfemu run --help`'

# The table of estimate in a terminal of 80 and of 200 columns, and in none.
estimate=("$SFEMU" estimate --quiet --replications 5 "$SOURCE/scenarios/iiot.yaml")
at() { python3 "$SOURCE/tests/in_terminal.py" "$@"; }
at 80 "${estimate[@]}" >"$TEST_TMP/80"
at 200 "${estimate[@]}" >"$TEST_TMP/200"
at 80 "${estimate[@]}" --wide >"$TEST_TMP/80wide"
"${estimate[@]}" >"$TEST_TMP/piped"
table_width() { grep -E '^(strategy|placement|ProcNet|PureFaaS|StateLocal)' "$1" | awk '{ if (length > n) n = length } END { print n }'; }
[ "$(table_width "$TEST_TMP/80")" -le 80 ] || { cat "$TEST_TMP/80"; fail "the table does not fit 80 columns"; }
expect "$TEST_TMP/80" 'more columns: --wide, or --csv'
expect "$TEST_TMP/80" '^strategy .* mean'
cmp "$TEST_TMP/200" "$TEST_TMP/piped" || fail "200 columns: not all that there is"
cmp "$TEST_TMP/80wide" "$TEST_TMP/piped" || fail "--wide: not all that there is"

# The same of links, whose rows have many columns.
at 80 "$SFEMU" links "$SOURCE/scenarios/lossy.yaml" >"$TEST_TMP/80"
at 80 "$SFEMU" links --wide "$SOURCE/scenarios/lossy.yaml" >"$TEST_TMP/80wide"
"$SFEMU" links "$SOURCE/scenarios/lossy.yaml" >"$TEST_TMP/piped"
[ "$(awk '{ if (length > n) n = length } END { print n }' "$TEST_TMP/80")" -le 80 ] || { cat "$TEST_TMP/80"; fail "links: wider than the terminal"; }
expect "$TEST_TMP/80" '^link .* rate .* delay'
expect "$TEST_TMP/80" 'more columns: --wide, or --json'
cmp "$TEST_TMP/80wide" "$TEST_TMP/piped" || fail "links --wide: not all that there is"
[ "$(wc -l <"$TEST_TMP/80")" -eq $(($(wc -l <"$TEST_TMP/piped") + 1)) ] || fail "links: not all rows"

"${estimate[@]}" --json >"$TEST_TMP/json"
"${estimate[@]}" --csv >"$TEST_TMP/csv"
python3 - "$TEST_TMP/json" "$TEST_TMP/csv" <<'PYTHON' || fail "--json is not what --csv says"
import csv, json, sys
rows = json.load(open(sys.argv[1]))["rows"]
table = list(csv.DictReader(open(sys.argv[2])))
assert len(rows) == len(table) == 3
for a, b in zip(rows, table):
    assert list(a) == list(b)
    assert a["strategy"] == b["strategy"] and a["net_delay_mean_s"] == float(b["net_delay_mean_s"])
PYTHON

# A scenario is checked as a run would read it: OK, or file:line; nothing is made.
cd "$TEST_TMP"
printf '%s\nworkload: {tasks: %s, jobs: 2}\n' "$two_nodes" "$SOURCE/scenarios/workloads/quickstart.csv" >good.yaml
sed 's/jobs: 2/jobz: 2/' good.yaml >bad.yaml
printf '%s\nfunctions: {f: {exec: [no-such-program]}}\nworkflows: [{name: w, steps: [{name: s, function: f}]}]\n' "$two_nodes" >program.yaml
ls -A >before
"$SFEMU" check good.yaml >said 2>&1 || fail "check of a good scenario: $(cat said)"
grep -qE '^good.yaml: OK: 2 jobs, 2 nodes, strategies PureFaaS' said || fail "check says $(cat said)"
checked() { # exit status, what is said, arguments…
	local status=0 want=$1 words=$2
	shift 2
	"$SFEMU" check "$@" >said 2>&1 || status=$?
	[ $status -eq "$want" ] && grep -qE "$words" said || fail "check $*: status $status, $(cat said)"
}
checked 2 'bad.yaml:2: .*jobz' bad.yaml
checked 2 'program.yaml:2: functions.f.exec: there is no program no-such-program' program.yaml
checked 2 'bad.yaml:2: .*jobz' bad.yaml good.yaml
grep -q '^good.yaml: OK' said || fail "check stops at the first bad file: $(cat said)"
checked 2 'seed' --set seed=x good.yaml
checked 2 'no-such.yaml' no-such.yaml
checked 2 '[-]-set needs a scenario' --set seed=1
rm said
[ "$(ls -A | grep -v '^before$')" = "$(grep -v '^before$' before)" ] || fail "check leaves $(ls -A)"
