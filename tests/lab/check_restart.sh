#!/usr/bin/env bash
# After an upgrade of the kernel without a restart, the running one cannot load its modules: `sfemu check` says to restart, and not to
# call modprobe, for what is missing; and nothing of it where its modules are there.
. "$(dirname "$0")/../lib.sh"
need_root
alone "$@"

modules=/lib/modules
if [ ! -e "$modules" ]; then
	mkdir "$modules" 2>/dev/null || skip "no folder $modules, and none can be made"
	ending='umount "$modules" && rmdir "$modules"'
fi
mount -t tmpfs tmpfs "$modules"
check() {
	"$SFEMU" check >"$TEST_TMP/check" 2>&1 || true
	cat "$TEST_TMP/check"
}
check
if ! grep -q '^netem *missing' "$TEST_TMP/check"; then
	skip "this kernel has netem loaded: tests/native/upgrade.sh is for that"
fi
! grep -q 'restart' "$TEST_TMP/check" || fail "restart, though no other kernel is installed"
mkdir -p "$modules/9.1.0-1" "$modules/9.10.0-1" "$modules/10.1.0-none"
touch "$modules/9.1.0-1/modules.dep" "$modules/9.10.0-1/modules.dep"
check
expect "$TEST_TMP/check" "^netem *missing .*; restart this machine: the modules of its kernel, $(uname -r), are gone, those of 9.10.0-1 are installed"
! grep -q 'missing.*modprobe' "$TEST_TMP/check" || fail "modprobe is recommended, though it cannot work"
mkdir "$modules/$(uname -r)"
touch "$modules/$(uname -r)/modules.dep"
check
expect "$TEST_TMP/check" '^netem *missing .*; modprobe'
! grep -q 'restart' "$TEST_TMP/check" || fail "restart, though the kernel's modules are there"
