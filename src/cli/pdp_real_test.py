"""`wardlock pdp` over real sockets: its answers, its refusals, its end."""
import concurrent.futures
import json
import shlex
import signal
import socket
import unittest

import program
from program import EVALUATION, HOSPITAL, Pdp, ProgramTest, decision_cases, exchange, question

JSON = {"Content-Type": "application/json"}
ASKED = question(("User", "kim"), "read", ("Chart", "a"))
POLICY = '@id("read") permit(principal == User::"kim", action == Action::"read", resource);'


def raw_request(text, headers=""):
    """The bytes of one question."""
    body = text.encode()
    head = (f"POST {EVALUATION} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


class AnswersTest(unittest.TestCase):
    """One server for everything that needs no other files."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.pdp = Pdp("--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json")
        cls.addClassCleanup(cls.pdp.stop)
        cls.question = question(("User", "dr-grey"), "view", ("Patient", "p-100"))

    def test_says_what_it_runs(self):
        started = self.pdp.started
        self.assertEqual((started["mode"], started["policies"]), ("strict", 86))
        self.assertGreater(started["entities"], 20)
        self.assertRegex(started["policy_set"], "^sha256:[0-9a-f]{64}$")
        self.assertRegex(started["listening"], r"^http://127\.0\.0\.1:\d+$")

    def test_replies_with_the_decision_and_its_grounds(self):
        status, reply = self.pdp.ask({**self.question, "options": {"reasons": True}})
        self.assertEqual((status, reply["decision"]), (200, True))
        context = reply["context"]
        self.assertEqual(context["policies"], ["care-team-views-its-patient"])
        self.assertEqual(len(context["reasons"]), 1)
        self.assertEqual(context["policy_set"], self.pdp.started["policy_set"])
        self.assertNotEqual(context["decision_id"],
                            self.pdp.ask(self.question)[1]["context"]["decision_id"])
        self.assertNotIn("reasons", self.pdp.ask(self.question)[1]["context"])

    def test_answers_the_example_of_its_help(self):
        text = program.run("pdp", "--help").stdout
        words = shlex.split(text[text.index("  curl "):])
        self.assertTrue(words[2].endswith(EVALUATION))
        status, reply = self.pdp.ask(words[words.index("-d") + 1])
        self.assertEqual((status, reply["decision"]), (200, True))

    def test_refuses_malformed_questions_with_a_json_string(self):
        def without(key):
            return {k: v for k, v in self.question.items() if k != key}
        for says, asked in [
            ("not valid JSON", "{"),
            ("not valid JSON", ""),
            ("not valid JSON", json.dumps(self.question) + "x"),
            ("not valid JSON", '{"subject": 1, "subject": 2}'),
            ("must be a JSON object", "[]"),
            ("`subject` is missing", without("subject")),
            ("`action` is missing", without("action")),
            ("`resource` is missing", without("resource")),
            ("`subject` must be an object", {**self.question, "subject": "dr-grey"}),
            ("`subject.id` is missing", {**self.question, "subject": {"type": "User"}}),
            ("`subject.id` must be a string",
             {**self.question, "subject": {"type": "User", "id": 7}}),
            ("`subject.id` is empty", {**self.question, "subject": {"type": "User", "id": ""}}),
            ("otherwise invisible character",
             {**self.question, "subject": {"type": "User", "id": "dr\u202egrey"}}),
            ("`action.name` is missing", {**self.question, "action": {}}),
            ("`context` must be an object", {**self.question, "context": []}),
            ("`options.reasons` must be", {**self.question, "options": {"reasons": "yes"}}),
            ("not an entity type's name",
             {**self.question, "resource": {"type": "Patient x", "id": "p-100"}}),
        ]:
            with self.subTest(asked=asked):
                status, reply = self.pdp.ask(asked)
                self.assertEqual(status, 400)
                self.assertIsInstance(reply, str)
                self.assertIn(says, reply)

    def test_refuses_context_that_the_pdp_fills(self):
        for key in ["action", "authentication", "now", "override", "pep"]:
            status, reply = self.pdp.ask({**self.question, "context": {key: {"id": "g"}}})
            self.assertEqual(status, 400)
            self.assertIn(f"context.{key} is filled by the PDP", reply)

    def test_notes_what_it_left_out(self):
        status, reply = self.pdp.ask({**self.question, "context": {"mood": "calm"}})
        self.assertEqual((status, reply["decision"]), (200, True))
        self.assertIn("context.mood", reply["context"]["notes"][0])

    def test_an_unknown_grant_changes_nothing(self):
        asked = question(("User", "dr-swift"), "view", ("Patient", "p-200"),
                         options={"grant": "made-up"})
        status, reply = self.pdp.ask(asked)
        self.assertEqual((status, reply["decision"]), (200, False))
        self.assertTrue(reply["context"]["override_possible"])

    def test_other_paths_and_methods(self):
        status, headers, body = self.pdp.request("GET", "/healthz")
        self.assertEqual((status, json.loads(body)), (200, {"status": "ok"}))
        self.assertEqual(self.pdp.request("HEAD", "/healthz")[::2], (200, ""))
        for path in ["/", "/access/v1", "/access/v1/search/user", EVALUATION + "/", "/healthz/x",
                     "/access/v1/%65valuation"]:
            status, headers, body = self.pdp.request("POST", path, "{}", JSON)
            self.assertEqual(status, 404, path)
            self.assertEqual(headers["Content-Type"], "application/problem+json")
            self.assertIn(EVALUATION, json.loads(body)["detail"])
        for method in ["GET", "PUT", "DELETE", "OPTIONS"]:
            status, headers, body = self.pdp.request(method, EVALUATION)
            self.assertEqual((status, headers["Allow"]), (405, "POST"))
            self.assertIsInstance(json.loads(body), str)
        status, headers, body = self.pdp.request("POST", "/healthz", "{}", JSON)
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))

    def test_takes_json_only_and_not_too_much_of_it(self):
        body = json.dumps(self.question)
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]:
            status, _, text = self.pdp.request("POST", EVALUATION, body,
                                               {"Content-Type": content_type})
            self.assertEqual(status, 400)
            self.assertIn("Content-Type", json.loads(text))
        typed = {"Content-Type": "Application/JSON; charset=utf-8"}
        self.assertEqual(self.pdp.request("POST", EVALUATION, body, typed)[0], 200)
        large = json.dumps({**self.question, "padding": "x" * (256 << 10)})
        status, _, text = self.pdp.request("POST", EVALUATION, large, JSON)
        self.assertEqual(status, 413)
        self.assertIsInstance(json.loads(text), str)
        deep = '{"context":' + '{"a":' * 600 + "1" + "}" * 601
        self.assertEqual(self.pdp.ask(deep)[0], 400)

    def test_echoes_the_request_id(self):
        for method, path in [("POST", EVALUATION), ("GET", EVALUATION), ("GET", "/healthz"),
                             ("GET", "/none")]:
            headers = {**JSON, "X-Request-ID": "r-4711"}
            answer = self.pdp.request(method, path, json.dumps(self.question), headers)
            self.assertEqual(answer[1]["X-Request-ID"], "r-4711", path)
        self.assertIsNone(self.pdp.request("GET", "/healthz")[1]["X-Request-ID"])

    def test_keeps_the_connection(self):
        with self.pdp.connect() as connection:
            connection.connect()
            socket_used = connection.sock
            for asked, status in [(self.question, 200), ({}, 400), (self.question, 200)]:
                answer = exchange(connection, "POST", EVALUATION, json.dumps(asked), JSON)
                self.assertEqual(answer[0], status)
                self.assertIs(connection.sock, socket_used)
            self.assertEqual(exchange(connection, "GET", "/none")[0], 404)
            exchange(connection, "GET", "/healthz", None, {"Connection": "close"})
            self.assertIsNone(connection.sock)

    def test_answers_pipelined_questions_in_order(self):
        with socket.create_connection(("127.0.0.1", self.pdp.port), program.LIMIT_S) as peer:
            peer.sendall(b"".join(raw_request("{}", f"X-Request-ID: {n}\r\n") for n in range(20))
                         + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
        ids = [line.split(": ")[1] for line in answer.splitlines() if line.startswith("X-Request")]
        self.assertEqual(ids, [str(n) for n in range(20)])

    def test_refuses_what_a_foreign_web_page_may_have_sent(self):
        body = json.dumps(self.question)
        here = f"127.0.0.1:{self.pdp.port}"
        for status, headers in [
            (200, {"Host": here}), (200, {"Host": "localhost"}), (200, {"Host": "[::1]"}),
            (200, {"Host": here, "Origin": f"http://{here}"}),
            (403, {"Host": here, "Origin": "http://evil.example"}),
            (403, {"Host": here, "Origin": "null"}),
            (403, {"Host": here, "Origin": f"https://{here}"}),
            (421, {"Host": "evil.example"}), (421, {"Host": "127.0.0.1.evil.example"}),
            (421, {"Host": f"evil.example:{self.pdp.port}"}),
        ]:
            with self.subTest(headers=headers):
                answer = self.pdp.request("POST", EVALUATION, body, {**JSON, **headers})
                self.assertEqual(answer[0], status)
                self.assertIsInstance(json.loads(answer[2]), dict if status == 200 else str)
        self.assertEqual(self.pdp.request("GET", "/healthz", None, {"Host": "evil.example"})[0], 421)

    def test_answers_many_at_once(self):
        grey = self.question
        stone = question(("User", "dr-stone"), "view", ("Patient", "p-100"))

        def ask_many(asked):
            with self.pdp.connect() as connection:
                return [exchange(connection, "POST", EVALUATION, json.dumps(asked), JSON)
                        for _ in range(25)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(ask_many, [grey, stone] * 8))
        for number, answered in enumerate(answers):
            for status, _, text in answered:
                self.assertEqual((status, json.loads(text)["decision"]), (200, number % 2 == 0))
        ids = [json.loads(text)["context"]["decision_id"] for each in answers for *_, text in each]
        self.assertEqual(len(set(ids)), 16 * 25)


class FilesTest(ProgramTest):
    def pdp(self, *arguments):
        return Pdp(*arguments, cwd=self.folder)

    def ask(self, asked, *arguments):
        with self.pdp(*arguments) as pdp:
            return pdp.ask(asked)

    def test_reads_policies_and_schemas_of_the_folder_and_nothing_else(self):
        self.write("p/read.cedar", POLICY)
        for name in ["broken.cedar~", "broken.txt", ".cedar", "entities.json", "policies.json",
                     "inner/broken.cedar", "broken.cedarschema.bak", "README"]:
            self.write(f"p/{name}", "}{ garbage")
        status, reply = self.ask(ASKED, "--policies", "p")
        self.assertEqual((status, reply["decision"]), (200, True))
        self.assertEqual(reply["context"]["policies"], ["read"])
        self.write("p/x.cedarschema", "}{ garbage")
        result = self.run_here("pdp", "--policies", "p", "--listen", "127.0.0.1:0")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("p/x.cedarschema:1:1: error: ", result.stderr)

    def test_without_a_schema_the_stored_attributes_count(self):
        self.write("p.cedar", 'permit(principal, action, resource) when { principal.level > 3 };')
        self.write("e.json", [{"uid": {"type": "User", "id": "kim"}, "attrs": {"level": 1},
                               "parents": []}])
        def levelled(who):
            asked = question(("User", who), "read", ("Chart", "a"))
            asked["subject"]["properties"] = {"level": 9}
            return asked
        with self.pdp("-p", "p.cedar", "--entities", "e.json") as pdp:
            reply = pdp.ask(levelled("kim"))[1]
            self.assertFalse(reply["decision"])
            self.assertIn("differs from the directory", reply["context"]["notes"][0])
            self.assertTrue(pdp.ask(levelled("lee"))[1]["decision"])
            self.assertFalse(pdp.ask(ASKED)[1]["decision"])

    def test_plain_cedar_decides_the_cases_of_the_engine(self):
        policies, entities, decisions = decision_cases()
        self.write("cases.cedar", policies)
        self.write("cases.json", entities)

        def pair(uid):
            kind, text = uid.split("::", 1)
            return kind, json.loads(text)
        with self.pdp("--mode", "cedar", "-p", "cases.cedar", "--entities", "cases.json") as pdp:
            self.assertEqual(pdp.started["mode"], "cedar")
            for principal, action, resource, context, decision, determining, errors in decisions:
                with self.subTest(principal=principal, action=action, resource=resource):
                    status, reply = pdp.ask(question(
                        pair(principal), pair(action)[1], pair(resource), json.loads(context),
                        options={"reasons": True}))
                    self.assertEqual((status, reply["decision"]), (200, decision == "allow"), reply)
                    self.assertEqual(reply["context"].get("policies", []), determining)
                    self.assertCountEqual(
                        [error.split(":")[0] for error in reply["context"].get("errors", [])],
                        errors)

    def test_an_error_in_a_forbid_denies_in_strict_mode_only(self):
        self.write("p.cedar", POLICY + 'forbid(principal, action, resource) when { context.x > 1 };')
        reply = self.ask(ASKED, "-p", "p.cedar")[1]
        self.assertEqual((reply["decision"], reply["context"]["cause"]), (False, "forbid_error"))
        reply = self.ask(ASKED, "-p", "p.cedar", "--mode", "cedar")[1]
        self.assertEqual((reply["decision"], reply["context"]["cause"]), (True, "permit"))

    def test_plain_cedar_refuses_the_annotations_of_the_rule(self):
        self.write("p.cedar", '@override("break-glass") permit(principal, action, resource) '
                              'when { context has override };')
        self.assert_fails("`--mode strict`", "pdp", "-p", "p.cedar", "--mode", "cedar",
                          "--listen", "127.0.0.1:0")

    def test_does_not_start_with_what_is_wrong(self):
        self.write("p.cedar", POLICY)
        self.write("s.cedarschema", "entity User; entity Chart; action read appliesTo "
                                    "{ principal: User, resource: Chart };")
        self.write("unfit.json", [{"uid": {"type": "Robot", "id": "r2"}, "attrs": {},
                                   "parents": []}])
        self.write("now.cedarschema", "entity User; entity Chart; action read appliesTo { principal:"
                                      " User, resource: Chart, context: { now: Long } };")
        self.write("empty/readme", "")
        local = ["--listen", "127.0.0.1:0"]
        for says, arguments, code in [
            ("`none` cannot be opened", ["-p", "none", *local], 1),
            ("there is no `*.cedar` in `", ["-p", "empty", *local], 1),
            ("not valid JSON", ["-p", "p.cedar", "--entities", "p.cedar", *local], 1),
            ("Robot", ["-p", "p.cedar", "-s", "s.cedarschema", "--entities", "unfit.json", *local],
             3),
            ("context.now", ["-p", "p.cedar", "-s", "now.cedarschema", *local], 1),
            ("`0.0.0.0` is not a loopback address", ["-p", "p.cedar", "--listen", "0.0.0.0:0"], 1),
            ("not a loopback", ["-p", "p.cedar", "--listen", "example.org:80"], 1),
            ("not a place to listen on", ["-p", "p.cedar", "--listen", "8180"], 1),
            ("`[::1]:8180`", ["-p", "p.cedar", "--listen", "::1:8180"], 1),
        ]:
            with self.subTest(arguments=arguments):
                self.assert_fails(says, "pdp", *arguments, code=code)

    def test_says_that_the_port_is_taken(self):
        self.write("p.cedar", POLICY)
        with self.pdp("-p", "p.cedar") as pdp:
            self.assert_fails(f"{pdp.port}", "pdp", "-p", "p.cedar",
                              "--listen", f"127.0.0.1:{pdp.port}")
            self.assertEqual(pdp.ask(ASKED)[0], 200)

    def test_says_in_text_where_it_listens(self):
        self.write("p.cedar", POLICY)
        process = program.subprocess.Popen(
            [program.WARDLOCK, "pdp", "-p", "p.cedar", "--listen", "localhost:0", "--threads", "1"],
            cwd=self.folder, text=True, stdout=program.subprocess.PIPE)
        line = process.stdout.readline()
        self.assertRegex(line, r"^listening on http://127\.0\.0\.1:\d+, strict mode, 1 polic")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.communicate(timeout=program.LIMIT_S)[0], "")
        self.assertEqual(process.returncode, 0)


class EndTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("p.cedar", POLICY)

    def test_sigterm_ends_it_with_exit_status_0(self):
        pdp = Pdp("-p", self.folder / "p.cedar")
        with pdp.connect() as idle:  # a connection between two requests does not hold it up
            self.assertEqual(exchange(idle, "GET", "/healthz")[0], 200)
            self.assertEqual(pdp.stop(), (0, ""))
            self.assertEqual(idle.sock.recv(1), b"")
        with self.assertRaises(ConnectionRefusedError):
            pdp.request("GET", "/healthz")

    def test_finishes_a_request_that_has_begun_to_arrive(self):
        pdp = Pdp("-p", self.folder / "p.cedar", "--threads", "1")
        asked = raw_request(json.dumps(ASKED), "Expect: 100-continue\r\n")
        head, body = asked.split(b"\r\n\r\n")
        with socket.create_connection(("127.0.0.1", pdp.port), program.LIMIT_S) as peer:
            peer.sendall(head + b"\r\n\r\n")
            # The server has read the head when it asks for the body.
            self.assertTrue(peer.recv(1024).startswith(b"HTTP/1.1 100 "))
            pdp.process.send_signal(signal.SIGTERM)
            # Nobody new is served: the listening socket is closed before the rest is sent.
            while True:
                try:
                    socket.create_connection(("127.0.0.1", pdp.port), program.LIMIT_S).close()
                except ConnectionError:
                    break
            peer.sendall(body)
            answer = b"".join(iter(lambda: peer.recv(65536), b""))
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertIn(b'"decision":true', answer)
        # A second signal, as an impatient user sends it, changes nothing.
        self.assertEqual(pdp.stop(), (0, ""))


if __name__ == "__main__":
    unittest.main()
