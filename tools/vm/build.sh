#!/usr/bin/env bash
# Makes a Debian 12 disk image with sfemu installed and a guest kernel built: OUT.qcow2, OUT.raw with --raw, and OUT.manifest, the
# version of every package in it. It boots by BIOS and by UEFI. docs/vms.md says what it is good for.
#
#   tools/vm/build.sh [OPTIONS] [OUT]        OUT: a path without its ending; by default sfemu-vm
#
#   --raw              keep the raw image too
#   --cloud-init       with cloud-init and an SSH server, for clouds, libvirt and Vagrant
#   --kernel PACKAGE   another kernel than linux-image-amd64: linux-image-6.12-amd64, …
#   --size SIZE        of the disk (default 8G); the files on it take 1 GB
#   --deb FILE         install this package of sfemu, and no other build; may be repeated
#   --no-guest-kernel  leave the guest kernel out (it takes an hour to build in a VM without KVM)
#   --pin              write the versions of Debian's packages to tools/vm/pinned, which others are compared with
#   --refresh          install Debian's packages again, though they are in the cache
#
# Debian's packages come from where this machine's apt gets them, and are kept installed as a tar under $SFEMU_CACHE, else
# /var/cache/sfemu for root, else ~/.cache/sfemu. Where a version is not the one in tools/vm/pinned, that is said: Debian's mirrors
# have only the newest one. No root is needed where user namespaces are allowed and /etc/subuid has this user.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
suite=bookworm
# Always the same, so that the same packages make the same image.
root_uuid=5fe30000-0000-4000-8000-000000000001
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C.UTF-8 TZ=UTC

say() { echo "vm: $*" >&2; }
die() {
	say "$*"
	exit 1
}
usage() {
	sed -n '/^# *tools\/vm\/build.sh/,/^# Debian/{/^# Debian/d;s/^# \{0,1\}//;p}' "$0" >&2
	exit 2
}

raw=no cloud_init=no kernel=linux-image-amd64 size=8G guest_kernel=yes pin=no refresh=no debs=() out=
while [ $# -gt 0 ]; do
	case $1 in
	--raw) raw=yes ;;
	--cloud-init) cloud_init=yes ;;
	--no-guest-kernel) guest_kernel=no ;;
	--pin) pin=yes ;;
	--refresh) refresh=yes ;;
	--kernel | --size | --deb)
		[ $# -gt 1 ] || usage
		case $1 in
		--kernel) kernel=$2 ;;
		--size) size=$2 ;;
		--deb) debs+=("$2") ;;
		esac
		shift
		;;
	-*) usage ;;
	*)
		[ -z "$out" ] || usage
		out=$1
		;;
	esac
	shift
done
out=${out:-sfemu-vm}
out=${out%.qcow2}
bytes=$(numfmt --from=iec -- "$size" 2>/dev/null) || die "--size: '$size' is no size, such as 8G"
[ "$bytes" -ge $((2 << 30)) ] || die "--size: at least 2G"
missing=
for tool in mmdebstrap: qemu-img:qemu-utils mformat:mtools sfdisk:fdisk mke2fs:e2fsprogs; do
	PATH=$PATH:/usr/sbin:/sbin command -v "${tool%%:*}" >/dev/null && continue
	package=${tool##*:}
	missing+=" ${package:-${tool%%:*}}"
done
[ -z "$missing" ] || die "tools are missing: apt-get install$missing"
PATH=$PATH:/usr/sbin:/sbin

if [ -n "${SFEMU_CACHE:-}" ]; then
	cache=$SFEMU_CACHE/vm
elif [ "$(id -u)" -eq 0 ]; then
	cache=/var/cache/sfemu/vm
else
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/sfemu/vm
fi
umask 022
mkdir -p "$cache" || die "cannot make $cache: set SFEMU_CACHE to a folder that you may write"
work=$(mktemp -d "$cache/work-XXXXXX")

# As root, or as root of a user namespace that has this user's subordinate ids.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		unshare --map-root-user --map-auto "$@"
	fi
}
trap 'as_root rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

packages_of() { sed 's/#.*//; /^ *$/d' "$@"; }
wanted=$(packages_of "$here/packages" | sed "s/^linux-image-amd64$/$kernel/")
[ $cloud_init = no ] || wanted+=$'\n'$(packages_of "$here/packages.cloud-init")

# Lines "deb URI SUITE COMPONENT" of what apt here knows of this Debian.
sources() {
	apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk -v suite=$suite '$3 ~ "^" suite "(-security|-updates)?$" && $4 == "main"' | sort -u
}

