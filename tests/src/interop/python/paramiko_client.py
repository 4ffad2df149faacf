"""Runs a command and a transfer through the bastion; arguments: port, key, login, folder, size."""

import os
import sys
import threading

sys.path.insert(0, "/usr/lib/python3/dist-packages")
import paramiko  # noqa: E402

port, key_file, login, folder, size = int(sys.argv[1]), *sys.argv[2:5], int(sys.argv[5])
kinds = {
    "id": paramiko.Ed25519Key,
    "ecdsa": paramiko.ECDSAKey,
    "rsa": paramiko.RSAKey,
}
key = kinds[os.path.basename(key_file)].from_private_key_file(key_file)
key.load_certificate(key_file + "-cert.pub")


def connect(sock, username):
    transport = paramiko.Transport(sock)
    transport.start_client(timeout=10)
    transport.auth_publickey(username, key)
    return transport


def exercise(label, transport):
    session = transport.open_session()
    session.exec_command("cat; exit 3")
    sent = os.urandom(size)

    def write():
        session.sendall(sent)
        session.shutdown_write()

    writer = threading.Thread(target=write)
    writer.start()
    received = bytearray()
    while True:
        piece = session.recv(65536)
        if not piece:
            break
        received += piece
    writer.join()
    status = session.recv_exit_status()
    path = os.path.join(folder, "paramiko")
    with paramiko.SFTPClient.from_transport(transport) as sftp:
        with sftp.open(path, "wb") as file:
            file.set_pipelined(True)
            file.write(sent)
        stored = sftp.stat(path).st_size
    print(label, "echo", bytes(received) == sent, "status", status, "sftp", stored)


outer = connect(("127.0.0.1", port), login)
inner = outer.open_channel("direct-tcpip", ("web", 22), ("127.0.0.1", 0))
exercise("-J", connect(inner, login))
outer.close()
direct = connect(("127.0.0.1", port), login + "%web")
exercise("direct", direct)
direct.close()
