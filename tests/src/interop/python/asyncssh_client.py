"""Runs a command and a transfer through the bastion; arguments: port, key, login, folder."""

import asyncio
import os
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import asyncssh  # noqa: E402

port, key, login, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
options = {
    "username": login,
    "client_keys": [(key, key + "-cert.pub")],
    "known_hosts": None,
    "agent_path": None,
    "config": None,
}


async def main():
    source = os.path.join(folder, "asyncssh.in")
    with open(source, "wb") as file:
        file.write(os.urandom(5_000_000))
    async with asyncssh.connect("127.0.0.1", port, **options) as outer:
        async with outer.connect_ssh("web", 22, **options) as inner:
            result = await inner.run("cat; echo err >&2; exit 4", input="x" * 5_000_000)
            target = os.path.join(folder, "asyncssh.out")
            async with inner.start_sftp_client() as sftp:
                await sftp.put(source, target)
                size = (await sftp.stat(target)).size
            print(
                "echo", len(result.stdout), "stderr", result.stderr.strip(),
                "status", result.exit_status, "sftp", size,
            )


asyncio.run(main())
