#!/usr/bin/env bash
# What strangers wrote, in names, labels, cells, names of files and tables of a guest: no verb sends it to the terminal as control
# characters, in text, CSV or JSON, and no cell of a table is a formula.
. "$(dirname "$0")/../lib.sh"
need python3

cat >"$TEST_TMP/wicked.py" <<'PY'
import os, shutil, subprocess, sys
sfemu, source, top = sys.argv[1:]
os.chdir(top)
WICKED = {"esc": "\x1b]0;owned\x07", "c1": "\u009b31m", "del": "a\x7fb", "bidi": "\u202egnp", "turn": "\u2066x\u2069", "line": "\u2028x"}
bad = []
def control(data):
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        return f"no UTF-8: {data[max(e.start - 20, 0):e.end + 5]!r}"
    for i, c in enumerate(text):
        code = ord(c)
        if (code < 32 and c not in "\n\t") or 0x7f <= code < 0xa0 or 0x2028 <= code <= 0x202e or 0x2066 <= code <= 0x2069:
            return repr(text[max(i - 30, 0):i + 30])
n = 0
def run(what, *args, status=None, **kw):
    global n
    n += 1
    p = subprocess.run([sfemu, *args], capture_output=True, **kw)
    for name, data in (("stdout", p.stdout), ("stderr", p.stderr)):
        found = control(data)
        if found:
            bad.append(f"{what}: {' '.join(args)!r}: {name}: {found}")
    if p.returncode < 0 or (status is not None and p.returncode != status):
        bad.append(f"{what}: {' '.join(args)!r}: status {p.returncode}: {p.stderr[-300:]!r}")
    return p
def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
def quoted(text):
    return '"' + "".join(f"\\U{ord(c):08X}" for c in text) + '"'

tasks = source + "/scenarios/workloads/quickstart.csv"
base = f"topology: {{generate: iiot, premises: 1}}\nworkload: {{tasks: {tasks}, jobs: 1}}\nstrategies: [StateLocal]\n"
write("good.yaml", "name: good\n" + base)
for kind, w in WICKED.items():
    # Keys, values, names: escaped in the YAML, and raw where YAML lets them through.
    for key in ("name", "results", "strategies", "kind"):
        write("s.yaml", f"{key}: {quoted(w)}\n" + base.replace("strategies: [StateLocal]\n", "") + ("" if key == "strategies" else "strategies: [StateLocal]\n"))
        for verb in (["links"], ["schedule"], ["schedule", "--csv"], ["topology", "show"], ["run"], ["estimate", "--set", "x=1"], ["verify"]):
            run(kind + " value of " + key, *verb, "s.yaml", status=2)
    write("s.yaml", f"name: good\n{quoted(w)}: 1\n" + base)
    run(kind + " key", "links", "s.yaml", status=2)
    # Sweeps: labels, names of axes, values.
    for grid in (f"site: [{{{quoted(w)}: {{topology.premises: 1}}}}]", f"{quoted(w)}: [{{a: {{topology.premises: 1}}}}]", f"workload.jobs: [1, {quoted(w)}]"):
        write("sweep.yaml", f"name: sw\nbase: good.yaml\ngrid: {{{grid}}}\n")
        run(kind + " of a sweep", "sweep", "--list", "--output", "out", "sweep.yaml", status=2)
    # Files by their names, and by links that have clean ones.
    trace = f"trace{w}.csv"
    write(trace, "at,rate\n0,1Mbit\n1,2Mbit\n")
    if os.path.lexists("clean.csv"):
        os.remove("clean.csv")
    os.symlink(trace, "clean.csv")
    write("t.yaml", "name: t\n" + base + "schedule: [{at: 0s, link: '*', trace: {file: clean.csv, format: csv}}]\n")
    for args in (["schedule", "t.yaml"], ["schedule", "--csv", "t.yaml"]):
        run(kind + " name of a trace", *args, status=2)
    jobs = f"jobs{w}.csv"
    shutil.copy(tasks, jobs)
    run(kind + " name of a workload", "workload", "show", jobs)
    run(kind + " name of a workload", "workload", "show", "--json", jobs)
    # Topologies: every field of their files.
    run("made", "topology", "iiot", "--premises", "1", "-o", "topo")
    for end in ("nodes", "links", "edges"):
        lines = open(f"topo.{end}").read().splitlines()
        sep = ";" if end != "edges" else " "
        for field in range(len(lines[0].split(sep))):
            for e in ("nodes", "links", "edges"):
                shutil.copy(f"topo.{e}", f"w.{e}")
            cells = lines[0].split(sep)
            cells[field] = w
            write(f"w.{end}", "\n".join([sep.join(cells)] + lines[1:]) + "\n")
            for args in (["show"], ["dot"]):
                run(f"{kind} in field {field} of {end}", "topology", *args, "w.nodes", "w.links", "w.edges")

