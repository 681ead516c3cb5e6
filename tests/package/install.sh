#!/usr/bin/env bash
# The packages in a clean Debian of this release: apt installs them with what they say they depend on, an ordinary user runs the
# quickstart's scenario with them, without a compiler, and finds what the tree finds; a program of the user's own builds with
# sfemu-dev; a kernel that is not the one of the package is refused; purging them leaves nothing.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../roots.sh"

. /etc/os-release
library=$(sed -n 's/^SFE_REPORT_LIBRARY:PATH=//p' "$BUILD/CMakeCache.txt")
"$SOURCE/tools/package.sh" -DSFE_WERROR=ON -DSFE_REPORT_LIBRARY="${library:-$BUILD/report-library/node_modules}" >"$TEST_TMP/packages"
[ "$(wc -l <"$TEST_TMP/packages")" -eq 3 ] || { cat "$TEST_TMP/packages"; fail "not three packages"; }
mkdir -m 755 "$TEST_TMP/exchange"
xargs cp -t "$TEST_TMP/exchange" <"$TEST_TMP/packages"
cp "$SOURCE/scenarios/two_sites.c" "$SOURCE/scenarios/plugins/state_at_first.c" "$TEST_TMP/exchange"

root=$(debian_root "$VERSION_CODENAME")
in_root "$root" "$TEST_TMP/exchange:/mnt" >"$TEST_TMP/log" 2>&1 <<'EOF' || { tail -n 40 "$TEST_TMP/log"; fail "in the clean root"; }
dpkg -l | awk '/^ii/ { print $2 }' | sort >/tmp/before
apt-get install -y --no-install-recommends /mnt/sfemu_*.deb /mnt/sfemu-guest-kernel_*.deb
# Not `! command`: set -e does not see that.
if command -v gcc || command -v make; then exit 1; fi
useradd -m user
as_user() {
	cd /home/user
	setpriv --reuid=user --regid=user --clear-groups --inh-caps=-all env HOME=/home/user USER=user "$@"
}
as_user sfemu check | tee /tmp/check
as_user sfemu guest list
grep '^guest, virtual clock *yes */usr/lib/sfemu/guest-kernel/' /tmp/check
grep '^kill -9 leaves nothing *yes *PID and mount namespaces in a user namespace' /tmp/check
as_user sfemu run /usr/share/sfemu/scenarios/iiot.yaml
cp -r /home/user/results/iiot-* /mnt/results

# The library.
apt-get install -y --no-install-recommends gcc libc6-dev pkg-config /mnt/sfemu-dev_*.deb
cmp /mnt/two_sites.c /usr/share/doc/sfemu-dev/examples/two_sites.c
cd /tmp
gcc -std=gnu17 -Wall -Werror -o /usr/local/bin/two_sites /mnt/two_sites.c $(pkg-config --cflags --libs sfemu)
as_user two_sites >/tmp/two_sites
grep '^and measurement' /tmp/two_sites
printf '%s\n' '#include <sfemu/function.h>' 'static int size(struct sfe_call *c) { char *o = sfe_output(c, 1); if (!o) return -1; *o = 0x61;' \
	'sfe_compute(c, c->argument_bytes); return 0; }' 'SFE_FUNCTION(size)' >/tmp/size.c
gcc -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags sfemu) -o /tmp/size.so /tmp/size.c
sed 's|^workload:|functions: {f0: {plugin: /tmp/size.so}}\n&|; s|workloads/|/usr/share/sfemu/scenarios/workloads/|' \
	/usr/share/sfemu/scenarios/iiot.yaml >/tmp/size.yaml
[ "$(as_user sfemu call --argument /tmp/size.c f0 /tmp/size.yaml)" = a ]
as_user sfemu run --set strategies=StateLocal --set workload.jobs=5 /tmp/size.yaml

# A strategy of the user's own.
cmp /mnt/state_at_first.c /usr/share/doc/sfemu-dev/examples/state_at_first.c
gcc -std=c17 -Wall -Werror -shared -fPIC -o /usr/local/lib/state_at_first.so /mnt/state_at_first.c $(pkg-config --cflags sfemu)
as_user sfemu run --set strategies=StateLocal,/usr/local/lib/state_at_first.so /usr/share/sfemu/scenarios/iiot.yaml >/tmp/strategy
grep '^state_at_first  *60/60' /tmp/strategy

# A kernel whose bytes are others.
kernel=$(as_user /usr/share/sfemu/tools/guest-kernel/build.sh --print-path)
printf x >>"$kernel"
if as_user sfemu run /usr/share/sfemu/scenarios/iiot.yaml >/tmp/refused 2>&1; then exit 1; fi
grep 'is not the kernel that was built: its SHA-256' /tmp/refused

apt-get purge -y sfemu sfemu-dev sfemu-guest-kernel
shopt -s nullglob
left=(/usr/share/doc/sfemu*)
for path in /usr/lib/sfemu /usr/share/sfemu /usr/include/sfemu /etc/apparmor.d/sfemu /usr/etc /usr/bin/sfemu; do
	[ ! -e $path ] || left+=("$path")
done
[ ${#left[@]} -eq 0 ] || { printf 'left: %s\n' "${left[@]}"; exit 1; }
EOF

"$SFEMU" run --quiet --into "$TEST_TMP/here" "$SOURCE/scenarios/iiot.yaml" >/dev/null
"$SFEMU" diff "$TEST_TMP/here" "$TEST_TMP/exchange/results" >"$TEST_TMP/diff" || { cat "$TEST_TMP/diff"; fail "the installed program finds something else"; }
cat "$TEST_TMP/diff"
