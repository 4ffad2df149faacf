"""Sends a break and signals through the bastion, with asyncssh; arguments: port, key, login."""

import asyncio
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import asyncssh  # noqa: E402

port, key, login = int(sys.argv[1]), sys.argv[2], sys.argv[3]
options = {
    "username": login,
    "client_keys": [(key, key + "-cert.pub")],
    "known_hosts": None,
    "agent_path": None,
    "config": None,
}


async def main():
    async with asyncssh.connect("127.0.0.1", port, **options) as outer:
        async with outer.connect_ssh("other", 22, **options) as inner:
            process = await inner.create_process("anything")
            await asyncio.wait_for(process.stdout.readline(), 8)
            process.send_break(500)
            print((await asyncio.wait_for(process.stdout.readline(), 8)).strip())
            process.send_signal("USR1")
            print((await asyncio.wait_for(process.stdout.readline(), 8)).strip())
            process.send_signal("TERM")
            result = await asyncio.wait_for(process.wait(), 8)
            print("ended by", result.exit_signal[0] if result.exit_signal else result)


asyncio.run(main())
