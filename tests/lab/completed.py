"""Types lines with TAB into an interactive shell and prints the words that the shell makes of each.

Usage: completed.py bash|zsh COMPLETION FOLDER LINE…

`sfemu` is a function that prints its words, so that the answer is what a command would get. \\t in a LINE is a TAB.
"""
import os, pty, re, select, sys, time

LIMIT_S = 60
shell, completion, folder, lines = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
setup = {
    "bash": f"bind 'set bell-style none'; . '{completion}/sfemu.bash'",
    "zsh": f"fpath=('{completion}' $fpath); autoload -Uz compinit; compinit -u -D",
}
pid, fd = pty.fork()
if pid == 0:
    os.chdir(folder)
    os.environ.update(TERM="dumb", PS1="> ", HOME=folder)
    os.execvp(shell, {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell])


def wait(pattern):
    seen, end = "", time.monotonic() + LIMIT_S
    while not (found := re.search(pattern, seen)):
        if time.monotonic() > end:
            sys.exit(f"{shell}: no {pattern} within {LIMIT_S} s in {seen!r}")
        if select.select([fd], [], [], 0.1)[0]:
            try:
                seen += os.read(fd, 65536).decode(errors="replace")
            except OSError:
                sys.exit(f"{shell} has ended: {seen!r}")
    return found


os.write(fd, f"{setup[shell]}; sfemu() {{ printf '{{{{%s}}}}' \"$@\"; printf 'e''nd\\n'; }}; echo rea''dy\n".encode())
wait("ready")
for line in lines:
    os.write(fd, line.replace("\\t", "\t").encode())
    time.sleep(0.5)  # completion first: what is typed ahead of it would be read as the answer to a question
    os.write(fd, b"\n")
    print(wait(r"((\{\{.*\}\})?)end").group(1).replace("}}{{", "|").strip("{}"))
os.close(fd)
os.waitpid(pid, 0)
