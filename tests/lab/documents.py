#!/usr/bin/env python3
"""Holds the documents against the tree, and runs their commands.

  documents.py check SOURCE SFEMU             links, paths, verbs and README's size
  documents.py run SOURCE BUILD WORK FILE...  the command blocks of each file
  documents.py shown FILE COMMAND OUTPUT      that OUTPUT, a file, has what FILE shows of COMMAND, to the byte

`run` makes a fresh copy of the tree for each document and executes its blocks that begin with ```sh
in one shell, in their order, until one fails. A block that begins with ```sh no-test: REASON is for the
reader alone. A block that begins with ```text and follows a block that runs shows its output: each line
of it is there, in this order. In such a line "…" stands for any text, and white space is not compared.
Exit status 1 and a line for each fault.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

README_LINES, README_COLUMNS = 120, 100
MOST_NO_TEST = 12  # blocks that do not run, in all documents
BLOCK_SECONDS = 500
TOP = r"(?:emu|nodes|shaper|tests|tools|scenarios|docs)"
PATH = re.compile(rf"(?<![\w./$~-])({TOP}/[\w./*{{}},+-]*|(?:README|CONTRIBUTING|CHANGELOG)\.md)")
DOCUMENT = re.compile(r"(?<![\w./-])((?:docs|scenarios)/[\w/-]+\.md)\b")
LEFT_OUT = {".git", "results", "node_modules", "corpus", "published"}

faults = []


def fault(text):
    faults.append(text)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def files(*ends):
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(f for f in folders if f not in LEFT_OUT and not f.startswith("build"))
        for name in sorted(names):
            if name.endswith(ends):
                yield os.path.relpath(os.path.join(folder, name))


class Block:
    def __init__(self, line, info):
        self.line, self.info, self.text = line, info, []
        self.reason = re.fullmatch(r"sh no-test:\s*(.*)", info)

    def runs(self):
        return self.info == "sh"


def blocks(text):
    """Code blocks in their order."""
    block, found = None, []
    for number, line in enumerate(text.split("\n"), 1):
        if block is None and line.startswith("```"):
            block = Block(number, line[3:].strip())
            found.append(block)
        elif block is not None and line == "```":
            block = None
        elif block is not None:
            block.text.append(line)
    return found


# ---- check


def prose(text):
    """The text without its code blocks, with as many lines."""
    out, inside = [], False
    for line in text.split("\n"):
        fence = line.startswith("```")
        out.append("" if fence or inside else line)
        inside ^= fence
    return "\n".join(out)


def anchors(path):
    """The names that GitHub gives to a document's headings."""
    names = set()
    for title in re.findall(r"^#+ (.*)$", prose(read(path)), re.M):
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number, again = 0, name
        while again in names:
            number += 1
            again = f"{name}-{number}"
        names.add(again)
    return names


def check_links(doc, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(doc), path)) if path else doc
        if not os.path.exists(path):
            fault(f"{doc}: link to {target}: there is no {path}")
        elif anchor and anchor not in anchors(path):
            fault(f"{doc}: link to {target}: {path} has no such heading")


def alternatives(path):
    """a/{b,c}.h: both."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", path)
    if not match:
        return [path]
    return [p for word in match[1].split(",") for p in alternatives(path[: match.start()] + word + path[match.end() :])]


def check_paths(doc, text):
    """A name in capitals stands for any, as in tests/lab/NAME.sh."""
    for path in sorted(set(PATH.findall(re.sub(r"^```text\n.*?^```$", "", text, flags=re.M | re.S)))):
        for one in alternatives(path.rstrip(".,-")):
            pattern = re.sub(r"\b[A-Z]{2,}\b(?!\.md)", "*", one)
            if not glob.glob(pattern):
                fault(f"{doc}: there is no {one}")


def check_blocks(doc, text):
    for block in blocks(text):
        if block.info.startswith("sh") and not block.runs() and not (block.reason and block.reason[1]):
            fault(f"{doc}:{block.line}: write ```sh, or ```sh no-test: and the reason, not ```{block.info}")
        if not block.info:
            fault(f"{doc}:{block.line}: say what the block is: ```sh, ```sh no-test: REASON, ```text, ```yaml, …")


def check_readme():
    lines = read("README.md").rstrip("\n").split("\n")
    if len(lines) > README_LINES:
        fault(f"README.md: {len(lines)} lines, more than {README_LINES}")
    for number, line in enumerate(lines, 1):
        if len(line) > README_COLUMNS:
            fault(f"README.md:{number}: {len(line)} columns, more than {README_COLUMNS}")


def check_verbs(sfemu):
    help_text = subprocess.run([sfemu, "--help"], check=True, capture_output=True, text=True).stdout
    verbs = set(re.findall(r"^  (\w+)  +\S", help_text, re.M))
    if len(verbs) < 10:
        fault("sfemu --help: its verbs are not found")
    everything = "".join(read(doc) for doc in files(".md"))
    for verb in sorted(verbs):
        if not re.search(rf"sfemu {verb}\b", read("docs/running.md")):
            fault(f"docs/running.md: does not mention sfemu {verb}")
    for verb in sorted(set(re.findall(r"(?:build/|`)sfemu ([a-z]+)\b", everything)) - verbs):
        fault(f"a document has sfemu {verb}: there is no such verb")


def check(sfemu):
    n_docs, no_test = 0, []
    for doc in files(".md"):
        n_docs += 1
        text = read(doc)
        check_links(doc, text)
        check_paths(doc, text)
        check_blocks(doc, text)
        no_test += [f"{doc}:{b.line}: {b.reason[1]}" for b in blocks(text) if b.reason]
    if len(no_test) > MOST_NO_TEST:
        fault(f"{len(no_test)} blocks do not run, more than {MOST_NO_TEST}:\n    " + "\n    ".join(no_test))
    for path in files(".c", ".h", ".sh", ".py", ".yaml", ".cmake"):
        if path == "tests/lab/documents.sh":
            continue  # makes documents of its own
        for target in sorted(set(DOCUMENT.findall(read(path)))):
            if not os.path.exists(target):
                fault(f"{path}: there is no {target}")
    check_readme()
    check_verbs(sfemu)
    return f"{n_docs} documents; {len(no_test)} blocks are not run"


# ---- run


def fresh_copy(source, build, tree):
    def left_out(folder, names):
        return {n for n in names if n in {".git", "results", "node_modules"} or (folder == source and n.startswith("build"))}

    shutil.copytree(source, tree, symlinks=True, ignore=left_out)
    os.symlink(build, os.path.join(tree, "build"))


def stubs(folder):
    """What a Debian machine has and this one may not: sudo, and Debian's Python before another one."""
    os.makedirs(folder)
    os.symlink("/usr/bin/python3", os.path.join(folder, "python3"))
    if os.getuid() == 0:
        with open(os.path.join(folder, "sudo"), "w", encoding="ascii") as f:
            f.write('#!/bin/sh\nexec "$@"\n')
        os.chmod(f.name, 0o755)