# A run, then what a guest could have left in its folder.
p = run("a run", "run", "--quiet", "--clock", "virtual", "--into", "results", "--capture", "all", "good.yaml", status=0)
tables = [f for f in os.listdir("results") if f.endswith(".csv")]
assert {"summary.csv", "jobs.csv", "links.csv"} <= set(tables), tables
def verbs(what, folder):
    other = "other-" + os.path.basename(folder)
    for args in (["report", folder], ["report", "-o", "page.html", folder, "results"], ["diff", folder, "results"], ["diff", "results", folder], ["links", folder],
            ["links", "--json", folder], ["analyze", folder], ["analyze", "--json", folder], ["analyze", "--by", "connection", folder], ["analyze", "--by", "capture", "--csv", folder],
            ["analyze", "--job", "0", folder], ["verify", "--csv", folder], ["schedule", folder + "/scenario.yaml"]):
        run(what, *args)
def text_columns(header, rows):
    for c in range(len(header)):
        if any(r[c] and not r[c].replace(".", "").replace("-", "").replace("e", "").isdigit() for r in rows if len(r) > c):
            yield c
for kind, w in WICKED.items():
    for table in sorted(tables):
        lines = open("results/" + table).read().splitlines()
        if len(lines) < 2:
            continue
        header, rows = lines[0].split(","), [l.split(",") for l in lines[1:]]
        shutil.rmtree("w", ignore_errors=True)
        shutil.copytree("results", "w")
        for c in text_columns(header, rows):
            if len(rows[0]) > c:
                rows[0][c] = w
        write("w/" + table, "\n".join([lines[0]] + [",".join(r) for r in rows]) + "\n")
        verbs(f"{kind} in the texts of {table}", "w")
    shutil.rmtree("w", ignore_errors=True)
    shutil.copytree("results", "w")
    manifest = open("w/manifest.json").read()
    write("w/manifest.json", manifest.replace('"good"', '"' + "".join(f"\\u{ord(c):04x}" for c in w) + '"'))
    verbs(kind + " in the manifest", "w")
    # Names of folders and of captures.
    shutil.rmtree("w", ignore_errors=True)
    shutil.copytree("results", "w")
    for i, name in enumerate(sorted(os.listdir("w/captures"))):
        os.rename("w/captures/" + name, f"w/captures/{w}{i}.pcap" if i else f"w/captures/{w}.pcap")
    verbs(kind + " names of captures", "w")
    for name in sorted(os.listdir("w/captures"))[:1]:
        for args in (["analyze"], ["analyze", "--by", "capture", "--csv"], ["analyze", "--json"]):
            run(kind + " name of a capture", *args, "w/captures/" + name)
        data = open("w/captures/" + name, "rb").read()
        write("w/captures/" + name, data[:-3])
        run(kind + " name of a damaged capture", "analyze", "w/captures/" + name)
    shutil.rmtree("folder" + w, ignore_errors=True)
    os.rename("w", "folder" + w)
    verbs(kind + " name of a folder", "folder" + w)
    shutil.rmtree("folder" + w, ignore_errors=True)
# What would be a formula: names of captures, labels and axes of sweeps. A cell that begins like one and is no number has a ' before it.
import csv, io
for w in ("=cmd", "+cmd", "-cmd", "@cmd", "=HYPERLINK(0)"):
    shutil.rmtree("f", ignore_errors=True)
    shutil.copytree("results", "f")
    for name in sorted(os.listdir("f/captures"))[:1]:
        os.rename("f/captures/" + name, f"f/captures/{w}.pcap")
        shutil.copy(f"f/captures/{w}.pcap", f"./{w}.pcap")
    for args in (["analyze", "--by", "capture", "--csv", "f"], ["analyze", "--by", "capture", "--csv", f"./{w}.pcap"]):
        p = run("formulas", *args)
        cells = [c for row in csv.reader(io.StringIO(p.stdout.decode())) for c in row]
        if not any(w in c for c in cells):
            bad.append(f"formulas: {args} does not show {w}: {p.stdout[-300:]!r} {p.stderr[-300:]!r}")
        for c in cells:
            if c[:1] in "=+@\t\r" and c[:1] or (c[:1] == "-" and not c[1:].replace(".", "").isdigit()):
                bad.append(f"formulas: {args}: {c!r}")
    for grid in (f"site: [{{{quoted(w)}: {{topology.premises: 1}}}}]", f"{quoted(w)}: [{{a: {{topology.premises: 1}}}}]"):
        write("sweep.yaml", f"name: sw\nbase: good.yaml\ngrid: {{{grid}}}\n")
        if run("label that is a formula", "sweep", "--list", "--output", "out", "sweep.yaml", status=2).stderr.count(b"\n") != 1:
            bad.append(f"{w} as a label: not one line")
# A guest's own table: the run's commands write it after the figures were.
said = run("tables of a guest", "run", "--quiet", "--clock", "virtual", "good.yaml", "--into", "guest", "--exec",
    "server_0: sleep 1; cd $SFEMU_RESULTS && sed -i '2s/^[^,]*/\x1b]0;owned\x07\xc2\x9b1m/' summary.csv jobs.csv 2>&1; ls")
for b in bad[:25]:
    print(b)
print(n, "commands over wicked input,", len(bad), "bad")
sys.exit(bool(bad))
PY
python3 "$TEST_TMP/wicked.py" "$SFEMU" "$SOURCE" "$TEST_TMP" || fail "control characters, or no clean end"
