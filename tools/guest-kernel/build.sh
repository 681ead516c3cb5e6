<<<<<<< HEAD
#!/usr/bin/env bash
# Builds the guest kernel for the virtual clock: Debian's linux-source-6.12 with ARCH=um, the configuration and the
# patches beside this script. It is kept under a cache folder, keyed by all that it is made from; where it is there
# already, nothing is built. The last line on stdout is the kernel's path; everything else goes to stderr.
#
#   build.sh                builds if needed
#   build.sh --print-path   only tells where it is; exit status 1 if it is not built
#   build.sh --force        builds again
#
# The cache folder: $SFEMU_CACHE, else /var/cache/sfemu for root, else ~/.cache/sfemu. An ordinary user
# also finds what root has built.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tarball=${SFEMU_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
system_cache=/var/cache/sfemu

say() { echo "guest-kernel: $*" >&2; }
die() {
	say "$*"
	exit 1
}

mode=build
case "${1:-}" in
'') ;;
--print-path) mode=print ;;
--force) mode=force ;;
*)
	echo "usage: build.sh [--print-path | --force]" >&2
	exit 2
	;;
esac

if [ -n "${SFEMU_CACHE:-}" ]; then
	cache=$SFEMU_CACHE
elif [ "$(id -u)" -eq 0 ]; then
	cache=$system_cache
else
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/sfemu
fi

# The package's version stands for the tarball: hashing 140 MB at each start would take longer than a run.
version=$(dpkg-query -W -f '${Version}' linux-source-6.12 2>/dev/null || true)
if [ -z "$version" ]; then
	[ -r "$tarball" ] || {
		[ "$mode" = print ] && exit 1
		die "$tarball is not there: run tools/bootstrap.sh (it installs linux-source-6.12)"
	}
	version=$(stat -c %s "$tarball")
