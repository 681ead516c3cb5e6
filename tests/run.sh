#!/usr/bin/env bash
# Builds sfemu and runs every test. Ends with "N passed, N failed, N skipped"; exit status 1 if one failed.
#
#   sudo tests/run.sh             everything that CI runs
#   sudo tests/run.sh --long      that, tests/native in any case, and tests/long, which takes another hour
#   tests/run.sh NAME…            only tests whose name contains one of these words
#
# A test is a program that exits with 0 (passed), 77 (skipped; it says why) or anything else (failed). Half as many again run at
# once as there are cores, as they wait a third of their time, but for those under tests/package and native, and those that measure
# real time. Those under tests/lab need root and make namespaces on this kernel, those under tests/vm run in a guest, whose kernel is
# built beside the first tests; tests/security attacks both; tests/package makes packages and uses them in clean Debian roots, which
# are cached beside the guest kernel. Those under tests/native need a kernel with netem: where this one has none, they run in a VM, if
# its image is cached there.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

passed=0
failed=()
skipped=0
long=no
[ "${1:-}" != --long ] || { long=yes; shift; }
only=("$@")
at_once=$(($(nproc) + ($(nproc) + 1) / 2))
work=$(mktemp -d)
chmod 711 "$work" # tests that go on as another user reach their own folder through it
kernel_pid=none
trap 'jobs -rp | grep -x "$kernel_pid" >/dev/null && kill $kernel_pid; rm -rf "$work"' EXIT

