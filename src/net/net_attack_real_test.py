"""Attacks on the ports of `wardlock serve`: each is refused and counted, and the others are served."""
import concurrent.futures
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import warnings

from attackers import (CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS,
                       PING, PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Authority, Server,
                       frame, frames, goaway_error, read_all, request_fields, send_until_closed,
                       statuses)

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HELLO = PREFACE + frame(SETTINGS)


class AttackTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(lambda: cls.check_exit(cls.server.stop()))

    @classmethod
    def check_exit(cls, code):
        assert code == 0, f"the server ended with {code}"

    def setUp(self):
        self.before = self.server.counters()

    def assert_counted(self, name, at_least=1):
        now = self.server.counters()
        self.assertGreaterEqual(now.get(name, 0) - self.before.get(name, 0), at_least, name)

    def assert_refused(self, data, status):
        """Sent on a fresh connection; nothing after the refusal is answered."""
        with self.server.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(statuses(read_all(connection)), [status], data[:100])
        self.assertTrue(self.server.is_served())
        self.assert_counted(f'wardlock_http_malformed_total{{status="{status}"}}')


class Http1Test(AttackTest):
    def test_slowloris_in_many_headers(self):
        crowd = [self.server.connect() for _ in range(200)]
        for connection in crowd:
            connection.sendall(GET)
        for _ in range(4):
            for connection in crowd:
                send_until_closed(connection, b"X: y\r\n", 1)
            self.assertTrue(self.server.is_served())
            time.sleep(0.2)
        for connection in crowd:
            with connection:
                self.assertEqual(statuses(read_all(connection)), [408])
        self.assert_counted("wardlock_timeouts_total", 200)

    def test_slow_body(self):
        with self.server.connect() as connection:
            connection.sendall(POST + b"Content-Length: 100\r\n\r\n")
            self.assertLess(send_until_closed(connection, b"x", 60, 0.05), 60)
            self.assertTrue(self.server.is_served())
        self.assert_counted("wardlock_timeouts_total")

    def test_silent_connections(self):
        crowd = [self.server.connect() for _ in range(100)]
        self.assertTrue(self.server.is_served())
        for connection in crowd:
            with connection:
                self.assertEqual(read_all(connection), b"")

    def test_reader_that_does_not_read(self):
        with self.server.connect() as connection:
            request = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            connection.settimeout(0.5)
            send_until_closed(connection, request * 100, 100)
            self.assertTrue(self.server.is_served())
            end = time.monotonic() + 10
            while time.monotonic() < end:
                now = self.server.counters()["wardlock_timeouts_total"]
                if now > self.before["wardlock_timeouts_total"]:
                    return
                time.sleep(0.1)
            self.fail("it is waited for without end")

    def test_oversized(self):
        self.assert_refused(GET + b"X: " + b"x" * 20_000 + b"\r\n\r\n", 431)
        self.assert_refused(GET + b"X: y\r\n" * 200 + b"\r\n", 431)
        self.assert_refused(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 414)
        self.assert_refused(POST + b"Content-Length: 100001\r\n\r\n", 413)
        self.assert_refused(POST + b"Content-Length: 99999999999999999999\r\n\r\n", 400)
        self.assert_refused(POST + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413)

    def test_garbage_after_a_request(self):
        with self.server.connect() as connection:
            connection.sendall(GET + b"\r\n" + bytes(range(256)) * 10 + GET + b"\r\n")
            self.assertEqual(statuses(read_all(connection)), [200, 400])
        self.assertTrue(self.server.is_served())
        self.assert_counted('wardlock_http_malformed_total{status="400"}')

    def test_smuggling(self):
        inner = GET + b"\r\n"
        chunked = b"Transfer-Encoding: chunked\r\n"
        for head, status in [
                (b"Content-Length: 6\r\n" + chunked, 400),
                (chunked + b"Content-Length: 6\r\n", 400),
                (b"Content-Length: 6\r\nContent-Length: 5\r\n", 400),
                (b"Content-Length: 6\r\nContent-Length: 6\r\n", 400),
                (b"Content-Length: 6, 6\r\n", 400),
                (b"Content-Length: +6\r\n", 400),
                (b"Content-Length: 0x6\r\n", 400),
                (b"Content-Length : 6\r\n", 400),
                (b"Content-Length:\r\n 6\r\n", 400),
                (b"X: y\r\n Content-Length: 6\r\n", 400),
                (b"X: y\nContent-Length: 6\r\n", 400),
                (b"X: y\rContent-Length: 6\r\n", 400),
                (b"X: y\0Content-Length: 6\r\n", 400),
                (chunked + chunked, 400),
                (b"Transfer-Encoding: identity, chunked\r\n", 501),
                (b"Transfer-Encoding: xchunked\r\n", 501),
                (b"Transfer-Encoding: chunked, identity\r\n", 501),
                (b"Transfer-Encoding:\x0bchunked\r\n", 400),
                (b"Transfer_Encoding: chunked\r\nTransfer-Encoding : chunked\r\n", 400)]:
            with self.subTest(head):
                self.assert_refused(POST + head + b"\r\n0\r\n\r\n" + inner, status)
        for body in [b"5;\nx\r\n0\r\n\r\n", b"0\n\r\n", b" 5\r\nabcde\r\n0\r\n\r\n",
                     b"-1\r\n\r\n", b"5\r\nabcdefg\r\n0\r\n\r\n", b"0x5\r\nabcde\r\n0\r\n\r\n"]:
            with self.subTest(body):
                self.assert_refused(POST + chunked + b"\r\n" + body + inner, 400)


