"""A `sfemu guest shell` in a terminal, used as a person would: its size, Ctrl-C, nobody typing, a job in the background.

Usage: terminal.py SFEMU real|virtual. Each wait has a limit; the words of a wait are not what was typed (it is echoed).
"""
import fcntl, os, pty, select, signal, struct, sys, termios, time

IDLE_S = 10
IDLE_MOST = 0.03  # of a core
LIMIT_S = 30

virtual = sys.argv[2] == "virtual"
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ["sfemu", "guest", "shell", "--clock", sys.argv[2]])
seen = b""


def stop(why):
    os.kill(pid, signal.SIGKILL)
    sys.exit(f"{sys.argv[2]} clock: {why}")


def size(rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(seconds):
    """Whether something came within this time, or the end."""
    global seen
    if not select.select([fd], [], [], max(0, seconds))[0]:
        return False
    try:
        seen += os.read(fd, 4096)
    except OSError:  # a terminal whose other side is closed
        pass
    return True


def wait(words, limit=LIMIT_S):
    """Returns the seconds until the words are there, and drops all up to them."""
    global seen
    start = time.monotonic()
    while words not in seen:
        if not read(start + limit - time.monotonic()) or time.monotonic() > start + limit:
            stop(f"no {words} within {limit} s in {seen}")
    seen = seen[seen.index(words) + len(words):]
    return time.monotonic() - start


def type_in(words):
    os.write(fd, words)


def ticks():
    """CPU time of the shell's process tree."""
    parent, cpu = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        parent[int(name)] = int(fields[1])
        cpu[int(name)] = sum(map(int, fields[11:15]))

    def below(p):
        while p and p != pid:
            p = parent.get(p, 0)
        return p == pid

    return sum(n for p, n in cpu.items() if below(p))


size(33, 101)
wait(b"# ")
type_in(b"stty size; echo ready\r")
wait(b"33 101\r\nready")
wait(b"# ")
size(44, 122)
time.sleep(0.5)
type_in(b"stty size; cat\r")
wait(b"44 122")
time.sleep(0.5)  # cat reads by then
type_in(b"\x03")
wait(b"^C")
wait(b"# ")  # before: Ctrl-C flushes what was typed after it

start, before = time.monotonic(), ticks()
while (left := start + IDLE_S - time.monotonic()) > 0:
    read(left)
share = (ticks() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - start)
if share > IDLE_MOST:
    stop(f"{share:.1%} of a core at the prompt, where nobody types")
type_in(b"x")
echo = wait(b"x", 1)
type_in(b"\x15echo af''ter\r")
wait(b"after", 1)
wait(b"# ")
if virtual:  # what sleeps is still jumped to
    type_in(b"sleep 100000; echo sl''ept\r")
    wait(b"slept")
    wait(b"# ")
type_in(b"(sleep 5; echo la''te) &\r")
late = wait(b"late")
type_in(b"\r")
wait(b"# ")
type_in(b"exit 5\r")
end = time.monotonic() + LIMIT_S
while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
    if time.monotonic() > end:
        stop(f"does not end after {seen}")
    read(0.1)
    time.sleep(0.01)
status = os.waitstatus_to_exitcode(ended[1])
if status != 5:
    sys.exit(f"{sys.argv[2]} clock: status {status}")
print(f"{sys.argv[2]} clock: {share:.2%} of a core at the prompt, a key is there after {1e3 * echo:.1f} ms, late after {late:.1f} s")
