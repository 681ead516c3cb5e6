#!/usr/bin/env bash
# What the build does so that a fault in what reads the network's bytes is not worth more than a crash, read from the binary.
. "$(dirname "$0")/../lib.sh"
need readelf cc

headers=$(readelf -hldW "$SFEMU")
symbols=$(readelf --dyn-syms -W "$SFEMU")
has() { # text pattern what
	grep -Eq "$2" <<<"$1" || fail "$SFEMU: $3"
}

has "$headers" 'Type: +DYN' "it is not position-independent"
has "$headers" 'FLAGS_1.* PIE' "it is not position-independent"
has "$headers" 'GNU_RELRO' "no part of it is read-only after relocation (RELRO)"
has "$headers" 'BIND_NOW|FLAGS_1.* NOW' "it binds lazily, so that its table of addresses can be written to"
has "$headers" 'GNU_STACK.* RW +0x' "its stack can be executed"
has "$symbols" '__stack_chk_fail' "its functions do not look at their stack's canary"
for call in memcpy snprintf; do
	has "$symbols" "__(v)?${call}_chk" "no checked $call (_FORTIFY_SOURCE)"
done

# Control flow on x86: shadow stack and indirect branches. Whether the whole says IBT is up to the C library's start files.
if [ "$(uname -m)" = x86_64 ]; then
	properties() {
		readelf -nW "$@" | grep -c 'Properties:.*IBT, SHSTK' || true
	}
	readelf -nW "$SFEMU" | grep 'Properties:.*SHSTK' >/dev/null || fail "$SFEMU: it does not say that it keeps to a shadow stack"
	objects=$(ar t "$BUILD/libsfemu.a" | wc -l)
	[ "$(properties "$BUILD/libsfemu.a")" -eq "$objects" ] || fail "libsfemu.a: not all $objects objects are for IBT and SHSTK"
	start=$(cc -print-file-name=Scrt1.o)
	if [ "$(properties "$start")" -gt 0 ]; then
		[ "$(properties "$SFEMU")" -gt 0 ] || fail "$SFEMU: not for IBT, although $start is"
	fi
fi
