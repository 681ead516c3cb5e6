#!/usr/bin/env bash
# After an upgrade of the kernel without a restart, `sfemu check` says to restart. Only in a VM, whose modules nobody else needs.
. "$(dirname "$0")/../lib.sh"
need_native
[ -e /usr/local/lib/sfemu-vm/job ] || skip "takes this kernel's modules away: only in the VM of tools/vm"

here=/lib/modules/$(uname -r)
mv "$here" "$here.gone"
ending='mv "$here.gone" "$here"'
for m in act_police sch_netem; do
	! grep -q "^$m " /proc/modules || rmmod $m || fail "$m is in use"
done
rm "$here.gone/modules.dep" # what is left of an old kernel
ending='mv "$here.gone" "$here"; depmod'
mkdir -p /lib/modules/99.0-new
touch /lib/modules/99.0-new/modules.dep
"$SFEMU" check | tee "$TEST_TMP/check" || true
expect "$TEST_TMP/check" "^netem *missing .*; restart this machine: the modules of its kernel, $(uname -r), are gone, those of 99.0-new are"
status=0
"$SFEMU" run --native "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || status=$?
cat "$TEST_TMP/log"
[ $status -eq 2 ] || fail "status $status and not 2"
rm -r /lib/modules/99.0-new