class Http2Test(AttackTest):
    def attack(self, opening, again, times=20_000):
        """What the server said to who sent `again` over and over."""
        with self.server.connect() as connection:
            connection.sendall(HELLO + opening)
            said = []
            reader = threading.Thread(target=lambda: said.append(read_all(connection)))
            reader.start()
            pieces = (again(i) for i in range(times)) if callable(again) else (again,) * times
            for piece in pieces:
                send_until_closed(connection, piece, 1)
            reader.join(20)
            self.assertFalse(reader.is_alive(), "the connection goes on")
        self.assertTrue(self.server.is_served())
        return said[0]

    def assert_calmed(self, opening, again, times=20_000):
        data = self.attack(opening, again, times)
        self.assertIn(goaway_error(data), (ENHANCE_YOUR_CALM, None))  # None: it did not get through
        self.assert_counted("wardlock_floods_total")

    def test_rapid_reset(self):
        self.assert_calmed(b"", lambda i: (
            frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request_fields())
            + frame(RST_STREAM, 0, 2 * i + 1, (8).to_bytes(4, "big"))))
        self.assert_counted("wardlock_http2_streams_reset_total", 100)

    def test_resets_that_the_server_is_made_to_send(self):
        data = self.attack(b"", lambda i: (
            frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request_fields())
            + frame(WINDOW_UPDATE, 0, 2 * i + 1, bytes(4))))
        self.assertNotEqual(goaway_error(data), 0)

    def test_continuation_flood(self):
        opening = frame(HEADERS, 0, 1, request_fields())
        for crumb in (b"", b"\0\1x\1y", b"\0\1x\x7f\x81\x1e" + b"y" * 4000):
            self.assert_calmed(opening, frame(CONTINUATION, 0, 1, crumb))

    def test_floods_of_frames_that_ask_for_nothing(self):
        post = frame(HEADERS, END_HEADERS, 1, request_fields("POST"))
        for opening, again in [(b"", frame(PING, 0, 0, b"12345678")), (b"", frame(SETTINGS)),
                               (b"", frame(2, 0, 1, b"\0\0\0\0\x10")), (post, frame(DATA, 0, 1))]:
            with self.subTest(again):
                self.assert_calmed(opening, again)

    def test_slow_header_and_body(self):
        for data in [HELLO + frame(HEADERS, 0, 1, request_fields()), PREFACE[:10],
                     HELLO + frame(HEADERS, END_HEADERS, 1, request_fields("POST"))]:
            with self.server.connect() as connection:
                connection.sendall(data)
                self.assertTrue(self.server.is_served())
                read_all(connection)  # ends by a time-out
        self.assert_counted("wardlock_timeouts_total", 3)

    def test_window_that_never_opens(self):
        settings = frame(SETTINGS, 0, 0, b"\0\4" + bytes(4))
        with self.server.connect() as connection:
            connection.sendall(PREFACE + settings)
            for i in range(50):
                connection.sendall(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1,
                                         request_fields("GET", "/openapi.json")))
            self.assertTrue(self.server.is_served())
            data = read_all(connection)
        resets = [kind for kind, _, _, _ in frames(data) if kind == RST_STREAM]
        self.assertEqual(len(resets), 50)
        self.assert_counted("wardlock_timeouts_total", 50)

    def test_lengths_that_lie(self):
        post = request_fields("POST", "/healthz", ("content-length", "4"))
        for body in (b"12345", b"123", b""):
            with self.server.connect() as connection:
                connection.sendall(HELLO + frame(HEADERS, END_HEADERS, 1, post)
                                   + frame(DATA, END_STREAM, 1, body))
                data = read_all(connection)
            kinds = [kind for kind, _, stream, _ in frames(data) if stream == 1]
            self.assertEqual(kinds, [RST_STREAM])
        self.assert_counted("wardlock_http2_streams_reset_total", 3)
        self.assertTrue(self.server.is_served())

    def test_headers_of_http_1(self):
        for name, value in [("transfer-encoding", "chunked"), ("connection", "keep-alive"),
                            ("host", "elsewhere"), ("x", "a\r\nb: c"), ("Upper", "x")]:
            with self.server.connect() as connection:
                connection.sendall(HELLO + frame(HEADERS, END_HEADERS | END_STREAM, 1,
                                                 request_fields("GET", "/healthz", (name, value))))
                data = read_all(connection)
            answers = [payload for kind, _, stream, payload in frames(data)
                       if kind == HEADERS and stream == 1]
            self.assertNotIn(b"\x88", [answer[:1] for answer in answers], f"{name} was taken")
        self.assertTrue(self.server.is_served())

    def test_real_clients(self):
        for url, option in [(f"http://127.0.0.1:{self.server.plain}", "--http2-prior-knowledge"),
                            (f"https://127.0.0.1:{self.server.tls}", "--http2")]:
            result = subprocess.run(
                ["curl", "-sS", option, "--cacert", str(self.server.authority.certificate),
                 "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url + "/openapi.json"],
                capture_output=True, text=True, timeout=20)
            self.assertEqual((result.stdout, result.stderr), ("2 200", ""))
        self.assert_counted('wardlock_http_protocol_requests_total{protocol="h2"}', 2)


class TlsTest(AttackTest):
    def test_downgrade(self):
        context = self.server.context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)  # of the old versions
        attempts = 0
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context.minimum_version = context.maximum_version = version
            with self.assertRaises(ssl.SSLError):
                self.server.connect_tls(context=context)
            attempts += 1
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        for ciphers in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA256",
                        "ECDHE-ECDSA-AES256-SHA", "aNULL", "eNULL"):
            context.set_ciphers(ciphers + ":@SECLEVEL=0")
            with self.assertRaises(ssl.SSLError):
                self.server.connect_tls(context=context)
            attempts += 1
        self.assertTrue(self.server.is_served())
        self.assert_counted("wardlock_tls_handshakes_failed_total", attempts)

    def test_renegotiation(self):
        client = subprocess.Popen(
            ["openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{self.server.tls}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        output, _ = client.communicate("R\n", timeout=20)
        self.assertRegex(output, "(?i)no renegotiation|handshake failure|unexpected message")
        self.assertTrue(self.server.is_served())

    def test_plain_on_the_tls_port(self):
        for data in (GET + b"\r\n", HELLO, b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70_000):
            with self.server.connect(self.server.tls) as connection:
                send_until_closed(connection, data, 1)
                self.assertNotIn(b"HTTP", read_all(connection))
        self.assertTrue(self.server.is_served())
        self.assert_counted("wardlock_tls_handshakes_failed_total", 4)

    def test_slow_handshakes(self):
        crowd = [self.server.connect(self.server.tls) for _ in range(100)]
        for connection in crowd:
            connection.sendall(b"\x16\x03\x01")
        self.assertTrue(self.server.is_served())
        for connection in crowd:
            with connection:
                read_all(connection)
        self.assert_counted("wardlock_tls_handshakes_failed_total", 100)
        self.assert_counted("wardlock_timeouts_total", 100)

    def test_rapid_reset_under_tls(self):
        with self.server.connect_tls(protocols=["h2"]) as connection:
            self.assertEqual(connection.selected_alpn_protocol(), "h2")
            connection.sendall(HELLO)
            attack = b"".join(
                frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request_fields())
                + frame(RST_STREAM, 0, 2 * i + 1, (8).to_bytes(4, "big")) for i in range(2000))
            send_until_closed(connection, attack, 1)
            self.assertTrue(self.server.is_served())
        self.assert_counted("wardlock_floods_total")


class ClientCertificateTest(AttackTest):
    def ask(self, pair=None):
        context = self.server.context()
        if pair:
            context.load_cert_chain(*pair)
        with self.server.connect_tls(self.server.mutual, context) as connection:
            connection.sendall(GET + b"Connection: close\r\n\r\n")
            return statuses(read_all(connection))

    def refused(self, pair=None):
        try:
            return self.ask(pair) == []
        except (ssl.SSLError, ConnectionError):
            return True

    def test_who_is_let_in(self):
        authority = self.server.authority
        stranger = Authority(self.server.folder, "stranger")
        self.assertEqual(self.ask(authority.issue("good")), [200])
        self.assertTrue(self.refused(), "no certificate")
        self.assertTrue(self.refused(stranger.issue("strange")), "another authority's")
        self.assertTrue(self.refused(authority.issue("late", days=-1)), "expired")
        self.assertTrue(self.server.is_served())
        self.assert_counted("wardlock_tls_handshakes_failed_total", 3)


class ReloadTest(AttackTest):
    def test_certificates_change_under_load(self):
        done = threading.Event()

        def client():
            good = 0
            while not done.is_set():
                if not self.server.is_served():
                    raise AssertionError("a request failed")
                good += 1
            return good

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(client) for _ in range(4)]
            try:
                for i in range(5):
                    certificate, key = self.server.authority.issue(f"renewed-{i}")
                    shutil.copy(certificate, self.server.certificate)
                    shutil.copy(key, self.server.key)
                    self.server.reload()
                    self.assertEqual(self.subject(), f"renewed-{i}")
                shutil.copy(self.server.authority.certificate, self.server.certificate)
                self.server.reload()
                self.assertEqual(self.subject(), "renewed-4", "a bad pair keeps the last good one")
            finally:
                done.set()
            self.assertGreater(sum(future.result() for future in clients), 20)

    def subject(self):
        with self.server.connect_tls() as connection:
            return dict(pair for part in connection.getpeercert()["subject"] for pair in part)[
                "commonName"]


if __name__ == "__main__":
    sys.exit(unittest.main())
