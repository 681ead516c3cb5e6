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
	sed -n "/^\t$verb)/,/;;/p" "$manual/completion/_sfemu" | { grep -oE "'\*--?[A-Za-z-]+\[" || true; } | tr -d "'*[" | sort -u >"$TEST_TMP/in-zsh"
	{ grep -vxE -- '-h|--help' "$TEST_TMP/in-help" || true; } | diff - "$TEST_TMP/in-zsh" || fail "the options of $verb differ in the completion of zsh"
done

# As a user meets it.
complete() { # words…: what bash offers for the last one
	(cd "$SOURCE" && bash --norc -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _sfemu; printf "%s\n" "${COMPREPLY[@]}"' \
		- "$manual/completion/sfemu.bash" "$@")
}
is() { # what it should offer; words…
	local want=$1
	shift
	[ "$(complete "$@" | tr '\n' ' ')" = "$want " ] || fail "'$*' is completed to: $(complete "$@" | tr '\n' ' ')"
}
is 'verify' sfemu ver
is 'real virtual' sfemu run --clock ''
is 'virtual' sfemu run --clock v
is 'scenarios/iiot.yaml' sfemu run scenarios/iiot.y
is 'local slurm' sfemu sweep --engine ''
is 'show' sfemu topology sh
is '--verify-repeat' sfemu run --verify
is 'docs' sfemu run --into doc
zsh -f -c "autoload -Uz compinit; fpath=('$manual/completion' \$fpath); compinit -u -d '$TEST_TMP/zcompdump'; whence -w _sfemu" |
	grep -q 'function' || fail "zsh does not load the completion"
cat >"$TEST_TMP/zsh.py" <<'PYTHON'
import os, pty, sys, time, select
folder, dump, source = sys.argv[1:]
pid, fd = pty.fork()
if not pid:
    os.chdir(source)
    os.environ.update(TERM="dumb", PS1="> ")
    os.execvp("zsh", ["zsh", "-f", "-i"])
def read(seconds):
    out, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try: out += os.read(fd, 65536)
            except OSError: break
    return out.decode(errors="replace")
os.write(fd, f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -d {dump}; echo rea''dy\n".encode())
seen, end = "", time.monotonic() + 60
while "ready" not in seen and time.monotonic() < end:
    seen += read(0.5)
os.write(b"" and fd or fd, b"sfemu run --clock v\t")
seen, end = "", time.monotonic() + 60
while "virtual" not in seen and time.monotonic() < end:
    seen += read(0.5)
print(seen)
os.kill(pid, 9)
sys.exit("virtual" not in seen)
PYTHON
python3 "$TEST_TMP/zsh.py" "$manual/completion" "$TEST_TMP/zdump" "$SOURCE" >"$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "zsh does not complete --clock v"; }

# A wrong option is said in one line, with where to read on.
status=0
"$SFEMU" run --no-such x.yaml 2>"$TEST_TMP/log" || status=$?
[ $status -eq 2 ] || fail "a wrong option: status $status"
expect "$TEST_TMP/log" 'try `sfemu run --help`'

# The table of estimate in a terminal of 80 and of 200 columns, and in none.
cat >"$TEST_TMP/wide.py" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
columns, command = int(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if not pid:
    os.execvp(command[0], command)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
out = b""
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    out += data
_, status = os.waitpid(pid, 0)
sys.stdout.write(out.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(status))
PYTHON
cat >"$TEST_TMP/start.sh" <<'SH'
sleep 0.3 # until the window has its size
exec "$@"
SH
estimate=("$SFEMU" estimate --quiet --replications 5 "$SOURCE/scenarios/iiot.yaml")
at() { python3 "$TEST_TMP/wide.py" "$1" bash "$TEST_TMP/start.sh" "${@:2}"; }
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