# Debian's packages, installed: the part that takes minutes and the network.
base() { # → $base
	local key
	key=$({
		echo "$wanted"
		sed -n '/^# Debian.s packages, installed/,/^}/p' "$here/build.sh"
	} | sha256sum | cut -c1-12)
	base=$cache/base-$key.tar
	[ $refresh = yes ] || [ ! -e "$base" ] || return 0
	local lists
	lists=$(sources)
	[ -n "$lists" ] || die "apt here has no sources of Debian $suite (apt-get update): its packages are to come from there"
	say "installing $(wc -l <<<"$wanted") packages and what they need from $(awk 'NR == 1 {print $2}' <<<"$lists"): some minutes, once"
	# Drivers of all machines in the initrd: the image is to boot in any of them.
	mmdebstrap --quiet --variant=minbase --include="$(paste -sd, <<<"$wanted")" \
		--aptopt='Apt::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--customize-hook='chroot "$1" dpkg-query -W -f "\${binary:Package}=\${Version}\n" >"$1/var/lib/sfemu-vm-packages"' \
		$suite "$work/base.tar" - <<<"$lists" >"$work/log" 2>&1 || {
		tail -n 20 "$work/log" >&2
		die "mmdebstrap fails; above are its last lines"
	}
	mv "$work/base.tar" "$base"
	# Those of packages or recipes that are no more.
	find "$cache" -maxdepth 1 -name 'base-*.tar' ! -path "$base" -atime +30 -delete
}

