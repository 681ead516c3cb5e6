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
