#!/usr/bin/env bash
# Makes gcc-VERSION.tar.xz beside this script: how often the guest kernel's branches were taken in some runs, with which
# ../build.sh lays out and inlines its code (gcc's -fprofile-use). Builds a kernel that counts, runs scenarios in it and sums
# their counts. To be run again after a new version of linux-source or a new patch: functions that have changed since are
# compiled as if there were no profile. Takes about ten minutes on two cores, and 2.5 GB for a while.
#
#   SFEMU=build/sfemu tools/guest-kernel/profile/make.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
sfemu=${SFEMU:-$top/build/sfemu}
to=$here/gcc-$(gcc -dumpversion | cut -d. -f1).tar.xz
work=$(mktemp -d /var/tmp/sfemu-profile.XXXXXX)
trap 'rm -rf "$work"' EXIT

mkdir "$work/guest-kernel"
cp -r "$here/../build.sh" "$here/../config" "$here/../patches" "$work/guest-kernel/"
cat "$here/counting.config" >>"$work/guest-kernel/config"
cp "$here/counting.patch" "$work/guest-kernel/patches/9999-counting.patch"
kernel=$(SFEMU_CACHE=$work/cache "$work/guest-kernel/build.sh")

# What packets of bulk and of small messages, losses, faults and namespaces take. Each guest has its own counts.
count() { # node scenario option…
	local node=$1 scenario=$2
	shift 2
	SFEMU_GUEST_KERNEL=$kernel "$sfemu" run --vm --clock virtual --quiet --exec "$node: $here/collect.sh" "$@" --into "$work/run" \
		"$top/scenarios/$scenario.yaml" >"$work/log" 2>&1 || {
		tail -n 5 "$work/log" >&2
		exit 1
	}
	mv "$work/run/counts" "$work/counts-$((++runs))"
	rm -rf "$work/run"
}
runs=0
count rpi3_0 paper-base --set topology.generate=urban --set strategies=PureFaaS
count rpi3_0 paper-base --set strategies=StateLocal
count rpi3_0 iiot --set strategies=StatePropagate
count rpi3_0 lossy --set strategies=StateLocal
count rpi3_0 chaos --set strategies=StateLocal

python3 "$here/sum_counts.py" "$work/profile" "$work"/counts-*
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --mode=a+rX,u+w -C "$work/profile" -c . | xz -9e >"$to.new"
mv "$to.new" "$to"
echo "$to: $(stat -c %s "$to") bytes, of $runs runs"
