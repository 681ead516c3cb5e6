#!/usr/bin/env bash
# long: a minute or two
# Whose scripts and kernels root executes: those that were installed with the program; those of its own tree if nobody else can write
# them; what the environment names only if nobody else could have put it there. A kernel whose bytes are not those that were built does
# not start.
. "$(dirname "$0")/../lib.sh"
need_root

uid=4321
real=${SFEMU_GUEST_KERNEL:-$("$SOURCE/tools/guest-kernel/build.sh" --print-path)}
unset SFEMU_GUEST_KERNEL
chmod 755 "$TEST_TMP"
# Who called sudo may have no entry in the table of users. 3: no kernel is built.
status=0
SUDO_UID=$uid SUDO_GID=$uid SFEMU_CACHE=$TEST_TMP "$SOURCE/tools/guest-kernel/build.sh" --print-path >"$TEST_TMP/log" 2>&1 || status=$?
[ $status -eq 0 ] || [ $status -eq 3 ] || { cat "$TEST_TMP/log"; fail "an unknown user's cache: status $status"; }
tree=$TEST_TMP/tree
mkdir -p "$tree"
cp -r "$SOURCE"/{CMakeLists.txt,README.md,docs,emu,nodes,shaper,scenarios,tests,tools} "$tree/"
# A build folder of the tree's own, by what there is: only where the program lies and what was compiled in count.
cmake -S "$tree" -B "$tree/build" -DSFE_WERROR=ON -DSFE_TESTS=OFF -DSFE_REPORT_LIBRARY="$(sed -n 's/^SFE_REPORT_LIBRARY:PATH=//p' "$BUILD/CMakeCache.txt" | grep . || echo "$BUILD/report-library/node_modules")" >"$TEST_TMP/log" 2>&1 &&
	cmake --build "$tree/build" -j2 --target sfemu manual libsfemu >>"$TEST_TMP/log" 2>&1 || { tail -n 20 "$TEST_TMP/log"; fail "the build"; }
cmake --install "$tree/build" --prefix "$TEST_TMP/usr" >"$TEST_TMP/log" 2>&1 || { tail -n 5 "$TEST_TMP/log"; fail "the installation"; }
mark() { # file: a script that shows that it was executed
	printf '#!/bin/sh\necho executed >>%s\nexit 3\n' "$TEST_TMP/executed" >"$1"
}
executes() { # yes|no what command…
	local want=$1 what=$2 ran=no
	shift 2
	rm -f "$TEST_TMP/executed"
	"$@" >"$TEST_TMP/log" 2>&1 || true
	[ ! -e "$TEST_TMP/executed" ] || ran=yes
	[ $ran = "$want" ] || { cat "$TEST_TMP/log"; fail "$what: executed: $ran"; }
}
script=$tree/tools/guest-kernel/build.sh
mark "$script"
executes yes "the tree's own" "$tree/build/sfemu" guest build
executes no "an installed program, the tree's script" "$TEST_TMP/usr/bin/sfemu" guest build --help
executes no "an installed program, the tree's script" "$TEST_TMP/usr/bin/sfemu" guest list
for change in "chmod 777 $tree/tools" "chown $uid $tree/tools/guest-kernel" "chmod o+w $script" "chown $uid $script" "chgrp $uid $tree; chmod g+w $tree"; do
	sh -c "$change"
	executes no "$change" "$tree/build/sfemu" guest build
	expect "$TEST_TMP/log" 'so it is not used'
	chown -R root:root "$tree"
	chmod -R go-w "$tree"
done
executes yes "set right again" "$tree/build/sfemu" guest build
# Who called sudo may own the tree.
chown -R $uid "$tree"
executes no "a user's tree, for root" "$tree/build/sfemu" guest build
SUDO_UID=$uid SUDO_GID=$uid executes yes "a user's tree, by sudo" "$tree/build/sfemu" guest build
# A link on the way.
mkdir -p "$TEST_TMP/theirs/guest-kernel"
mark "$TEST_TMP/theirs/guest-kernel/build.sh"
chown -R $uid "$TEST_TMP/theirs"
ln -s "$TEST_TMP/theirs" "$TEST_TMP/mine"
SFEMU_TOOLS=$TEST_TMP/theirs executes no "SFEMU_TOOLS of another user" "$SFEMU" guest build
SFEMU_TOOLS=$TEST_TMP/mine executes no "SFEMU_TOOLS by a link" "$SFEMU" guest build

# Kernels.
refused() { # words command…
	local words=$1 status=0
	shift
	"$@" >"$TEST_TMP/log" 2>&1 || status=$?
	[ $status -ne 0 ] || { cat "$TEST_TMP/log"; fail "not refused: $*"; }
	expect "$TEST_TMP/log" "$words"
}
one=("$SFEMU" run --quiet --set workload.jobs=1 --set topology.premises=1 --set "results=$TEST_TMP/results" "$SOURCE/scenarios/iiot.yaml")
mkdir -m 755 "$TEST_TMP/kernel"
install -m 755 "$real" "$TEST_TMP/kernel/linux"
sha256sum <"$real" | cut -d' ' -f1 >"$TEST_TMP/kernel/linux.sha256"
export SFEMU_GUEST_KERNEL=$TEST_TMP/kernel/linux
"${one[@]}" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "a kernel with its digest"; }
printf 'x' | dd of="$SFEMU_GUEST_KERNEL" bs=1 seek=4000000 conv=notrunc 2>/dev/null
refused 'is not the kernel that was built: its SHA-256' "${one[@]}"
refused 'is not the kernel that was built: its SHA-256' "$BUILD/without" namespaces -- "${one[@]}" --unconfined
install -m 777 "$real" "$SFEMU_GUEST_KERNEL"
refused 'may be written by everybody' "${one[@]}"
chmod 755 "$SFEMU_GUEST_KERNEL"
chown $uid "$SFEMU_GUEST_KERNEL"
refused "belongs to uid $uid" "${one[@]}"
unset SFEMU_GUEST_KERNEL
# The cache, and the source, that the environment names.
mkdir -p "$TEST_TMP/cache"
chown $uid "$TEST_TMP/cache"
refused "SFEMU_CACHE: .* belongs to uid $uid" env SFEMU_CACHE="$TEST_TMP/cache" "$SOURCE/tools/guest-kernel/build.sh" --print-path
refused "SFEMU_CACHE: .* belongs to uid $uid" env SFEMU_CACHE="$TEST_TMP/cache" "$SFEMU" guest build
touch "$TEST_TMP/theirs/source.tar.xz"
refused "SFEMU_LINUX_SOURCE: .* belongs to uid $uid" env SFEMU_CACHE="$TEST_TMP/own" SFEMU_LINUX_SOURCE="$TEST_TMP/theirs/source.tar.xz" "$SOURCE/tools/guest-kernel/build.sh"
