#!/usr/bin/env python3
"""Traffic with keep-alives and full receive buffers: `serve`, or the server's NAME."""
import socket, sys, time

PORT = 9100


def keep_alive(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)


if sys.argv[1] == "serve":
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind(("", PORT))
    listener.listen()
    connection, _ = listener.accept()
    keep_alive(connection)
    for _ in range(6):
        time.sleep(0.7)  # meanwhile the window closes
        connection.recv(6000)
    while connection.recv(65536):
        pass
    connection.send(b"done")
    time.sleep(4)
else:
    for _ in range(50):
        try:
            connection = socket.create_connection((sys.argv[1], PORT))
            break
        except OSError:
            time.sleep(0.1)
    keep_alive(connection)
    connection.sendall(bytes(100000))
    connection.shutdown(socket.SHUT_WR)
    connection.recv(4)
    time.sleep(2)
