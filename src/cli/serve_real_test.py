"""`wardlock serve` over real sockets: who may ask what, and what it says of itself."""
import base64
import http.client
import json
import re
import signal
import socket
import ssl
import tempfile
import unittest

from program import EVALUATION, run
from serving import Certificates, Serve, Site, new_token, parse_exposition, question

EVALUATIONS = EVALUATION + "s"
METADATA = "/.well-known/authzen-configuration"


class SiteTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)

    def serve(self, **options):
        server = Serve(self.site, **options)
        self.addCleanup(server.stop)
        return server


class CallersTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.token = self.site.add_caller("gate")

    def refusals(self, server, token):
        return {re.search('reason="(.*?)"', key)[1]: count
                for key, count in server.metrics(token).items()
                if key.startswith("wardlock_callers_refused_total") and count}

    def test_a_caller_with_a_token_is_answered(self):
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        self.assertFalse(server.decision(self.token, question("stop", 3)))

    def test_nobody_else_is(self):
        operator = self.site.add_caller("operator", rights=["metrics"])
        server = self.serve()
        status, headers, text = server.request("POST", EVALUATION, "{}")
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, 'Bearer realm="wardlock"'))
        self.assertIsInstance(json.loads(text), str)
        for path in ["/", "/metrics", "/access/v1/evaluations", "/forward-auth", "/nothing"]:
            self.assertEqual(server.request("GET", path)[0], 401, path)
        basic = base64.b64encode(f"gate:{self.token}".encode()).decode()
        for reason, status, headers in [
            ("unknown_token", 401, {"Authorization": f"Bearer {new_token()[0]}"}),
            ("malformed", 401, {"Authorization": "Bearer"}),
            ("malformed", 401, {"Authorization": f"Bearer {self.token}x"}),
            ("malformed", 401, {"Authorization": self.token}),
            ("malformed", 401, {"Authorization": f"Basic {basic}"}),
            ("misplaced", 400, {"X-API-Key": self.token}),
            ("misplaced", 400, {"X-API-Key": self.token, "Authorization": f"Bearer {self.token}"}),
        ]:
            before = self.refusals(server, operator).get(reason, 0)
            answer = server.request("POST", EVALUATION, "{}", headers)
            self.assertEqual(answer[0], status, headers)
            self.assertIn("Bearer", answer[1]["WWW-Authenticate"])
            self.assertNotIn(self.token, answer[2])
            self.assertEqual(self.refusals(server, operator)[reason], before + 1)
        for query in [f"?access_token={self.token}", f"?token={self.token}", f"?x={self.token}"]:
            status, _, text = server.request("POST", EVALUATION + query, "{}", token=self.token)
            self.assertEqual(status, 400)
            self.assertIn("replace the one you sent", text)
        self.assertEqual(server.stop(), 0)
        log = "".join(server.lines)
        self.assertIn('"reason":"misplaced"', log)
        for secret in [self.token, operator, basic, "wlk_"]:
            self.assertNotIn(secret, log)

    def test_two_authorizations_are_refused(self):
        self.site.config["reload"] = {"interval": "50ms"}
        server = self.serve()
        host, port = server.urls[0].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as peer:
            field = f"Authorization: Bearer {self.token}\r\n"
            peer.sendall(f"POST {EVALUATION} HTTP/1.1\r\nHost: localhost\r\n{field}{field}"
                         "Content-Length: 2\r\n\r\n{}".encode())
            self.assertRegex(peer.recv(4096), rb"^HTTP/1.1 400 ")
        self.assertEqual(server.wait_for("network_refusals")["status_400"], 1)

    def test_a_server_that_records_nothing_says_so(self):
        self.serve().wait_for("nothing_recorded")

    def test_guessing_is_not_throttled_on_this_machine_but_counted(self):
        server = self.serve()
        for _ in range(60):
            self.assertEqual(server.ask(new_token()[0])[0], 401)
        self.assertTrue(server.decision(self.token))

    def test_a_caller_stays_within_its_scope(self):
        narrow = self.site.add_caller("narrow", scope={
            "types": ["User", "Pump"], "actions": ["view"], "attributes": ["context.rate"]})
        mute = self.site.add_caller("mute", scope=None)
        server = self.serve()
        self.assertTrue(server.decision(narrow))
        self.assertEqual(server.ask(narrow, question("stop"))[0], 403)
        self.assertEqual(server.ask(mute)[0], 403)
        asked = question()
        asked["resource"]["properties"] = {"speed": 1}
        self.assertEqual(server.ask(narrow, asked)[0], 403)

    def test_reasons_are_for_those_who_may_have_them(self):
        curious = self.site.add_caller("curious", rights=["explain"])
        server = self.serve()
        asked = {**question(), "options": {"reasons": True}}
        self.assertEqual(server.ask(curious, asked)[1]["context"]["reasons"], ["staff may look"])
        self.assertNotIn("reasons", server.ask(self.token, asked)[1]["context"])
        self.assertEqual(server.request("GET", "/metrics", token=self.token)[0], 403)

    def test_a_quota_counts_evaluations(self):
        limited = self.site.add_caller("limited", quota={"rate": 1, "burst": 11})
        self.site.config["limits"] = {"batch": 10}
        operator = self.site.add_caller("operator", rights=["metrics"])
        server = self.serve()
        batch = {**question(), "evaluations": [{}] * 8}
        headers = {"Content-Type": "application/json"}

        def ask(body):
            return server.request("POST", EVALUATIONS, json.dumps(body), headers, limited)
        self.assertEqual(ask(batch)[0], 200)
        status, answered, text = ask(batch)
        self.assertEqual(status, 429)
        self.assertIn(int(answered["Retry-After"]), range(1, 9))
        self.assertIn("1 evaluations a second", json.loads(text))
        # Of eleven the first took eight, and the refused one a single one for being read.
        self.assertTrue(server.decision(limited))
        self.assertTrue(server.decision(limited))
        self.assertEqual(server.ask(limited)[0], 429)
        self.assertTrue(server.decision(self.token))
        self.assertEqual(server.metrics(operator)["wardlock_quota_refused_total"], 2)

    def test_a_batch_has_an_end(self):
        self.site.config["limits"] = {"batch": 3}
        server = self.serve()
        body = json.dumps({**question(), "evaluations": [{}] * 4})
        self.assertEqual(server.request("POST", EVALUATIONS, body,
                                        {"Content-Type": "application/json"}, self.token)[0], 400)


