#!/usr/bin/env bash
# Functions that get, put and delete states by name while they run: a sum that many jobs make at once with retries is exact
# under every strategy, with and without faults; shared_states.csv has each operation; captures and books agree, to the byte;
# names that no workflow declares; what is refused, with which reason.
. "$(dirname "$0")/../lib.sh"
need cc python3 tshark

cd "$TEST_TMP"
PATH=/usr/bin:$PATH # Debian's Python
build() { # names
	for f; do
		cc -Wall -Wextra -Werror -Wno-unused-variable -shared -fPIC -I "$SOURCE/emu/include" -o "$f.so" "$f.c" || fail "cc $f.c"
	done
}
cat >words.c <<'C'
#include <sfemu/function.h>
#include <errno.h>
#include <string.h>

/* Adds the words of its argument and the job's number to a state, until no other change is in between. */
static int add(struct sfe_call *call, const char *name, uint64_t n)
{
	const void *data;
	uint64_t bytes, sum;
	int r;

	do {
		r = sfe_get(call, name, &data, &bytes);
		if (r && r != -ENOENT)
			return -1;
		sum = 0;
		if (!r)
			memcpy(&sum, data, bytes < sizeof(sum) ? bytes : sizeof(sum));
		sum += n;
		r = sfe_put(call, name, &sum, sizeof(sum));
	} while (r == -EAGAIN);
	return r ? -1 : 0;
}

static int words(struct sfe_call *call)
{
	const char *in = call->argument;
	uint64_t n = call->job;
	const void *data;
	uint64_t bytes;
	char note[100];

	for (uint64_t i = 0; i < call->argument_bytes; i++)
		n += in[i] == ' ';
	sfe_compute(call, 1000000);
	char *out = sfe_output(call, call->argument_bytes);
	if (!out)
		return -1;
	memcpy(out, in, call->argument_bytes);
	if (add(call, "total", n) || add(call, "mine", 1) || add(call, "ours", 1))
		return -1;
	memset(note, (int)call->job, sizeof(note));
	/* Nobody declares it: the last one wins. */
	return sfe_put(call, "note", note, sizeof(note)) ? -1 : 0;
}
SFE_FUNCTION(words)
C
build words
head -c 8 /dev/zero >zero
printf 'a sentence of six words and more ' >text
all='[PureFaaS, StatePropagate, StateLocal, UnchainedInFunction, UnchainedInClient, UnchainedExternal, UnchainedInEdge]'
cat >words.yaml <<YAML
topology: {compose: {cells: [{node: rpi4, to: sw, count: 3}, {node: server, to: sw, count: 3}], backbone: []}}
functions: {words: {plugin: words.so, ops: 2e6}, also: {plugin: words.so, ops: 4e6}}
placement: {pin: [{function: words, node: "server_*"}]}
workflows:
  - name: w
    jobs: 12
    arrivals: poisson 500
    argument: {file: text}
    states:
      total: {file: zero, scope: global}
      mine: {file: zero, scope: client}
      ours: {file: zero, scope: function, consistency: last-write}
    steps: [{name: one, function: words}, {name: two, function: also, after: one}]
strategies: $all
results: $TEST_TMP/results
YAML
run=("$SFEMU" run --vm --quiet --clock virtual)
"${run[@]}" --verify-repeat 2 --parallel 2 words.yaml >log 2>&1 || { tail -n 30 log; fail "the run"; }
expect log '2 runs left the same bytes'
"${run[@]}" --capture all --set keep=states --into kept words.yaml >log 2>&1 || { tail -n 30 log; fail "the run with captures"; }
expect log 'PureFaaS: functions used states by name at run time: jobs waited .* for them'
expect log '12 jobs read states that jobs change'
"$SFEMU" analyze --quiet kept >said || { tail -n 20 said; fail "captures and books differ"; }
"$SFEMU" analyze --quiet --by step --csv kept >steps
grep ",dynamic," steps >/dev/null || fail "no packets are of operations on states"

