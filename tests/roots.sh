# Debian roots for the tests of tests/package. Sourced, after tests/lib.sh.
#
# A root is kept under the cache folder of the guest kernel ($SFEMU_CACHE, else /var/cache/sfemu), by what is in it; a test
# works on an overlay over it, in namespaces of its own, so that nothing stays but what it puts into the cache on purpose.

need_root
need debootstrap unshare pivot_root setpriv
cache=${SFEMU_CACHE:-/var/cache/sfemu}
mirror=${SFEMU_DEBIAN_MIRROR:-http://deb.debian.org/debian}

# Prints the folder of a root of that release with these packages, made if it is not there.
debian_root() { # release package…
	local release=$1 key folder new
	shift
	key=$(echo "$mirror $*" | sha256sum | cut -c1-12)
	folder=$cache/roots/$release-$key
	umask 022
	mkdir -p "$cache/roots"
	exec 8>"$cache/roots/lock"
	flock 8
	if [ ! -e "$folder/etc/debian_version" ]; then
		rm -rf "$cache/roots/$release-"*
		new=$folder.new
		rm -rf "$new"
		debootstrap --variant=minbase "$release" "$new" "$mirror" >"$TEST_TMP/debootstrap" 2>&1 ||
			{ tail -n 20 "$TEST_TMP/debootstrap" >&2; fail "debootstrap $release"; }
		cat >"$new/etc/apt/sources.list" <<EOF
deb $mirror $release main
deb $mirror $release-updates main
deb ${mirror%/debian}/debian-security $release-security main
EOF
		chroot "$new" apt-get update -qq >"$TEST_TMP/apt" 2>&1 &&
			DEBIAN_FRONTEND=noninteractive chroot "$new" apt-get install -y --no-install-recommends "$@" >>"$TEST_TMP/apt" 2>&1 ||
			{ tail -n 20 "$TEST_TMP/apt" >&2; fail "apt-get in $release"; }
		chroot "$new" apt-get clean
		echo 'APT::Keep-Downloaded-Packages "true";' >"$new/etc/apt/apt.conf.d/keep" # shared by the roots, see in_root
		mv "$new" "$folder"
	fi
	exec 8>&-
	echo "$folder"
}

# Runs the script on stdin as root of a Debian root: an overlay over it, /proc and /dev of its own, and what is bound into it.
# A real root, not a chroot, in which the kernel refuses user namespaces.
in_root() { # root [path in this system:path in the root]…
	local root=$1
	shift
	mkdir -p "$TEST_TMP/overlay" "$cache/roots/archives/partial"
	cat >"$TEST_TMP/in_root.sh"
	BIND="$cache/roots/archives:/var/cache/apt/archives $*" LOWER=$root OVER=$TEST_TMP/overlay unshare --mount --pid --fork --kill-child bash -euc '
		mount -t tmpfs -o size=4g tmpfs "$OVER"
		mkdir "$OVER"/upper "$OVER"/work "$OVER"/root
		mount -t overlay -o lowerdir="$LOWER",upperdir="$OVER/upper",workdir="$OVER/work" overlay "$OVER/root"
		cd "$OVER/root"
		mount -t proc proc proc
		mount --rbind /dev dev
		mount -t tmpfs -o mode=1777 tmpfs tmp
		for b in $BIND; do
			mkdir -p ".${b#*:}"
			mount --bind "${b%%:*}" ".${b#*:}"
		done
		cp "$OVER/../in_root.sh" root/in_root.sh
		mkdir -p old
		pivot_root . old
		exec chroot . /bin/bash -c "umount -l /old && rmdir /old && exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail /root/in_root.sh"
	'
}
