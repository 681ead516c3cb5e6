#!/usr/bin/env bash
# long: a minute or two
# Root reads results folders that somebody else has made: what is no regular file beneath the folder is neither read nor
# written, nothing waits, and neither time nor memory grows beyond what the folder holds. Each attack runs with a time limit
# and a memory limit, and with links followed as kernels without fs.protected_symlinks follow them.
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

# A run of one's own, as the stranger's folder has it.
"$SFEMU" run --quiet --clock virtual --set topology.premises=1 --set workload.jobs=12 --set strategies=PureFaaS,StateLocal --capture link_nuc_0 \
	--into "$TEST_TMP/run" "$SOURCE/scenarios/iiot.yaml" >"$TEST_TMP/log" 2>&1 || { cat "$TEST_TMP/log"; fail "the run fails"; }
mkdir -m 700 "$TEST_TMP/root"
echo "TOP-SECRET-OF-ROOT" >"$TEST_TMP/root/secret"
chmod 600 "$TEST_TMP/root/secret"

folder() { # a fresh one: $TEST_TMP/x, and one that is the same: $TEST_TMP/y
	rm -rf "$TEST_TMP/x" "$TEST_TMP/y"
	cp -r "$TEST_TMP/run" "$TEST_TMP/x"
	cp -r "$TEST_TMP/run" "$TEST_TMP/y"
}
own() { chown -hR $uid:$uid "$TEST_TMP/x"; }
state() { find "$TEST_TMP/root" -printf '%p %m %U %s %T@ %y\n'; cat "$TEST_TMP/root/secret"; }
state >"$TEST_TMP/before"

# Every command that reads, with 10 s and 1.5 GB each. What they print, and the report, is in $TEST_TMP/said.
: >"$TEST_TMP/said"
try() { # what command…
	local what=$1 status=0
	shift
	(ulimit -v 1500000 && timeout -k 1 10 "$@") >"$TEST_TMP/out" 2>&1 </dev/null || status=$?
	cat "$TEST_TMP/out" >"$TEST_TMP/said"
	[ ! -f "$TEST_TMP/report.html" ] || cat "$TEST_TMP/report.html" >>"$TEST_TMP/said"
	rm -f "$TEST_TMP/report.html"
	[ $status -lt 124 ] || fail "$what: ${*:2} ends with status $status: $(tail -c 300 "$TEST_TMP/out")"
	! grep -q TOP-SECRET "$TEST_TMP/said" || fail "$what: ${*:2} tells what only root can read"
	! grep -q "out of memory" "$TEST_TMP/out" || fail "$what: ${*:2} runs out of memory"
	state >"$TEST_TMP/after"
	cmp -s "$TEST_TMP/before" "$TEST_TMP/after" || fail "$what: ${*:2} writes to a file of root's"
}
all() { # what
	own
	try "$1" "$SFEMU" report -o "$TEST_TMP/report.html" "$TEST_TMP/x"
	try "$1" "$SFEMU" diff "$TEST_TMP/x" "$TEST_TMP/y"
	try "$1" "$SFEMU" diff "$TEST_TMP/y" "$TEST_TMP/x"
	try "$1" "$SFEMU" links "$TEST_TMP/x"
	try "$1" "$SFEMU" analyze --quiet "$TEST_TMP/x"
}

# What stands in the place of each file.
secret() { ln -s ../root/secret "$1"; }
deep() { ln -s ../../root/secret "$1"; }
zero() { ln -s /dev/zero "$1"; }
zeros() { mknod "$1" c 1 5; }
fifo() { mkfifo "$1"; }
socket() { python3 -c 'import os, socket, sys; os.chdir(os.path.dirname(sys.argv[1])); socket.socket(socket.AF_UNIX).bind(os.path.basename(sys.argv[1]))' "$1"; }
hole() { truncate -s 1T "$1"; }
for name in manifest.json scenario.yaml summary.csv jobs.csv links.csv captures.csv hosts trace.json topology/nodes captures/link_nuc_0.pcap; do
	for what in secret zeros fifo hole; do
		[ $what$name != "secrettopology/nodes" ] && [ $what$name != "secretcaptures/link_nuc_0.pcap" ] || what=deep
		folder
		rm "$TEST_TMP/x/$name"
		$what "$TEST_TMP/x/$name"
		all "$what as $name"
	done
done
for what in zero socket; do
	folder
	rm "$TEST_TMP/x/jobs.csv"
	$what "$TEST_TMP/x/jobs.csv"
	all "$what as jobs.csv"
done
echo "links, FIFOs, devices, sockets and holes in the place of files: none is followed or waited for"

# The difference is said, also where both have it.
folder
rm "$TEST_TMP"/[xy]/hosts
secret "$TEST_TMP/x/hosts"
secret "$TEST_TMP/y/hosts"
own
try "two links" "$SFEMU" diff "$TEST_TMP/x" "$TEST_TMP/y"
expect "$TEST_TMP/said" 'hosts: is a symbolic link in'

# A folder that is a link, to outside and to itself.
folder
rm -r "$TEST_TMP/x/captures" "$TEST_TMP/x/topology"
ln -s ../root "$TEST_TMP/x/captures"
ln -s . "$TEST_TMP/x/topology"
all "folders that are links"

# The report is written into the folder, and nowhere else.
for name in report.html report.html.part; do
	folder
	rm -f "$TEST_TMP/x/report.html"
	secret "$TEST_TMP/x/$name"
	own
	try "a link as $name" "$SFEMU" report "$TEST_TMP/x"
	[ -f "$TEST_TMP/x/report.html" ] && [ ! -L "$TEST_TMP/x/report.html" ] || fail "a link as $name: there is no report"