def one_blank(text):
    return " ".join(text.split())


def shows(block, output, normal=one_blank, between=r"\s*.*\s*"):
    """The first line of the block that the output lacks, or None."""
    lines = iter(normal(line) for line in output.split("\n"))
    for line in block.text:
        parts = [re.escape(normal(p)) for p in line.split("…")]
        pattern = re.compile(between.join(parts))
        if any(parts) and not any(pattern.fullmatch(one) for one in lines):
            return line
    return None


def script(doc, todo, outputs):
    """Each block's output goes to a file of its own; what runs is on stderr when it fails."""
    lines = ["set -euo pipefail"]
    for i, block in enumerate(todo):
        lines += [f"exec >{outputs}/{i} 2>&1", f"echo {i} >{outputs}/at", *block.text]
    return "\n".join(lines + [f"echo done >{outputs}/at", ""])


def run(source, build, work, doc):
    tree, outputs = os.path.join(work, "tree"), os.path.join(work, "outputs")
    all_blocks = blocks(read(os.path.join(source, doc)))
    todo = [b for b in all_blocks if b.runs()]
    fresh_copy(source, build, tree)
    stubs(os.path.join(work, "bin"))
    os.makedirs(outputs)
    path = os.path.join(work, "script")
    with open(path, "w", encoding="utf-8") as f:
        f.write(script(doc, todo, outputs))
    env = {k: v for k, v in os.environ.items() if k not in ("SFEMU", "BUILD", "SOURCE", "TEST_TMP", "TEST_ALONE")}
    env["PATH"] = os.path.join(work, "bin") + ":" + env["PATH"]
    status = subprocess.run(["bash", path], cwd=tree, env=env, timeout=BLOCK_SECONDS, check=False).returncode
    at = read(os.path.join(outputs, "at")).strip() if todo else "done"
    if at != "done" or status:
        tail = read(os.path.join(outputs, at))[-3000:] if at != "done" else ""
        line = todo[int(at)].line if at != "done" else todo[-1].line
        fault(f"{doc}:{line}: the block fails (status {status}):\n{tail}")
        return
    shown = 0
    for before, block in zip(all_blocks, all_blocks[1:]):
        if block.info != "text" or not before.runs():
            continue
        output = read(os.path.join(outputs, str(todo.index(before))))
        missing = shows(block, output)
        shown += 1
        if missing is not None:
            fault(f"{doc}:{block.line}: the commands at line {before.line} do not print this:\n{missing}\nbut:\n{output[-6000:]}")
    print(f"{doc}: {len(todo)} blocks run, {shown} outputs compared")


def shown(doc, command, path):
    """Each byte counts, but for what "…" and the blanks after it stand for, and blanks at the end of a line."""
    all_blocks = blocks(read(doc))
    found = [after for b, after in zip(all_blocks, all_blocks[1:]) if command in b.text and after.info == "text"]
    if len(found) != 1:
        fault(f"{doc}: {len(found)} outputs of '{command}' are shown, and not one")
        return ""
    output = re.sub(r" +$", "", read(path), flags=re.M)
    found[0].text = [re.sub("… +", "…", line) for line in found[0].text]
    missing = shows(found[0], output, normal=str, between=".*")
    if missing is not None:
        fault(f"{doc}:{found[0].line}: '{command}' does not print this:\n{missing}\nbut:\n{output}")
    return f"{doc}: all {len(found[0].text)} lines that it shows of '{command}' were printed"


mode, source = sys.argv[1:3]
if mode == "check":
    os.chdir(source)
    said = check(sys.argv[3])
elif mode == "shown":
    said = shown(source, *sys.argv[3:5])
else:
    build, work = sys.argv[3:5]
    for n, one in enumerate(sys.argv[5:]):
        run(os.path.abspath(source), os.path.abspath(build), os.path.join(work, str(n)), one)
    said = "all documents' commands run"
print("\n".join(faults) if faults else said)
sys.exit(bool(faults))
