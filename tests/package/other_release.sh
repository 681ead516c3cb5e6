#!/usr/bin/env bash
# The other one of the two Debian releases, from a clean root as a newcomer meets it: the quickstart installs, builds and runs;
# the unit tests pass, also the one that compares the two HTTP libraries; the results are those of this release, although
# compiler, libraries and guest kernel differ. The package names of --tests are known, packages are made, and the AppArmor
# profile is one where AppArmor knows its rule.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../roots.sh"

. /etc/os-release
case $VERSION_CODENAME in
trixie) other=bookworm ;;
*) other=trixie ;;
esac
mkdir -m 755 "$TEST_TMP/exchange" "$TEST_TMP/exchange/sfemu" "$TEST_TMP/exchange/library"
library=$(sed -n 's/^SFE_REPORT_LIBRARY:PATH=//p' "$BUILD/CMakeCache.txt")
cp -r "${library:-$BUILD/report-library/node_modules}"/{d3,@observablehq} "$TEST_TMP/exchange/library"
mkdir -p "$cache/roots/guest-kernels"
tar -C "$SOURCE" -c --exclude='./build*' --exclude=./results --exclude=./.git . | tar -C "$TEST_TMP/exchange/sfemu" -x

root=$(debian_root "$other")
in_root "$root" "$TEST_TMP/exchange:/mnt" "$cache/roots/guest-kernels:/var/cache/sfemu" >"$TEST_TMP/log" 2>&1 <<'EOF' || { tail -n 60 "$TEST_TMP/log"; fail "in the root of $other"; }
step() { echo "== $SECONDS s: $*"; }
step packages
cp -r /mnt/sfemu /root/sfemu
cd /root/sfemu
tools/bootstrap.sh
step the quickstart
# As it configures itself, but for three things: warnings are errors, the prefix is that of the packages, and what the report is
# drawn with comes from this system's build, since a registry of npm may be reachable by this system's settings only.
cmake -B build -DSFE_WERROR=ON -DCMAKE_INSTALL_PREFIX=/usr -DSFE_REPORT_LIBRARY=/mnt/library >/dev/null
[ -z "$(tools/bootstrap.sh --check | grep missing)" ]
scenarios/quickstart.sh --into /mnt/results

step packages of the tests
missing=$(! tools/bootstrap.sh --tests --check | sed -n 's/^to install them: apt-get update && //p')
[ -n "$missing" ]
$missing --simulate >/dev/null
apt-get install -y --no-install-recommends libcunit1-dev libhttp-parser-dev curl apparmor file >/dev/null
step unit tests
rm -rf build/*.deb
cmake -B build -DSFE_TESTS=ON >/dev/null
cmake --build build -j"$(nproc)" >/tmp/log 2>&1 || { tail -n 40 /tmp/log; exit 1; }
ctest --test-dir build -j"$(nproc)" --output-on-failure
step our packages
(cd build && cpack -G DEB >/dev/null)
dpkg-deb -f build/sfemu_*.deb Depends
dpkg-deb -c build/sfemu_*.deb >/tmp/files
[ -z "$(grep ' ./usr/etc' /tmp/files)" ]
. /etc/os-release
if [ "$VERSION_ID" -ge 13 ]; then
	build/test_http_libraries
	dpkg-deb -f build/sfemu_*.deb Depends | grep llhttp
	apt-get install -y --no-install-recommends ./build/sfemu_*.deb ./build/sfemu-guest-kernel_*.deb
	grep ' ./etc/apparmor.d/sfemu$' /tmp/files
	grep -q . /var/lib/dpkg/info/sfemu.conffiles
	apparmor_parser --skip-kernel-load --skip-cache /etc/apparmor.d/sfemu
	sed 's/userns,/usernames,/' /etc/apparmor.d/sfemu >/tmp/wrong
	if apparmor_parser --skip-kernel-load --skip-cache /tmp/wrong; then exit 1; fi
fi
step done
EOF
grep '^== ' "$TEST_TMP/log"

# The guest kernel is another compiler's: its digest is the only difference.
"$SFEMU" run --quiet --into "$TEST_TMP/here" "$SOURCE/scenarios/iiot.yaml" >/dev/null
digest() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["guest_kernel"]["xxh3"])' "$1/manifest.json"; }
ours=$(digest "$TEST_TMP/here")
theirs=$(digest "$TEST_TMP/exchange/results")
sed -i "s/$theirs/$ours/" "$TEST_TMP/exchange/results/manifest.json"
"$SFEMU" diff "$TEST_TMP/here" "$TEST_TMP/exchange/results" >"$TEST_TMP/diff" || { cat "$TEST_TMP/diff"; fail "$other finds something else"; }
cat "$TEST_TMP/diff"
