"""A `wardlock serve` to attack, and the tools to do so; for the real tests."""
import http.client
import os
import pathlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WARDLOCK = os.environ.get("WARDLOCK") or str(ROOT / "build" / "release" / "bin" / "wardlock")
LIMIT_S = 30  # only to end a test that hangs


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True,
                   timeout=LIMIT_S)


class Authority:
    """Certificates, made with the openssl command in a folder."""

    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder)
        self.name = name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
                "-days", "30", cwd=folder)
        self.certificate = self.folder / f"{name}.pem"

    def issue(self, name, days=90, alternatives="IP:127.0.0.1,DNS:localhost"):
        """Paths of a certificate and its key. Negative `days`: expired."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", cwd=self.folder)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternatives}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey",
                f"{self.name}.key", "-CAcreateserial", "-days", str(days), "-extfile",
                extensions.name, "-out", f"{name}.pem", cwd=self.folder)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


class Server:
    """`wardlock serve` on free ports: `plain`, `tls`, and `mutual` (client certificates)."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.authority = Authority(self.folder)
        self.certificate, self.key = self.authority.issue("server")
        token = subprocess.run([WARDLOCK, "token", "new"], capture_output=True, text=True,
                               check=True, timeout=LIMIT_S).stdout
        self.token, digest = re.findall(r"(?:token|hash): +(\S+)", token)
        (self.folder / "policies").mkdir()
        (self.folder / "policies" / "all.cedar").write_text(
            '@id("all") permit(principal, action, resource);')
        (self.folder / "policies" / "all.cedarschema").write_text(
            "entity User; action view appliesTo {principal: User, resource: User};")
        tls = f"certificate: {self.certificate}, key: {self.key}"
        (self.folder / "wardlock.yaml").write_text(f"""
listeners:
  - address: 127.0.0.1:0
  - address: 127.0.0.1:0
    tls: {{{tls}}}
  - address: 127.0.0.1:0
    tls: {{{tls}, client_ca: {self.authority.certificate}, require_client_certificate: true}}
policies: {self.folder}/policies
callers:
  - id: watcher
    tokens: ["{digest}"]
    rights: [metrics]
timeouts: {{header: 1s, body: 1s, idle: 3s, write: 2s, drain: 5s}}
limits: {{header: 16384, body: 100000}}
log: {{format: json}}
""")
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen(
            [WARDLOCK, "serve", "--config", str(self.folder / "wardlock.yaml")],
            stderr=self.log, stdout=self.log)
        self.plain, self.tls, self.mutual = self.wait_for_ports()

    def wait_for_ports(self):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end and self.process.poll() is None:
            ports = re.findall(r'"https?://127\.0\.0\.1:(\d+)"', self.log_text())
            if len(ports) >= 3:
                return [int(port) for port in ports[:3]]
            time.sleep(0.02)
        raise RuntimeError("the server does not listen: " + self.log_text())

    def log_text(self):
        return (self.folder / "log").read_text()

    def stop(self):
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=LIMIT_S)
        self.log.close()
        self.temporary.cleanup()
        return code

    def reload(self):
        """Reads the certificates anew; returns when they are in use, or refused."""
        before = len(re.findall("certificates_(loaded|refused)", self.log_text()))
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + LIMIT_S
        while len(re.findall("certificates_(loaded|refused)", self.log_text())) == before:
            if time.monotonic() > end:
                raise RuntimeError("no reload: " + self.log_text())
            time.sleep(0.01)

    def context(self, trust=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if trust:
            context.load_verify_locations(self.authority.certificate)
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def is_served(self):
        """Whether well-behaved clients are answered, by HTTP and HTTPS."""
        clients = [http.client.HTTPConnection("127.0.0.1", self.plain, timeout=5),
                   http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=5,
                                               context=self.context())]
        statuses = []
        for client in clients:
            client.request("GET", "/healthz")
            statuses.append(client.getresponse().status)
            client.close()
        return statuses == [200, 200]

    def counters(self):
        """The metrics, by name and labels."""
        client = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=5)
        client.request("GET", "/metrics", headers={"Authorization": f"Bearer {self.token}"})
        response = client.getresponse()
        text = response.read().decode()
        client.close()
        if response.status != 200:
            raise RuntimeError(f"/metrics: {response.status} {text}")
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    def connect(self, port=None):
        connection = socket.create_connection(("127.0.0.1", port or self.plain), timeout=LIMIT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def connect_tls(self, port=None, context=None, protocols=None):
        context = context or self.context()
        if protocols:
            context.set_alpn_protocols(protocols)
        return context.wrap_socket(self.connect(port or self.tls), server_hostname="127.0.0.1")


def read_all(connection):
    """To the end, however it comes."""
    data = b""
    try:
        while some := connection.recv(65536):
            data += some
    except OSError:
        pass
    return data


def send_until_closed(connection, piece, times, pause=0.0):
    """How often it could be sent."""
    for count in range(times):
        try:
            connection.sendall(piece)
        except OSError:
            return count
        if pause:
            time.sleep(pause)
    return times


def statuses(data):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", data)]


# HTTP/2 by hand.

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0, 1, 3, 4, 6, 7, 8, 9)
END_STREAM, END_HEADERS = 1, 4
ENHANCE_YOUR_CALM = 11


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def fields(*pairs):
    """HPACK without tables."""
    def text(value):
        return bytes([len(value)]) + value.encode()
    return b"".join(b"\0" + text(name) + text(value) for name, value in pairs)


def request_fields(method="GET", path="/healthz", *more):
    return fields((":method", method), (":path", path), (":scheme", "http"),
                  (":authority", "127.0.0.1"), *more)


def frames(data):
    """(kind, flags, stream, payload) of each."""
    found = []
    while len(data) >= 9:
        size = int.from_bytes(data[:3], "big")
        found.append((data[3], data[4], int.from_bytes(data[5:9], "big"), data[9:9 + size]))
        data = data[9 + size:]
    return found


def goaway_error(data):
    """The error that the server ended the connection with, or None."""
    errors = [int.from_bytes(payload[4:8], "big")
              for kind, _, _, payload in frames(data) if kind == GOAWAY]
    return errors[-1] if errors else None
