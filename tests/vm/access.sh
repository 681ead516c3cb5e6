#!/usr/bin/env bash
# What travels follows from the declared access, to the byte: tshark finds these bodies in the captures and no others. And
# the table of docs/programming.md is of this program.
. "$(dirname "$0")/../lib.sh"
need tshark python3

# strategy access: from>to … in the order of time. C is the client (and the store in the network), 0 1 2 are the nodes of the
# steps, of which the middle one does not use the state; X is the cloud.
cat >"$TEST_TMP/rules" <<'TEXT'
PureFaaS read C>0 C>1 C>2
PureFaaS write 0>C C>1 2>C
PureFaaS update C>0 0>C C>1 C>2 2>C
StatePropagate read C>0 0>1 1>2
StatePropagate write 2>C
StatePropagate update C>0 0>1 1>2 2>C
StateLocal read C>0 C>2
StateLocal update C>0 0>2
UnchainedInFunction read 0>2
UnchainedInFunction update 0>2
UnchainedInClient read C>0 C>2
UnchainedInClient write 0>C 2>C
UnchainedInClient update C>0 0>C C>2 2>C
UnchainedExternal read X>0 X>2
UnchainedExternal write 0>X 2>X
UnchainedExternal update X>0 0>X X>2 2>X
UnchainedInEdge read C>0 C>2
UnchainedInEdge write 0>C 2>C
UnchainedInEdge update C>0 0>C C>2 2>C
TEXT
while read -r strategy access edges; do
	case $access in read) size=50001 ;; write) size=60003 ;; update) size=70007 ;; esac
	for edge in $edges; do
		echo "$strategy,$access,${edge%>*},${edge#*>},$size"
	done
done <"$TEST_TMP/rules" | sed 's/,C,/,rpi4_0,/g; s/,X,/,cloud,/g; s/,\([012]\),/,server_\1,/g; s/,\([012]\),/,server_\1,/g' >"$TEST_TMP/right"
"$SOURCE/tools/access-table" "$TEST_TMP/csv" >"$TEST_TMP/table" || fail "tools/access-table"
tail -n +2 "$TEST_TMP/csv" | diff "$TEST_TMP/right" - || fail "other bytes travel than the access modes say"
[ "$(wc -l <"$TEST_TMP/table")" -eq 9 ] || fail "no table"
while read -r row; do
	grep -qxF "$row" "$SOURCE/docs/programming.md" || fail "docs/programming.md is stale (tools/access-table prints its table): it has no $row"
done <"$TEST_TMP/table"