fi
key=$({
	echo "$version"
	cat "$here/config" "$here"/patches/*.patch "$here/build.sh"
} | sha256sum | cut -c1-12)
name=guest-kernel/$version-$key
folder=$cache/$name
kernel=$folder/linux

for found in "$kernel" "$system_cache/$name/linux"; do
	if [ "$mode" != force ] && [ -x "$found" ]; then
		echo "$found"
		exit 0
	fi
done
[ "$mode" = print ] && exit 1

[ -r "$tarball" ] || die "$tarball is not there: run tools/bootstrap.sh (it installs linux-source-6.12)"
for tool in make gcc flex bison bc xz patch; do
	command -v "$tool" >/dev/null || die "$tool is missing: run tools/bootstrap.sh"
done
mkdir -p "$cache/guest-kernel" || die "cannot make $cache/guest-kernel: set SFEMU_CACHE to a folder you may write"
# Two builds at a time would only slow each other down.
exec 9>"$cache/guest-kernel/lock"
flock -n 9 || {
	say "another build is under way; waiting for it"
	flock 9
	[ "$mode" != force ] && [ -x "$kernel" ] && echo "$kernel" && exit 0
}
free_kb=$(df --output=avail "$cache" | tail -n 1)
[ "$free_kb" -gt 2500000 ] || die "needs 2.5 GB for a while in $cache, and there is less: set SFEMU_CACHE"

work=$(mktemp -d "$cache/guest-kernel/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'say "interrupted; nothing is kept"; exit 130' INT TERM HUP

started=$SECONDS
say "building for ARCH=um with $(nproc) jobs; this takes about 2 to 5 minutes, once"
say "unpacking $tarball"
# Code for real hardware is never compiled here; its Kconfig files are read all the same.
tar -xf "$tarball" -C "$work" --strip-components=1 --exclude='*/Documentation/*.rst' --exclude='*/sound/*.[ch]' \
	--exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/net/wireless/*.[ch]' \
	--exclude='*/drivers/net/ethernet/*.[ch]' --exclude='*/tools/testing/*' ||
	die "cannot unpack $tarball (is it whole? is the disk full?)"
for p in "$here"/patches/*.patch; do
	patch -s -d "$work" -p1 <"$p" >&2 || die "$(basename "$p") does not apply to $version: the patch must be adapted"
done

export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' KBUILD_BUILD_USER=sfemu KBUILD_BUILD_HOST=sfemu
log=$work/build.log
make -s -C "$work" ARCH=um allnoconfig KCONFIG_ALLCONFIG="$here/config" >"$log" 2>&1 ||
	{ tail -n 20 "$log" >&2; die "the configuration fails"; }
while IFS= read -r line; do
	case $line in
	CONFIG_*) grep -qxF "$line" "$work/.config" || die "this kernel does not take the setting $line of $here/config" ;;
	'# CONFIG_'*' is not set')
		option=${line#\# }
		! grep -q "^${option%% *}=" "$work/.config" || die "this kernel insists on ${option%% *}"
		;;
	esac
done <"$here/config"

say "compiling"
make -C "$work" ARCH=um -j"$(nproc)" linux >"$log" 2>&1 9>&- &
make_pid=$!
while kill -0 "$make_pid" 2>/dev/null; do
	sleep 1 9>&-
	elapsed=$((SECONDS - started))
	if [ -t 2 ]; then
		printf '\rguest-kernel: %3d s, %4d files compiled' "$elapsed" "$(grep -c '^  CC' "$log" || true)" >&2
	elif [ $((elapsed % 30)) -eq 0 ]; then
		say "$elapsed s, $(grep -c '^  CC' "$log" || true) files compiled"
	fi
done
[ -t 2 ] && echo >&2
wait "$make_pid" || {
	tail -n 30 "$log" >&2
	die "the build fails; above are its last lines"
}

# What was built must run here, and be what was asked for.
strip -o "$work/linux.stripped" "$work/linux"
said=$("$work/linux.stripped" --version 2>/dev/null) || die "the built kernel does not start"
case $said in
*-sfemu*) ;;
*) die "the built kernel calls itself $said" ;;
esac
rm -rf "$folder"
mkdir -p "$folder"
cp "$work/.config" "$folder/config"
mv "$work/linux.stripped" "$folder/linux.new"
mv "$folder/linux.new" "$kernel"
say "built $said in $((SECONDS - started)) s"
echo "$kernel"
=======
#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the guest kernel (User-Mode Linux, ARCH=um) from Debian's source package, once for each version of
# source, config and patches. The last line of stdout is the path of the kernel; progress goes to stderr.
set -euo pipefail
export LC_ALL=C

series=6.12
tarball=${SFEMU_KERNEL_TARBALL:-/usr/src/linux-source-$series.tar.xz}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
need_mb=1500 # sources, objects and the kernel; measured: 1.2 GB

usage() {
	cat <<-END
	usage: tools/guest-kernel/build.sh [--print-path | --force]

	  --print-path  print the path if the kernel is built already; exit status 1 if it is not
	  --force       build it even if it is there

	The kernel is kept in \$SFEMU_CACHE/guest-kernel (now $cache).
	END
}

say() { printf '%s\n' "$*" >&2; }
die() { say "build.sh: $*"; exit 1; }

cache_folder() {
	if [ -n "${SFEMU_CACHE:-}" ]; then
		echo "$SFEMU_CACHE"
	elif [ "$(id -u)" = 0 ] && [ -n "${SUDO_UID:-}" ]; then
		echo /var/cache/sfemu # sudo may leave HOME to the user, whose files root must not own
	elif [ -n "${XDG_CACHE_HOME:-}" ]; then
		echo "$XDG_CACHE_HOME/sfemu"
	else
		echo "${HOME:?is not set: set SFEMU_CACHE to a folder}/.cache/sfemu"
	fi
}

# The package's version where the tarball is Debian's, else what the file holds.
source_version() {
	local version
	if [ "$tarball" = "/usr/src/linux-source-$series.tar.xz" ] &&
		version=$(dpkg-query -W -f '${Version}' "linux-source-$series" 2>/dev/null) && [ -n "$version" ]; then
		echo "$version"
	else
		sha256sum <"$tarball" | cut -c1-12
	fi
}

digest() {
	{
		echo "$version"
		cat "$here/config" "$here/build.sh"
		for p in "$here"/patches/*.patch; do
			[ ! -e "$p" ] || cat "$p"
		done
	} | sha256sum | cut -c1-12
}

# Runs a command and shows how far it is, by the lines that it writes: `progress WHAT EXPECTED_LINES LOG COMMAND…`.
# It gets a process group of its own, so that clean() can end all of it; it inherits the lock, so that nobody builds
# in the cache while it lives.
progress() {
	local what=$1 expected=$2 log=$3 begin=$SECONDS lines
	shift 3
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	child=$!
	set +m
	[ -t 2 ] || say "$what ..."
	while [ -t 2 ] && kill -0 "$child" 2>/dev/null; do
		lines=$(wc -l <"$log")
		printf '\r%s: %d %%, %d s ' "$what" $((lines >= expected ? 99 : 100 * lines / expected)) \
			$((SECONDS - begin)) >&2
		sleep 1
	done
	if wait "$child"; then
		child=
		[ ! -t 2 ] || printf '\r%s: done, %d s  \n' "$what" $((SECONDS - begin)) >&2
	else
		child=
		[ ! -t 2 ] || printf '\r%s: failed      \n' "$what" >&2
		return 1
	fi
}

explain() { # of a log: its errors, and whether the disk is full
	grep -m 5 -iE 'error:|can.t open|not found|no space' "$1" >&2 || tail -n 5 "$1" >&2
	if grep -qi 'no space left' "$1"; then
		die "$work: no space left; free about $need_mb MB there or set SFEMU_CACHE to another folder"
	fi
}

extract() {
	local top=linux-source-$series dir kind exclude=()
	# Of what ARCH=um never compiles only the build files: Kconfig reads them all. It saves half of the files.
	for dir in Documentation sound samples tools/testing tools/perf \
		drivers/{accel,gpu,iio,infiniband,media,net/ethernet,net/wireless,scsi,staging,usb} \
		arch/{alpha,arc,arm,arm64,csky,hexagon,loongarch,m68k,microblaze,mips,nios2,openrisc,parisc} \
		arch/{powerpc,riscv,s390,sh,sparc,xtensa}; do
		for kind in c h S dts dtsi rst yaml json txt svg; do
			exclude+=("--exclude=$top/$dir/*.$kind")
		done
	done
	tar -xJf "$tarball" -C "$work" --strip-components=1 --no-same-owner -v "${exclude[@]}"
}

# Every line of the fragment must have come through: Kconfig drops an option without a word.
check_config() {
	local line name missing=0
	while IFS= read -r line; do
		case $line in
		CONFIG_*=*)
			grep -qxF -- "$line" .config && continue
			;;
		'# CONFIG_'*' is not set')
			name=${line#\# }
			grep -q "^${name%% *}=" .config || continue
			;;
		*) continue ;;
		esac
		say "build.sh: config: '$line' did not come through"
		missing=1
	done <"$here/config"
	[ $missing = 0 ] || die "$here/config asks for what this kernel does not have; see the lines above"
}

kernel_make() { make ARCH=um KCONFIG_ALLCONFIG="$here/config" "$@"; }

build() {
	local p free
	[ -r "$tarball" ] || die "$tarball is not there; tools/bootstrap.sh installs linux-source-$series"
	for p in make gcc flex bison bc xz patch strip flock; do
		command -v "$p" >/dev/null || die "the program $p is missing; tools/bootstrap.sh installs it"
	done
	free=$(df -Pm "$cache/guest-kernel" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$need_mb" ] ||
		die "$cache/guest-kernel: $free MB free, $need_mb MB needed; free some or set SFEMU_CACHE to another folder"

	work=$(mktemp -d "$cache/guest-kernel/build-XXXXXX")
	log=$work.log
	cd "$work"
	say "building the guest kernel $version in $work"
	progress "extracting the sources" 53000 "$log" extract || { explain "$log"; die "$tarball cannot be extracted"; }
	for p in "$here"/patches/*.patch; do
		[ -e "$p" ] || continue
		patch -p1 -s -F0 <"$p" >"$log" 2>&1 ||
			{ cat "$log" >&2; die "$p does not apply to $version; renew it for these sources"; }
	done
	# The same inputs give the same kernel: no time, no user, no host, no folder in it.
	export KBUILD_BUILD_TIMESTAMP='2021-08-23 00:00:00 UTC' KBUILD_BUILD_USER=sfemu KBUILD_BUILD_HOST=sfemu
	export KBUILD_BUILD_VERSION=1
	unset MAKEFLAGS KCFLAGS KCPPFLAGS ARCH CROSS_COMPILE O KBUILD_OUTPUT
	progress "configuring" 40 "$log" kernel_make allnoconfig || { explain "$log"; die "make allnoconfig failed"; }
	check_config
	progress "compiling" 1130 "$log" kernel_make "-j$(nproc)" KCFLAGS="-ffile-prefix-map=$work=." linux ||
		{ explain "$log"; die "the compilation failed"; }
	strip --strip-debug -o linux.stripped linux
	./linux.stripped --version >/dev/null || die "the kernel that was built does not run"

	# Complete or not there at all.
	chmod 755 linux.stripped
	mkdir "$work/ready"
	mv linux.stripped ready/linux
	cp .config ready/config
	chmod 755 ready
	if [ -e "$target" ]; then # --force: a guest that runs keeps its open file
		mv "$target" "$work/old"
	fi
	mv -T ready "$target"
	say "the guest kernel $("$target/linux" --version) took $SECONDS s"
}

clean() {
	local status=$?
	trap - EXIT
	[ -z "$child" ] || { kill -- "-$child" && wait "$child"; } 2>/dev/null || true
	cd /
	[ -z "$work" ] || rm -rf "$work" "$work.log"
	exit $status
}

cache=$(cache_folder)
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
work= child= force=0 print=0
while [ $# -gt 0 ]; do
	case $1 in
	--print-path) print=1 ;;
	--force) force=1 ;;
	--help | -h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done

# A machine that has the kernel need not have the sources any more, but then their version is not known.
if [ ! -r "$tarball" ]; then
	[ $print = 0 ] || exit 1
	die "$tarball is not there; tools/bootstrap.sh installs linux-source-$series"
fi
version=$(source_version)
target=$cache/guest-kernel/$version-$(digest)
if [ $print = 1 ]; then
	[ -x "$target/linux" ] || exit 1
	echo "$target/linux"
	exit 0
fi
if [ $force = 0 ] && [ -x "$target/linux" ]; then
	echo "$target/linux"
	exit 0
fi

mkdir -p "$cache/guest-kernel" || die "$cache cannot be written; set SFEMU_CACHE to a folder that can"
[ -w "$cache/guest-kernel" ] || die "$cache/guest-kernel cannot be written; set SFEMU_CACHE to a folder that can"
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
exec 9>"$cache/guest-kernel/lock"
if ! flock -n 9; then
	say "another build is running: waiting for it"
	flock 9
fi
# What a build that was killed with -9 left behind; the lock says that none is running.
rm -rf "$cache"/guest-kernel/build-??????  "$cache"/guest-kernel/build-??????.log
if [ $force = 1 ] || [ ! -x "$target/linux" ]; then
	build
fi
echo "$target/linux"
>>>>>>> helper-c