# With faults: crashes of homes and of workers, lost answers, jobs that begin again.
cat >chaos.yaml <<YAML
topology: {compose: {cells: [{node: rpi4, to: sw1, count: 4}, {node: server, to: sw2, count: 3}], backbone: [[sw1, sw2]]}}
functions: {words: {plugin: words.so, ops: 2e8}, also: {plugin: words.so, ops: 1e8}}
workflows:
  - name: w
    jobs: 40
    arrivals: poisson 0.5
    argument: {file: text}
    states:
      total: {file: zero, scope: global}
      mine: {file: zero, scope: client}
      ours: {file: zero, scope: function}
    steps: [{name: one, function: words}, {name: two, function: also, after: one}]
schedule: [{chaos: {faults: 20, over: 80s, lasts: 5s..15s}}]
invocation: {deadline: 5s, retries: 4, backoff: 200ms}
job_timeout: 60s
jobs_may_fail: true
strategies: $all
YAML
"${run[@]}" --set keep=states --into chaos chaos.yaml >log 2>&1 || { tail -n 30 log; fail "faults"; }
expect log 'begun anew after a crash'
# With copies the states that workflows declare come from them, and what was put counts once.
sed 's/^strategies: .*/strategies: [StateLocal]\nreplicas: 2/' chaos.yaml >copied.yaml
"${run[@]}" --capture all --into copied copied.yaml >log 2>&1 || { tail -n 30 log; fail "copies"; }
expect log 'restored from a copy'
"$SFEMU" analyze --quiet copied >said || { tail -n 20 said; fail "copies: captures and books differ"; }
# A number of 8 bytes, with the changes that are new, 32 bytes each; all of them only for who has lost the version before.
awk -F, '$4 == "replica" { n[$7]++; all++ } END { print n[40], all; exit !(n[40] > all / 2) }' OFS=' ' copied/transfers.csv >copies ||
	fail "copies have more than what is new: $(cat copies)"

cat >check.py <<'PY'
import csv, ctypes, glob, subprocess
from collections import Counter, defaultdict
xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
def digest(value):
    return xxh.XXH3_64bits(value.to_bytes(8, "little"), ctypes.c_size_t(8))
def table(run, name):
    out = defaultdict(list)
    for r in csv.DictReader(open(f"{run}/{name}.csv", newline="")):
        out[r["strategy"]].append(r)
    return out
def worth(row):
    return int(row["job"]) + 7 if row["state"] == "total" else 1
def sums(run):
    """Each version of each state is the sum of the changes so far, each of one step, since it has begun."""
    tables = table(run, "shared_states")
    assert tables and set(tables) == set(table(run, "summary")), (run, set(tables))
    for s, rows in tables.items():
        total, last, done, was = {}, {}, defaultdict(set), defaultdict(list)
        for r in rows:
            key = r["state"], r["instance"]
            assert r["access"] in ("get", "put"), r
            if r["outcome"] == "begun anew":
                total.pop(key, None)
                done.pop(key, None)
            if r["outcome"] == "restored": # as in the last version that has this number and these bytes
                total[key], done[key] = next((t, set(d)) for version, of, t, d in reversed(was[key])
                    if (version, of) == (r["version_made"], r["digest"]))
            if r["outcome"] != "written" or r["state"] == "note":
                continue
            if run == "kept" and r["state"] == "ours": # last-write: what was overwritten is counted
                last[key] = r
                continue
            total[key] = total.get(key, 0) + worth(r)
            change = r["job"], r["step"]
            assert change not in done[key] and r["change"] == "1", (run, s, r)
            done[key].add(change)
            assert int(r["digest"], 16) == digest(total[key]), (run, s, r, total[key])
            was[key].append((r["version_made"], r["digest"], total[key], frozenset(done[key])))
        for key, r in last.items():
            assert int(r["digest"], 16) == digest(int(r["kept"])), (s, r)
        yield s, rows, total, done

