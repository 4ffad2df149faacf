"""An SSH server that prints the signals and breaks it gets; argument: host key. Prints its port."""

import asyncio
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import asyncssh  # noqa: E402


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return True

    def session_requested(self):
        return Session()


class Session(asyncssh.SSHServerSession):
    def connection_made(self, chan):
        self.chan = chan

    def exec_requested(self, command):
        return True

    def session_started(self):
        self.chan.write("ready\n")

    def break_received(self, msec):
        self.chan.write(f"break {msec}\n")
        return True

    def signal_received(self, signal):
        if signal == "TERM":
            self.chan.exit_with_signal("TERM")
        else:
            self.chan.write(f"signal {signal}\n")


async def main():
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[sys.argv[1]]
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
