"""A witness of one log (C2SP tlog-witness), for the real tests. It keeps what it has seen in memory.

usage: witness.py LOG_VKEY

It draws a key, prints its address and its verifier key, a line each, and serves until it is ended.
"""
import base64
import hashlib
import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

NAME = "witness.example"
COSIGNATURE, PLAIN = b"\x04", b"\x01"
# What stands before the 32 bytes of an Ed25519 public key in DER (RFC 8410).
PUBLIC_DER = bytes.fromhex("302a300506032b6570032100")


class Refusal(Exception):
    """An answer other than a cosignature: its status and body."""


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, **options)


def key_id(name, typed_key):
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:4]


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_consistent(old, old_root, new, new_root, proof):
    """RFC 9162, section 2.1.4.2; 0 < old < new."""
    proof = list(proof)
    if old & (old - 1) == 0:
        proof.insert(0, old_root)
    if not proof:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    ours = theirs = proof[0]
    for each in proof[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            ours, theirs = node(each, ours), node(each, theirs)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            theirs = node(theirs, each)
        first, last = first >> 1, last >> 1
    return last == 0 and ours == old_root and theirs == new_root


class Witness:
    def __init__(self, log_key, folder):
        self.folder = pathlib.Path(folder)
        self.lock = threading.Lock()
        self.size, self.root = 0, b""
        self.origin, known, typed = log_key.split("+", 2)
        self.log_id = bytes.fromhex(known)
        typed = base64.b64decode(typed)
        if typed[:1] != PLAIN or key_id(self.origin, typed) != self.log_id:
            raise SystemExit("that is no log's key")
        (self.folder / "log.der").write_bytes(PUBLIC_DER + typed[1:])
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.folder / "own.pem", check=True)
        public = openssl("pkey", "-in", self.folder / "own.pem", "-pubout", "-outform", "DER",
                         check=True).stdout[-32:]
        self.own_id = key_id(NAME, COSIGNATURE + public)
        self.key = "+".join([NAME, self.own_id.hex(),
                             base64.b64encode(COSIGNATURE + public).decode()])

    def add_checkpoint(self, body):
        head, _, note = body.partition("\n\n")
        old, *proof = head.split("\n")
        proof = [base64.b64decode(line, validate=True) for line in proof]
        if not old.startswith("old ") or len(proof) > 63:
            raise Refusal(400, "")
        text, _, signatures = note.partition("\n\n")
        text += "\n"
        origin, size, root = text.split("\n")[:3]
        if origin != self.origin:
            raise Refusal(404, "")
        if not any(self.is_log_signature(text, line) for line in signatures.split("\n")):
            raise Refusal(403, "")
        with self.lock:
            self.judge(int(old[4:]), int(size), base64.b64decode(root), proof)
        return self.cosign(text)

    def is_log_signature(self, text, line):
        mark, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        signature = base64.b64decode(signature or "")
        if mark != "\u2014" or name != self.origin or signature[:4] != self.log_id:
            return False
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            message, signed = pathlib.Path(folder, "message"), pathlib.Path(folder, "signature")
            message.write_text(text)
            signed.write_bytes(signature[4:])
            return openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                           self.folder / "log.der", "-in", message, "-sigfile",
                           signed).returncode == 0

    def judge(self, old, size, root, proof):
        if old > size:
            raise Refusal(400, "")
        if old != self.size or (size == old and size > 0 and root != self.root):
            raise Refusal(409, f"{self.size}\n")
        if 0 < old < size and not is_consistent(old, self.root, size, root, proof):
            raise Refusal(422, "")
        self.size, self.root = size, root

    def cosign(self, text):
        now = int(time.time())
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            message = pathlib.Path(folder, "message")
            message.write_text(f"cosignature/v1\ntime {now}\n{text}")
            signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.folder / "own.pem",
                                "-in", message, check=True).stdout
        line = base64.b64encode(self.own_id + now.to_bytes(8, "big") + signature).decode()
        return f"\u2014 {NAME} {line}\n"


def handler(witness):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                if self.path != "/add-checkpoint":
                    raise Refusal(404, "")
                status, answer = 200, witness.add_checkpoint(body)
            except Refusal as refusal:
                status, answer = refusal.args
            except ValueError:
                status, answer = 400, ""
            answer = answer.encode()
            self.send_response(status)
            if status == 409:
                self.send_header("Content-Type", "text/x.tlog.size")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


def main():
    with tempfile.TemporaryDirectory() as folder:
        witness = Witness(sys.argv[1], folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(witness))
        print(f"http://127.0.0.1:{server.server_port}\n{witness.key}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
