#!/usr/bin/env bash
# The functions of scenarios/functions in their scenarios: each strategy leaves the return value and the states that the same
# functions leave when `sfemu call` calls them one after the other, without a network.
. "$(dirname "$0")/../lib.sh"
need python3

cd "$TEST_TMP"
PATH=/usr/bin:$PATH # Debian's Python
ln -s "$SOURCE/scenarios" scenarios
ln -s "$BUILD" build
# The digest of a job as docs/results.md defines it, from files: return value, states. And that the run has it three times.
cat >check.py <<'PY'
import csv, ctypes, sys
results, job, *files = sys.argv[1:]
xxh = ctypes.CDLL("libxxhash.so.0")
for f in (xxh.XXH3_64bits, xxh.XXH3_64bits_withSeed):
    f.restype = ctypes.c_uint64
value, *states = ((lambda b: xxh.XXH3_64bits(b, ctypes.c_size_t(len(b))))(open(f, "rb").read()) for f in files)
of_states = b"".join(s.to_bytes(8, "little") for s in states)
want = xxh.XXH3_64bits_withSeed(of_states, ctypes.c_size_t(len(of_states)), ctypes.c_uint64(value))
with open(f"{results}/jobs.csv") as table:
    got = {r["strategy"]: (r["status"], int(r["digest"], 16)) for r in csv.DictReader(table) if r["job"] == job}
if len(got) != 3 or any(g != ("done", want) for g in got.values()):
    sys.exit(f"{results}: job {job}: digest {want:#x} of direct calls, the run has {got}")
PY

run_example() { # scenario, results
	"$SFEMU" run --vm --quiet --into "$2" "scenarios/$1.yaml" >log 2>&1 || fail "$1: $(tail -n 3 log)"
}

# A step of a job: number, function, the steps whose outputs are its argument, or '' for none, options of call. Its output is out.N.
step() {
	local number=$1 function=$2 before=$3 n
	shift 3
	: >argument
	for n in $before; do cat "out.$n" >>argument; done
	"$SFEMU" call --argument argument -o "out.$number" --job "$job" --step "$number" "$@" "$function" "scenarios/$scenario.yaml" \
		2>said || fail "$scenario, step $number: $(cat said)"
}

compare() { # results, files
	python3 check.py "$1" "$job" "${@:2}" || fail "$scenario differs from direct calls"
}

scenario=words
run_example words words
run_example words-python python
for table in jobs invocations; do
	cmp words/$table.csv python/$table.csv || fail "$table.csv differs between C and Python"
done
for job in 1 4; do
	step 0 collect ''
	step 1 collect ''
	step 2 count 0 --write counts=counts
	step 3 count '1 2' --state counts=counts
	step 4 top 3 --read counts=counts
	compare words out.4 counts
	# The same by other means: what grep and sort count of the texts.
	cat out.0 out.1 | tr A-Z a-z | grep -o '[a-z]*' | LC_ALL=C sort | uniq -c | awk '{ print $2, $1 }' | cmp - counts || fail "wrong counts"
	LC_ALL=C sort -k 2nr -k 1 counts | sed -n 1,10p | awk '{ print $2, $1 }' | cmp - out.4 || fail "wrong top"
done

# All jobs count into one state. The order of counting does not change what they leave together: the state ends, under each
# strategy, as that of direct calls, job after job; and the job that counted last returns the top of it.
scenario=words-global
run_example words-global global
rm -f counts
touch counts
for job in 1 2 3 4 5 6 7 8 9 10 11 12; do
	step 0 collect ''
	step 1 count 0 --state counts=counts
done
step 2 top '' --read counts=counts
python3 - <<'PY' || fail "words-global differs from direct calls"
import csv, ctypes
xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
counts = open("counts", "rb").read()
want = xxh.XXH3_64bits(counts, ctypes.c_size_t(len(counts)))
last, conflicts = {}, 0
for r in csv.DictReader(open("global/shared_states.csv")):
    conflicts += r["outcome"] == "conflict"
    if r["outcome"] == "written":
        last[r["strategy"]] = (r["version_made"], r["kept"], int(r["digest"], 16))
assert len(last) == 3 and all(x == ("12", "12", want) for x in last.values()), last
assert conflicts > 0
PY

scenario=sensors
run_example sensors sensors
for job in 1 12; do
	states=(--state window=window --state alarms=alarms)
	step 0 read ''
	step 1 detect 0 --write window=window --write alarms=alarms
	step 2 read 1
	step 3 detect 2 "${states[@]}"
	step 4 read 3
	step 5 detect 4 "${states[@]}"
	step 6 report 5 --read alarms=alarms
	compare sensors out.6 window alarms
	# The same in other words, with the mean and the variance of each minute in fractions.
	python3 - <<'PY' >want || fail "the detector in Python"
import fractions, struct
data = b"".join(open(f"out.{n}", "rb").read() for n in (0, 2, 4))
values = struct.unpack(f"{len(data) // 4}i", data)
for n in range(60, len(values)):
    minute = values[n - 60:n]
    mean = fractions.Fraction(sum(minute), 60)
    if (values[n] - mean) ** 2 > 25 * (fractions.Fraction(sum(v * v for v in minute), 60) - mean ** 2):
        print(f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02} {values[n] / 1000:.3f} after {int(mean) / 1000:.3f}")
PY
	[ -s want ] && cmp want out.6 || fail "job $job: other alarms than the detector in Python finds"
done

scenario=frames
run_example frames frames
for job in 1 6; do
	edges=(--write edges=edges)
	track=(--write track=track)
	for frame in 1 2 3 4; do
		step $((4 * frame - 4)) film '' --step-name "film_$frame"
		step $((4 * frame - 3)) resize $((4 * frame - 4))
		step $((4 * frame - 2)) edges $((4 * frame - 3)) "${edges[@]}"
		step $((4 * frame - 1)) annotate "$((4 * frame - 3)) $((4 * frame - 2))" "${track[@]}" --write picture=picture \
			--step-name "annotate_$frame"
		edges=(--state edges=edges) track=(--state track=track)
	done
	compare frames out.15 edges track picture
	# The ball is where the camera's formula has it, and red dots and a box are in the last picture, which is as it should be.
	python3 - "$job" <<'PY' || fail "job $job: the ball is not found"
import sys
job = int(sys.argv[1])
def bounce(at, span):
    at %= 2 * span
    return at if at < span else 2 * span - at
lines = [[int(word) for word in line.split()] for line in open("track")]
assert [line[0] for line in lines] == [2, 3, 4], lines
for n, x, y, width, height in lines:
    left, top = 20 + bounce(53 * job + n * (24 + job % 4 * 3), 280), 80 + bounce(29 * job + 17 * n, 140)
    assert abs(2 * x + width - left) <= 4 and abs(2 * y + height - top) <= 4, (n, x, y, width, height, left, top)
    assert 20 <= width <= 25 and 20 <= height <= 25, (n, width, height)
data = open("picture", "rb").read()
head = b"P6\n160 120\n255\n"
assert data.startswith(head) and len(data) == len(head) + 3 * 160 * 120
red = sum(data[i:i + 3] == b"\xff\0\0" for i in range(len(head), len(data), 3))
assert red == 2 * (width + height) - 4 + 2, red
PY
done
