#!/usr/bin/env bash
# Captures that are not whole or no captures: a clear message, and what could be read is used and said so.
. "$(dirname "$0")/../lib.sh"
need editcap tshark
cd "$TEST_TMP"
seed=$SOURCE/tests/fuzz/corpus/capture/one
tail -c +2 "$seed" >good.pcap # the fuzz target's first byte is its own
packets=$(tshark -r good.pcap 2>/dev/null | wc -l)
[ "$packets" -eq 11 ] || fail "the seed is another: $packets packets"

says() { # expected status, expected text, arguments…
	local status=0 want=$1 text=$2
	shift 2
	"$SFEMU" analyze --quiet "$@" >out 2>err || status=$?
	[ "$status" -eq "$want" ] || { cat out err; fail "status $status instead of $want: $*"; }
	grep -qF -- "$text" err || { cat err; fail "does not say '$text': $*"; }
	[ "$want" -ne 2 ] || [ "$(wc -l <err)" -eq 1 ] || fail "more than one line: $*"
}
cell() { # file, column, of the first row
	"$SFEMU" analyze --quiet --by capture --csv "$1" 2>/dev/null |
		python3 -c 'import csv, sys; print(next(csv.DictReader(sys.stdin))[sys.argv[1]])' "$2"
}

says 2 'cannot be opened' nothing.pcap
says 2 'is no capture that can be read' "$SOURCE/README.md"
: >empty.pcap
says 2 'is no capture that can be read' empty.pcap
head -c 24 good.pcap >header.pcap
says 0 'holds no packets' header.pcap
head -c $(($(stat -c %s good.pcap) - 30)) good.pcap >cut.pcap
says 0 'not read to its end' cut.pcap
[ "$(cell cut.pcap packets)" -eq 10 ] || fail "the whole packets of a truncated file are not used"
# A record that claims more than there can be.
python3 - <<'PY'
data = bytearray(open("good.pcap", "rb").read())
second = 24 + 16 + int.from_bytes(data[32:36], "little")
data[second + 8:second + 12] = (0x7fffffff).to_bytes(4, "little")
open("corrupt.pcap", "wb").write(data)
PY
says 0 'not read to its end' corrupt.pcap
[ "$(cell corrupt.pcap packets)" -eq 1 ] || fail "the packets before a corrupted one are not used"
editcap -F pcap -T ieee-802-11 good.pcap radio.pcap
says 2 'IEEE802_11, which is not known here' radio.pcap
editcap -F pcap -s 60 good.pcap short.pcap
says 0 'captured shorter than they were' short.pcap
[ "$(cell short.pcap tcp_packets)" -eq 11 ] || fail "headers of cut packets are not used"
editcap -F pcapng good.pcap good.pcapng
for f in good.pcap good.pcapng; do
	"$SFEMU" analyze --quiet --by strategy --csv $f >row
	[ "$(tail -n 1 row | cut -d, -f1-3)" = 'StateLocal,4,12' ] || fail "$f: $(tail -n 1 row)"
done
"$SFEMU" analyze --quiet --by strategy --csv - <good.pcap | cmp - row || fail "from a pipe"
# Twice the same file: every message counts once as distinct.
[ "$("$SFEMU" analyze --quiet --by strategy --csv good.pcap good.pcapng | tail -n 1 | cut -d, -f3,4)" = '24,12' ] ||
	fail "distinct messages of two captures"

mkdir -p old/captures
says 2 'holds no captures' old
says 2 'has no folder captures' "$SOURCE/scenarios"
cp good.pcap old/captures/
says 2 'jobs.csv' old
printf 'strategy,job\nPureFaaS,1\n' >old/jobs.csv
says 2 'jobs.csv:1: there is no column' old
says 2 "there is no view 'jobs'" --by jobs good.pcap
says 2 '--interval needs a time' --interval 0 good.pcap
says 2 'has 1 connections' --follow 2 good.pcap
"$SFEMU" analyze --quiet good.pcap >/dev/full 2>err && fail "a full disk is not noticed"
grep -q 'cannot write to stdout' err || fail "a full disk is not named"
