#!/usr/bin/env bash
# Installs the guest kernel as the package sfemu-guest-kernel has it, after building it if needed: the kernel with its digest
# and configuration, where its source is, the patches, and what tells build.sh of the installed sfemu where it is.
#
#   install.sh ROOT PREFIX     files go to ROOT/PREFIX, paths in them begin with PREFIX
set -euo pipefail

[ $# -eq 2 ] || { echo "usage: install.sh ROOT PREFIX" >&2; exit 2; }
root=$1 prefix=${2%/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=$("$here/build.sh")
name=$(basename "$(dirname "$kernel")")
version=${name%-*}
umask 022

folder=$prefix/lib/sfemu/guest-kernel
doc=$prefix/share/doc/sfemu-guest-kernel
mkdir -p "$root$doc/patches" "$root$prefix/share/sfemu/tools/guest-kernel"
# Nothing of a version before stays beside it.
rm -rf "$root$folder"
install -D -m 755 "$kernel" "$root$folder/$name/linux"
install -m 644 "$kernel.sha256" "$(dirname "$kernel")/config" "$root$folder/$name/"
install -m 644 "$here"/patches/*.patch "$root$doc/patches/"
echo "$folder $version" >"$root$prefix/share/sfemu/tools/guest-kernel/packaged"
cat >"$root$doc/SOURCE" <<EOF
$folder/$name/linux is Linux for ARCH=um (User-Mode Linux), under the GNU General Public License version 2
(/usr/share/common-licenses/GPL-2).

source         Debian's source package linux, version $version
               https://snapshot.debian.org/package/linux/$version/
               as the binary package linux-source-6.12 of that version has it (/usr/src/linux-source-6.12.tar.xz)
patches        patches/ beside this file, in the order of their names (patch -p1)
configuration  $folder/$name/config (make ARCH=um olddefconfig)
compiler       $(gcc --version | head -n 1)
script         tools/guest-kernel/build.sh of sfemu ($prefix/share/sfemu/tools/guest-kernel/build.sh)
EOF
