"""Runs ssh on a terminal with unusual modes, and prints what it printed."""

import os
import sys
import termios

import pty_ssh


def prepare():
    modes = termios.tcgetattr(0)
    modes[6][termios.VINTR] = b"\x07"
    modes[6][termios.VERASE] = b"\x08"
    modes[0] &= ~termios.IXON
    termios.tcsetattr(0, 0, modes)


pid, fd = pty_ssh.start(sys.argv[1:], prepare=prepare)
print(pty_ssh.read(fd, 15).decode(errors="replace"))
os.waitpid(pid, 0)
