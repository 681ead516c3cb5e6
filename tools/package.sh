#!/usr/bin/env bash
# Makes the Debian packages sfemu, sfemu-dev and sfemu-guest-kernel for this release in build-package/ (options of cmake may
# follow), building the guest kernel if needed. Prints their paths.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "building packages in build-package/" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -f build-package/*.deb
if ! { cmake -B build-package -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSFE_TESTS=OFF "$@" &&
	cmake --build build-package -j"$(nproc)" && (cd build-package && cpack -G DEB); } >"$log" 2>&1; then
	tail -n 40 "$log" >&2
	echo "package: failed; above are its last lines" >&2
	exit 1
fi
ls -d "$PWD"/build-package/*.deb