for s, rows, total, done in sums("kept"):
    assert total["total", ""] == 2 * sum(range(1, 13)) + 24 * 7, (s, total)
    clients = Counter(r["client"] for r in table("kept", "jobs")[s])
    assert {k[1]: v for k, v in total.items() if k[0] == "mine"} == {c: 2 * n for c, n in clients.items()}, s
    assert {r["instance"] for r in rows if r["state"] == "ours"} == {"words", "also"}, s
    notes = [r for r in rows if r["state"] == "note"]
    assert len(notes) == 24 and {r["scope"] for r in notes} == {"global"} and notes[-1]["version_made"] == "24", s
    assert sum(r["outcome"] == "conflict" for r in rows) > 0, s
    home = {r["state"]: r["home"] for r in rows}
    node = {(r["job"], r["step"]): r["node"] for r in table("kept", "invocations")[s]}
    assert home["note"] == {"UnchainedExternal": "cloud"}.get(s, home["note"] if s == "UnchainedInEdge" else node["1", "0"]), (s, home)
    if s in ("PureFaaS", "StatePropagate", "UnchainedInClient", "UnchainedExternal"):
        assert home["total"] == "cloud", (s, home)
    # What travels is what the homes say; nothing does where the function runs at the home.
    moved = Counter()
    for r in table("kept", "transfers")[s]:
        moved[r["kind"]] += int(r["payload_bytes"])
    away = [r for r in rows if node[r["job"], r["step"]] != r["home"]]
    assert moved["dynamic_get"] == sum(int(r["state_bytes"]) for r in away if r["access"] == "get" and r["outcome"] == "read"), s
    assert moved["dynamic_put"] == sum(int(r["state_bytes"]) for r in away if r["access"] == "put"), s
    assert sum(int(r["vain_bytes"]) for r in rows) == sum(int(r["state_bytes"]) for r in away if r["outcome"] == "conflict"), s
    # The time is the invocations', and not of the closed form.
    for j in table("kept", "jobs")[s]:
        assert float(j["dynamic_s"]) > 0 or all(node[j["job"], str(k)] == r["home"] for k in (0, 1) for r in rows if r["job"] == j["job"])
        parts = [float(j[c]) for c in ("net_delay_s", "processing_s", "dynamic_s")]
        assert abs(float(j["response_s"]) - sum(parts)) < 1e-6, j

# tshark finds these bodies on the links of the functions' nodes, and no others.
seen = Counter()
for capture in glob.glob("kept/captures/link_*.pcap"):
    fields = ["tcp.stream", "http.request.method", "http.request.uri", "http.response.code", "http.response_for.uri", "http.content_length",
              "http.request.line", "ip.src"]
    command = ["tshark", "-r", capture, "-d", "tcp.port==8080,http", "-Y", "http", "-T", "fields", "-E", "separator=;", "-E", "occurrence=a"]
    for f in fields:
        command += ["-e", f]
    host = dict(line.split() for line in open("kept/hosts"))
    of_node = capture.split("link_")[1][:-5]
    strategy = {}
    for line in subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.splitlines():
        stream, method, uri, code, answered, length, head, source = line.split(";", 7)
        source = source.split(";")[-1]
        for word in head.split(","):
            if word.startswith("sfemu-strategy: "):
                strategy[stream] = word[16:].split("\\")[0]
        if "," in method + code or "/named/" not in uri + answered:
            continue
        # Each message once: on its sender's link, or, of the cloud, on the receiver's.
        if host[source] not in (of_node, "cloud"):
            continue
        if method == "PUT":
            seen[strategy[stream], "dynamic_put"] += int(length)
        elif code == "200":
            seen[strategy[stream], "dynamic_get"] += int(length or 0)
books = Counter()
for s, rows in table("kept", "transfers").items():
    for r in rows:
        if r["kind"] in ("dynamic_get", "dynamic_put"):
            books[s, r["kind"]] += int(r["payload_bytes"])
assert seen == books and books, (seen, books)

