#!/usr/bin/env bash
# Installs the Debian packages that sfemu needs to be built, run and tested. Prints what is missing and does nothing
# when all is there. --check only tells (exit status 1 if something is missing).
set -euo pipefail

# package: what for
packages='
build-essential: compiler
cmake: build
pkg-config: build
libnl-3-dev: netlink
libnl-route-3-dev: netlink
libevent-dev: event loop of the workers
liburing-dev: event loop of the workers in guests
libhttp-parser-dev: HTTP/1.1 heads
libcyaml-dev: scenario files
libyaml-dev: scenario files
libxxhash-dev: digests of states
libkmod-dev: modules of the guest with the real clock
libjson-c-dev: manifest
libpcap-dev: captures
libseccomp-dev: confines guests
libcap-ng-dev: gives rights up
libssl-dev: digests of guest kernels
npm: fetches what the report is drawn with
user-mode-linux: guest with the real clock
linux-source-6.12: guest with the virtual clock
flex: building the guest kernel
bison: building the guest kernel
bc: building the guest kernel
xz-utils: unpacking the guest kernel
libcunit1-dev: unit tests
valgrind: tests of the worker
clang: second compiler of the tests
clang-tidy: tests run its checks
libclang-rt-14-dev: fuzz targets and their sanitizers
procps: tests look for processes that should be gone
iproute2: tests read qdiscs and sockets with it
iputils-ping: tests measure delays with it
ethtool: tests read offloads with it
iperf3: tests measure rates with it
tcpdump: tests count packets with it
tshark: tests read captures with it
python3: tests read the CSV files of a run with it
python3-pandas: the tutorial, which a test runs
python3-matplotlib: the tutorial, which a test runs
curl: tests talk to workers with it
time: benches measure with it
jq: benches read manifests with it
linux-perf: benches show with it where time goes
slurm-wlm: tests run a sweep as a job array on it
chromium: tests read the report with it
chromium-driver: tests read the report with it
munge: the daemons of Slurm trust each other by it
'

case "${1:-}" in
'' | --check) ;;
*)
	echo "usage: tools/bootstrap.sh [--check]" >&2
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "bootstrap: this is not a Debian system (no dpkg-query); install what this script lists by other means" >&2
	exit 1
fi

missing=()
while IFS=: read -r name use; do
	[ -n "$name" ] || continue
	status=$(dpkg-query -W -f '${Status}' "$name" 2>/dev/null || true)
	# Node.js from elsewhere has an npm of its own, and does not get along with Debian's.
	if [ "$name" = npm ] && command -v npm >/dev/null; then
		continue
	fi
	if [ "$status" != 'install ok installed' ]; then
		missing+=("$name")
		echo "missing: $name ($(echo "$use" | sed 's/^ *//'))"
	fi
done <<<"$packages"

if [ ${#missing[@]} -eq 0 ]; then
	echo "bootstrap: all packages are installed"
	exit 0
fi

command=(apt-get install -y --no-install-recommends "${missing[@]}")
if [ "${1:-}" = --check ]; then
	echo "to install them: apt-get update && ${command[*]}"
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "bootstrap: installing needs root: sudo sh -c 'apt-get update && ${command[*]}'" >&2
	exit 1
fi

echo "+ apt-get update"
DEBIAN_FRONTEND=noninteractive apt-get update -qq
if ! apt-cache show linux-source-6.12 >/dev/null 2>&1; then
	echo "bootstrap: this system's package sources have no linux-source-6.12 (Debian 12 has it in bookworm-security:" >&2
	echo "           add that suite to /etc/apt/sources.list)" >&2
	exit 1
fi
echo "+ ${command[*]}"
DEBIAN_FRONTEND=noninteractive "${command[@]}" >/dev/null
echo "bootstrap: installed ${#missing[@]} packages"
