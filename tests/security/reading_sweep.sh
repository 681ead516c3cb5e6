#!/usr/bin/env bash
# long: a minute or two
# Root draws the report of a sweep's folder that somebody else has made: what is no regular file beneath the folder is
# neither read nor written, nothing waits, and neither time nor memory grows beyond what the folder holds.
. "$(dirname "$0")/../lib.sh"
need_root
need python3

uid=4321
chmod 755 "$TEST_TMP"
protected=/proc/sys/fs/protected_symlinks
before=$(cat $protected)
restore() { [ "$before" = 0 ] || echo "$before" >$protected 2>/dev/null || true; }
ending='restore'
[ "$before" = 0 ] || echo 0 >$protected 2>/dev/null || echo "fs.protected_symlinks cannot be set here and stays $before"

# A sweep of one's own, as the stranger's folder has it.
cat >"$TEST_TMP/small.yaml" <<YAML
base: $SOURCE/scenarios/iiot.yaml
set: {workload.jobs: 6, topology.premises: 1}
strategies: [PureFaaS, StateLocal]
seeds: 1..2
YAML
sweep made --quiet >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the sweep fails"; }
cell=cells/PureFaaS+seed=1
mkdir -m 700 "$TEST_TMP/root"
echo "TOP-SECRET-OF-ROOT" >"$TEST_TMP/root/secret"
cp "$TEST_TMP/made/$cell/jobs.csv" "$TEST_TMP/root/jobs.csv"
chmod 600 "$TEST_TMP/root/secret"

folder() {
	rm -rf "$TEST_TMP/x"
	cp -r "$TEST_TMP/made" "$TEST_TMP/x"
}
state() { find "$TEST_TMP/root" -printf '%p %m %U %s %T@ %y\n'; cat "$TEST_TMP/root/secret"; }
state >"$TEST_TMP/before"
try() { # what command…: 10 s and 1.5 GB
	local what=$1 status=0
	shift
	(ulimit -v 1500000 && timeout -k 1 20 "$@") >"$TEST_TMP/out" 2>&1 </dev/null || status=$?
	cat "$TEST_TMP/out" "$TEST_TMP/report.html" >"$TEST_TMP/said" 2>/dev/null || true
	rm -f "$TEST_TMP/report.html"
	[ $status -lt 124 ] || fail "$what: ${*:2} ends with status $status: $(tail -c 300 "$TEST_TMP/out")"
	! grep -q TOP-SECRET "$TEST_TMP/said" || fail "$what: ${*:2} tells what only root can read"
	! grep -q "out of memory" "$TEST_TMP/out" || fail "$what: ${*:2} runs out of memory"
	state >"$TEST_TMP/after"
	cmp -s "$TEST_TMP/before" "$TEST_TMP/after" || fail "$what: ${*:2} writes to a file of root's"
}
all() { # what
	chown -hR $uid:$uid "$TEST_TMP/x"
	try "$1" "$SFEMU" report -o "$TEST_TMP/report.html" "$TEST_TMP/x"
	try "$1" "$SFEMU" report --json "$TEST_TMP/x"
}

# What stands in the place of each file.
secret() { ln -s "$TEST_TMP/root/secret" "$1"; }
zeros() { mknod "$1" c 1 5; }
fifo() { mkfifo "$1"; }
hole() { truncate -s 1T "$1"; }
for name in cells.csv "$cell/jobs.csv" "$cell/summary.csv" "$cell/manifest.json" "$cell"; do
	for what in secret zeros fifo hole; do
		folder
		rm -r "${TEST_TMP:?}/x/$name"
		$what "$TEST_TMP/x/$name"
		all "$what as $name"
	done
done
# Folders of cells that lead out of it.
for out in ../root "$TEST_TMP/root" cells/../../root /dev .. 'cells/link'; do
	folder
	ln -s ../../root "$TEST_TMP/x/cells/link"
	sed -i "s|$cell|$out|" "$TEST_TMP/x/cells.csv"
	all "a cell in $out"
	expect "$TEST_TMP/said" '"unreadable": 1'
done
folder
sed -i "s|cells/PureFaaS+seed=2|$cell|" "$TEST_TMP/x/cells.csv"
all "two cells in one folder"
expect "$TEST_TMP/out" 'cells.csv:1: has two cells with the same folder'
echo "links, FIFOs, devices, holes and paths that lead out: none is followed or waited for"

# The report is written into the folder, and nowhere else.
for name in report.html report.html.part; do
	folder
	rm -f "$TEST_TMP/x/report.html"
	secret "$TEST_TMP/x/$name"
	chown -hR $uid:$uid "$TEST_TMP/x"
	try "a link as $name" "$SFEMU" report "$TEST_TMP/x"
	[ -f "$TEST_TMP/x/report.html" ] && [ ! -L "$TEST_TMP/x/report.html" ] || fail "a link as $name: there is no report"
done

# Large and odd content.
make() { python3 - "$TEST_TMP/x" "$1"; }
for shape in "100000 1 1" "1 64 1500" "1 20000 5" "1 1 100000" "1500 64 1"; do
	folder
	make "$shape" <<'PY'
import sys
combinations, strategies, seeds = map(int, sys.argv[2].split())
with open(sys.argv[1] + "/cells.csv", "w") as f:
    f.write("rate,strategy,seed,state,folder,reason\n")
    for c in range(combinations):
        for s in range(strategies):
            for r in range(seeds):
                f.write(f"{c},S{s},{r},done,cells/{c}-{s}-{r},\n")
PY
	all "a grid of $shape"
done
for wrong in 'rate,' ',' '"' '\x00' "$(printf 'a%.0s' $(seq 300))"; do
	folder
	sed -i "3s|^|$wrong|" "$TEST_TMP/x/cells.csv"
	all "a row that begins with ${wrong:0:5}"
done
for number in 1e308 -1e308 nan inf 1e-320 99999999999999999999; do
	folder
	make "$number" <<'PY'
import csv, glob, sys
for path in glob.glob(sys.argv[1] + "/cells/*/*.csv"):
    rows = list(csv.reader(open(path)))
    for row in rows[1:]:
        for i, cell in enumerate(rows[0]):
            if cell.endswith(("_s", "wire_bytes")):
                row[i] = sys.argv[2]
    csv.writer(open(path, "w"), lineterminator="\n").writerows(rows)
PY
	all "numbers of $number"
done
for column in job steps state_bytes none; do
	folder
	make $column <<'PY'
import glob, sys
for path in glob.glob(sys.argv[1] + "/cells/*/jobs.csv"):
    lines = open(path).read().split("\n")
    head, first = lines[0].split(","), lines[1].split(",")
    with open(path, "w") as f:
        f.write(lines[0] + "\n")
        for i in range(200000):
            f.write(",".join(str(i * 7919 % 1000003) if h == sys.argv[2] else v for h, v in zip(head, first)) + "\n")
PY
	all "200 000 rows a cell of $column"
done
echo "content that is large or odd: each command ends in time"
