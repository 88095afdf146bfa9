"""A mail server that speaks TLS alone and knows who hands mail over (Debian's python3-aiosmtpd); for the real tests."""
import email
import email.policy
import logging
import socket
import ssl
import sys
import threading

# Where Debian keeps it, also from a Python that is not Debian's.
sys.path.append("/usr/lib/python3/dist-packages")
from aiosmtpd.controller import Controller  # noqa: E402
from aiosmtpd.smtp import AuthResult  # noqa: E402

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # handshakes fail on purpose

USER = "wardlock"
PASSWORD = "seven quiet lamps"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Mailbox:
    """Keeps what it takes in `taken`, as messages; `answer` is what it says to the next ones instead."""

    def __init__(self, certificate, key, port=0):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.port = port or free_port()
        self.lock = threading.Lock()
        self.taken = []
        self.tried = 0
        self.answer = None
        self.controller = None

    def start(self):
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="mx.example",
            tls_context=self.context, require_starttls=True, auth_required=True,
            auth_require_tls=True, authenticator=self._authenticate)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    @staticmethod
    def _authenticate(_server, _session, _envelope, _mechanism, data):
        is_right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=is_right, handled=False)  # it answers itself

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        with self.lock:
            self.tried += 1
            if self.answer:
                return self.answer
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            mail.receivers = list(envelope.rcpt_tos)
            mail.was_over_tls = session.ssl is not None
            self.taken.append(mail)
        return "250 OK"

    def mails(self, to=None):
        with self.lock:
            return [mail for mail in self.taken if to in (None, *mail.receivers)]

    def subjects(self, to=None):
        return [mail["Subject"] for mail in self.mails(to)]
