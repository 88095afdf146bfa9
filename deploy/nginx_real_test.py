"""The nginx example under a real nginx: what it lets through, and what reaches whom."""
import pathlib
import subprocess
import tempfile
import time
import unittest

from package import output_of
from proxy import Proxy, Recorder, SITE, WARDLOCK_NAME, free_port, make_certificates

GREY = "dr-grey:rose"
FIELDS = ["X-Subject-Type", "X-Subject-Id", "X-Action", "X-Resource-Type", "X-Resource-Id"]


def yes(_):
    return 204, {"X-Decision-Id": "d-1", "X-Decision-Cause": "permit"}


def no(_):
    return 403, {"X-Decision-Id": "d-2", "X-Decision-Cause": "no_permit"}


class ExampleTest(unittest.TestCase):
    """nginx between an application that says yes to all, and a decision point that does as told."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.certificates = cls.folder / "tls"
        make_certificates(cls.certificates, ("hospital", SITE), ("wardlock", WARDLOCK_NAME),
                          ("stranger", "stranger.example"))
        cls.app = Recorder(lambda _: (200, {}))
        cls.addClassCleanup(cls.app.stop)
        cls.pdp = Recorder(yes, cls.certificates / "wardlock")
        cls.addClassCleanup(lambda: cls.pdp.stop())
        cls.proxy = Proxy(cls.folder / "nginx", cls.certificates, cls.app.port, cls.pdp.port,
                          {"dr-grey": "rose", "eve": "mallet"})
        cls.addClassCleanup(cls.proxy.stop)

    def setUp(self):
        self.pdp.answer = yes
        self.pdp.seen.clear()
        self.app.seen.clear()

    def get(self, target="/patients/p-100", *fields, who=GREY):
        return self.proxy.request("GET", target, who, *fields)

    def assert_undecided(self, answer):
        status, headers, body = answer
        self.assertEqual(status, 503, body)
        self.assertEqual(self.app.seen, [])
        self.assertIn("No decision", body)
        self.assertIn("nothing about your rights", body)
        self.assertEqual((headers["Retry-After"], headers["Cache-Control"]), ("5", "no-store"))
        self.assertIsNone(headers["WWW-Authenticate"])

    def question(self):
        """What the decision point was asked last, in the order of FIELDS."""
        headers = self.pdp.seen[-1].headers
        return [headers.get_all(name) for name in FIELDS]

    def test_passes_on_what_was_decided(self):
        status, headers, _ = self.get()
        self.assertEqual((status, headers["Cache-Control"]), (200, "no-store"))
        self.assertEqual(self.question(), [["User"], ["dr-grey"], ["view"], ["Patient"], ["p-100"]])
        [asked] = self.app.seen
        self.assertEqual((asked.command, asked.path), ("GET", "/patients/p-100"))
        self.assertEqual([asked.headers.get_all(name) for name in [*FIELDS, "X-Decision-Id"]],
                         [*self.question(), ["d-1"]])
        self.assertEqual(asked.headers["X-Request-ID"], self.pdp.seen[0].headers["X-Request-ID"])

    def test_a_method_and_a_path_are_an_action_and_a_resource(self):
        for method, path, action, kind, name in [
            ("GET", "/patients/p-100", "view", "Patient", "p-100"),
            ("HEAD", "/patients/p-100", "view", "Patient", "p-100"),
            ("PUT", "/patients/p-100", "edit", "Patient", "p-100"),
            ("PATCH", "/lab-reports/l.9_x", "edit", "LabReport", "l.9_x"),
            ("GET", "/pumps/pump-7/settings", "viewSettings", "InfusionPump", "pump-7"),
            ("PUT", "/pumps/pump-7/settings", "configure", "InfusionPump", "pump-7"),
        ]:
            with self.subTest(method=method, path=path):
                self.assertEqual(self.proxy.request(method, path, GREY, body=b"{}" * (
                    method[0] == "P"))[0], 200)
                self.assertEqual(self.question()[2:], [[action], [kind], [name]])
                self.assertEqual((self.app.seen[-1].command, self.app.seen[-1].path), (method, path))

    def test_a_body_reaches_the_application_only(self):
        secret = b'{"diagnosis": "..."}' * 5000
        self.assertEqual(self.proxy.request("PUT", "/patients/p-100", GREY, body=secret)[0], 200)
        self.assertEqual((self.app.seen[0].body, self.pdp.seen[0].body), (secret, b""))
        self.pdp.answer = no
        self.assertEqual(self.proxy.request("PUT", "/patients/p-100", GREY, body=secret)[0], 403)
        self.assertEqual(len(self.app.seen), 1)

    def test_a_deny_is_403_and_shows_the_decision(self):
        self.pdp.answer = no
        status, headers, body = self.get()
        self.assertEqual((status, self.app.seen), (403, []))
        self.assertEqual((headers["X-Decision-Id"], headers["Cache-Control"]), ("d-2", "no-store"))
        self.assertIn("decision\nd-2 to", body)
        self.assertNotIn("No decision", body)

    def test_everything_else_is_no_decision(self):
        for status in [200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 405, 413, 415, 418, 421, 422,
                       429, 451, 500, 501, 502, 503, 504]:
            with self.subTest(status=status):
                self.pdp.answer = lambda _, status=status: (
                    status, {"WWW-Authenticate": "Bearer", "Location": "/patients/p-100"})
                self.assert_undecided(self.get())
        for answer in [b"", b"garbage\r\n\r\n", b"HTTP/1.1 204", b"HTTP/1.1 2040 Yes\r\n\r\n",
                       b"HTTP/1.1 204 No Content\r\nX-Decision-Id: d\r\n", b"\x00\x00\x00\x00" * 9]:
            with self.subTest(answer=answer):
                self.pdp.answer = lambda _, answer=answer: answer
                self.assert_undecided(self.get())
        self.pdp.answer = yes
        self.assertEqual(self.get()[0], 200)

    def test_a_slow_decision_is_awaited_for_a_while(self):
        def after(seconds):
            def answer(_):
                time.sleep(seconds)
                return yes(_)
            return answer
        self.pdp.answer = after(0.5)
        self.assertEqual(self.get()[0], 200)
        self.app.seen.clear()
        self.pdp.answer = after(5)
        begin = time.monotonic()
        self.assert_undecided(self.get())
        self.assertLess(time.monotonic() - begin, 4.5)

    def test_without_the_decision_point_there_is_no_decision(self):
        port = self.pdp.port
        self.pdp.stop()
        try:
            self.assert_undecided(self.get())
            # Somebody else at its address, with a certificate that is good for somebody else.
            stranger = Recorder(yes, self.certificates / "stranger", port)
            try:
                self.assert_undecided(self.get())
                self.assertEqual(stranger.seen, [])
            finally:
                stranger.stop()
            plain = Recorder(yes, None, port)
            try:
                self.assert_undecided(self.get())
            finally:
                plain.stop()
        finally:
            type(self).pdp = Recorder(yes, self.certificates / "wardlock", port)
        self.assertEqual(self.get()[0], 200)

    def test_who_is_nobody_asks_nothing(self):
        for who in ["", "dr-grey:wrong", "dr-grey:", ":rose", "nobody:rose", "dr-grey",
                    "dr-grey\r\nX-Subject-Id: eve:rose"]:
            status, headers, _ = self.get(who=who)
            self.assertEqual(status, 401, who)
            self.assertIn("Basic", headers["WWW-Authenticate"])
        self.assertEqual(self.get("/patients/p-100", "Authorization: Bearer wlk_test", who="")[0], 401)
        self.assertEqual((self.pdp.seen, self.app.seen), ([], []))

    def test_nobody_can_say_who_they_are(self):
        forged = {"X-Subject-Type": "Service", "X-Subject-Id": "dr-grey", "X-Action": "view",
                  "X-Resource-Type": "Ward", "X-Resource-Id": "p-1", "X-Decision-Id": "d-9",
                  "X-Forwarded-For": "127.0.0.1", "X-Request-ID": "r-9", "Forwarded": "for=x",
                  "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE",
                  "X-Method-Override": "DELETE", "X-Original-URL": "/patients/p-1",
                  "X-Rewrite-URL": "/patients/p-1"}
        for write in [str, str.lower, str.upper, lambda name: name.replace("-", "_")]:
            lines = [f"{write(name)}: {value}" for name, value in forged.items()]
            for fields in [lines, lines + lines, ["Connection: " + ", ".join(forged), *lines]]:
                self.assertEqual(self.get("/patients/p-100", *fields, who="eve:mallet")[0], 200)
                asked, told = self.pdp.seen[-1].headers, self.app.seen[-1].headers
                self.assertEqual(self.question(),
                                 [["User"], ["eve"], ["view"], ["Patient"], ["p-100"]])
                self.assertEqual([told.get_all(name) for name in FIELDS], self.question())
                self.assertEqual(told.get_all("X-Decision-Id"), ["d-1"])
                for headers in [asked, told]:
                    values = set(headers.values())
                    self.assertFalse(values & {"dr-grey", "d-9", "r-9", "DELETE", "Ward", "for=x",
                                               "Service", "p-1", "/patients/p-1"}, headers)

    def test_wardlock_hears_nothing_of_the_client(self):
        self.get("/patients/p-100?q=1", "Cookie: s=1", "Origin: https://evil.example",
                 "Accept: text/html", "Range: bytes=0-0", "If-None-Match: x", "X-Other: y")
        asked = self.pdp.seen[-1]
        self.assertEqual(asked.path, "/forward-auth")
        self.assertCountEqual([name.lower() for name in asked.headers.keys()], [
            "host", "authorization", "x-request-id", *map(str.lower, FIELDS)])
        self.assertEqual((asked.headers["Host"], asked.headers["Authorization"]),
                         (WARDLOCK_NAME, "Bearer wlk_test"))
        self.assertIsNone(self.app.seen[-1].headers["Authorization"])

    def test_the_application_gets_the_path_that_was_decided(self):
        for target, passed in [
            ("/patients/p-100?id=p-200", "p-100"), ("//patients///p-100", "p-100"),
            ("/patients/p-200/../p-100", "p-100"), ("/x/../patients/./p-100", "p-100"),
            ("/patients/p-200%2F..%2Fp-100", "p-100"), ("/patients/%70-100", "p-100"),
            ("/patients/p-200/%2e%2e/p-100", "p-100"), ("/%70atients/p-100#x", "p-100"),
            (f"https://{SITE}/patients/p-100", "p-100"),
        ]:
            with self.subTest(target=target):
                self.assertEqual(self.get(target)[0], 200)
                self.assertEqual(self.question()[4], [passed])
                self.assertEqual(self.app.seen[-1].path, f"/patients/{passed}")

    def test_what_fits_no_location_goes_nowhere(self):
        for target in [
            "/", "/patients", "/patients/", "/patients/p-100/", "/patients/p-100/notes",
            "/Patients/p-100", "/patients/p-100%2Fnotes", "/patients/p-100;x", "/patients/p%20100",
            "/patients/.", "/patients/..", "/patients/.hidden", "/patients/-p", "/patients/p%0a100",
            "/patients/p-100%0d%0aX-Subject-Id:%20dr-grey", "/patients/p%25-100", "/patients/p+1",
            "/patients/%C3%A9", "/patients/p%E2%80%AE1", "/patients/" + "p" * 65, "/patients/p:1",
            "/patients/p-100%252Fx", "/patients/p*", "/pumps/pump-7", "/pumps/pump-7/settings/x",
            "/pumps/a/b/settings", "/pumps/%2e%2e/settings", "/wardlock/", "/forward-auth",
            "/patients/p-100\\..\\p-200", "/static/../../patients", "/patients/p-100%20",
        ]:
            with self.subTest(target=target):
                self.assertIn(self.get(target)[0], (400, 404))
        self.assertEqual(self.get("/wardlock")[0], 503)  # nginx's own question is nobody else's
        self.assertEqual((self.pdp.seen, self.app.seen), ([], []))

    def test_what_is_no_sound_request_is_refused(self):
        whole = (f"Host: {SITE}\r\nAuthorization: Basic ZHItZ3JleTpyb3Nl\r\n").encode()
        for request in [
            b"GET /patients/p-100%00 HTTP/1.1\r\n" + whole + b"\r\n",
            b"GET /patients/p-100\x00 HTTP/1.1\r\n" + whole + b"\r\n",
            b"GET /../patients/p-100 HTTP/1.1\r\n" + whole + b"\r\n",
            b"GET /patients/%zz HTTP/1.1\r\n" + whole + b"\r\n",
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + whole + b"\r\n",
            b"GET /patients/p-100 HTTP/1.1\r\n" + whole + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n",
            b"GET /patients/p-100 HTTP/1.1\r\n" + whole + whole + b"\r\n",
            b"GET /patients/p-100 HTTP/1.1\r\nAuthorization: Basic ZHItZ3JleTpyb3Nl\r\n\r\n",
            b"PUT /patients/p-100 HTTP/1.1\r\n" + whole +
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"PUT /patients/p-100 HTTP/1.1\r\n" + whole + b"Content-Length: 1\r\n" * 2 + b"\r\nx",
        ]:
            with self.subTest(request=request[:60]):
                self.assertIn(self.proxy.send(request)[0], (400, 414, 431))
        self.assertEqual((self.pdp.seen, self.app.seen), ([], []))

    def test_a_method_without_a_meaning_is_refused(self):
        for method in ["POST", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "VIEW"]:
            status = self.proxy.request(method, "/patients/p-100", GREY)[0]
            self.assertIn(status, (400, 405), method)
        self.assertEqual(self.proxy.request("PATCH", "/pumps/pump-7/settings", GREY)[0], 405)
        self.assertEqual((self.pdp.seen, self.app.seen), ([], []))

    def test_each_request_is_decided_and_connections_are_kept(self):
        for _ in range(20):
            self.assertEqual(self.get()[0], 200)
        self.assertEqual(len(self.pdp.seen), 20)
        ports = {request.client_address for request in self.pdp.seen}
        self.assertLess(len(ports), 10)
        self.pdp.answer = no
        self.assertEqual(self.get()[0], 403)

    def test_the_application_failing_is_a_third_answer(self):
        self.app.answer = lambda _: (500, {})
        try:
            status, _, body = self.get()
        finally:
            self.app.answer = lambda _: (200, {})
        self.assertEqual((status, body), (500, "ok\n"))
        self.app.answer = lambda _: b""
        try:
            status, _, body = self.get()
        finally:
            self.app.answer = lambda _: (200, {})
        self.assertEqual(status, 502)
        self.assertNotIn("No decision", body)

    def test_http_2_is_no_way_around(self):
        def get(*arguments):
            return output_of(
                "curl", "-s", "--http2", "--cacert", self.certificates / "ca.pem", "--resolve",
                f"{SITE}:{self.proxy.port}:127.0.0.1", "-u", "eve:mallet", "-o", "/dev/null",
                "-w", "%{http_version} %{http_code}", *arguments,
                f"https://{SITE}:{self.proxy.port}/patients/p-100")
        forged = [word for name in FIELDS for word in ("-H", f"{name.lower()}: dr-grey")]
        self.assertEqual(get(*forged), "2 200")
        self.assertEqual(self.question(), [["User"], ["eve"], ["view"], ["Patient"], ["p-100"]])
        self.assertEqual([self.app.seen[-1].headers.get_all(name) for name in FIELDS],
                         self.question())
        self.pdp.answer = no
        self.assertEqual(get(*forged), "2 403")

    def test_the_log_has_decisions_and_no_patients(self):
        self.pdp.answer = no
        self.get("/patients/p-31415")
        log = self.folder / "nginx" / "decisions.log"
        for _ in range(100):
            lines = log.read_text().splitlines()
            if "decision=d-2" in lines[-1]:
                break
            time.sleep(0.05)
        self.assertRegex(lines[-1], "^[0-9T:+-]+ 403 GET view Patient decision=d-2 cause=no_permit "
                                    "request=[0-9a-f]{32}$")
        self.assertNotIn("p-31415", log.read_text())
        self.assertNotIn("dr-grey", log.read_text())


class CertificateTest(unittest.TestCase):
    """nginx with a certificate in place of its token."""

    def test_proves_who_it_is_by_a_certificate(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_certificates(folder / "tls", ("hospital", SITE), ("wardlock", WARDLOCK_NAME),
                              ("nginx", "nginx.hospital.example"))
            app = Recorder(lambda _: (200, {}))
            self.addCleanup(app.stop)
            pdp = Recorder(yes, folder / "tls" / "wardlock", client_ca=folder / "tls" / "ca.pem")
            self.addCleanup(pdp.stop)
            proxy = Proxy(folder / "nginx", folder / "tls", app.port, pdp.port, {"dr-grey": "rose"})
            self.addCleanup(proxy.stop)
            self.assertEqual(proxy.request("GET", "/patients/p-100", GREY)[0], 503)
            snippet = folder / "nginx/snippets/wardlock-ask.conf"
            text = snippet.read_text()
            snippet.write_text(text.replace("# proxy_ssl_certificate", "proxy_ssl_certificate")
                               .replace("include snippets/wardlock-token.conf;", ""))
            subprocess.run([*proxy.command, "-s", "reload"], check=True, stderr=subprocess.DEVNULL)
            for _ in range(100):
                status = proxy.request("GET", "/patients/p-100", GREY)[0]
                if status == 200:
                    break
                time.sleep(0.05)
            self.assertEqual(status, 200)
            [asked] = pdp.seen
            self.assertIsNone(asked.headers["Authorization"])
            [[(_, subject)]] = asked.connection.getpeercert()["subject"]
            self.assertEqual(subject, "nginx.hospital.example")


class DemoAppTest(unittest.TestCase):
    def test_says_what_it_was_told(self):
        with tempfile.TemporaryDirectory() as name:
            folder, port = pathlib.Path(name), free_port()
            make_certificates(folder / "tls", ("hospital", SITE), ("wardlock", WARDLOCK_NAME))
            pdp = Recorder(yes, folder / "tls" / "wardlock")
            self.addCleanup(pdp.stop)
            proxy = Proxy(folder / "nginx", folder / "tls", port, pdp.port, {"dr-grey": "rose"})
            self.addCleanup(proxy.stop)
            self.assertEqual(proxy.request("GET", "/patients/p-100", GREY)[0], 502)
            demo = (folder / "nginx/sites-available/demo-app.conf").read_text()
            (folder / "nginx/sites-enabled/demo-app.conf").write_text(
                demo.replace("127.0.0.1:9000", f"127.0.0.1:{port}"))
            subprocess.run([*proxy.command, "-s", "reload"], check=True, stderr=subprocess.DEVNULL)
            expected = (200, "GET /patients/p-100, for User dr-grey\ndecision d-1\n")
            for _ in range(100):
                status, _, body = proxy.request("GET", "/patients/p-100", GREY)
                if status == 200:
                    break
                time.sleep(0.05)
            self.assertEqual((status, body), expected)


if __name__ == "__main__":
    unittest.main()