# With faults each epoch has its own sum, and each job that is done has counted in each of its steps.
anew = repeated = 0
for s, rows, total, done in sums("chaos"):
    anew += sum(r["outcome"] == "begun anew" for r in rows)
    repeated += sum(r["outcome"] == "repeated" for r in rows)
    ever = {(r["job"], r["step"]) for r in rows if r["outcome"] == "written" and r["state"] == "total"}
    jobs = [r["job"] for r in table("chaos", "jobs")[s] if r["status"] == "done"]
    assert len(jobs) > 15 and {(j, k) for j in jobs for k in "01"} <= ever, (s, len(jobs))
assert anew > 0 and repeated > 0, (anew, repeated)
# What is kept is the last version of each state, of created names too.
conditions = set()
for run in "kept", "chaos":
    last, kept = {}, {}
    for s, rows in table(run, "shared_states").items():
        for r in rows:
            if r["outcome"] in ("written", "begun anew", "restored") or (s, r["state"], r["instance"]) not in last:
                last[s, r["state"], r["instance"]] = r["version_made"], r["digest"]
    for s, rows in table(run, "states").items():
        for r in rows:
            if r["what"] not in ("shared", "created"):
                continue
            assert (r["what"] == "created") == (r["state"] == "note") and r["job"] == "0", r
            kept[s, r["state"], r["instance"]] = r["version"], r["digest"]
            if r["state"] == "note":
                conditions.add(r["condition"])
            assert (not r["file"]) == (r["condition"] == "absent"), r
            if r["file"]:
                assert r["state"] != "note" or r["file"].split("/")[2:] == ["created", "note"], r
                data = open(f"{run}/" + r["file"], "rb").read()
                assert len(data) == int(r["size_bytes"]) and xxh.XXH3_64bits(data, ctypes.c_size_t(len(data))) == int(r["digest"], 16), r
    assert kept == last, (run, kept, last)
assert "held" in conditions, conditions
# No change is lost or counts twice where the copies survive, of created names too.
for s, rows, total, done in sums("copied"):
    assert any(r["access"] == "get" for r in rows if r["outcome"] == "restored"), s
    changed = {(r["job"], r["step"]) for r in rows if r["outcome"] == "written"}
    copies = {(t["job"], t["step"]) for t in table("copied", "transfers")[s] if t["kind"] == "replica"}
    assert copies and copies <= changed, (s, copies - changed)
PY
python3 check.py || fail "shared_states.csv"

# A name that no workflow declares begins with its first put, and ends with its delete.
cat >f.c <<'C'
#include <sfemu/function.h>
#include <errno.h>
#include <string.h>

#define IS(what, right) do { if ((what) != (right)) return sfe_refuse(call, #what); } while (0)
static int f(struct sfe_call *call)
{
	const void *data;
	uint64_t bytes;

	IS(sfe_get(call, "new", &data, &bytes), -ENOENT);
	IS(bytes, 0);
	IS(sfe_delete(call, "new"), -ENOENT);
	IS(sfe_put(call, "new", "abc", 3), 0);
	IS(sfe_get(call, "new", &data, &bytes), 0);
	IS(bytes, 3);
	IS(memcmp(data, "abc", 3), 0);
	IS(sfe_put(call, "new", data, 2), 0);
	IS(sfe_get(call, "new", &data, &bytes), 0);
	IS(bytes, 2);
	IS(sfe_delete(call, "new"), 0);
	IS(sfe_get(call, "new", &data, &bytes), -ENOENT);
	IS(sfe_put(call, "new", "", 0), 0);
	IS(sfe_get(call, "new", &data, &bytes), 0);
	IS(bytes, 0);
	/* One with first-write: only who has the newest version. */
	IS(sfe_put(call, "first", "x", 1), -EAGAIN);
	IS(sfe_delete(call, "first"), -EAGAIN);
	IS(sfe_get(call, "first", &data, &bytes), 0);
	IS(sfe_put(call, "first", "x", 1), 0);
	IS(sfe_put(call, "first", "yy", 2), 0);
	IS(sfe_delete(call, "first"), 0);
	IS(sfe_put(call, "first", "zzz", 3), 0);
	IS(sfe_get(call, "read", &data, &bytes), 0);
	IS(bytes, 5);
	return 0;
}
SFE_FUNCTION(f)
C
build f
cat >f.yaml <<YAML
$two_nodes
functions: {f: {plugin: f.so}, g: {ops: 1e6, output: 1B}}
placement: {pin: [{function: f, node: PLACE}, {function: g, node: PLACE}]}
workflows:
  - name: w
    states: {own: {size: 4B}, first: {size: 10B, scope: global}, read: {size: 5B, scope: global}, mine: {size: 5B, scope: global, consistency: last-write}}
    steps: [{name: one, function: f, read: read, update: [own, mine]}]
