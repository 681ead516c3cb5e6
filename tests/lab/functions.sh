#!/usr/bin/env bash
# Functions of a user, built outside of this tree with nothing but the installed header and called with `sfemu call`; and what
# is refused before anything runs.
. "$(dirname "$0")/../lib.sh"
need cc c++ pkg-config python3

cmake --install "$BUILD" --prefix "$TEST_TMP/prefix" >/dev/null
export PKG_CONFIG_PATH=$TEST_TMP/prefix/lib/pkgconfig
cd "$TEST_TMP"
read -ra cflags < <(pkg-config --cflags sfemu)
sfemu=$TEST_TMP/prefix/bin/sfemu

cat >count.c <<'C'
#include <sfemu/function.h>
#include <stdio.h>
#include <string.h>

static int count(struct sfe_call *call)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%u %s %s\n", (unsigned)call->argument_bytes, call->step, call->node);
	uint32_t log = sfe_state_find(call, "log");
	char *out = (char *)sfe_output(call, (uint64_t)n);
	char *more = (char *)sfe_state_append(call, log, (uint64_t)n);

	if (!out || !more)
		return -1;
	memcpy(out, text, (size_t)n);
	memcpy(more, text, (size_t)n);
	sfe_compute(call, 5);
	return 0;
}
SFE_FUNCTION(count)
C
cc -Wall -Wextra -Wpedantic -Werror -shared -fPIC "${cflags[@]}" -o count.so count.c
cp count.c count.cc
c++ -Wall -Wextra -Wpedantic -Werror -shared -fPIC "${cflags[@]}" -o count++.so count.cc
sed 's/^SFE_FUNCTION.*//; s/^static int/int/' count.c >none.c
cc -shared -fPIC "${cflags[@]}" -o none.so none.c
sed 's/^SFE_FUNCTION.*/const struct sfe_function_plugin sfemu_function = {1, count};/' count.c >old.c
cc -shared -fPIC "${cflags[@]}" -o old.so old.c
cc -o program -x c - <<<'int main(void) { return 0; }'
printf 'import os, sys\nsys.stdout.write("%%d %%s\\n" %% (len(sys.stdin.read()), os.environ["SFEMU_STEP"]))\nopen("log", "a").write("x")\n' >count.py
"$SFEMU" workload spar --hours 0.05 --seed 3 -o tasks.csv 2>/dev/null
scenario() { # what stands in functions:
	printf '%s\nworkload: {tasks: tasks.csv, functions: 1}\nfunctions:\n  f0: %s\n' "$two_nodes" "$1" >s.yaml
}
printf 'an argument' >arg

for plugin in count.so count++.so; do
	scenario "{plugin: $plugin, ops: 2 * argument}"
	printf 'old\n' >log
	"$sfemu" call --argument arg --state log=log --step 7 --node here -o out f0 s.yaml 2>said || fail "$plugin: $(cat said)"
	[ "$(cat out)" = '11 7 here' ] || fail "$plugin: output $(cat out)"
	[ "$(cat log)" = "$(printf 'old\n11 7 here')" ] || fail "$plugin: state $(cat log)"
	grep -q '^f0: 27 operations, output 10 bytes, log 14 bytes$' said || fail "$plugin said $(cat said)"
done
scenario '{exec: [python3, count.py]}'
: >log
[ "$("$sfemu" call --argument arg --state log=log f0 s.yaml 2>/dev/null)" = '11 0' ] || fail "the program's output"
[ "$(cat log)" = x ] || fail "the program's state"
scenario '{ops: 1e6, output: argument / 2 + 1B}'
"$sfemu" call --argument arg f0 s.yaml 2>/dev/null | wc -c | grep -x 7 >/dev/null || fail "the sample function"

