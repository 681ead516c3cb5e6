<<<<<<< HEAD
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
libhttp-parser-dev: HTTP/1.1 heads
libcyaml-dev: scenario files
libyaml-dev: scenario files
libxxhash-dev: digests of states
libkmod-dev: modules of the guest with the real clock
libjson-c-dev: manifest
user-mode-linux: guest with the real clock
linux-source-6.12: guest with the virtual clock
flex: building the guest kernel
bison: building the guest kernel
bc: building the guest kernel
xz-utils: unpacking the guest kernel
libcunit1-dev: unit tests
valgrind: tests of the worker
clang: second compiler of the tests
iproute2: tests read qdiscs and sockets with it
iputils-ping: tests measure delays with it
ethtool: tests read offloads with it
iperf3: tests measure rates with it
tcpdump: tests count packets with it
tshark: tests read captures with it
curl: tests talk to workers with it
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
=======
#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that sfemu needs, as far as they are missing.
set -euo pipefail
export LC_ALL=C

# group, package, reason
packages() {
	cat <<-'END'
	build build-essential       the compiler, make and the C library
	build cmake                 the build
	build pkg-config            where libraries stand
	build git                   the version that a run's manifest names
	build libnl-3-dev           netlink: namespaces, links, addresses
	build libnl-route-3-dev     netlink: routes, neighbours, qdiscs
	build libevent-dev          the workers' event loop
	build libhttp-parser-dev    the wire protocol, HTTP/1.1
	build libcyaml-dev          scenario files
	build libyaml-dev           scenario files: the line of each key
	build libxxhash-dev         digests of states and of inputs
	build libkmod-dev           whether the kernel has netem and ifb
	run   user-mode-linux       the guest with the real clock
	run   linux-source-6.12     the guest with the virtual clock is built from it
	run   flex                  builds the guest kernel
	run   bison                 builds the guest kernel
	run   bc                    builds the guest kernel
	run   xz-utils              unpacks the guest kernel's sources
	run   patch                 patches the guest kernel
	run   util-linux            setarch and flock: guests that repeat
	test  libcunit1-dev         unit tests
	test  valgrind              memory tests
	test  iproute2              looks at namespaces and qdiscs from outside
	test  iputils-ping          delays as a user sees them
	test  iperf3                rates as a user sees them
	test  ethtool               whether offloads are off
	test  tcpdump               captures
	test  tshark                reads captures
	test  curl                  asks a worker by hand
	END
}

usage() {
	cat <<-'END'
	usage: tools/bootstrap.sh [--check] [--list] [--build | --run | --test]

	  --check  only tell what is missing; exit status 1 if something is
	  --list   print every package with its reason
	  --build  only what compiling needs
	  --run    that, and what running experiments needs
	  --test   that, and what the tests need (the default)
	END
}

die() { printf 'bootstrap.sh: %s\n' "$*" >&2; exit 1; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Whether apt knows a package; `apt-cache policy` says nothing of one that it does not.
available() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

check=0 list=0 groups='build run test'
for arg; do
	case $arg in
	--check) check=1 ;;
	--list) list=1 ;;
	--build) groups='build' ;;
	--run) groups='build run' ;;
	--test) groups='build run test' ;;
	--help | -h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
if [ $list = 1 ]; then
	packages
	exit 0
fi
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
	die "this is not Debian (no dpkg, no apt-get): install what --list prints by this system's own means"

missing=()
while read -r group package reason; do
	case " $groups " in *" $group "*) ;; *) continue ;; esac
	installed "$package" && continue
	printf 'missing: %-20s %s\n' "$package" "$reason"
	missing+=("$package")
done < <(packages)

if [ ${#missing[@]} = 0 ]; then
	echo "every package is there: nothing to do"
	exit 0
fi
install=(apt-get install --yes --no-install-recommends "${missing[@]}")
echo "to install: ${install[*]}"
[ $check = 0 ] || exit 1
[ "$(id -u)" = 0 ] || die "installing needs root: run 'sudo tools/bootstrap.sh', or the command above with sudo"

# tshark asks through debconf whether anybody may capture; the default, no, is right.
export DEBIAN_FRONTEND=noninteractive
apt-get update || die "apt-get update failed: check the network and /etc/apt/sources.list"
for package in "${missing[@]}"; do
	available "$package" && continue
	case $package in
	linux-source-*)
		die "apt knows no $package: on Debian 12 it comes from the security suite; add 'deb" \
			"http://deb.debian.org/debian-security bookworm-security main' to /etc/apt/sources.list" \
			"and run this again (only the virtual clock needs it)" ;;
	*) die "apt knows no $package: is 'deb http://deb.debian.org/debian bookworm main' in /etc/apt/sources.list?" ;;
	esac
done
"${install[@]}" || die "apt-get could not install all packages: see its message above"
for package in "${missing[@]}"; do
	installed "$package" || die "$package is still not installed"
done
echo "installed: ${missing[*]}"
>>>>>>> helper-c
