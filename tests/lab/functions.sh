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

# States by name: files that are there or not, names without a file, a name twice, one that is a state of the step.
cat >named.c <<'C'
#include <errno.h>
#include <sfemu/function.h>
#include <string.h>

static int named(struct sfe_call *call)
{
	const void *data;
	uint64_t bytes;
	char all[64] = "";
	int r = sfe_get(call, "there", &data, &bytes);

	if (r || bytes > 40)
		return r == -ENOENT ? sfe_refuse(call, "nothing is there") : -1;
	memcpy(all, data, bytes);
	memcpy(all + bytes, call->argument, call->argument_bytes);
	if (sfe_put(call, "there", all, bytes + call->argument_bytes) || sfe_put(call, "new", "n", 1) || sfe_put(call, "without", "ww", 2))
		return -1;
	if (sfe_get(call, "new", &data, &bytes) || bytes != 1 || sfe_get(call, "never", &data, &bytes) != -ENOENT)
		return -1;
	return sfe_delete(call, "old") || sfe_delete(call, "old") != -ENOENT ? -1 : 0;
}
SFE_FUNCTION(named)
C
cc -Wall -Wextra -Werror -shared -fPIC "${cflags[@]}" -o named.so named.c
scenario '{plugin: named.so}'
printf 'first ' >there
printf 'o' >old
call_named() { "$sfemu" call --argument arg --named there=there --named new=new --named old=old "$@" f0 s.yaml; }
call_named >out 2>said || fail "states by name: $(cat said)"
grep -qx 'f0: 0 operations, output 0 bytes, there 17 bytes, new 1 bytes, old deleted, without 2 bytes (not written: --named gives it a file)' said ||
	fail "states by name: $(cat said)"
[ "$(cat there)" = 'first an argument' ] && [ "$(cat new)" = n ] && [ ! -e old ] || fail "the files of states by name"

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
rm there
scenario '{plugin: named.so}'
refused 1 'nothing is there' call_named
printf 1 >there
refused 1 'state there: it is one of the step' "$sfemu" call --argument arg --state there=there f0 s.yaml
refused 2 '--named has there twice' call_named --named there=new
refused 2 "'there' is not NAME=FILE" "$sfemu" call --named there f0 s.yaml
scenario '{plugin: count.so, ops: 2 * argument}'
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
