#!/usr/bin/env bash
# Code of the user's: who owns a link on the way to it chooses it, so links are looked at as the scenario writes them, also in a
# sweep; `..` leads to no program unseen; what is read is what is checked; a plugin whose tables lie costs no more than its size.
. "$(dirname "$0")/../lib.sh"
need_root
need setpriv cc python3

uid=4321
as_user() { setpriv --reuid $uid --regid $uid --clear-groups "$@"; }
chmod 755 "$TEST_TMP"
cd "$TEST_TMP"
mkdir own
mkdir -m 1777 shared
cc -std=c17 -shared -fPIC -I"$SOURCE/emu/include" -o own/state_at_first.so "$SOURCE/scenarios/plugins/state_at_first.c"
cat >own/count.c <<'C'
#include <sfemu/function.h>
static int count(struct sfe_call *call) { return sfe_output(call, 1) ? 0 : -1; }
SFE_FUNCTION(count)
C
cc -std=c17 -shared -fPIC -I"$SOURCE/emu/include" -o own/count.so own/count.c
printf '#!/bin/sh\ncat\n' >own/count.sh
chmod 755 own/count.sh
echo argument >argument
"$SFEMU" workload spar --hours 0.05 --seed 3 -o tasks.csv 2>/dev/null

scenario() { # FUNCTION, what it is
	printf '%s\nworkload: {tasks: %s/tasks.csv, functions: 1, jobs: 1}\nstrategies: [StateLocal]\nfunctions: {%s: %s}\n' \
		"$two_nodes" "$TEST_TMP" "$1" "$2" >own/s.yaml
}
call() { timeout 20 "$SFEMU" call --argument argument -o out f0 own/s.yaml >log 2>&1; }
estimate() { timeout 20 "$SFEMU" estimate --quiet --csv --set "strategies=$1" own/s.yaml >log 2>&1; }
run() { timeout 60 "$SFEMU" run --quiet --into "$TEST_TMP/results" own/s.yaml >log 2>&1; }
swept() { timeout 60 "$SFEMU" sweep --quiet --output "$TEST_TMP/swept" own/sweep.yaml >log 2>&1; }
printf 'base: s.yaml\nseeds: [1]\n' >own/sweep.yaml
refused() { # words, command…
	local words=$1 status=0
	shift
	"$@" || status=$?
	[ $status -ne 0 ] || fail "it is used: $*: $(cat own/s.yaml)"
	expect log "$words"
}

