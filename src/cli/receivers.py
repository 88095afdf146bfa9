"""Those to whom a server sends its audit log: a real rsyslog, and an HTTPS server that remembers."""
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import threading
import time

from program import LIMIT_S
from serving import eventually

RSYSLOGD = next((path for path in ("/usr/sbin/rsyslogd", "/sbin/rsyslogd") if os.path.exists(path)),
                "rsyslogd")

# What rsyslog's parser made of each message, and what it was.
RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="64k"
       parser.escapeControlCharactersOnReceive="off"
       defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{ca}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" {driver})
input(type="imtcp" address="127.0.0.1" port="{port}" listenPortFileName="{folder}/port"
      supportOctetCountedFraming="on")
template(name="parsed" type="list" option.jsonf="on") {{
  property(outname="facility" name="syslogfacility" format="jsonf")
  property(outname="severity" name="syslogseverity" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="kind" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="raw" name="rawmsg" format="jsonf")
}}
action(type="omfile" file="{folder}/received.json" template="parsed")
"""
TLS = ('streamDriver.name="ossl" streamDriver.mode="1" '
       'streamDriver.authMode="x509/name" permittedPeer=["wardlock.example"]')


class Rsyslog:
    """An rsyslog on loopback; it takes syslog over TLS from who shows `client`'s certificate."""

    def __init__(self, folder, certificates, has_tls=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.certificates = certificates
        self.has_tls = has_tls
        self.port = 0
        self.process = None

    def start(self):
        """On the port that it had, if it had one."""
        names = {"ca": "ca.pem", "certificate": "siem.pem", "key": "siem.key"}
        paths = {key: self.certificates.folder / name for key, name in names.items()}
        config = self.folder / "rsyslog.conf"
        config.write_text(RSYSLOG.format(folder=self.folder, port=self.port,
                                         driver=TLS if self.has_tls else "", **paths))
        port = self.folder / "port"
        port.unlink(missing_ok=True)
        (self.folder / "pid").unlink(missing_ok=True)
        with open(self.folder / "errors", "ab") as errors:
            self.process = subprocess.Popen(
                [RSYSLOGD, "-n", "-f", config, "-i", self.folder / "pid"], stdout=errors,
                stderr=errors)
        if not self.port:  # it says which one it took
            eventually(lambda: port.exists() and port.read_text().strip())
            self.port = int(port.read_text())
        eventually(self._listens)
        return self

    def _listens(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def stop(self, sent=signal.SIGTERM):
        if self.process:
            self.process.send_signal(sent)
            self.process.wait(LIMIT_S)
            self.process = None

    def received(self):
        """The messages whose lines are whole."""
        path = self.folder / "received.json"
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")
        out = []
        for line in lines[:-1]:
            with contextlib.suppress(ValueError):  # torn by a kill; it is sent again
                out.append(json.loads(line))
        return out


class HttpsReceiver:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, certificates):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._send(*receiver.answer(self.path, self.headers, body))

            def do_GET(self):
                self._send(*receiver.show(self.path, self.headers))

            def _send(self, status, reply):
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.folder / "siem.pem", certificates.folder / "siem.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.lock = threading.Lock()
        self.taken = []
        self.status = 200
        self.refuse = lambda text: False

    def url(self, path):
        return f"https://localhost:{self.port}{path}"

    def answer(self, path, headers, body):
        text = body.decode()
        with self.lock:
            if self.status >= 300:
                return self.status, b""
            if self.refuse(text):
                return 422, b"never"
            self.taken.append((path, dict(headers.items()), text))
            return self.status, self.reply(text)

    def show(self, path, headers):
        """Status and body of what is asked for."""
        return 404, b""

    def reply(self, _):
        return b""

    def all_taken(self):
        with self.lock:
            return list(self.taken)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class FhirServer(HttpsReceiver):
    """As a FHIR server answers a resource, and a Bundle of them."""

    def reply(self, text):
        sent = json.loads(text)
        if sent["resourceType"] != "Bundle":
            return b""
        answers = [{"response": {"status": "201 Created"}} for _ in sent["entry"]]
        return json.dumps({"resourceType": "Bundle", "type": "batch-response",
                           "entry": answers}).encode()


def is_signed(headers, body, secret):
    """Whether a webhook is signed as Standard Webhooks has it, and now."""
    headers = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}'.encode()
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return (expected in headers["webhook-signature"].split(" ")
            and abs(int(headers["webhook-timestamp"]) - time.time()) < 60)