refused() { # exit status, a part of the message, command…
	local status=0 want=$1 text=$2
	shift 2
	"$@" >said 2>&1 || status=$?
	[ "$status" = "$want" ] && grep -qF -- "$text" said || fail "$*: status $status, $(cat said)"
	[ "$(wc -l <said)" -eq 1 ] || fail "$*: $(cat said)"
}
call=("$sfemu" call --argument arg --state log=log f0 s.yaml)
# Before anything is built, by all that would run it: nothing is loaded for that.
both() { # place, a pattern of the message
	local status command
	printf 'base: s.yaml\nstrategies: [PureFaaS]\n' >w.yaml
	for command in call "run --quiet --into $TEST_TMP/none" "sweep --output $TEST_TMP/none w.yaml"; do
		status=0
		case $command in
		call) "${call[@]}" >said 2>&1 || status=$? ;;
		sweep*) "$sfemu" $command >said 2>&1 || status=$? ;;
		*) "$sfemu" $command s.yaml >said 2>&1 || status=$? ;;
		esac
		[ "$status" = 2 ] || fail "$command: status $status, $(cat said)"
		expect said "$1 $2"
		[ -z "$(find "$TEST_TMP" -path "*none*" -name manifest.json -o -path "*none*" -name run.log)" ] || fail "$command begins"
	done
}
scenario '{plugin: none.so}'
both s.yaml:4: 'functions.f0.plugin: .*/none.so: it names no function; write SFE_FUNCTION(NAME)'
scenario '{plugin: old.so}'
both s.yaml:4: 'functions.f0.plugin: .*/old.so: it is for version 1 of the interface, this sfemu has [0-9]*; build it again'
scenario '{plugin: count.c}'
both s.yaml:4: 'functions.f0.plugin: .*/count.c: it is not a shared object; build it'
scenario '{exec: [./no-such-program]}'
both s.yaml:4: 'functions.f0.exec: there is no program ./no-such-program; correct the path'
scenario '{exec: [no-such-program, a]}'
both s.yaml:4: 'functions.f0.exec: there is no program no-such-program beside the scenario, nor in the folders .*; install it, correct its name'
scenario '{exec: [/usr/bin/no-such-program]}'
both s.yaml:4: 'functions.f0.exec: there is no program /usr/bin/no-such-program;'
scenario '{exec: [./count.py]}'
both s.yaml:4: 'functions.f0.exec: .*/count.py is not executable; chmod +x it, or name its interpreter first'
scenario '{exec: [/etc/passwd]}'
both s.yaml:4: 'functions.f0.exec: /etc/passwd is not executable;'
scenario '{exec: [/usr/bin]}'
both s.yaml:4: 'functions.f0.exec: /usr/bin is a folder; name a program'
scenario '{exec: [sh, -c, "echo no model >&2; exit 4"]}'
refused 1 'f0: the program fails: it ended with status 4: no model' "${call[@]}"
scenario '{exec: [sleep, "100"], timeout: 200ms}'
refused 1 'did not end within its timeout of 0.2 s' "${call[@]}"
scenario '{plugin: count.so}'
refused 1 'it changes the state log, which it only reads' "$sfemu" call --argument arg --read log=log f0 s.yaml
refused 2 'defines no function f1' "$sfemu" call f1 s.yaml
# A run refuses what another user could have put there, and what nothing calls, before it begins.
chmod o+w count.so
refused 2 's.yaml:4: functions.f0:' "$sfemu" run s.yaml
refused 2 'may be written by everybody' "${call[@]}"
chmod o-w count.so
sed -i 's/  f0:/  blur:/' s.yaml
refused 2 's.yaml:4: functions.blur: nothing calls it' "$sfemu" run s.yaml

# Code that crashes takes `sfemu call` with it, and leaves nothing behind; nor does a program.
mkdir tmp
printf '#include <sfemu/function.h>\n#include <stdlib.h>\nstatic int f(struct sfe_call *call) { (void)call; abort(); }\nSFE_FUNCTION(f)\n' >crash.c
cc -shared -fPIC -I "$SOURCE/emu/include" -o crash.so crash.c
scenario '{plugin: crash.so}'
sed -i 's/  blur:/  f0:/' s.yaml
! (ulimit -c 0; TMPDIR=$PWD/tmp "$sfemu" call --argument arg f0 s.yaml) >log 2>&1 || fail "code that aborts succeeds"
scenario '{exec: [cat]}'
TMPDIR=$PWD/tmp "$sfemu" call --argument arg f0 s.yaml >out 2>log || fail "a program: $(cat log)"
[ -z "$(ls -A tmp)" ] || fail "sfemu call leaves $(ls tmp)"
