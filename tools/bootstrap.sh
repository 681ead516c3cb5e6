#!/usr/bin/env bash
# Installs the Debian packages (12, bookworm, and 13, trixie) that sfemu needs. Prints what is missing and does nothing
# when all is there.
#
#   bootstrap.sh            what building and running needs
#   bootstrap.sh --tests    that, and what tests/run.sh, tests/fuzz and the benches need
#   … --check               only tells; exit status 1 if something is missing
set -euo pipefail

# package, or several of which the first that there is will do: what for
run_packages='
build-essential: compiler
cmake: build
pkg-config: build
libnl-3-dev: netlink
libnl-route-3-dev: netlink
libevent-dev: event loop of the workers
liburing-dev: event loop of the workers in guests
libllhttp-dev | libhttp-parser-dev: HTTP/1.1 heads
libcyaml-dev: scenario files
libyaml-dev: scenario files
libxxhash-dev: digests of states
libkmod-dev: modules of the guest with the real clock
libjson-c-dev: manifest
libpcap-dev: captures
libseccomp-dev: confines guests
libcap-ng-dev: gives rights up
libssl-dev: digests of guest kernels
ca-certificates: fetching what the report is drawn with
user-mode-linux: guest with the real clock
linux-source-6.12: guest with the virtual clock
flex: building the guest kernel
bison: building the guest kernel
bc: building the guest kernel
xz-utils: unpacking the guest kernel
'
test_packages='
libcunit1-dev: unit tests
libhttp-parser-dev: a unit test compares it with llhttp
valgrind: tests of the worker
ccache: the tests compile some files once for several builds
clang: second compiler of the tests
clang-tidy: tests run its checks
libclang-rt-dev: fuzz targets and their sanitizers
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
zsh: a test completes commands in it
groff: a test reads the manual pages with it
time: benches measure with it
jq: benches read manifests with it
locales: a test runs everything in a locale with a decimal comma
linux-perf: benches show with it where time goes
slurm-wlm: tests run a sweep as a job array on it
munge: the daemons of Slurm trust each other by it
qemu-system-x86: VMs (tools/vm)
qemu-utils: images of VMs
mmdebstrap: images of VMs
mtools: images of VMs
fdisk: images of VMs
chromium: tests read the report with it
chromium-driver: tests read the report with it
debootstrap: tests install the packages in a clean Debian, and build in the other release
file: cpack finds the libraries that a program needs with it
apparmor: tests of the AppArmor profile
'

packages=$run_packages check=no
for option in "$@"; do
	case $option in
	--tests) packages+=$test_packages ;;
	--check) check=yes ;;
	*)
		echo "usage: tools/bootstrap.sh [--tests] [--check]" >&2
		exit 2
		;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "bootstrap: this is not a Debian system (no dpkg-query); install what this script lists by other means" >&2
	exit 1
fi

is_installed() {
	[ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null || true)" = 'install ok installed' ]
}

is_available() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# Sets missing to what is to be installed, and prints it with the reason.
missing=()
look() {
	local names use name chosen
	missing=()
	while IFS=: read -r names use; do
		[ -n "$names" ] || continue
		chosen=
		for name in ${names//|/ }; do
			is_installed "$name" && continue 2
			is_available "$name" && chosen=$name && break
		done
		# What no source has is asked for all the same: apt says so.
		chosen=${chosen:-${names%% *}}
		missing+=("$chosen")
		echo "missing: $chosen (${use# })"
	done <<<"$packages"
}

found=$(look)
if [ -z "$found" ]; then
	echo "bootstrap: all packages are installed"
	exit 0
fi
if [ $check = yes ]; then
	look
	echo "to install them: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	look
	echo "bootstrap: installing needs root: sudo tools/bootstrap.sh${*:+ $*}" >&2
	exit 1
fi

# Which of several packages there is can be told only from fresh lists.
echo "+ apt-get update"
DEBIAN_FRONTEND=noninteractive apt-get update -qq
look
if ! is_available linux-source-6.12; then
	echo "bootstrap: this system's package sources have no linux-source-6.12 (Debian 12 has it in bookworm-security:" >&2
	echo "           add that suite to /etc/apt/sources.list)" >&2
	exit 1
fi
command=(apt-get install -y --no-install-recommends "${missing[@]}")
echo "+ ${command[*]}"
DEBIAN_FRONTEND=noninteractive "${command[@]}" >/dev/null
echo "bootstrap: installed ${#missing[@]} packages"
