"""Runs a command in a terminal that is COLUMNS wide, prints what it shows, and ends with its exit status.

Usage: in_terminal.py COLUMNS COMMAND…
"""
import fcntl, os, pty, struct, sys, termios

columns, command = int(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)
out = b""
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:  # the other side is closed
        break
    if not data:
        break
    out += data
_, status = os.waitpid(pid, 0)
sys.stdout.write(out.decode().replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(status))
