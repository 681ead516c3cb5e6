#!/usr/bin/env bash
# Builds sfemu and runs every test. Ends with "N passed, N failed, N skipped"; exit status 1 if one failed.
#
#   sudo tests/run.sh             everything that CI runs
#   sudo tests/run.sh --long      that, tests/native in any case, and tests/long, which takes another hour
#   tests/run.sh NAME…            only tests whose name contains one of these words
#
# A test is a program that exits with 0 (passed), 77 (skipped; it says why) or anything else (failed). Those under
# tests/lab need root and make namespaces on this kernel, those under tests/vm run in a guest; tests/security attacks both;
# tests/package makes packages and uses them in clean Debian roots, which are cached beside the guest kernel. Those under
# tests/native need a kernel with netem: where this one has none, they run in a VM, if its image is cached there.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

passed=0
failed=()
skipped=0
long=no
[ "${1:-}" != --long ] || { long=yes; shift; }
only=("$@")
work=$(mktemp -d)
chmod 711 "$work" # tests that go on as another user reach their own folder through it
trap 'rm -rf "$work"' EXIT

chosen() {
	[ ${#only[@]} -eq 0 ] && return 0
	for word in "${only[@]}"; do
		case $1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

run_test() { # name command…
	local name=$1 status start=$SECONDS
	shift
	chosen "$name" || return 0
	TEST_TMP=$(mktemp -d "$work/XXXXXX") timeout "${limit:-600}" "$@" >"$work/log" 2>&1 </dev/null
	status=$?
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok      $name ($((SECONDS - start)) s)"
		# What a test itself says is left out is not silently passed over.
		grep -E '^SKIPPED' "$work/log" | sed 's/^/          /'
		;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $name: $(tail -n 1 "$work/log")"
		;;
	*)
		failed+=("$name")
		echo "FAILED  $name (status $status, $((SECONDS - start)) s)"
		tail -n 60 "$work/log" | sed 's/^/          /'
		;;
	esac
}

stop() {
	echo "$*"
	echo "0 passed, 1 failed"
	exit 1
}

if [ "$(id -u)" -eq 0 ]; then
	tools/bootstrap.sh --tests || stop "the packages cannot be installed"
else
	tools/bootstrap.sh --tests --check || stop "packages are missing: run this once with sudo"
fi
tools/build.sh -DSFE_WERROR=ON -DSFE_TESTS=ON || stop "the build fails"
export SFEMU=$PWD/build/sfemu BUILD=$PWD/build SOURCE=$PWD
unset SUDO_UID SUDO_GID SUDO_USER # the same tests with sudo and as root; those of sudo set them

echo "== unit"
for t in build/test_*; do
	run_test "unit/$(basename "$t")" "$t"
done

echo "== unit, with sanitizers"
if chosen sanitized; then
	cmake -B build-asan -DSFE_WERROR=ON -DSFE_SANITIZE=ON >/dev/null && cmake --build build-asan -j"$(nproc)" >"$work/asan" 2>&1 ||
		{ tail -n 30 "$work/asan"; stop "the build with sanitizers fails"; }
	for t in build-asan/test_*; do
		run_test "sanitized/$(basename "$t")" "$t"
	done
fi

echo "== the other compiler, with sanitizers: each sees what the other does not"
run_test build/clang bash -o pipefail -c '
	CC=clang cmake -B build-clang -DSFE_WERROR=ON -DSFE_SANITIZE=ON && cmake --build build-clang -j"$(nproc)" &&
		ctest --test-dir build-clang -j"$(nproc)" --output-on-failure | sed "/(Skipped)$/s/^/SKIPPED:/"'

echo "== clang-tidy: the checks of .clang-tidy"
run_test lint/clang-tidy bash -o pipefail -c '
	find emu nodes shaper tests scenarios -name "*.c" ! -path "tests/fuzz/*" -print0 |
		xargs -0 -P"$(nproc)" -n 8 clang-tidy --quiet -p build --extra-arg=-Wno-gnu-variable-sized-type-not-at-end 2>&1 | sed "/warnings* generated/d"'

echo "== fuzz: every parser, 60 s in all"
FUZZ_SEED=1 run_test fuzz/short tests/fuzz/run.sh --seconds 60

echo "== lab: this kernel"
mkdir "$work/no-cache" # these need no guest kernel, and see none
for t in tests/lab/*.sh; do
	SFEMU_CACHE=$work/no-cache run_test "lab/$(basename "$t" .sh)" "$t"
done

echo "== vm: guests"
if chosen vm || chosen security || chosen long || chosen package || chosen native; then
	tools/guest-kernel/build.sh >/dev/null || stop "the guest kernel cannot be built"
fi
for t in tests/vm/*.sh; do
	run_test "vm/$(basename "$t" .sh)" "$t"
done

echo "== security: attacks, on this kernel and from guests"
for t in tests/security/*.sh; do
	run_test "security/$(basename "$t" .sh)" "$t"
done

echo "== package: Debian packages in a clean Debian root"
for t in tests/package/*.sh; do
	# A first time takes ten minutes more: a root of the other release, and a guest kernel in it.
	if [ "$(basename "$t")" = other_release.sh ] && [ $long = no ] && [ ${#only[@]} -eq 0 ] &&
		! ls "${SFEMU_CACHE:-/var/cache/sfemu}"/roots/guest-kernels/guest-kernel/*/linux >/dev/null 2>&1; then
		skipped=$((skipped + 1))
		echo "skipped package/other_release: no root of it is kept on this machine; sudo tests/run.sh package makes one"
		continue
	fi
	limit=1500 run_test "package/$(basename "$t" .sh)" "$t"
done

native_in_vm() {
	local t name names=() folder=$work/native
	for t in tests/native/*.sh; do
		name=$(basename "$t" .sh)
		! chosen "native/$name" || names+=("$name")
	done
	[ ${#names[@]} -gt 0 ] || return 0
	if [ $long = no ] && [ ${#only[@]} -eq 0 ] && ! tests/native/image --if-built >/dev/null; then
		skipped=$((skipped + 1))
		echo "skipped native: no image of a VM is kept on this machine; sudo tests/run.sh native makes one, in 15 minutes"
		return 0
	fi
	mkdir "$folder"
	tests/native/run_in_vm "$folder" "${names[@]}" | sed 's/^/          /'
	for name in "${names[@]}"; do
		run_test "native/$name" tests/native/run_in_vm --result "$folder" "$name"
	done
}

echo "== native: links of this kernel, or, where it has none, of a VM's"
if "$SFEMU" check 2>/dev/null | grep -q '^scenarios run here: natively'; then
	for t in tests/native/*.sh; do
		run_test "native/$(basename "$t" .sh)" "$t"
	done
else
	native_in_vm
fi

if [ $long = yes ]; then
	echo "== long"
	for t in tests/long/*.sh; do
		limit=3600 run_test "long/$(basename "$t" .sh)" "$t"
	done
fi

echo
[ ${#failed[@]} -eq 0 ] || printf 'failed: %s\n' "${failed[@]}"
echo "$passed passed, ${#failed[@]} failed, $skipped skipped"
[ ${#failed[@]} -eq 0 ]