class TenantsTest(SiteTest):
    def setUp(self):
        super().setUp()
        tenant = {name: self.site.config.pop(name) for name in ["policies", "entities"]}
        self.site.config["callers"] = []
        self.operator = self.site.add_caller("operator", scope=None, rights=["metrics"])
        self.tokens = {}
        self.site.config["tenants"] = {}
        for name in ["st-mary", "city"]:
            callers = []
            self.tokens[name] = self.site.add_caller(f"{name}-gate", callers, rights=["metrics"])
            self.site.config["tenants"][name] = {**tenant, "callers": callers}
        self.server = self.serve()

    def test_each_asks_below_its_own_path(self):
        for name, token in self.tokens.items():
            self.assertEqual(self.server.ask(token, base=f"/{name}")[0], 200)

    def test_and_nowhere_else(self):
        for base in ["/city", "", "/nowhere", "/st-mary/city", "/st-mary/", "/St-Mary", "//st-mary",
                     "/st-mary/../city", "/city%2f"]:
            for path in [EVALUATION, EVALUATIONS, "/forward-auth"]:
                status, _, text = self.server.request(
                    "POST", base + path, json.dumps(question()),
                    {"Content-Type": "application/json"}, self.tokens["st-mary"])
                self.assertEqual(status, 403, base + path)
                self.assertNotIn("city", text)
        self.assertEqual(self.server.ask(self.operator, base="/city")[0], 403)

    def test_metrics_tell_of_the_own_one(self):
        own = self.server.metrics(self.tokens["city"])
        self.assertIn('wardlock_policies{tenant="city"}', own)
        self.assertNotIn('wardlock_policies{tenant="st-mary"}', own)
        self.assertEqual(self.server.metrics(self.operator)['wardlock_policies{tenant="st-mary"}'],
                         2)

    def test_strangers_do_not_learn_who_they_are(self):
        _, _, text = self.server.request("GET", "/readyz")
        self.assertNotIn("city", text)

    def test_metadata_names_its_endpoints(self):
        status, _, text = self.server.request("GET", METADATA + "/st-mary")
        self.assertEqual(status, 200)
        self.assertTrue(json.loads(text)["access_evaluation_endpoint"].endswith(
            "/st-mary" + EVALUATION))
        self.assertEqual(self.server.request("GET", METADATA)[0], 404)


class TlsTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.certificates = Certificates(self.site.folder)
        self.certificates.issue("server", "DNS:localhost,IP:127.0.0.1", "serverAuth")
        self.certificates.issue("pump", "DNS:pump-7.ward.example", "clientAuth")
        self.certificates.issue("stranger", "DNS:stranger.example", "clientAuth")
        self.token = self.site.add_caller("gate")
        self.site.add_caller("pump", tokens=[], certificates=["dns:pump-7.ward.example"])
        self.site.config["listeners"] = [
            {"address": "127.0.0.1:0", "tls": {"certificate": "server.pem", "key": "server.key",
                                               "client_ca": "ca.pem"}},
            {"address": "127.0.0.1:0"}]

    def start(self):
        return self.serve(context=self.certificates.context())

    def test_a_token_or_a_certificate_says_who_asks(self):
        server = self.start()
        self.assertTrue(server.decision(self.token))
        self.assertEqual(server.ask(self.token, listener=1)[0], 200)
        self.assertEqual(server.ask()[0], 401)
        self.assertEqual(server.ask(context=self.certificates.context("pump"))[0], 200)
        self.assertEqual(server.ask(context=self.certificates.context("stranger"))[0], 401)

    def test_certificate_and_token_must_agree(self):
        server = self.start()
        both = server.ask(self.token, context=self.certificates.context("pump"))
        self.assertEqual(both[0], 401)
        self.assertIn("two callers", both[1])

    def test_a_certificate_can_be_demanded(self):
        self.site.config["listeners"][0]["tls"]["require_client_certificate"] = True
        server = self.start()
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            server.ask(self.token)
        self.assertEqual(server.ask(context=self.certificates.context("pump"))[0], 200)

    def test_hosts_are_those_configured(self):
        self.site.config["allowed_hosts"] = ["localhost", "pdp.example.org"]
        server = self.start()
        for host, status in [("pdp.example.org", 200), ("PDP.example.org:8443", 200),
                             ("evil.example", 421), ("pdp.example.org.evil.example", 421)]:
            for listener in [0, 1]:
                self.assertEqual(server.ask(self.token, headers={"Host": host},
                                            listener=listener)[0], status, host)

    def test_a_renewed_certificate_is_taken_over(self):
        server = self.start()
        self.assertTrue(server.decision(self.token))
        self.certificates.issue("server", "DNS:localhost,DNS:renewed.example", "serverAuth")
        server.reload()
        server.wait_for("certificates_loaded")
        with server.connect() as connection:
            connection.request("GET", "/healthz")
            names = connection.sock.getpeercert()["subjectAltName"]
            connection.getresponse().read()
        self.assertIn(("DNS", "renewed.example"), names)
        self.site.write("server.pem", "garbage")
        server.reload()
        server.wait_for("certificates_refused")
        self.assertTrue(server.decision(self.token))


class OperationTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.token = self.site.add_caller("gate", rights=["metrics"])

    def test_health_and_readiness_need_no_caller(self):
        server = self.serve()
        self.assertEqual(server.request("GET", "/healthz")[::2], (200, '{"status":"ok"}'))
        status, _, text = server.request("GET", "/readyz")
        self.assertEqual((status, json.loads(text)["status"]), (200, "ready"))
        self.assertEqual(server.request("POST", "/readyz", "")[0], 405)

    def test_metrics_can_be_read_by_a_strict_reader(self):
        server = self.serve()
        for _ in range(3):
            server.decision(self.token)
        server.decision(self.token, question("stop", 1))
        samples = server.metrics(self.token)
        self.assertEqual(
            samples['wardlock_http_requests_total{route="evaluation",status="200"}'], 4)
        self.assertEqual(samples['wardlock_decisions_total{decision="allow",cause="permit"}'], 3)
        self.assertEqual(samples['wardlock_decisions_total{decision="deny",cause="no_permit"}'], 1)
        self.assertEqual(samples['wardlock_request_duration_seconds_bucket{le="+Inf"}'], 4)
        self.assertEqual(samples["wardlock_request_duration_seconds_count"], 4)
        self.assertEqual(samples['wardlock_policies{tenant=""}'], 2)
        self.assertGreaterEqual(samples["wardlock_connections_total"], 4)
        buckets = [count for name, count in samples.items() if "_bucket" in name]
        self.assertEqual(buckets, sorted(buckets))

    def test_the_strict_reader_is_strict(self):
        for text in ["a 1\n", "# TYPE a_total counter\na_total 1\n",
                     "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a x\n# TYPE a gauge\na 1",
                     "# HELP a x\n# TYPE a gauge\na{b=\"c} 1\n",
                     "# HELP a x\n# TYPE a gauge\na 1\na 1\n"]:
            with self.assertRaises(AssertionError, msg=text):
                parse_exposition(text)

    def test_log_lines_are_json_without_persons_or_secrets(self):
        self.site.config["log"] = {"requests": True}
        server = self.serve()
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        server.ask(self.token, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        server.ask(self.token, headers={"traceparent": f"00-{trace.upper()}-00f067aa0ba902b7-01"})
        server.request("GET", "/nothing/ann?who=ann", token=self.token)
        self.assertEqual(server.stop(), 0)
        requests = server.events("request")
        self.assertEqual([event["status"] for event in requests], [200, 200, 404])
        self.assertEqual(requests[0]["trace_id"], trace)
        self.assertNotEqual(requests[1]["trace_id"], trace.upper())
        self.assertEqual((requests[0]["caller"], requests[0]["decisions"]), ("gate", 1))
        for event in server.events():
            self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual([event["event"] for event in server.events()][-2:],
                         ["stopping", "stopped"])
        log = "".join(server.lines)
        for secret in [self.token, "ann", "p-7"]:
            self.assertNotIn(secret, log)

    def test_log_lines_can_be_text(self):
        self.site.config["log"] = {"format": "text", "requests": True}
        server = self.serve()
        server.ask(self.token)
        server.stop()
        log = "".join(server.lines)
        self.assertRegex(log, r"(?m)^\S+Z info request route=evaluation status=200 caller=gate ")

    def test_a_log_that_nobody_reads_holds_nobody_up(self):
        self.site.config["log"] = {"requests": True}
        server = self.serve(reads_log=False)
        body = json.dumps(question())
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        with server.connect() as connection:
            for _ in range(12_000):
                connection.request("POST", EVALUATION, body, headers)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 200)
        self.assertGreater(server.metrics(self.token)["wardlock_log_lines_dropped_total"], 0)

    def test_tells_systemd(self):
        place = self.site.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
            notices.bind(str(place))
            notices.settimeout(20)
            server = self.serve(environment={"NOTIFY_SOCKET": str(place)})
            self.assertEqual(notices.recv(100), b"READY=1")
            server.reload()
            self.assertRegex(notices.recv(100), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
            self.assertEqual(notices.recv(100), b"READY=1")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(notices.recv(100), b"STOPPING=1")

    def test_every_accepted_request_is_answered_when_it_stops(self):
        server = self.serve()
        asked = json.dumps(question())
        head = (f"POST {EVALUATION} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                f"\r\nAuthorization: Bearer {self.token}\r\nContent-Length: {len(asked)}\r\n\r\n")
        host, port = server.urls[0].removeprefix("http://").split(":")
        peers = [socket.create_connection((host, int(port)), timeout=20) for _ in range(20)]
        for peer in peers:
            peer.sendall((head + asked[:10]).encode())
        # Each has begun before the word to stop comes.
        self.assertTrue(server.decision(self.token))
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        for peer in peers:
            peer.sendall(asked[10:].encode())
        for peer in peers:
            with peer, peer.makefile("rb") as answer:
                self.assertEqual(answer.readline(), b"HTTP/1.1 200 OK\r\n")
        self.assertEqual(server.stop(), 0)

    def test_readiness_ends_before_service_does(self):
        self.site.config["timeouts"] = {"unready": "2s"}
        server = self.serve()
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        status, _, text = server.request("GET", "/readyz")
        self.assertEqual((status, json.loads(text)["status"]), (503, "draining"))
        self.assertEqual(server.request("GET", "/healthz")[0], 200)
        self.assertTrue(server.decision(self.token))
        self.assertEqual(server.stop(), 0)

    def test_starts_again_after_it_was_killed(self):
        server = self.serve()
        port = server.urls[0].rsplit(":", 1)[1]
        server.decision(self.token)
        self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        self.site.config["listeners"] = [{"address": f"127.0.0.1:{port}"}]
        again = self.serve()
        self.assertTrue(again.decision(self.token))

    def test_refuses_to_start_with_what_it_cannot_serve(self):
        def says(part):
            result = run("serve", "--config", self.site.save())
            self.assertEqual(result.stdout, "")
            self.assertIn(result.returncode, (1, 3))
            self.assertIn(part, result.stderr)
        (self.site.folder / "policies" / "rules.cedarschema").rename(
            self.site.folder / "policies" / "away")
        says("there is no schema")
        (self.site.folder / "policies" / "away").rename(
            self.site.folder / "policies" / "rules.cedarschema")
        self.site.write("policies/more.cedar",
                        '@colour("red") permit (principal, action, resource);')
        says("colour")
        self.site.write("policies/more.cedar", "permit (principal")
        says("more.cedar")


if __name__ == "__main__":
    unittest.main()
