#!/usr/bin/python3
"""A peer that writes D-Bus bytes itself, right or wrong: no library would send these.

Usage: raw_peer.py bus SOCKET CASE | raw_peer.py stdio PROGRAM CASE [SEED COUNT]

Sends the messages of CASE to a slave (see CASES), each a method call whose header is right and whose body may not be, then
GetContext. Prints one JSON line: {"answers": {"error name, or return": number}, "closed": whether the other end hung up,
"alive": whether GetContext was answered}.
"""
import collections
import json
import os
import random
import socket
import struct
import subprocess
import sys

NAME = "org.hotwireshell.Slave1"
PATH = "/org/hotwireshell/Slave1"
DRIVER = "org.freedesktop.DBus"
PATIENCE_S = 20
FIXED = 16  # bytes of a header before its fields
# Methods with the signatures that they take.
METHODS = {
    "RunPipeline": "s", "RunPipelineWithOptions": "sa{sv}", "Evaluate": "sa{sv}", "DescribePipeline": "s",
    "Complete": "su", "CancelPipeline": "i", "UndoPipeline": "i", "ReleasePipeline": "i", "PutObjects": "ias",
    "CloseInput": "i", "AcknowledgeObjects": "iu", "GetPipeline": "i", "ListPipelines": "", "GetContext": "",
    "ChangeDirectory": "s", "SetEnvironment": "a{ss}", "OpenDomain": "sa{sv}", "ListDomains": "", "CloseDomain": "o",
}


def text(value):
    return struct.pack("<I", len(value)) + value + b"\0"


def pad(data, size):
    return data + b"\0" * (-len(data) % size)


def options(entries):
    """A pipeline's text, then an array of options: its length, the padding before its first entry, the entries."""
    return pad(pad(text(b"sys true"), 4) + struct.pack("<I", len(entries)), 8) + entries


def scrambled(seed, count):
    source = random.Random(int(seed))
    for _ in range(int(count)):
        member, signature = source.choice(list(METHODS.items()))
        yield member, signature, source.randbytes(source.randrange(200))


CASES = {
    "array longer than the body": [("PutObjects", "ias", struct.pack("<iI", 1, 4096) + text(b"1"))],
    "array that ends within an entry": [("PutObjects", "ias", struct.pack("<iI", 1, 5) + text(b"12345678"))],
    "array over the limit": [("PutObjects", "ias", struct.pack("<iI", 1, 0xFFFFFFFF))],
    "variant without a value": [("Evaluate", "sa{sv}", options(pad(text(b"cwd"), 4) + b"\1s\0"))],
    "variant whose signature is cut": [("Evaluate", "sa{sv}", options(pad(text(b"cwd"), 4) + b"\5a{s"))],
    "variant of an unfinished type": [("Evaluate", "sa{sv}", options(pad(text(b"env"), 4) + b"\3a{s\0\0\0\0\0"))],
    "string longer than the body": [("RunPipeline", "s", struct.pack("<I", 1000) + b"sys true\0")],
    "string without its end": [("RunPipeline", "s", struct.pack("<I", 8) + b"sys true!")],
    "string with a NUL": [("RunPipeline", "s", text(b"sys \0 true"))],
    "string that is not UTF-8": [("RunPipeline", "s", text(b"sys echo \xff\xfe"))],
    "string with a lone surrogate": [("RunPipeline", "s", text(b"sys echo \xed\xa0\x80"))],
    "object path that is none": [("CloseDomain", "o", text(b"no//path/"))],
    "nothing where arguments are due": [(member, signature, b"") for member, signature in METHODS.items() if signature],
    "more than the signature says": [(member, signature, b"\0" * 64) for member, signature in METHODS.items()],
}


class Peer:
    def __init__(self, read, write):
        self.read_some, self.write, self.buffer, self.serial = read, write, b"", 0
        uid = str(os.getuid()).encode().hex().encode()
        write(b"\0AUTH EXTERNAL " + uid + b"\r\n")
        while b"\r\n" not in self.buffer:
            self.more()
        greeting, self.buffer = self.buffer.split(b"\r\n", 1)
        if not greeting.startswith(b"OK "):
            sys.exit(f"the other end refused: {greeting!r}")
        write(b"BEGIN\r\n")
        self.call("Hello", "", b"", destination=DRIVER, path="/org/freedesktop/DBus", interface=DRIVER)
        self.answer()

    def more(self):
        data = self.read_some()
        if not data:
            raise EOFError
        self.buffer += data

    def call(self, member, signature, body, destination=NAME, path=PATH, interface=NAME):
        self.serial += 1
        fields = b""
        for code, kind, value in (
            (1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", destination), (8, "g", signature),
        ):
            coded = value.encode()
            value = bytes([len(coded)]) + coded + b"\0" if kind == "g" else text(coded)
            fields = pad(fields, 8) + bytes([code, 1]) + kind.encode() + b"\0" + value
        header = struct.pack("<BBBBIII", ord("l"), 1, 0, 1, len(body), self.serial, len(fields)) + fields
        self.write(pad(header, 8) + body)

    def answer(self):
        """The next answer to a call: its error name, or "return". Signals are passed over."""
        while True:
            while len(self.buffer) < FIXED:
                self.more()
            kind, body, fields = self.buffer[1], *struct.unpack_from("<I4xI", self.buffer, 4)
            size = FIXED + fields + (-fields % 8) + body
            while len(self.buffer) < size:
                self.more()
            header, self.buffer = self.buffer[:FIXED + fields], self.buffer[size:]
            if kind == 2:
                return "return"
            if kind == 3:
                at = header.index(b"\x04\x01s\0") + 4
                (length,) = struct.unpack_from("<I", header, at)
                return header[at + 4:at + 4 + length].decode()


def connect(how, where):
    if how == "bus":
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(where)
        stream.settimeout(PATIENCE_S)
        return Peer(lambda: stream.recv(65536), stream.sendall)
    child = subprocess.Popen([where, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    return Peer(lambda: child.stdout.read(65536), child.stdin.write)


def main(how, where, case, *numbers):
    peer = connect(how, where)
    answers = collections.Counter()
    closed = alive = False
    try:
        for message in scrambled(*numbers) if case == "scrambled" else CASES[case]:
            peer.call(*message)
            answers[peer.answer()] += 1
        peer.call("GetContext", "", b"")
        alive = peer.answer() == "return"
    except (EOFError, ConnectionError):
        closed = True
    print(json.dumps({"answers": answers, "closed": closed, "alive": alive}))


if __name__ == "__main__":
    main(*sys.argv[1:])