strategies: $all
jobs_may_fail: true
YAML
job_is() { # the job's status and reason, in each strategy
	python3 - "$1" "$2" <<'PY'
import csv, sys
jobs = list(csv.DictReader(open("refused/jobs.csv")))
strategies = {s["strategy"] for s in csv.DictReader(open("refused/summary.csv"))}
if not jobs or {job["strategy"] for job in jobs} != strategies:
    sys.exit("jobs.csv has not the jobs of all strategies")
for job in jobs:
    if job["status"] != sys.argv[1] or sys.argv[2] not in job["reason"]:
        sys.exit("%s: %s: %s" % (job["strategy"], job["status"], job["reason"]))
PY
}
for place in rpi4_0 server_0; do
	sed "s/PLACE/$place/g" f.yaml >p.yaml
	rm -rf refused
	"${run[@]}" --into refused p.yaml >log 2>&1 || { tail -n 30 log; fail "names that begin and end"; }
	job_is done '' || fail "names that begin and end"
	versions=$(awk -F, '$3 == "new" && $13 == "written" { printf "%s%s ", $12, $15 }' refused/shared_states.csv)
	[ "$versions" = "$(printf 'put1 put2 delete3 put4 %.0s' {1..7})" ] || fail "versions: $versions"
done

# With copies a created name is there after a crash of its home, with what was put last, and a deleted one is not.
cat >g.c <<'C'
#include <sfemu/function.h>
#include <errno.h>
#include <string.h>

#define IS(what, right) do { if ((what) != (right)) return sfe_refuse(call, #what); } while (0)
static int g(struct sfe_call *call)
{
	const void *data;
	uint64_t bytes;

	if (call->job == 1) {
		IS(sfe_put(call, "a", "one", 3), 0);
		IS(sfe_put(call, "a", "three", 5), 0);
		IS(sfe_put(call, "b", "two", 3), 0);
		IS(sfe_delete(call, "b"), 0);
		return 0;
	}
	IS(sfe_get(call, "a", &data, &bytes), 0);
	IS(bytes, 5);
	IS(memcmp(data, "three", 5), 0);
	IS(sfe_get(call, "b", &data, &bytes), -ENOENT);
	IS(sfe_put(call, "c", "new", 3), 0);
	return 0;
}
SFE_FUNCTION(g)
C
build g
cat >g.yaml <<YAML
topology: {compose: {cells: [{node: rpi4, to: sw, count: 2}, {node: server, to: sw, count: 2}], backbone: []}}
functions: {g: {plugin: g.so, ops: 1e6}}
placement: {pin: [{function: g, node: server_0}]}
workflows:
  - name: w
    at: [0s, 10s]
    states: {unused: {size: 1B, scope: global}}
    steps: [{name: one, function: g}]
schedule: [{at: 5s, crash: server_0}, {at: 6s, restart: server_0}]
invocation: {deadline: 1s, retries: 2, backoff: 100ms}
replicas: 2
keep: states
strategies: [StateLocal]
YAML
"${run[@]}" --into created g.yaml >log 2>&1 || { tail -n 30 log; fail "copies of created names"; }
expect log ' 0 overwritten; 2 restored from a copy'
accesses=$(awk -F, 'NR > 1 { printf "%s %s %s %s-%s, ", $3, $12, $13, $14, $15 }' created/shared_states.csv)
[ "$accesses" = "a put written 0-1, a put written 1-2, b put written 0-1, b delete written 1-2, \
a get restored 2-2, a get read 2-0, b get restored 2-2, b get absent 2-0, c put written 0-1, " ] || fail "copies of created names: $accesses"
[ "$(cat created/states/StateLocal/created/a)" = three ] && [ "$(ls created/states/StateLocal/created)" = $'a\nc' ] || fail "kept created names"
[ "$(awk -F, '$4 == "replica" { n += $7 } $4 == "fetch" { f += $7 } END { print n, f }' created/transfers.csv)" = "348 266" ] || fail "bytes of copies"

