#!/usr/bin/env bash
# The layers of docs/architecture.md hold: who includes and calls whom, no circles, no crowded folder. And the check itself
# finds each of these faults in a tree that has it.
. "$(dirname "$0")/../lib.sh"
need python3 nm

check() { python3 "$SOURCE/tests/lab/architecture.py" "$1" "$BUILD"; }
check "$SOURCE" || fail "the tree is not as docs/architecture.md says"

# The same tree with one fault at a time.
tree=$TEST_TMP/tree
finds() { # words: that the check fails with them
	if check "$tree" >"$TEST_TMP/log"; then fail "finds nothing: $1"; fi
	expect "$TEST_TMP/log" "$1"
}
fresh() {
	rm -rf "$tree"
	mkdir -p "$tree/docs"
	cp -r "$SOURCE"/{emu,nodes,shaper,tests} "$tree/"
	cp "$SOURCE/docs/architecture.md" "$tree/docs/"
}
fresh
echo '#include "emu/run/lab.h"' >>"$tree/emu/model/base/units.c"
finds 'emu/model/base/units.c .*of a higher layer: includes it'
fresh
echo '#include "emu/model/base/units_internal.h"' >>"$tree/emu/model/base/text.h"
echo '#include "emu/model/base/text.h"' >"$tree/emu/model/base/units_internal.h"
finds 'a circle of 2 modules'
fresh
sed -i 's|^| |; /^ | `emu\/run\/` |/d; s|^ ||' "$tree/docs/architecture.md"
finds 'emu/run: has no row in the table'
fresh
for i in $(seq 26); do : >"$tree/shaper/more_$i.c"; done
finds 'shaper: .* more than 25'
fresh
rm "$tree/emu/run/README.md"
seq 16 >"$tree/shaper/README.md"
finds 'emu/run: has no README.md'
finds 'shaper/README.md: more than 15 lines'