# Links of another user's, in a folder where everybody may make them: to the file, to its folder, over another link, and to a
# program of the system. The same links are fine if they are the invoker's own.
as_user ln -s "$TEST_TMP/own/count.so" shared/count.so
as_user ln -s "$TEST_TMP/own/count.sh" shared/count.sh
as_user ln -s "$TEST_TMP/own/state_at_first.so" shared/state_at_first.so
as_user ln -s "$TEST_TMP/own" shared/folder
as_user ln -s /bin/cat shared/cat
ln -s "$TEST_TMP/shared/count.so" own/over.so
theirs="belongs to uid $uid"
for who in theirs own; do
	for what in 'plugin: ../shared/count.so' "plugin: $TEST_TMP/shared/folder/count.so" 'plugin: over.so' \
		'exec: [../shared/count.sh]' "exec: [/bin/sh, $TEST_TMP/shared/folder/count.sh]" 'exec: [../shared/cat]'; do
		scenario f0 "{$what}"
		if [ $who = theirs ]; then
			refused "$theirs" call
			refused "$theirs" run
			refused "$theirs" swept
			[ ! -e swept/cells/0.part ] || fail "a cell was prepared"
		else
			call || fail "$what of the invoker's own: $(cat log)"
		fi
	done
	scenario f0 '{ops: 10, output: 10B}'
	for what in shared/state_at_first.so shared/folder/state_at_first.so; do
		if [ $who = theirs ]; then
			refused "$theirs" estimate $what
		else
			estimate $what || fail "$what of the invoker's own: $(cat log)"
		fi
	done
	chown -h 0:0 shared/*
done

# Words of `exec` with `..`: a path that begins as one of the system's but leads elsewhere is a file of the scenario.
mkdir stranger
cp own/count.sh stranger/count.sh
chown -R $uid stranger
for path in "/usr/../$TEST_TMP/stranger/count.sh" "/etc/./..$TEST_TMP/stranger/count.sh" "../stranger/count.sh" \
	"own/../../stranger/count.sh" "../stranger/./../stranger/count.sh"; do
	mkdir -p own/own
	scenario f0 "{exec: [$path]}"
	refused "$theirs" call
	scenario f0 "{exec: [/bin/sh, $path]}"
	refused "$theirs" call
done

# The file that is checked is the one that was read: another one in its place, also of the same owner, is seen. Two
# folders take each other's place all the time.
cat >swap.py <<'PY'
import ctypes, os, sys
libc, parent = ctypes.CDLL(None), os.getppid()
a, b = (p.encode() for p in sys.argv[1:])
open(sys.argv[1] + ".ready", "w").close()
while os.getppid() == parent:
    libc.renameat2(-100, a, -100, b, 2)  # RENAME_EXCHANGE
PY
mkdir own/a own/b
printf '#!/bin/sh\necho a\n' >own/a/which.sh
printf '#!/bin/sh\necho b\n' >own/b/which.sh
chmod 755 own/?/which.sh
python3 swap.py "$TEST_TMP/own/a" "$TEST_TMP/own/b" &
swapper=$!
ending='kill $swapper 2>/dev/null || true'
for i in $(seq 100); do [ -e own/a.ready ] && break; sleep 0.1; done
scenario f0 '{exec: [a/which.sh]}'
seen=0 used=0
for i in $(seq 200); do
	if call; then
		grep -qx '[ab]' out || fail "another output: $(cat out)"
		used=$((used + 1))
	else
		expect log 'is another file than the one that was read'
		seen=$((seen + 1))
	fi
	[ $seen -lt 3 ] || break
done
kill $swapper
wait $swapper 2>/dev/null || true
[ $seen -gt 0 ] || fail "of $used calls none noticed that the file was replaced"

# Plugins whose tables lie: many headers of one table, tables beyond the end, numbers that overflow. Each is refused
# within 20 s of processor time and 1 GiB of memory.
cat >wicked.py <<'PY'
import struct, sys
good = bytearray(open(sys.argv[1], "rb").read())
head = struct.Struct("<16sHHIQQQIHHHHHH")
h = list(head.unpack_from(good))
phoff, shoff, phnum, shnum = h[5], h[6], h[10], h[12]
top = 2**64 - 1
def write(name, data):
    open(f"wicked-{name}.so", "wb").write(data)
def with_head(name, **fields):
    new, data = list(h), bytearray(good)
    for key, value in fields.items():
        new[int(key[1:])] = value
    head.pack_into(data, 0, *new)
    write(name, data)
def sections(name, change):
    data = bytearray(good)
    for i in range(shnum):
        at = shoff + 64 * i
        s = list(struct.unpack_from("<IIQQQQIIQQ", data, at))
        if change(s):
            struct.pack_into("<IIQQQQIIQQ", data, at, *s)
    write(name, data)
def dynsym(**fields):
    def change(s):
        for key, value in fields.items():
            if s[1] == 11:
                s[int(key[1:])] = value
        return s[1] == 11
    return change
with_head("no-sections", _6=top - 10)
with_head("sections-at-end", _6=len(good) - 1)
with_head("programs-far", _5=top - 60)
with_head("sizes", _9=1, _11=1)
sections("symbols-far", dynsym(_4=top - 8))
sections("names-far", dynsym(_6=65535))
sections("names-self", dynsym(_6=0))
sections("no-symbols", dynsym(_5=0))
# All headers the file can name are of one table of 64 MiB, none of whose symbols has the name.
table = 64 << 20
data = bytearray(good) + b"\1" * table
new = list(h)
new[6], new[12] = len(data), 65535
head.pack_into(data, 0, *new)
one = struct.pack("<IIQQQQIIQQ", 0, 11, 0, 0, len(good), table, 0, 0, 8, 24)
write("many-tables", data + one * 65535)
# Segments: none of 65535 has the address, but the last.
data = bytearray(good)
new = list(h)
new[5], new[10] = len(data), 65535
head.pack_into(data, 0, *new)
write("many-segments", data + struct.pack("<IIQQQQQQ", 1, 4, 0, top, top, 1, 1, 1) * 65535)
PY
python3 wicked.py own/state_at_first.so
scenario f0 '{ops: 10, output: 10B}'
n=0
for file in wicked-*.so; do
	status=0
	(ulimit -t 20 -v 1048576; exec "$SFEMU" estimate --quiet --csv --set "strategies=$file" own/s.yaml) >log 2>&1 || status=$?
	[ $status -eq 2 ] || { cat log >&2; fail "$file as a strategy: status $status"; }
	expect log "$file: it names no strategy"
	n=$((n + 1))
done
[ $n -eq 10 ] || fail "$n files were tried"
