"""Runs ssh on a terminal of our own, for the tests that need one."""

import fcntl
import os
import pty
import select
import struct
import termios
import time


def start(args, rows=24, cols=80, prepare=None):
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        if prepare:
            prepare()
        os.execvp("ssh", ["ssh", *args])
    return pid, fd


def read(fd, seconds, until=None):
    """Reads until the end, until `until` was seen, or for `seconds`."""
    seen = b""
    end = time.time() + seconds
    while time.time() < end:
        ready, _, _ = select.select([fd], [], [], 0.1)
        if not ready:
            continue
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if until and until in seen:
            break
    return seen


def resize(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
