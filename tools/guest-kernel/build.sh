#!/usr/bin/env bash
# Builds the guest kernel for the virtual clock: Debian's linux-source-6.12 with ARCH=um, the configuration and the
# patches beside this script. It is kept under a cache folder, keyed by all that it is made from; where it is there
# already, nothing is built. The last line on stdout is the kernel's path; everything else goes to stderr.
#
#   build.sh                 builds if needed; goes on with a build that was interrupted
#   build.sh --print-path    only tells where it is; exit status 3 if it is not built
#   build.sh --print-caches  tells which folders kernels are kept in, this user's own first
#   build.sh --print-name    tells what the kernel is called in them
#   build.sh --force         builds again, from the start
#
# A kernel that comes with the package sfemu-guest-kernel is taken before any other: `packaged` beside this script says where it
# is, and from which version of the source. The cache folder: $SFEMU_CACHE, else /var/cache/sfemu for root, else ~/.cache/sfemu. An ordinary user
# also finds what root has built. `sfemu guest build` calls this script, and boots what it has built.
set -euo pipefail

# Raise this when what is below changes the kernel's bytes: it is part of the key, as are config and patches.
recipe=1
# The branches of ordinary runs (profile/make.sh), which gcc of one version can read. Functions that are not as they were
# when these were counted are compiled without.
profiled='-fprofile-use -fprofile-partial-training -Wno-coverage-mismatch'
# What is compiled, about: for the time that is left.
all_files=680

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tarball=${SFEMU_LINUX_SOURCE:-/usr/src/linux-source-6.12.tar.xz}
system_cache=/var/cache/sfemu

say() { echo "guest-kernel: $*" >&2; }
die() {
	say "$*"
	exit 1
}