chosen() {
	[ ${#only[@]} -eq 0 ] && return 0
	for word in "${only[@]}"; do
		case $1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

# Runs a test in a folder of its own, with its output in $1.log and status and seconds in $1.end.
execute() { # file command…
	local file=$1 status start=$SECONDS
	shift
	mkdir "$file.tmp"
	chmod 711 "$file.tmp"
	# Those of this kernel need no guest's, and see none.
	[[ $1 != tests/lab/* ]] || local -x SFEMU_CACHE=$work/no-cache
	TEST_TMP=$file.tmp timeout "${limit:-600}" "$@" >"$file.log" 2>&1 </dev/null
	status=$?
	rm -rf "$file.tmp"
	# Whole at once: reports look whether it is there.
	echo "$status $((SECONDS - start))" >"$file.done"
	mv "$file.done" "$file.end"
}

# Counts and prints how the test ended.
report() { # name file
	local name=$1 file=$2 status=none seconds=? # it was killed
	[ ! -f "$file.end" ] || read -r status seconds <"$file.end"
	case $status in
	0)
		passed=$((passed + 1))
		echo "ok      $name ($seconds s)"
		# What a test itself says is left out is not silently passed over.
		grep -E '^SKIPPED' "$file.log" | sed 's/^/          /'
		;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $name: $(tail -n 1 "$file.log")"
		;;
	*)
		failed+=("$name")
		echo "FAILED  $name (status $status, $seconds s)"
		tail -n 60 "$file.log" | sed 's/^/          /'
		;;
	esac
	rm -f "$file".*
}

run_test() { # name command…
	local name=$1 file=$work/one
	shift
	chosen "$name" || return 0
	execute "$file" "$@"
	report "$name" "$file"
}

test_name() { # group or "", file
	echo "${1:-$(basename "$(dirname "$2")")}/$(basename "$2" .sh)"
}

running() { # how many tests
	jobs -rp | grep -cvx "$kernel_pid"
}

# Runs tests, half as many again at once as there are cores, and reports them in their order. The name of a test is its folder's and
# its own, or begins with `group`. A script with a line "# serial: why" runs afterwards, alone: it measures real time. One with a line
# "# long: why" is begun first.
run_tests() { # group or "", file…
	local group=$1 t name names=() serial=() ordered at=0
	shift
	mapfile -t ordered < <({ grep -ls '^# long: ' "$@"; printf '%s\n' "$@"; } | awk '!seen[$0]++')
	for t in "${ordered[@]}"; do
		name=$(test_name "$group" "$t")
		chosen "$name" || continue
		case $t in *.sh)
			if grep -q '^# serial: ' "$t"; then
				serial+=("$t")
				continue
			fi
			;;
		esac
		while [ "$(running)" -ge "$at_once" ]; do wait -n; done
		execute "$work/test-${#names[@]}" "$t" &
		names+=("$name")
		while [ -f "$work/test-$at.end" ]; do
			report "${names[$at]}" "$work/test-$at"
			at=$((at + 1))
		done
	done
	while [ "$(running)" -gt 0 ]; do wait -n; done
	for (( ; at < ${#names[@]}; at++)); do
		report "${names[$at]}" "$work/test-$at"
	done
	for t in "${serial[@]}"; do
		run_test "$(test_name "$group" "$t")" "$t"
	done
}

wants_guests() {
	local t
	for t in tests/{vm,security,long,package,native}/*.sh; do
		! chosen "$(test_name "" "$t")" || return 0
	done
	return 1
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
# The packages, and what security/tools installs, are compiled like this build: once is enough for all of them.
export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_DIR=$PWD/build-ccache CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=1
tools/build.sh -DSFE_WERROR=ON -DSFE_TESTS=ON || stop "the build fails"
export SFEMU=$PWD/build/sfemu BUILD=$PWD/build SOURCE=$PWD
mkdir "$work/no-cache"
unset SUDO_UID SUDO_GID SUDO_USER # the same tests with sudo and as root; those of sudo set them

# The guest kernel is built in what the tests before the guests leave of the cores. Who needs it waits for it.
if wants_guests; then
	nice -n 19 tools/guest-kernel/build.sh >"$work/kernel" 2>&1 &
	kernel_pid=$!
fi

echo "== unit"
run_tests unit build/test_worker* build/test_* # the first wait most of their time

echo "== unit, with sanitizers"
if chosen sanitized; then
	cmake -B build-asan -DSFE_WERROR=ON -DSFE_SANITIZE=ON >/dev/null && cmake --build build-asan -j"$(nproc)" >"$work/asan" 2>&1 ||
		{ tail -n 30 "$work/asan"; stop "the build with sanitizers fails"; }
	run_tests sanitized build-asan/test_worker* build-asan/test_*
fi

echo "== the other compiler, with sanitizers: each sees what the other does not; fuzz targets use the same build"
run_test build/clang bash -o pipefail -c '
	CC=clang cmake -B build-fuzz -DSFE_WERROR=ON -DSFE_FUZZ=ON && cmake --build build-fuzz -j"$(nproc)" &&
		ctest --test-dir build-fuzz -j'"$at_once"' --output-on-failure | sed "/(Skipped)$/s/^/SKIPPED:/"'

echo "== clang-tidy: the checks of .clang-tidy"
run_test lint/clang-tidy bash -o pipefail -c '
	find emu nodes shaper tests scenarios -name "*.c" ! -path "tests/fuzz/*" -print0 |
		xargs -0 -P"$(nproc)" -n 8 clang-tidy --quiet -p build --extra-arg=-Wno-gnu-variable-sized-type-not-at-end 2>&1 | sed "/warnings* generated/d"'

echo "== fuzz: every parser, 60 s in all"
FUZZ_SEED=1 run_test fuzz/short tests/fuzz/run.sh --seconds 60

echo "== lab: this kernel; vm: guests; security: attacks on both"
if [ $kernel_pid != none ]; then
	wait $kernel_pid || { kernel_pid=none; tail -n 30 "$work/kernel"; stop "the guest kernel cannot be built"; }
	kernel_pid=none
fi
run_tests "" tests/lab/*.sh tests/vm/*.sh tests/security/*.sh

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
if "$SFEMU" check 2>/dev/null | grep '^scenarios run here: natively' >/dev/null; then
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
