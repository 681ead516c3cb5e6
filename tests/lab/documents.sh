#!/usr/bin/env bash
# The documents are of this tree: links and paths lead somewhere, every verb is there, README is short. And the check
# itself finds each fault in a tree that has it. tests/vm/documents.sh runs the commands.
. "$(dirname "$0")/../lib.sh"
need python3

check() { python3 "$SOURCE/tests/lab/documents.py" check "$1" "$SFEMU"; }
check "$SOURCE" || fail "the documents do not fit the tree"

tree=$TEST_TMP/tree
finds() { # words: that the check fails with them
	if check "$tree" >"$TEST_TMP/log"; then fail "finds nothing: $1"; fi
	expect "$TEST_TMP/log" "$1"
}
fresh() {
	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$SOURCE" --exclude=./.git --exclude='./build*' --exclude=./results --exclude=./tests/fuzz/corpus -c . |
		tar -C "$tree" -x
}
fresh
check "$tree" >"$TEST_TMP/log" || { cat "$TEST_TMP/log"; fail "the copy does not pass"; }
echo 'See [this](docs/nothing.md) and [that](docs/running.md#nothing).' >>"$tree/CHANGELOG.md"
echo '`emu/run/nothing.c` has more, `tests/lab/NAME.sh` is there.' >>"$tree/docs/faults.md"
finds 'CHANGELOG.md: link to docs/nothing.md: there is no docs/nothing.md'
expect "$TEST_TMP/log" 'CHANGELOG.md: link to docs/running.md#nothing: docs/running.md has no such heading'
expect "$TEST_TMP/log" 'docs/faults.md: there is no emu/run/nothing.c'
[ "$(grep -c NAME "$TEST_TMP/log")" -eq 0 ] || fail "takes a name in capitals for a file"
fresh
seq 120 >>"$tree/README.md"
printf '%0101d\n' 0 >>"$tree/README.md"
finds 'README.md: .* lines, more than 120'
expect "$TEST_TMP/log" '101 columns, more than 100'
fresh
sed -i 's/sfemu columns/sfemu others/' "$tree/docs/running.md"
finds 'does not mention sfemu columns'
expect "$TEST_TMP/log" 'sfemu others: there is no such verb'
fresh
printf '```sh no-test:\nfalse\n```\n' >>"$tree/docs/faults.md"
printf '```\nsfemu check\n```\n' >>"$tree/CHANGELOG.md"
finds 'no-test: and the reason'
expect "$TEST_TMP/log" 'CHANGELOG.md:.*: say what the block is'
fresh
mv "$tree/docs/scenario.md" "$tree/docs/other.md"
finds 'emu/.*: there is no docs/scenario.md'

# Of the commands: a block that fails is found, and an output that is another.
run() { python3 "$SOURCE/tests/lab/documents.py" run "$tree" "$BUILD" "$TEST_TMP/$1" docs/a.md; }
fresh
cat >"$tree/docs/a.md" <<'E'
```sh
here=1
build/sfemu --version
```
```text
sfemu …
```
```sh no-test: would fail
false
```
```sh
test "$here" = 1
cd docs
echo one   two; echo three
```
```text
one two
three
```
```sh
test -f a.md
```
E
run good || fail "commands that are right are refused"
sed -i 's/^three$/four/' "$tree/docs/a.md"
if run other >"$TEST_TMP/log"; then fail "another output is not noticed"; fi
expect "$TEST_TMP/log" 'docs/a.md:16: the commands at line 11 do not print this'
sed -i 's/^four$/three/; s/^test -f a.md/test -f b.md/' "$tree/docs/a.md"
if run failing >"$TEST_TMP/log"; then fail "a command that fails is not noticed"; fi
expect "$TEST_TMP/log" 'docs/a.md:20: the block fails (status 1)'

# And what one command shows, to the byte.
printf '```sh\nsay it\n```\n```text\na   b … c\nd …\n```\n' >"$tree/docs/a.md"
shown() { python3 "$SOURCE/tests/lab/documents.py" shown "$tree/docs/a.md" "$1" "$TEST_TMP/output"; }
printf 'before\na   b and  c \nd and more\n' >"$TEST_TMP/output"
shown 'say it' || fail "an output that is right is refused"
if shown 'say that' >"$TEST_TMP/log"; then fail "no block of such a command, and nothing is said"; fi
for output in 'a  b and  c \nd ' 'a   b and  d\nd ' 'd \na   b  c' 'a   b and  c\n d '; do
	printf '%b\n' "$output" >"$TEST_TMP/output"
	if shown 'say it' >"$TEST_TMP/log"; then fail "'$output' is not noticed"; fi
	expect "$TEST_TMP/log" "'say it' does not print this"
done
