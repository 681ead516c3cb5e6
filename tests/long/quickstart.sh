#!/usr/bin/env bash
# scenarios/quickstart.sh as a whole, on a Debian VM with netem and a network: it installs what is missing, builds, and prints the table
# of README, and all else that this machine prints, to the byte. The guest kernel is the VM image's: building it under TCG would take an
# hour. The rest takes half an hour there, most of it the compiler.
. "$(dirname "$0")/../lib.sh"
need qemu-system-x86_64 python3
curl -sfI -m 20 http://deb.debian.org/debian/ >/dev/null || skip "no network, which installing packages needs"
image=$("$SOURCE/tests/native/image") || fail "no image"

mkdir "$TEST_TMP/sfemu"
tar -C "$SOURCE" --exclude=./.git --exclude='./build*' --exclude=./results --exclude=./tests/fuzz/corpus -c . | tar -C "$TEST_TMP/sfemu" -x
# The certificates that this machine trusts: some networks have one of their own.
"$SOURCE/tools/vm/run.sh" --image "$image" --network --memory 3G --with "$TEST_TMP/sfemu" --with /etc/ssl/certs/ca-certificates.crt --output "$TEST_TMP/out" --timeout 3300 -- sh -c '
	cp ca-certificates.crt /etc/ssl/certs/
	apt-get -qq remove -y sfemu >/dev/null && ! command -v sfemu || exit 9
	sfemu/scenarios/quickstart.sh >"$OUT/log" || exit
	sfemu/build/sfemu check >"$OUT/check"' ||
	{ status=$?; cat "$TEST_TMP/out/log" || true; fail "the quickstart ends with status $status"; }
expect "$TEST_TMP/out/check" '^scenarios run here: natively; in a guest with the virtual clock'
cd "$SOURCE"
command='build/sfemu run scenarios/iiot.yaml'
python3 tests/lab/documents.py shown README.md "$command" "$TEST_TMP/out/log" || fail "not the table of README"
"$SFEMU" ${command#* } --into "$TEST_TMP/here" >"$TEST_TMP/log" 2>/dev/null || fail "$command"
tables() { sed -n '/response time/,/^$/p; /^fidelity/,/^StateLocal/p' "$1"; }
tables "$TEST_TMP/log" >"$TEST_TMP/tables"
[ "$(wc -l <"$TEST_TMP/tables")" -ge 12 ] || { cat "$TEST_TMP/log"; fail "no tables"; }
tables "$TEST_TMP/out/log" | diff "$TEST_TMP/tables" - || fail "other tables than here"
