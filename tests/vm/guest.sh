#!/usr/bin/env bash
# The guest as a product: a build that is interrupted, killed and goes on, fails and says why; list, remove, shell. The
# build is that of a toy kernel: sources that take seconds and end in a copy of the kernel that is there.
. "$(dirname "$0")/../lib.sh"
need python3
export TEST_TMP

real=$("$SOURCE/tools/guest-kernel/build.sh" --print-path)
cache=${real%/guest-kernel/*} tools=$SOURCE/tools
mkdir -p "$TEST_TMP/tools/guest-kernel/patches" "$TEST_TMP/toy-1" "$TEST_TMP/home"
cp "$SOURCE/tools/guest-kernel/build.sh" "$TEST_TMP/tools/guest-kernel/"
printf '# what a toy needs\nCONFIG_TOY=y\n' >"$TEST_TMP/tools/guest-kernel/config"
cat >"$TEST_TMP/toy-1/Makefile" <<'MAKE'
objects := $(foreach i,$(shell seq 30),f$(i).o)
allnoconfig:
	cp $(KCONFIG_ALLCONFIG) .config
linux: $(objects)
	cp $(TOY_KERNEL) linux
%.o:
	@echo "  CC      $@"
	@if [ -n "$(TOY_FAILS)" ] && [ $@ = f20.o ]; then echo "cc1: $(TOY_FAILS)"; exit 1; fi
	@sleep 0.2; echo compiled >>$(TOY_LOG); touch $@
MAKE
printf -- '--- a/toy.txt\n+++ b/toy.txt\n@@ -1 +1 @@\n-a toy\n+a patched toy\n' >"$TEST_TMP/tools/guest-kernel/patches/0001-toy.patch"
echo 'a toy' >"$TEST_TMP/toy-1/toy.txt"
tar -C "$TEST_TMP" -cJf "$TEST_TMP/toy.tar.xz" toy-1
export TOY_KERNEL=$real TOY_LOG=$TEST_TMP/compiled SFEMU_LINUX_SOURCE=$TEST_TMP/toy.tar.xz SFEMU_TOOLS=$TEST_TMP/tools
export SFEMU_CACHE=$TEST_TMP/cache
: >"$TOY_LOG"

after() { # files, command…: starts it, waits until so many files are compiled, leaves its process in $pid
	local n=$1 i
	shift
	# With default signals: in the background of a script SIGINT would be ignored.
	setsid env --default-signal=INT "$@" >"$TEST_TMP/log" 2>&1 &
	pid=$!
	for i in $(seq 200); do
		[ "$(wc -l <"$TOY_LOG")" -ge "$n" ] && return 0
		sleep 0.05
	done
	cat "$TEST_TMP/log"
	fail "nothing is compiled"
}
ended() { # signal status [-: to its process group, as a terminal does]
	kill -"$1" -- "${3:-}$pid"
	status=0
	wait "$pid" || status=$?
	[ $status -eq "$2" ] || { cat "$TEST_TMP/log"; fail "status $status and not $2 after SIG$1"; }
}

after 4 "$SFEMU" guest build
ended INT 130 -
expect "$TEST_TMP/log" 'interrupted; what is compiled is kept'
expect_mine_gone "an interrupted build"
after 10 "$SFEMU" guest build
ended KILL 137
expect_mine_gone "a killed build"
n=$(wc -l <"$TOY_LOG")
[ "$n" -lt 30 ] || fail "the build had ended before it was killed"
status=0
TOY_FAILS='error: toys break' "$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "a build that fails: status $status"; }
expect "$TEST_TMP/log" 'cc1: error: toys break'
expect "$TEST_TMP/log" 'the build fails; above are its last lines, all of them are in .*build.log'
status=0
TOY_FAILS='No space left on device' "$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || status=$?
expect "$TEST_TMP/log" 'the build fails: the disk is full'
"$SFEMU" guest list >"$TEST_TMP/list"
expect "$TEST_TMP/list" '^toy-[0-9a-f-]* .*unfinished'
"$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the build does not go on"; }
expect "$TEST_TMP/log" 'going on with the build that was interrupted'
expect "$TEST_TMP/log" 'boots in .*netem .*clock jumps over'
# What was compiled before each stop was not compiled again, but for what was at work then: at most two files a stop.
[ "$(wc -l <"$TOY_LOG")" -le 36 ] || fail "$(wc -l <"$TOY_LOG") files compiled for 30"
compiled=$(wc -l <"$TOY_LOG")
"$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || fail "building again"
expect "$TEST_TMP/log" 'is built already'

# What has another name than the one asked for is refused.
status=0
TOY_KERNEL=/bin/true "$SFEMU" guest build --force >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "another program: status $status"; }
expect "$TEST_TMP/log" 'the built kernel calls itself'
# One that has the name but does not boot is renamed. It must be an ELF file for strip.
printf '#include <stdio.h>\nint main(int n, char **a) { (void)a; if (n > 2) return 3; puts("6-sfemu"); return 0; }\n' >"$TEST_TMP/not.c"
gcc -o "$TEST_TMP/not" "$TEST_TMP/not.c"
status=0
TOY_KERNEL=$TEST_TMP/not "$SFEMU" guest build --force >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || { cat "$TEST_TMP/log"; fail "a kernel that does not boot: status $status"; }
expect "$TEST_TMP/log" 'does not pass: guest: it died: it ended with status 3'
expect "$TEST_TMP/log" 'renamed to'
"$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "building after that"; }

# Missing tools are named with their packages.
mkdir "$TEST_TMP/bin"
for tool in bash id stat sha256sum cut cat basename awk mkdir dirname; do
	ln -s "$(command -v $tool)" "$TEST_TMP/bin/"
done
status=0
PATH=$TEST_TMP/bin SFEMU_CACHE=$TEST_TMP/other "$SFEMU" guest build >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 1 ] || fail "without tools: status $status"
expect "$TEST_TMP/log" 'tools are missing: apt-get install.* flex bison.* xz-utils'

# List and remove.
"$SFEMU" guest list >"$TEST_TMP/list"
expect "$TEST_TMP/list" '^toy-[0-9a-f-]* .*\(virtual\|both\) .* used'
name=$(awk '/^toy-.* used/ { print $1 }' "$TEST_TMP/list")
mkdir -p "$SFEMU_CACHE/guest-kernel/old-1"
cp "$real" "$SFEMU_CACHE/guest-kernel/old-1/linux"
"$SFEMU" guest remove --unused >"$TEST_TMP/log"
expect "$TEST_TMP/log" '^removed old-1 '
expect "$TEST_TMP/log" 'MB freed'
if [ -d /var/cache/sfemu/guest-kernel ]; then
	[ -x "$real" ] || fail "it removed what is not in its cache"
fi
status=0
"$SFEMU" guest remove nothing >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] || fail "a name that is none: status $status"
"$SFEMU" guest remove "$name" >"$TEST_TMP/log"
expect "$TEST_TMP/log" "^removed $name "
[ ! -e "$SFEMU_CACHE/guest-kernel/$name" ] || fail "it is still there"

# A shell: output, errors, status; files read-only; a sleep takes no time; a terminal.
export SFEMU_GUEST_KERNEL=$real
status=0
start=$SECONDS
"$SFEMU" guest shell -- sh -c 'echo "out $1"; echo err >&2; sleep 100000; touch /x; exit 7' - 'a b%2C,"c"' \
	>"$TEST_TMP/out" 2>"$TEST_TMP/err" || status=$?
[ $status -eq 7 ] || fail "status $status and not 7"
[ "$(cat "$TEST_TMP/out")" = 'out a b%2C,"c"' ] || fail "out: $(cat "$TEST_TMP/out")"
expect "$TEST_TMP/err" '^err'
expect "$TEST_TMP/err" 'Read-only file system'
[ $((SECONDS - start)) -lt 20 ] || fail "a sleep took its time"
cmp <("$SFEMU" guest shell -- seq 50000) <(seq 50000) || fail "output is lost"
status=0
"$SFEMU" guest shell </dev/null >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 2 ] || fail "a shell without a terminal: status $status"
python3 "$SOURCE/tests/vm/terminal.py" "$SFEMU" virtual || fail "a shell in a terminal"
unset SFEMU_GUEST_KERNEL
# Where the processor has AMX, both clocks have the kernel that is built.
export SFEMU_CACHE=$cache SFEMU_TOOLS=$tools
unset SFEMU_LINUX_SOURCE
if [ -x /usr/bin/linux.uml ]; then
	python3 "$SOURCE/tests/vm/terminal.py" "$SFEMU" real || fail "a shell in a terminal, with the real clock"
else
	echo "SKIPPED: a shell with the real clock: Debian's user-mode-linux is not installed"
fi
expect_mine_gone "shells"
echo "interrupted, killed, failed twice, and finished with $compiled of 30 files compiled"
