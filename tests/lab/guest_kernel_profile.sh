#!/usr/bin/env bash
# The profile of the guest kernel: counts of several runs are summed as gcc reads them, functions that never ran and a file
# of something else are not taken, and build.sh compiles with the profile of its gcc, says so where there is none for it, and
# gives another name to the kernel.
. "$(dirname "$0")/../lib.sh"
need gcc gcov-dump readelf python3 xz

sum=$SOURCE/tools/guest-kernel/profile/sum_counts.py
cd "$TEST_TMP"
cat >counted.c <<'C'
#include <stdlib.h>
int never(int n);
int never(int n) { return n > 7 ? 7 : n; }
int often(int n);
int often(int n) { return n % 2 ? 3 : n; }
int main(int argc, char **argv)
{
	int n = 0;
	for (int i = 0; argc > 1 && i < atoi(argv[1]); i++)
		n += often(i);
	return argc > 2 ? never(n) : n < 0;
}
C
gcc -O2 -fno-inline -fprofile-arcs -ftest-coverage -c counted.c
gcc -fprofile-arcs -o counted counted.o
for n in 1000 234; do
	./counted $n
	mkdir $n
	mv counted.gcda $n/
done
python3 "$sum" sum 1000 234 || fail "counts are not summed"
gcov-dump -l sum/counted.gcda >dump
expect dump 'OBJECT_SUMMARY runs=2'
grep -qw 1234 dump || { cat dump; fail "the loop's 1234 turns are not in the sum"; }
[ "$(grep -c 'FUNCTION ident' dump)" -eq 2 ] || { cat dump; fail "not only main() and often() are there"; }
# gcc takes it without a word, and lays the code out by it.
cp sum/counted.gcda .
gcc -O2 -fno-inline -fprofile-use -fprofile-partial-training -Wno-missing-profile -Werror=coverage-mismatch -c counted.c 2>said ||
	{ cat said; fail "gcc does not take the sum"; }
[ ! -s said ] || { cat said; fail "gcc has doubts"; }
readelf -SW counted.o >sections
expect sections '[.]text[.]hot' # without a summary, gcc would read the counts and do nothing with them
# Code that has changed since is compiled all the same.
sed 's/n % 2/n % 2 \&\& n % 3/' counted.c >changed.c
cp counted.gcda changed.gcda
flags=$(sed -n "s/^profiled='\(.*\)'$/\1/p" "$SOURCE/tools/guest-kernel/build.sh")
gcc -O2 -w $flags -c changed.c || fail "changed code does not compile with the profile"
mkdir other
echo "something else, longer than a header" >other/counted.gcda
status=0
python3 "$sum" no 1000 other 2>said || status=$?
[ $status -eq 1 ] || fail "status $status of a file of something else"
expect said 'other/counted.gcda: not a file of counts'
head -c 30 1000/counted.gcda >other/counted.gcda
status=0
python3 "$sum" no 1000 other 2>said || status=$?
[ $status -eq 1 ] || fail "status $status of half a file"
expect said 'other/counted.gcda: it is not whole'

# A toy kernel, whose makefile tells the flags.
mkdir -p tools/profile tools/patches toy-1
cp "$SOURCE/tools/guest-kernel/build.sh" tools/
echo '# nothing' >tools/config
printf -- '--- a/toy.txt\n+++ b/toy.txt\n@@ -1 +1 @@\n-a toy\n+a patched toy\n' >tools/patches/0001-toy.patch
echo 'a toy' >toy-1/toy.txt
cat >toy-1/Makefile <<'MAKE'
allnoconfig:
	touch .config
linux:
	@echo '$(KCFLAGS)' >>$(FLAGS)
	@ls net/toy.gcda >>$(FLAGS) 2>/dev/null; cp $(TOY_OBJECT) net/toy.o 2>/dev/null; cp $(TOY) linux
MAKE
printf '#include <stdio.h>\nint main(void) { puts("6-sfemu"); return 0; }\n' >toy.c
gcc -o toy toy.c
tar -cJf toy.tar.xz toy-1
export SFEMU_LINUX_SOURCE=$TEST_TMP/toy.tar.xz SFEMU_CACHE=$TEST_TMP/cache FLAGS=$TEST_TMP/flags TOY=$TEST_TMP/toy
export TOY_OBJECT=$TEST_TMP/counted.o
mkdir -p profile/net
cp sum/counted.gcda profile/net/toy.gcda
version=$(gcc -dumpversion | cut -d. -f1)
tar -C profile -cJf tools/profile/gcc-1.tar.xz .
without=$(tools/build.sh --print-name)
tools/build.sh >/dev/null 2>log || { cat log; fail "a profile of another gcc"; }
expect log "gcc $version.* cannot read the profile"
[ "$(cat flags)" = -w ] || { cat flags; fail "other flags without a profile"; }
rm flags
mv tools/profile/gcc-1.tar.xz "tools/profile/gcc-$version.tar.xz"
echo >>"tools/profile/gcc-$version.tar.xz" # another profile, of the same contents for xz
[ "$(tools/build.sh --print-name)" != "$without" ] || fail "another profile does not change the kernel's name"
tools/build.sh >/dev/null 2>log || true
expect log "gcc-$version.tar.xz is not whole"
tar -C profile -cJf "tools/profile/gcc-$version.tar.xz" .
tools/build.sh >/dev/null 2>log || { cat log; fail "with a profile"; }
grep -q -- '^-w -fprofile-use ' flags && grep -qx net/toy.gcda flags || { cat flags; fail "the profile is not used"; }
! grep 'nothing in .* fits' log || fail "it says that nothing fits"
gcc -O2 -c -o cold.o counted.c
TOY_OBJECT=$TEST_TMP/cold.o tools/build.sh --force >/dev/null 2>log || { cat log; fail "with a profile of other code"; }
expect log 'gcc found nothing in .*/gcc-.*.tar.xz that fits'

# The one in the tree is of this gcc, or no kernel here would have it.
if [ "$(. /etc/os-release; echo "$VERSION_CODENAME")" = bookworm ]; then
	[ -r "$SOURCE/tools/guest-kernel/profile/gcc-$version.tar.xz" ] || fail "there is no profile of Debian 12's gcc"
	tar -tJf "$SOURCE/tools/guest-kernel/profile/gcc-$version.tar.xz" >names
	expect names '^./net/ipv4/tcp_output.gcda$'
	! grep -vE '^\./([a-z0-9_.-]+/)*([A-Za-z0-9_.-]+\.gcda)?$' names || fail "the profile has other files"
fi