# What is refused.
refused() { # the body of a function, the reason; or the status done
	printf '#include <sfemu/function.h>\n#include <errno.h>\nstatic int f(struct sfe_call *call)\n{\n\tconst void *out;\n\tuint64_t bytes;\n%s\n}\nSFE_FUNCTION(f)\n' "$1" >f.c
	build f
	rm -rf refused
	"${run[@]}" --into refused --set strategies='[PureFaaS, StateLocal]' p.yaml >log 2>&1 || { tail -n 30 log; fail "$1"; }
	job_is "${3:-failed}" "$2" || fail "not refused: $1"
}
refused 'return sfe_get(call, "a b", &out, &bytes) && 0;' 'it uses a state by a text that is no name'
refused 'return sfe_put(call, "own", "", 0) ? 0 : 0;' 'state own: it is a state of the job: the step has to declare its use'
refused 'return sfe_put(call, "mine", "", 0) ? 0 : 0;' 'state mine: the step declares that it changes it'
refused 'return sfe_get(call, "mine", &out, &bytes) ? 1 : 0;' '' done
refused 'for (int i = 0; i < 1001; i++) { sfe_get(call, "x", &out, &bytes); } return 0;' 'it uses states by name more than 1000 times'
refused 'return sfe_put(call, "large", "", (1ull << 30) + 1) ? 0 : 0;' 'a state of 1073741825 bytes, it may have 1 GiB'
refused 'static char name[16]; int full = 0; for (int i = 0; i < 900; i++) { __builtin_snprintf(name, sizeof(name), "n%u-%d", call->job, i);
	int r = sfe_put(call, name, "", 0); if (r != (r ? -ENOSPC : 0)) return -1; full += !!r; }
	return full != (call->job == 5 ? 404 : call->job > 5 ? 900 : 0) ? sfe_refuse(call, "another limit") : 0;' '' done
# 4096 names: the fifth job meets the limit.
sed -i 's/  - name: w/  - name: w\n    jobs: 6\n    arrivals: poisson 0.01/' p.yaml
rm -rf refused
"${run[@]}" --into refused --set strategies='[PureFaaS, StateLocal]' p.yaml >log 2>&1 || { tail -n 30 log; fail "the limit of names"; }
job_is done '' || fail "the limit of names"
grep -c ',put,written,' refused/shared_states.csv | grep -x $((2 * 4096)) >/dev/null || fail "other names than 4096 were created"

# The home is down: the invocation fails as a declared use does.
sed -e 's/    jobs: 6/    jobs: 1/' -e '/arrivals/d' p.yaml >down.yaml
sed -i 's/PLACE/rpi4_0/' down.yaml
printf 'schedule: [{at: 0s, crash: cloud}]\ninvocation: {deadline: 1s, retries: 1, backoff: 10ms}\n' >>down.yaml
sed -i 's/, read: read, update: \[own, mine\]//' down.yaml
printf '#include <sfemu/function.h>\nstatic int f(struct sfe_call *call)\n{\n\tconst void *out;\n\tuint64_t bytes;\n\tsfe_get(call, "read", &out, &bytes);\n\treturn 0;\n}\nSFE_FUNCTION(f)\n' >f.c
build f
rm -rf refused
"${run[@]}" --into refused --set strategies='[PureFaaS]' down.yaml >log 2>&1 || { tail -n 30 log; fail "a home that is down"; }
job_is failed 'function f: state read, whose home is cloud: it is down' || fail "a home that is down"
grep ',dynamic_get,' refused/attempts.csv >/dev/null || fail "attempts.csv has no requests to the home that is down"