done
folder
own
ln -s root/secret "$TEST_TMP/out.html.part"
try "a link beside the output" "$SFEMU" report -o "$TEST_TMP/out.html" "$TEST_TMP/x"
[ -f "$TEST_TMP/out.html" ] || fail "a link beside the output keeps the report from being written"
SUDO_UID=$uid SUDO_GID=$uid try "by sudo" "$SFEMU" report "$TEST_TMP/x"
[ "$(stat -c %u "$TEST_TMP/x/report.html")" = $uid ] || fail "the report of sudo belongs to uid $(stat -c %u "$TEST_TMP/x/report.html")"

# A scenario that names files elsewhere, and one that would be generated for minutes.
set_key() { # key value
	python3 - "$TEST_TMP/x/scenario.yaml" "$1" "$2" <<'PY'
import re, sys
path, key, value = sys.argv[1:]
text = open(path).read()
new = re.sub(rf"(?m)^( *){key}:.*$", lambda m: f"{m[1]}{key}: {value}", text)
assert new != text, key
open(path, "w").write(new)
PY
}
folder
set_key tasks "$TEST_TMP/root/secret"
all "the trace of the scenario"
folder
set_key premises 10000
rm -r "$TEST_TMP/x/topology"
all "a topology that would be generated"
try "a topology that would be generated" "$SFEMU" report -o "$TEST_TMP/report.html" "$TEST_TMP/x"
expect "$TEST_TMP/said" 'not rebuilt'
folder
sed -i "s|^topology:|topology:\n  nodes: $TEST_TMP/root/secret\n  links: ../root/secret\n  edges: inputs/edges|" "$TEST_TMP/x/scenario.yaml"
rm -r "$TEST_TMP/x/topology"
all "a topology of files elsewhere"
folder
printf 'links: [{link: "*", loss: packets %s}, {link: "*", delay: table %s}]\n' "$TEST_TMP/root/secret" "$TEST_TMP/root/secret" >>"$TEST_TMP/x/scenario.yaml"
all "files that links name"

# Large, deep and odd content.
make() { python3 - "$TEST_TMP/x" "$1"; }
folder
make manifest <<'PY'
import sys
open(sys.argv[1] + "/manifest.json", "w").write('{"a":' * 10000 + "1" + "}" * 10000)
PY
all "a manifest 10 000 deep"
for number in 1e308 -1e308 nan inf 1e-320 99999999999999999999; do
	folder
	make numbers <<PY
import csv, sys
for name in "jobs", "links", "invocations", "transfers", "summary":
    path = f"{sys.argv[1]}/{name}.csv"
    rows = list(csv.reader(open(path)))
    for row in rows[1:]:
        for i, cell in enumerate(rows[0]):
            if cell.endswith("_s") or cell.startswith("ci"):
                row[i] = "$number"
    csv.writer(open(path, "w"), lineterminator="\n").writerows(rows)
PY
	all "numbers of $number"
done
for change in 'jobs job,steps,state_bytes' 'jobs none' 'links link' 'links none' 'invocations node' 'transfers job' 'transfers none'; do
	folder
	make rows <<PY
import sys
name, columns = "$change".split()
path = f"{sys.argv[1]}/{name}.csv"
lines = open(path).read().split("\n")
head, first = lines[0].split(","), lines[1].split(",")
with open(path, "w") as f:
    f.write(lines[0] + "\n")
    for i in range(200000):
        row = [(str(i) if not v[:1].isalpha() else f"x{i}") if h in columns.split(",") else v for h, v in zip(head, first)]
        f.write(",".join(row) + "\n")
PY
	all "200 000 rows of $change"
done
folder
make star <<'PY'
import sys
n = 60000
at = sys.argv[1] + "/topology"
open(at + "/nodes", "w").write("".join(f"{i};n{i};1000000000;4000;x86;sbc;rpi3b+\n" for i in range(n)))
open(at + "/links", "w").write("0;1000;shared_0;shared\n")
open(at + "/edges", "w").write("".join(f"n{i} shared_0\nshared_0 n{i}\n" for i in range(n)))
PY
all "a star of 60 000 nodes"
folder
make chain <<'PY'
import csv, sys
n = 4000
at = sys.argv[1] + "/topology"
open(at + "/nodes", "w").write("".join(f"{i};n{i};1000000000;4000;x86;sbc;rpi3b+\n" for i in range(n)))
open(at + "/links", "w").write("".join(f"{i};1000;l{i};shared\n" for i in range(n)))
open(at + "/edges", "w").write("".join(f"n{i} l{i}\nl{i} n{i}\nl{i} s{i}\ns{i} l{i}\n" for i in range(n)) + "".join(f"s{i} s{i+1}\ns{i+1} s{i}\n" for i in range(n - 1)))
path = sys.argv[1] + "/transfers.csv"
rows = list(csv.reader(open(path)))
head, row = rows[0], rows[1]
with open(path, "w") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(head)
    for i in range(50000):
        row[head.index("from")], row[head.index("to")] = f"n{i % n}", f"n{(7 * i + n // 2) % n}"
        w.writerow(row)
PY
all "a chain of 4 000 nodes"
folder
python3 -c 'import os, sys
os.chdir(sys.argv[1])
for i in range(200):
    os.mkdir("d"); os.chdir("d")' "$TEST_TMP/x"
all "folders 200 deep"
folder
(cd "$TEST_TMP/x" && mkdir many && cd many && seq 120000 | xargs touch)
all "120 000 files"
echo "content that is large, deep or odd: each command ends in time"
