"""nginx as the example sets it up, an application behind it, and a decision point that says what it
is told to; for the real tests."""
import base64
import contextlib
import http.client
import http.server
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time

from package import ROOT, output_of
import program

EXAMPLE = ROOT / "deploy" / "nginx"
SITE, WARDLOCK_NAME = "hospital.example", "wardlock.hospital.example"
MAIN = """
daemon off;
pid nginx.pid;
error_log error.log info;
{user}
events {{}}
http {{
    access_log off;
    {temporary}
    include conf.d/*.conf;
    include sites-enabled/*;
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificates(folder, *names):
    """`ca.pem`, and for each name a certificate and key."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*words):
        output_of("openssl", *words, cwd=folder)
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=test authority")
    for file, name in names:
        openssl("req", *new, "-keyout", f"{file}.key", "-out", f"{file}.csr", "-subj", f"/CN={name}",
                "-addext", f"subjectAltName=DNS:{name}")
        openssl("x509", "-req", "-in", f"{file}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
                "2", "-copy_extensions", "copy", "-out", f"{file}.pem")


class Recorder(http.server.ThreadingHTTPServer):
    """A server that keeps what it was asked, and answers by `answer(request)`: a status and fields,
    or bytes to be sent as they are."""
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer, certificate=None, port=0, client_ca=None):
        self.answer, self.seen, self.peers = answer, [], []
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                recorder.peers.append(self.connection)

            def handle_one_request(self):
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    super().handle_one_request()

            def reply(self):
                self.body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                recorder.seen.append(self)
                answer = recorder.answer(self)
                if isinstance(answer, bytes):
                    self.wfile.write(answer)
                    self.close_connection = True
                    return
                status, fields = answer
                self.send_response_only(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", "3")
                self.end_headers()
                if status != 204 and self.command != "HEAD":
                    self.wfile.write(b"ok\n")

            do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = reply

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
            if client_ca:
                context.load_verify_locations(client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
            self.socket = context.wrap_socket(self.socket, server_side=True,
                                              do_handshake_on_connect=False)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True, args=(0.05,)).start()

    def handle_error(self, *_):
        pass  # a peer that refuses our certificate

    def stop(self):
        self.shutdown()
        self.server_close()
        for peer in self.peers:  # whom threads go on to serve otherwise
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)


class Proxy:
    """The example's files in a folder, changed in nothing but addresses, the people and the token;
    `certificates` holds those of SITE as hospital.* and the authority of Wardlock's."""

    def __init__(self, folder, certificates, app_port, wardlock_port, people, token="wlk_test"):
        self.folder, self.port = folder, free_port()
        for part in ["conf.d", "snippets", "sites-available"]:
            shutil.copytree(EXAMPLE / part, folder / part)
        shutil.copytree(certificates, folder / "tls")
        (folder / "sites-enabled").mkdir()
        shutil.copy(folder / "sites-available" / "hospital.conf", folder / "sites-enabled")
        for file, old, new in [
                ("conf.d/wardlock.conf", "127.0.0.1:8443", f"127.0.0.1:{wardlock_port}"),
                ("sites-enabled/hospital.conf", "127.0.0.1:9000", f"127.0.0.1:{app_port}"),
                ("sites-enabled/hospital.conf", "listen 443", f"listen 127.0.0.1:{self.port}"),
                ("sites-enabled/hospital.conf", "/var/log/nginx/", f"{folder}/"),
                ("snippets/wardlock-token.conf", "wlk_REPLACE_ME", token)]:
            text = (folder / file).read_text()
            assert text.count(old) == 1, (file, old)
            (folder / file).write_text(text.replace(old, new))
        (folder / "hospital.htpasswd").write_text("".join(
            f"{who}:{output_of('openssl', 'passwd', '-apr1', password).strip()}\n"
            for who, password in people.items()))
        temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};"
                              for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        user = "user root;" if pathlib.Path(folder).owner() == "root" else ""
        (folder / "nginx.conf").write_text(MAIN.format(user=user, temporary=temporary))
        self.command = ["nginx", "-p", f"{folder}/", "-c", f"{folder}/nginx.conf"]
        output_of(*self.command, "-t")
        self.process = subprocess.Popen([*self.command, "-e", f"{folder}/error.log"],
                                        stderr=subprocess.DEVNULL)
        self.tls = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
        self.wait()

    def wait(self):
        for _ in range(200):
            with contextlib.suppress(ConnectionError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "error.log").read_text())

    def connect(self):
        raw = socket.create_connection(("127.0.0.1", self.port), program.LIMIT_S)
        return self.tls.wrap_socket(raw, server_hostname=SITE)

    def send(self, request):
        """The answer's status, fields and body to these bytes."""
        with self.connect() as peer:
            peer.sendall(request)
            response = http.client.HTTPResponse(peer, method=request.split(b" ", 1)[0].decode())
            response.begin()
            return response.status, response.headers, response.read().decode()

    def request(self, method, target, who="", *fields, body=b""):
        """`who` is `name:password`, `fields` whole lines."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {SITE}", *fields]
        if who:
            lines.append("Authorization: Basic " + base64.b64encode(who.encode()).decode())
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def stop(self):
        self.process.terminate()
        self.process.wait(program.LIMIT_S)