# Root takes nothing that another user could have put there, whatever the environment says: every folder on the way, as it is
# written and as links lead, belongs to root or to who called sudo, and others may not write it (sticky folders like /tmp apart).
believe() { # path, the variable that names it
	[ "$(id -u)" -eq 0 ] || return 0
	local at owner mode group me=${SUDO_UID:-0} mine=root paths
	! command -v getent >/dev/null || mine=$(getent passwd "$me" | cut -d: -f1) || true # it may have no entry
	case $1 in
	/*) paths=("$1") ;;
	*) paths=("$PWD/$1") ;;
	esac
	! command -v realpath >/dev/null || paths+=("$(realpath -m -- "$1")")
	for at in "${paths[@]}"; do
		while :; do
			[ ! -L "$at" ] || [ ${#paths[@]} -eq 2 ] || die "$2: $at is a link, and there is no realpath (coreutils) to follow it"
			if [ -L "$at" ]; then
				owner=$(stat -c %u -- "$at")
				[ "$owner" -eq 0 ] || [ "$owner" -eq "$me" ] || die "$2: the link $at belongs to uid $owner, so root does not follow it"
			fi
			if [ -e "$at" ]; then
				read -r owner mode group < <(stat -L -c '%u %a %G' -- "$at")
				[ "$owner" -eq 0 ] || [ "$owner" -eq "$me" ] || die "$2: $at belongs to uid $owner, so root does not use it"
				if ! { [ -d "$at" ] && [ "$owner" -eq 0 ] && [ $((0$mode & 01000)) -ne 0 ]; }; then
					[ $((0$mode & 02)) -eq 0 ] || die "$2: everybody may write $at, so root does not use it"
					[ $((0$mode & 020)) -eq 0 ] || [ "$group" = root ] || [ "$group" = "$mine" ] ||
						die "$2: group $group may write $at, so root does not use it"
					# With an access control list the group's bits are what any of its entries may have.
					case $((0$mode & 020)),$(ls -ldL -- "$at") in
					16,??????????+*) die "$2: the access control list of $at lets others write, so root does not use it" ;;
					esac
				fi
			fi
			[ "$at" != / ] || break
			at=${at%/*}
			[ -n "$at" ] || at=/
		done
	done
}

mode=build
case "${1:-}" in
'') ;;
--print-path) mode=print ;;
--print-caches) mode=caches ;;
--print-name) mode=name ;;
--force) mode=force ;;
*)
	echo "usage: build.sh [--print-path | --print-caches | --print-name | --force]" >&2
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
[ -z "${SFEMU_CACHE:-}" ] || believe "$cache" SFEMU_CACHE
[ -z "${SFEMU_LINUX_SOURCE:-}" ] || believe "$tarball" SFEMU_LINUX_SOURCE
packaged= packaged_version=
if [ -z "${SFEMU_LINUX_SOURCE:-}" ] && [ -r "$here/packaged" ]; then
	read -r packaged packaged_version <"$here/packaged"
fi
if [ $mode = caches ]; then
	printf '%s\n' "$cache/guest-kernel" "$system_cache/guest-kernel" $packaged | awk '!seen[$0]++'
	exit 0
fi

# The package's version stands for the tarball: hashing 140 MB at each start would take longer than a run.
version=$packaged_version
[ -n "$version${SFEMU_LINUX_SOURCE:-}" ] || version=$(dpkg-query -W -f '${Version}' linux-source-6.12 2>/dev/null || true)
if [ -z "$version" ]; then
	[ -r "$tarball" ] || {
		[ $mode = print ] || [ $mode = name ] && exit 3
		die "$tarball is not there: run tools/bootstrap.sh (it installs linux-source-6.12)"
	}
	version=$(basename "$tarball" | cut -d. -f1)-$(stat -c %s "$tarball")
fi
key=$({
	echo "$version $recipe"
	cat "$here/config" "$here"/patches/*.patch
	# All of them, as what only looks for the kernel may have no gcc.
	for profile in "$here"/profile/gcc-*.tar.xz; do
		[ ! -e "$profile" ] || { basename "$profile" && cat "$profile"; }
	done
} | sha256sum | cut -c1-12)
name=$version-$key
folder=$cache/guest-kernel/$name
kernel=$folder/linux
[ $mode = name ] && echo "$name" && exit 0

if [ -n "$packaged" ]; then
	[ -x "$packaged/$name/linux" ] ||
		die "there is no $packaged/$name/linux: the packages sfemu and sfemu-guest-kernel are of different versions"
	[ $mode != force ] || die "the guest kernel comes with a package; to build one: apt-get remove sfemu-guest-kernel"
	echo "$packaged/$name/linux"
	exit 0
fi
for found in "$kernel" "$system_cache/guest-kernel/$name/linux"; do
	if [ $mode != force ] && [ -x "$found" ]; then
		echo "$found"
		exit 0
	fi
done
[ $mode = print ] && exit 3

[ -r "$tarball" ] || die "$tarball is not there: run tools/bootstrap.sh (it installs linux-source-6.12)"
missing=
for tool in make: gcc: flex: bison: bc: xz:xz-utils patch: strip:binutils setpriv:util-linux flock:util-linux; do
	command -v "${tool%%:*}" >/dev/null && continue
	package=${tool##*:}
	missing+=" ${package:-${tool%%:*}}"
done
[ -z "$missing" ] || die "tools are missing: apt-get install$missing"
case $cache in
*[[:space:]:]*) die "the makefiles of Linux do not work in $cache, whose path has a blank or a colon: set SFEMU_CACHE to another folder" ;;
esac
# All users may read and start what root builds, whatever root's umask is; nobody else may write it.
umask 022
mkdir -p "$cache/guest-kernel" || die "cannot make $cache/guest-kernel: set SFEMU_CACHE to a folder you may write"
# Again, now that it exists: somebody else may have made it since.
[ -z "${SFEMU_CACHE:-}" ] || believe "$cache/guest-kernel" SFEMU_CACHE
# Two builds at a time would only slow each other down. What compiles holds the lock too, so that nobody works in a tree
# in which somebody else still does.
# Whoever can open the lock can hold it: nobody else may, nor with one that an earlier build made.
(umask 077; : >>"$cache/guest-kernel/lock")
chmod 600 "$cache/guest-kernel/lock"
exec 9>"$cache/guest-kernel/lock"
flock -n 9 || {
	say "another build is under way; waiting for it"
	flock 9
	[ $mode != force ] && [ -x "$kernel" ] && echo "$kernel" && exit 0
}

work=$cache/guest-kernel/build-$name
[ ! -e "$work" ] || believe "$work" SFEMU_CACHE
log=$work/build.log
started=$SECONDS
make_pid=
stop() {
	trap '' INT TERM HUP
	[ -t 2 ] && echo >&2
	[ -z "$make_pid" ] || { kill -TERM -- "-$make_pid" && wait "$make_pid"; } 2>/dev/null || true
	if [ -e "$work/.sfemu-unpacked" ]; then
		say "interrupted; what is compiled is kept in $work: run it again to go on"
	else
		rm -rf "$work"
		say "interrupted while unpacking; nothing is kept"
	fi
	exit 130
}
trap stop INT TERM HUP

# Says why from the log, as far as it is one of the usual reasons.
explain() { # what fails
	[ -t 2 ] && echo >&2
	tail -n 30 "$log" >&2
	if grep -q 'No space left on device' "$log" || [ "$(df --output=avail "$cache" | tail -n 1)" -lt 10000 ]; then
		die "$1: the disk is full ($cache); free 2.5 GB or set SFEMU_CACHE, and run it again to go on"
	elif grep -q 'Killed signal terminated program\|virtual memory exhausted\|Cannot allocate memory' "$log"; then
		die "$1: not enough memory for the compiler; end other programs and run it again to go on"
	elif grep -q ': command not found\|: not found' "$log"; then
		die "$1: a tool is missing (see above): tools/bootstrap.sh installs what is needed"
	fi
	die "$1; above are its last lines, all of them are in $log"
}

free_enough() { # kB
	[ "$(df --output=avail "$cache" | tail -n 1)" -gt "$1" ] ||
		die "needs 2.5 GB for a while in $cache, and there is less: free some, or set SFEMU_CACHE"
}

[ $mode = force ] && rm -rf "$work"
# Trees of other versions that were never finished; nobody will go on with them.
for old in "$cache"/guest-kernel/build-*; do
	[ "$old" = "$work" ] || rm -rf "$old"
done
if [ -e "$work/.sfemu-unpacked" ]; then
	say "going on with the build that was interrupted ($(grep -c '^  [A-Z]* *[^ ]*\.o$' "$log" 2>/dev/null || true) files are compiled)"
else
	rm -rf "$work"
	free_enough 2500000
	say "building for ARCH=um with $(nproc) jobs: 2 to 5 minutes on two cores that are free, once; can be interrupted"
	say "unpacking $tarball"
	mkdir -p "$work"
	# Code for real hardware and other architectures is never compiled here; its Kconfig files and Makefiles are read all the same.
	left_out=(--exclude='*/Documentation/*/*' --exclude='*/arch/[!ux]*/*.[chS]' --exclude='*/arch/xtensa/*.[chS]' --exclude='*.dts' --exclude='*.dtsi'
		--exclude='*/drivers/[!bcnt]*/*.[chS]' --exclude='*/drivers/b[!a]*/*.[chS]' --exclude='*/drivers/c[!h]*/*.[chS]'
		--exclude='*/drivers/n[!e]*/*.[chS]' --exclude='*/drivers/t[!t]*/*.[chS]' --exclude='*/drivers/net/*/*.[chS]'
		--exclude='*/fs/[bfgjlmouvxz]*/*.[ch]' --exclude='*/fs/n[!lo]*/*.[ch]' --exclude='*/fs/e*/*.[ch]'
		--exclude='*/sound/*.[ch]' --exclude='*/tools/testing/*' --exclude='*/tools/perf/*')
	tar -I 'xz -T0' -xf "$tarball" -C "$work" --strip-components=1 "${left_out[@]}" ||
		die "cannot unpack $tarball: it is not whole (reinstall linux-source-6.12), or the disk is full"
	for p in "$here"/patches/*.patch; do
		patch -s -d "$work" -p1 <"$p" >&2 || die "$(basename "$p") does not apply to $version: the patch must be adapted"
	done
	touch "$work/.sfemu-unpacked"
fi

export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' KBUILD_BUILD_USER=sfemu KBUILD_BUILD_HOST=sfemu
if [ ! -e "$work/.sfemu-configured" ]; then
	make -s -C "$work" ARCH=um allnoconfig KCONFIG_ALLCONFIG="$here/config" >"$log" 2>&1 || explain "the configuration fails"
	while IFS= read -r line; do
		case $line in
		CONFIG_*) grep -qxF "$line" "$work/.config" || die "this kernel does not take the setting $line of $here/config" ;;
		'# CONFIG_'*' is not set')
			option=${line#\# }
			! grep -q "^${option%% *}=" "$work/.config" || die "this kernel insists on ${option%% *}"
			;;
		esac
	done <"$here/config"
	touch "$work/.sfemu-configured"
fi

flags=-w
profile=$here/profile/gcc-$(gcc -dumpversion | cut -d. -f1).tar.xz
if [ -r "$profile" ]; then
	tar -I xz -xf "$profile" -C "$work" || die "$profile is not whole"
	flags+=" $profiled"
else
	say "gcc $(gcc -dumpversion) cannot read the profile in $here/profile: the kernel takes about a fifth more time for packets, with the same results"
fi

compiled() { grep -c '^  [A-Z]* *[^ ]*\.o$' "$log" || true; }
# "612 of about 1240 files, about 1 min 40 s left"
progress() {
	local n left
	n=$(compiled)
	left=
	if [ $((n - first)) -ge 30 ] && [ "$n" -lt $all_files ]; then
		left=$(((SECONDS - compiling) * (all_files - n) / (n - first)))
		left=", about $((left / 60)) min $((left % 60)) s left"
	fi
	echo "$((SECONDS - started)) s: $n of about $all_files files$left"
}
say "compiling"
compiling=$SECONDS
first=$(compiled)
# Looking for what to warn of takes a twentieth of the time, and Debian has looked.
# A process group of its own, which an interruption ends as a whole; and it ends with this script, whatever ends that.
set -m
setpriv --pdeathsig TERM make -C "$work" ARCH=um KCFLAGS="$flags" -j"$(nproc)" linux >>"$log" 2>&1 &
make_pid=$!
set +m
while kill -0 "$make_pid" 2>/dev/null; do
	sleep 1 9>&- || true
	if [ -t 2 ]; then
		printf '\r\033[Kguest-kernel: %s' "$(progress)" >&2
	elif [ $(((SECONDS - started) % 30)) -eq 0 ]; then
		say "$(progress)"
	fi
done
[ -t 2 ] && echo >&2
wait "$make_pid" || explain "the build fails"
make_pid=
# gcc says nothing where counts do not fit the code; what it takes for hot has a section of its own.
if [ "$flags" != -w ] && ! { find "$work" -name '*.o' -exec grep -lF .text.hot {} + || true; } | grep . >/dev/null; then
	say "gcc found nothing in $profile that fits: the kernel takes about a fifth more time for packets, with the same results; profile/make.sh makes a new one"
fi

# What was built must run here, and be what was asked for.
strip -o "$work/linux.stripped" "$work/linux"
said=$("$work/linux.stripped" --version 2>/dev/null) || die "the built kernel does not start; it is $work/linux.stripped"
case $said in
*-sfemu*) ;;
*) die "the built kernel calls itself $said" ;;
esac
rm -rf "$folder"
mkdir -p "$folder"
cp "$work/.config" "$folder/config"
mv "$work/linux.stripped" "$folder/linux.new"
# Looked at whenever a guest starts.
sha256sum <"$folder/linux.new" | cut -d' ' -f1 >"$kernel.sha256"
mv "$folder/linux.new" "$kernel"
say "built $said in $((SECONDS - started)) s"
rm -rf "$work"
echo "$kernel"