# sfemu itself: its packages, or what is built in build/.
install_sfemu() { # root
	local root=$1 deb
	if [ ${#debs[@]} -gt 0 ]; then
		mkdir -p "$root/tmp/debs"
		for deb in "${debs[@]}"; do cp "$deb" "$root/tmp/debs/"; done
		as_root chroot "$root" sh -c 'dpkg -i /tmp/debs/*.deb' >"$work/log" 2>&1 || {
			tail -n 20 "$work/log" >&2
			die "the packages of sfemu cannot be installed in the image"
		}
		rm -rf "$root/tmp/debs"
	else
		DESTDIR=$root cmake --install "$source_tree/build" --prefix /usr >"$work/log" || die "cmake --install fails"
	fi
}

# The kernel of the virtual clock, from where it is kept on this machine.
install_guest_kernel() { # root
	local root=$1 name
	name=$(basename "$(dirname "$guest_kernel")")
	mkdir -p "$root/var/cache/sfemu/guest-kernel/$name"
	cp "$guest_kernel" "$guest_kernel.sha256" "$root/var/cache/sfemu/guest-kernel/$name/"
	# The build script would ask for linux-source-6.12, 145 MB that nobody needs here.
	echo "SFEMU_GUEST_KERNEL=/var/cache/sfemu/guest-kernel/$name/linux" >>"$root/etc/environment"
	echo "guest-kernel=$name" >>"$work/manifest"
}

# What makes a computer of the packages.
configure() { # root
	local root=$1
	echo sfemu-vm >"$root/etc/hostname"
	printf '127.0.0.1 localhost\n127.0.1.1 sfemu-vm\n' >"$root/etc/hosts"
	echo "UUID=$root_uuid / ext4 defaults,noatime,x-systemd.growfs 0 1" >"$root/etc/fstab"
	printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/80-dhcp.network"
	ln -sf /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
	ln -sf /lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"
	: >"$root/etc/machine-id" # each VM makes its own
	rm -f "$root/etc/ssh/"ssh_host_*
	# Who has the console has the machine; nobody comes in by the network, but by cloud-init's keys.
	sed -i 's/^root:[^:]*:/root::/' "$root/etc/shadow"
	install -D -m 755 "$here/guest/job" "$root/usr/local/lib/sfemu-vm/job"
	install -m 644 "$here/guest/sfemu-job.service" "$root/etc/systemd/system/"
	install -m 644 "$here/guest/90-sfemu-job.rules" "$root/etc/udev/rules.d/"
	cat >"$root/etc/default/grub" <<GRUB
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0"
GRUB_TERMINAL=console
GRUB
	# Until update-grub writes it; /vmlinuz and /initrd.img lead to the newest kernel.
	mkdir -p "$root/boot/grub"
	cat >"$root/boot/grub/grub.cfg" <<GRUB
search --no-floppy --fs-uuid --set=root $root_uuid
linux /vmlinuz root=UUID=$root_uuid ro console=tty0 console=ttyS0 quiet
initrd /initrd.img
boot
GRUB
}

# The boot loader's images, by the image's own grub-mkimage.
make_loaders() { # root
	local root=$1 config=$1/tmp/early.cfg
	printf 'search --no-floppy --fs-uuid --set=root %s\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n' $root_uuid >"$config"
	as_root chroot "$root" grub-mkimage -O i386-pc -c /tmp/early.cfg -p /boot/grub -o /tmp/core.img \
		biosdisk part_gpt ext2 search search_fs_uuid normal configfile linux echo test
	as_root chroot "$root" grub-mkimage -O x86_64-efi -c /tmp/early.cfg -p /boot/grub -o /tmp/bootx64.efi \
		part_gpt ext2 fat search search_fs_uuid normal configfile linux echo test all_video gfxterm
	mv "$root/tmp/core.img" "$root/tmp/bootx64.efi" "$work/"
	cp "$root/usr/lib/grub/i386-pc/boot.img" "$work/"
	rm "$config"
}

# A number as so many bytes, the lowest first.
put_le() { # file offset bytes value
	local i text=
	for ((i = 0; i < $3; i++)); do text+=$(printf '\\x%02x' $((($4 >> (8 * i)) & 255))); done
	printf '%b' "$text" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Sectors 2048 to 4095: GRUB for BIOS. 4096 to 36863: the EFI partition. Then the files.
loader_at=2048 efi_at=4096 root_at=36864
make_disk() { # root image
	local root=$1 image=$2 root_sectors=$((bytes / 512 - root_at - 2048))
	rm -f "$image"
	truncate -s "$bytes" "$image"
	sfdisk -q "$image" <<TABLE || die "sfdisk fails"
label: gpt
label-id: 5FE30000-0000-4000-8000-000000000000
start=$loader_at, size=$((efi_at - loader_at)), type=21686148-6449-6E6F-744E-656564454649, uuid=5FE30000-0000-4000-8000-0000000000B1
start=$efi_at, size=$((root_at - efi_at)), type=U, uuid=5FE30000-0000-4000-8000-0000000000EF
start=$root_at, size=$root_sectors, type=L, uuid=5FE30000-0000-4000-8000-00000000F5F5
TABLE
	# What grub-bios-setup does, on a file: the boot sector knows where the second one is, and that where the rest of it is.
	dd if="$work/boot.img" of="$image" bs=440 count=1 conv=notrunc status=none
	put_le "$image" 92 8 $loader_at
	[ "$(stat -c %s "$work/core.img")" -le $(((efi_at - loader_at) * 512)) ] || die "GRUB is too large for its partition"
	dd if="$work/core.img" of="$image" bs=512 seek=$loader_at conv=notrunc status=none
	put_le "$image" $((loader_at * 512 + 500)) 8 $((loader_at + 1))
	mformat -i "$image@@$((efi_at * 512))" -T $((root_at - efi_at)) -h 64 -s 32 -N 5FE30000 ::
	mmd -i "$image@@$((efi_at * 512))" ::/EFI ::/EFI/BOOT
	mcopy -i "$image@@$((efi_at * 512))" "$work/bootx64.efi" ::/EFI/BOOT/BOOTX64.EFI
	as_root mke2fs -q -F -t ext4 -L sfemu -U $root_uuid -E "offset=$((root_at * 512)),hash_seed=$root_uuid,root_owner=0:0,lazy_itable_init=1" \
		-d "$root" "$image" $((root_sectors / 2))k || die "mke2fs fails"
}

# What differs from the pinned versions.
compare() { # manifest
	local pinned=$here/pinned
	if [ $pin = yes ]; then
		grep -v '^sfemu\|^guest-kernel=' "$1" >"$pinned"
		say "$(wc -l <"$pinned") versions are pinned in $pinned"
	fi
	[ -e "$pinned" ] || { say "nothing is pinned: --pin does" && return; }
	join -t= -a1 -o 0,1.2,2.2 -e '' <(grep -v '^sfemu\|^guest-kernel=' "$1" | sort -t= -k1,1) <(sort -t= -k1,1 "$pinned") |
		awk -F= '$2 != $3 { print "vm: " $1 " is " $2 (($3 == "") ? ", and is not pinned" : " and not " $3 ", which is pinned") }' >"$work/differences"
	cat "$work/differences" >&2
	say "$(wc -l <"$work/differences") of $(grep -vc '^sfemu\|^guest-kernel=' "$1") packages have another version than is pinned"
}

base
[ ${#debs[@]} -gt 0 ] || [ -x "$source_tree/build/sfemu" ] || "$source_tree/tools/build.sh"
[ $guest_kernel = no ] || guest_kernel=$("$source_tree/tools/guest-kernel/build.sh") || die "the guest kernel cannot be built: --no-guest-kernel"
say "making the image"
root=$work/root
mkdir "$root"
as_root tar -C "$root" --numeric-owner -xpf "$base" --exclude='./dev/*'
cp "$root/var/lib/sfemu-vm-packages" "$work/manifest"
as_root bash -c "$(declare -f install_sfemu install_guest_kernel configure make_loaders as_root say die)
set -euo pipefail
$(declare -p debs here source_tree work root_uuid guest_kernel)
install_sfemu '$root'
[ '$guest_kernel' = no ] || install_guest_kernel '$root'
configure '$root'
make_loaders '$root'"
make_disk "$root" "$work/disk.raw"
mkdir -p "$(dirname "$out")"
qemu-img convert -f raw -O qcow2 -o compression_type=zstd -c "$work/disk.raw" "$work/disk.qcow2"
[ $raw = no ] || mv "$work/disk.raw" "$out.raw"
mv "$work/disk.qcow2" "$out.qcow2"
sort "$work/manifest" >"$out.manifest"
compare "$out.manifest"
say "$out.qcow2: $(du -h "$out.qcow2" | cut -f1), $(wc -l <"$out.manifest") entries in $out.manifest"
