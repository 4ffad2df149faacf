"""Prints the terminal size that the target saw at first, and after a change."""

import os
import re
import signal
import sys

import pty_ssh

# The trap first: the change comes as soon as the first size was read.
command = "trap 'stty size; exit 5' WINCH; stty size; while :; do sleep 0.1; done"
pid, fd = pty_ssh.start([*sys.argv[1:], command], rows=33, cols=99)
first = pty_ssh.read(fd, 10, until=b"99\r\n")
pty_ssh.resize(fd, 55, 123)
os.kill(pid, signal.SIGWINCH)
second = pty_ssh.read(fd, 10)
_, status = os.waitpid(pid, 0)
sizes = [re.search(rb"\d+ \d+", text) for text in (first, second)]
print(" then ".join(size.group().decode() if size else "nothing" for size in sizes))
sys.exit(0 if os.waitstatus_to_exitcode(status) == 5 else 1)
