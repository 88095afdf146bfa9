"""The example enforcement points, as they stand, between people and a real Wardlock: what is owed is done."""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "src" / "cli"))
import program  # noqa: E402

POLICIES = HERE / "policies"
CHARTS = json.loads((HERE / "charts.json").read_text())
CPP = os.environ.get("CHART_SERVICE",
                     pathlib.Path(program.WARDLOCK).parents[1] / "examples" / "chart_service")
NODE = ["node", HERE / "node" / "service.mjs"]
NGINX = """
daemon off;
pid nginx.pid;
error_log error.log;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include charts.conf;
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, person, chart="p-100", purpose="TREAT", signed_in_s_ago=10):
    """Status, fields and body of `GET /charts/CHART`."""
    fields = {"X-Person": person} if person else {}
    if purpose:
        fields["Purpose"] = purpose
    if signed_in_s_ago is not None:
        fields["X-Authenticated-At"] = str(int(time.time()) - signed_in_s_ago)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=program.LIMIT_S)
    connection.request("GET", f"/charts/{chart}", headers=fields)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


class Service:
    """One of the chart services, on a port of its own; `events()` is what it kept."""

    def __init__(self, command, pdp_port):
        self.process = subprocess.Popen(
            [*map(str, command), f"http://127.0.0.1:{pdp_port}", str(HERE / "charts.json")],
            text=True, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        self.port = int(line.rsplit(" ", 1)[1])

    def stop(self):
        """Once stopped, the same again."""
        if self.process.stdout.closed:
            return self.kept
        self.process.terminate()
        self.kept = [json.loads(line) for line in self.process.communicate()[0].splitlines()]
        return self.kept


class EnforcingTest:
    """What each service must do."""

    @classmethod
    def setUpClass(cls):
        cls.pdp = program.Pdp("--policies", POLICIES, "--entities", POLICIES / "entities.json")
        cls.addClassCleanup(lambda: cls.pdp.stop())

    def setUp(self):
        self.service = Service(self.command, self.pdp.port)
        self.addCleanup(self.service.stop)

    def see(self, *arguments, **options):
        """A chart that is shown: its fields and the headers."""
        status, headers, body = ask(self.service.port, *arguments, **options)
        self.assertEqual(status, 200, body)
        return json.loads(body), headers

    def assert_refused(self, wanted, *arguments, **options):
        status, headers, body = ask(self.service.port, *arguments, **options)
        self.assertEqual(status, wanted, body)
        for text in CHARTS["p-100"].values():
            self.assertNotIn(text.encode(), body)
        return headers

    def test_who_owes_nothing_sees_all(self):
        chart, headers = self.see("nora", purpose=None)
        self.assertEqual(chart, CHARTS["p-100"])
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(self.service.stop(), [])

    def test_fields_are_masked_and_it_says_so(self):
        chart, _ = self.see("stu")
        self.assertEqual(chart, {"findings": CHARTS["p-100"]["findings"],
                                 "withheld": ["address", "name", "phone"]})

    def test_of_two_policies_all_fields_are_masked(self):
        chart, _ = self.see("both")
        self.assertEqual(chart, {"withheld": ["address", "findings", "name", "phone"]})

    def test_of_two_times_the_shorter_counts(self):
        self.assertEqual(self.see("dr-grey")[1]["Cache-Control"], "private, max-age=900")
        chart, headers = self.see("gus")
        self.assertEqual(headers["Cache-Control"], "private, max-age=60")
        self.assertEqual(chart["watermark"], "shown to gus")

    def test_a_purpose_is_kept_or_nothing_is_shown(self):
        self.assert_refused(400, "dr-grey", purpose=None)
        self.see("dr-grey", purpose="ETREAT")
        self.assertEqual(self.service.stop(), [{"event": "access", "person": "dr-grey", "purpose": "ETREAT",
                                                "chart": "p-100"}])

    def test_an_old_sign_in_is_not_enough_and_others_hear_of_a_new_one(self):
        for age in [301, 3600, None]:
            headers = self.assert_refused(401, "nora", "p-200", signed_in_s_ago=age)
            self.assertIn('max_age="300"', headers["WWW-Authenticate"])
        chart, _ = self.see("nora", "p-200", signed_in_s_ago=200)
        self.assertEqual(chart, CHARTS["p-200"])
        self.assertEqual(self.service.stop(), [{"event": "notify", "roles": ["privacy-officer"],
                                                "person": "nora", "chart": "p-200"}])

    def test_who_is_not_allowed_sees_nothing(self):
        self.assert_refused(403, "eve")
        self.assert_refused(403, "eve", "p-999")
        self.assert_refused(400, "")

    def test_what_is_not_there_is_not_shown(self):
        self.assertIn(ask(self.service.port, "nora", "p-999")[0], [403, 404])

    def test_without_a_decision_nothing_is_shown(self):
        lone = Service(self.command, free_port())
        self.addCleanup(lone.stop)
        status, _, body = ask(lone.port, "nora")
        self.assertEqual((status, "Ada" in body.decode()), (503, False))

    def test_an_obligation_that_nobody_knows_is_never_passed_over(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "p.cedar").write_text(
                'permit (principal, action, resource); @obligation("mask-fields") '
                '@terms("columns: name") forbid (principal, action, resource);')
            pdp = program.Pdp("--policies", folder)
            self.addCleanup(pdp.stop)
            service = Service(self.command, pdp.port)
            self.addCleanup(service.stop)
            status, _, body = ask(service.port, "nora")
            self.assertGreaterEqual(status, 400)
            self.assertNotIn(b"Ada", body)


class CppTest(EnforcingTest, unittest.TestCase):
    command = [CPP]


class NodeTest(EnforcingTest, unittest.TestCase):
    command = NODE


class NginxTest(unittest.TestCase):
    """nginx can fulfil nothing: who owes something is not let through."""

    def setUp(self):
        pdp = program.Pdp("--policies", POLICIES, "--entities", POLICIES / "entities.json")
        self.addCleanup(pdp.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        behind = Service(NODE, pdp.port)  # an application like any other
        self.addCleanup(behind.stop)
        self.port = free_port()
        text = (HERE / "nginx" / "charts.conf").read_text()
        for old, new in [("8080", self.port), ("9000", behind.port), ("8181", pdp.port)]:
            self.assertEqual(text.count(f"127.0.0.1:{old}"), 1)
            text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
        pathlib.Path(folder.name, "charts.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        pathlib.Path(folder.name, "nginx.conf").write_text(NGINX.format(user=user))
        nginx = subprocess.Popen(["nginx", "-p", folder.name, "-c", "nginx.conf"],
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        end = time.monotonic() + program.LIMIT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                self.assertLess(time.monotonic(), end, "nginx did not start")
                time.sleep(0.02)

    def test_who_owes_nothing_is_let_through(self):
        status, headers, body = ask(self.port, "nora")
        self.assertEqual((status, json.loads(body)), (200, CHARTS["p-100"]))
        self.assertIn("no-store", headers["Cache-Control"])

    def test_who_owes_something_is_not(self):
        for person, chart in [("stu", "p-100"), ("dr-grey", "p-100"), ("gus", "p-100"),
                              ("nora", "p-200"), ("eve", "p-100")]:
            status, _, body = ask(self.port, person, chart)
            self.assertEqual(status, 403, (person, chart))
            self.assertNotIn(b"Ada", body)
            self.assertNotIn(b"Max", body)


if __name__ == "__main__":
    unittest.main()
