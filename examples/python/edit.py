"""Edits one picture: python edit.py photo.png "face with sunglasses" edited.png

Needs Python 3.9 and `pip install "websockets>=15"`; nothing else. Ctrl-C ends the connection, which cancels the edit.
"""

import hashlib
import json
import os
import struct
import sys
from pathlib import Path

from websockets.sync.client import connect

UPLOAD, DOWNLOAD = 1, 2
ALIGNMENT = 8


def data_folder():
    """The data folder as the daemon chooses it; `deltaspace config show` prints it."""
    home, env = Path.home(), os.environ
    if env.get("DELTASPACE_DATA"):
        return Path(env["DELTASPACE_DATA"])
    if sys.platform == "win32":
        return Path(env["LOCALAPPDATA"]) / "deltaspace"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "deltaspace"
    return Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "deltaspace"


def pack_frame(kind, header, payload):
    """A binary frame: version, type, flags, header length, header, zeros to a multiple of 8, payload."""
    text = json.dumps(header).encode()
    padding = bytes(-(8 + len(text)) % ALIGNMENT)
    return struct.pack("<BBHI", 1, kind, 0, len(text)) + text + padding + payload


def unpack_frame(frame):
    """Type, header and payload of a binary frame."""
    _version, kind, _flags, length = struct.unpack_from("<BBHI", frame)
    start = 8 + length
    return kind, json.loads(frame[8:start]), frame[start + -start % ALIGNMENT :]


class Daemon:
    """One connection to the daemon: requests one after the other, bytes up and down."""

    def __init__(self):
        folder = data_folder()
        port = json.loads((folder / "daemon.json").read_text())["port"]
        token = (folder / "token").read_text().strip()
        self.socket = connect(
            f"ws://127.0.0.1:{port}/v1/socket",
            subprotocols=["delta.v1"],
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            max_size=None,
            proxy=None,
        )
        self.last_id = 0
        self.written = 0  # bytes of the upload that the daemon has confirmed
        self.chunks = {}  # digest -> {offset: bytes}
        client = {"name": "my script", "version": "1"}
        session = self.call("initialize", {"protocol": {"minimum": 1, "maximum": 1}, "client": client})
        self.limits = session["limits"]

    def call(self, method, params, on_progress=None):
        """Sends a request and returns its result. Raises RuntimeError with the daemon's words."""
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self.socket.send(json.dumps(request))
        while True:
            message = self.receive()
            if message.get("id") == self.last_id:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]
            if message.get("method") == "$/progress" and on_progress:
                on_progress(message["params"]["stage"], message["params"]["fraction"])

    def receive(self):
        """The next message. Pixels are put aside, confirmations of uploads are noted."""
        message = self.socket.recv()
        if isinstance(message, bytes):
            kind, header, payload = unpack_frame(message)
            if kind == DOWNLOAD:
                self.chunks.setdefault(header["digest"], {})[header["offset"]] = payload
            return {}
        message = json.loads(message)
        if message.get("method") == "blob.received":
            self.written = message["params"]["offset"]
        return message

    def upload(self, data):
        """Sends bytes unless the daemon holds them, and returns their digest."""
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        begun = self.call("blob.begin", {"digest": digest, "sizeBytes": len(data)})
        if begun["state"] == "known":
            return digest
        upload_id, self.written = begun["uploadId"], begun["offset"]
        step, ahead = self.limits["chunkBytes"], self.limits["unconfirmedChunks"]
        for offset in range(self.written, len(data), step):
            while offset - self.written >= ahead * step:
                self.receive()
            header = {"uploadId": upload_id, "offset": offset}
            self.socket.send(pack_frame(UPLOAD, header, data[offset : offset + step]))
        self.call("blob.commit", {"uploadId": upload_id})
        return digest

    def download(self, image):
        """The bytes of a result. Small ones came with the answer already."""
        chunks = self.chunks.pop(image["digest"], {})
        data = chunks.get(0, b"")
        while len(data) < image["sizeBytes"]:
            self.call("blob.get", {"digest": image["digest"], "offset": len(data)})
            data += self.chunks.pop(image["digest"])[len(data)]
        return data


def main():
    source, target, destination = sys.argv[1:]
    daemon = Daemon()
    with daemon.socket:
        image = {"encoding": "file", "digest": daemon.upload(Path(source).read_bytes())}
        show = lambda stage, fraction: print(f"{stage} {fraction:.0%}", file=sys.stderr)
        result = daemon.call("edit", {"image": image, "targets": [target]}, show)
        for output in result["outputs"]:
            for warning in output["warnings"]:
                print("warning:", warning["message"], file=sys.stderr)
            Path(destination).write_bytes(daemon.download(output["image"]))


main()
