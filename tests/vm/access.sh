#!/usr/bin/env bash
# What travels follows from the declared access, to the byte: tshark finds these bodies in the captures and no others. And
# the tables of docs/programming.md are of this program.
. "$(dirname "$0")/../lib.sh"
need tshark python3

# strategy access: from>to … in the order of time. C is the client (and the store in the network), 0 1 2 are the nodes of the
# steps, of which the middle one does not use the state; X is the cloud. +n: of a state that was changed in part, the
# changed ranges.
cat >"$TEST_TMP/rules" <<'TEXT'
PureFaaS read C>0 C>1 C>2
PureFaaS write 0>C C>1 2>C
PureFaaS update C>0 0>C C>1 C>2 2>C
PureFaaS partial C>0 0>C+1024 C>1 C>2 2>C+1024
PureFaaS append C>0=90011 0>C+3000 C>1=93011 C>2=93011 2>C+3000
PureFaaS global-partial X>0 0>X+1024 X>2 2>X+1024
PureFaaS global-append X>0=110017 0>X+3000 X>2=113017 2>X+3000
StatePropagate read C>0 0>1 1>2
StatePropagate write 2>C
StatePropagate update C>0 0>1 1>2 2>C
StatePropagate partial C>0 0>1 1>2 2>C+1024
StatePropagate append C>0=90011 0>1=93011 1>2=93011 2>C+6000
StatePropagate global-partial X>0 0>X+1024 X>2 2>X+1024
StatePropagate global-append X>0=110017 0>X+3000 X>2=113017 2>X+3000
StateLocal read C>0 C>2
StateLocal update C>0 0>2
StateLocal partial C>0 0>2
StateLocal append C>0=90011 0>2=93011
StateLocal global-partial 0>2 2>0+1024
StateLocal global-append 0>2=113017 2>0+3000
UnchainedInFunction read 0>2
UnchainedInFunction update 0>2
UnchainedInFunction partial 0>2
UnchainedInFunction append 0>2=93011
UnchainedInFunction global-partial 0>2 2>0+1024
UnchainedInFunction global-append 0>2=113017 2>0+3000
UnchainedInClient read C>0 C>2
UnchainedInClient write 0>C 2>C
UnchainedInClient update C>0 0>C C>2 2>C
UnchainedInClient partial C>0 0>C+1024 C>2 2>C+1024
UnchainedInClient append C>0=90011 0>C+3000 C>2=93011 2>C+3000
UnchainedInClient global-partial X>0 0>X+1024 X>2 2>X+1024
UnchainedInClient global-append X>0=110017 0>X+3000 X>2=113017 2>X+3000
UnchainedExternal read X>0 X>2
UnchainedExternal write 0>X 2>X
UnchainedExternal update X>0 0>X X>2 2>X
UnchainedExternal partial X>0 0>X+1024 X>2 2>X+1024
UnchainedExternal append X>0=90011 0>X+3000 X>2=93011 2>X+3000
UnchainedExternal global-partial X>0 0>X+1024 X>2 2>X+1024
UnchainedExternal global-append X>0=110017 0>X+3000 X>2=113017 2>X+3000
UnchainedInEdge read C>0 C>2
UnchainedInEdge write 0>C 2>C
UnchainedInEdge update C>0 0>C C>2 2>C
UnchainedInEdge partial C>0 0>C+1024 C>2 2>C+1024
UnchainedInEdge append C>0=90011 0>C+3000 C>2=93011 2>C+3000
UnchainedInEdge global-partial C>0 0>C+1024 C>2 2>C+1024
UnchainedInEdge global-append C>0=110017 0>C+3000 C>2=113017 2>C+3000
TEXT
while read -r strategy access edges; do
	case $access in read) size=50001 ;; write) size=60003 ;; update) size=70007 ;; partial) size=80009 ;; global-partial) size=100003 ;; esac
	for edge in $edges; do
		from=${edge%%>*} to=${edge#*>}
		case $to in *[+=]*) bytes=${to#*[+=]} ;; *) bytes=$size ;; esac
		echo "$strategy,$access,$from,${to%%[+=]*},$bytes"
	done
done <"$TEST_TMP/rules" | sed 's/,C,/,rpi4_0,/g; s/,X,/,cloud,/g; s/,\([012]\),/,server_\1,/g; s/,\([012]\),/,server_\1,/g' >"$TEST_TMP/right"
"$SOURCE/tools/access-table" "$TEST_TMP/csv" >"$TEST_TMP/table" || fail "tools/access-table"
tail -n +2 "$TEST_TMP/csv" | diff "$TEST_TMP/right" - || fail "other bytes travel than the access modes say"
[ "$(wc -l <"$TEST_TMP/table")" -eq 18 ] || fail "no table"
while read -r row; do
	grep -qxF "$row" "$SOURCE/docs/programming.md" || fail "docs/programming.md is stale (tools/access-table prints its tables): it has no $row"
done <"$TEST_TMP/table"
