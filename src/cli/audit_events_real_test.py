"""The audit log asked over HTTP by whom and what it is about, and what is ordered there about a person or
patient."""
import contextlib
import http.client
import json
import tempfile
import threading
import unittest
from urllib.parse import urlencode

from audited import CARE_POLICIES, CARE_SCHEMA, PATIENTS, asks
from directory_site import Administrator
from program import run
from serving import Serve, Site, eventually

JSON = {"Content-Type": "application/json"}


class ServerTest(unittest.TestCase):
    """A server that records, and callers with one right each."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.site.write("policies/rules.cedar", CARE_POLICIES)
        self.site.write("policies/rules.cedarschema", CARE_SCHEMA)
        self.site.write("entities.json", PATIENTS)
        self.site.config["audit"] = {"directory": "log", "immutable": False, "segment": "1MiB"}
        self.pep = self.site.add_caller("pep")
        self.nobody = self.site.add_caller("nobody", rights=["metrics"])
        self.auditor = self.site.add_caller("auditor", rights=["audit"])
        self.officer = self.site.add_caller("officer", rights=["audit", "disclose"])
        self.eraser = self.site.add_caller("eraser", rights=["erase"])
        self.lawyer = self.site.add_caller("lawyer", rights=["hold"])
        self.log = str(self.site.folder / "log")

    @contextlib.contextmanager
    def serving(self):
        with Serve(self.site) as self.server:
            yield

    def decide(self, *questions):
        ids = []
        for each in questions:
            status, reply = self.server.ask(self.pep, each)
            self.assertEqual(status, 200, reply)
            ids.append(reply["context"]["decision_id"])
        return ids

    def get(self, token, path="/audit/events", **terms):
        status, headers, text = self.server.request(
            "GET", path + ("?" + urlencode(terms, doseq=True) if terms else ""), token=token)
        return status, json.loads(text)

    def events(self, **terms):
        status, page = self.get(self.officer, **terms)
        self.assertEqual(status, 200, page)
        return page["events"]

    def post(self, token, path, **body):
        status, _, text = self.server.request("POST", path, json.dumps(body), JSON, token)
        return status, json.loads(text)


class EventsTest(ServerTest):
    def test_what_was_answered_is_found(self):
        with self.serving():
            one, two, three = self.decide(asks(), asks("bob"), asks("bob", rate=1))
            for wanted, terms in [([three, two, one], {"patient": "p-1"}),
                                  ([three, two], {"principal": "User::bob"}),
                                  ([three], {"principal": "User::bob", "outcome": "failure"}),
                                  ([one], {"decision": one}),
                                  ([one, two, three], {"kind": "decision", "order": "oldest"}),
                                  ([], {"patient": "p-2"})]:
                with self.subTest(terms):
                    found = self.events(**terms)
                    self.assertEqual([each["decision_id"] for each in found
                                      if each["kind"] == "decision"], wanted)
                    for each in found:
                        self.assertNotIn("locked", each)

    def test_what_was_refused_is_found(self):
        with self.serving():
            role = {"subject": {"type": "Role", "id": "staff"}}
            batch = {**asks(), "evaluations": [{}, role, {"action": {"name": "fly"}}, {"action": 7}]}
            status, _, text = self.server.request("POST", "/access/v1/evaluations",
                                                  json.dumps(batch), JSON, self.pep)
            self.assertEqual(status, 200, text)
            self.assertEqual([each["decision"] for each in json.loads(text)["evaluations"]],
                             [True, False, False, False])
            self.assertEqual(self.server.ask(self.pep, asks(action="fly"))[0], 400)
            self.assertEqual(self.server.ask(self.pep, {"subject": asks()["subject"]})[0], 400)
            self.assertEqual(self.server.ask(self.pep, "no question")[0], 400)
            # That nothing is answered waits for no record, so two of them may come in any order.
            eventually(lambda: len(self.events(kind="refusal")) >= 5)
            refused = self.events(kind="refusal")
            self.assertCountEqual([(each["caller"], each["cause"], each.get("principal_type"),
                                    each.get("action")) for each in refused],
                                  [("pep", "invalid_argument", "Role", "view"),
                                   ("pep", "invalid_argument", "User", "fly"),
                                   ("pep", "invalid_argument", "User", None),
                                   ("pep", "invalid_argument", "User", "fly"),
                                   ("pep", "invalid_argument", "User", None)])
            self.assertEqual(len(self.events(kind="refusal", principal="User::ann")), 4)

    def test_strangers_do_not_fill_the_log(self):
        with self.serving():
            for i in range(400):
                self.assertEqual(self.server.ask(f"wrong-{i}", asks())[0], 401)
            # Of this machine nobody is slowed down: the first are recorded, and all are counted.
            eventually(lambda: len(self.events(kind="refusal", limit=1000)) >= 30)
            recorded = len(self.events(kind="refusal", limit=1000))
            self.assertLess(recorded, 100)
            metrics = self.server.metrics(self.nobody)
            self.assertEqual(metrics["wardlock_audit_unrecorded_total"], 400 - recorded)

    def test_pages(self):
        with self.serving():
            ids = self.decide(*[asks() for _ in range(7)])
            found, terms = [], {"kind": "decision", "limit": 3}
            while True:
                status, page = self.get(self.officer, **terms)
                self.assertEqual(status, 200)
                found += [each["decision_id"] for each in page["events"]]
                if "next" not in page:
                    break
                terms["after"] = page["next"]
            self.assertEqual(found, ids[::-1])

    def test_who_may_not_disclose_sees_masks_and_names_nobody(self):
        with self.serving():
            self.decide(asks())
            status, page = self.get(self.auditor, kind="decision")
            self.assertEqual(status, 200)
            self.assertEqual(page["events"][0]["principal_id"], "***")
            self.assertNotIn("ann", json.dumps(page))
            for terms in ({"patient": "p-1"}, {"principal": "User::ann"}, {"masked": "false"},
                          {"affected": "User::ann"}):
                with self.subTest(terms):
                    status, problem = self.get(self.auditor, **terms)
                    self.assertEqual(status, 403)
                    self.assertIn("`disclose`", problem["detail"])

    def test_who_has_no_right_reads_nothing(self):
        with self.serving():
            for token in (self.pep, self.nobody, self.eraser, self.lawyer):
                self.assertEqual(self.get(token)[0], 403)
            self.assertEqual(self.get("wrong")[0], 401)
            self.assertEqual(self.get(None)[0], 401)

    def test_a_reading_is_on_record_before_it_is_answered(self):
        with self.serving():
            self.decide(asks())
            self.events(patient="p-1", kind="decision")
            read = self.events(kind="log_read")[0]
            self.assertEqual(read["caller"], "officer")
            self.assertEqual(read["patient"], "p-1")
            self.assertEqual(read["count"], 1)
            self.assertEqual(read["notes"], ["kind=decision"])
            self.assertEqual(read["class"], "administration")
            # Whose log was read sees it too.
            self.assertIn("log_read", [each["kind"] for each in self.events(patient="p-1")])

    def test_what_was_mistyped(self):
        with self.serving():
            for part, terms in [("did you mean `patient`?", {"patiant": "p-1"}),
                                ("did you mean `login`?", {"kind": "logn"}),
                                ("a number from 1 to 1000", {"limit": 5000}),
                                ("no time", {"from": "now"}), ("comes twice", {"patient": ["a", "b"]})]:
                with self.subTest(terms):
                    status, problem = self.get(self.officer, **terms)
                    self.assertEqual(status, 400)
                    self.assertIn(part, problem["detail"])
            status, headers, _ = self.server.request("DELETE", "/audit/events", token=self.officer)
            self.assertEqual(status, 405)
            self.assertEqual(self.get(self.officer, "/audit/event")[0], 404)

    def test_many_ask_at_once_and_decisions_go_on(self):
        with self.serving():
            self.decide(*[asks() for _ in range(50)])
            answers = []

            def ask():
                for _ in range(5):
                    answers.append(self.get(self.officer, patient="p-1", limit=50)[0])
            threads = [threading.Thread(target=ask) for _ in range(30)]
            for thread in threads:
                thread.start()
            self.decide(*[asks("bob") for _ in range(50)])
            for thread in threads:
                thread.join()
            self.assertEqual(len(answers), 150)
            self.assertLessEqual(set(answers), {200, 503})
            self.assertIn(200, answers)

    def test_after_kills_all_is_found(self):
        """Whatever the index had written when its server was killed under load."""
        ids = []

        def ask_until_it_is_gone():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                while True:
                    status, reply = self.server.ask(self.pep, asks())
                    ids.append(reply["context"]["decision_id"])
        for _ in range(4):
            with self.serving():
                before = len(ids)
                thread = threading.Thread(target=ask_until_it_is_gone)
                thread.start()
                eventually(lambda: len(ids) > before + 150)
                self.server.process.kill()
                self.server.process.wait()
                thread.join()
        with self.serving():
            found, terms = [], {"patient": "p-1", "kind": "decision", "limit": 1000}
            while True:
                status, page = self.get(self.officer, **terms)
                self.assertEqual(status, 200, page)
                found += [each["decision_id"] for each in page["events"]]
                if "next" not in page:
                    break
                terms["after"] = page["next"]
            self.assertEqual(len(found), len(set(found)))
            self.assertLessEqual(set(ids), set(found))

    def test_a_damaged_index_is_made_anew(self):
        with self.serving():
            ids = self.decide(*[asks() for _ in range(3)])
            self.events(patient="p-1")
        (self.site.folder / "log/index.db").write_bytes(b"x" * 9000)
        with self.serving():
            self.assertEqual(self.server.wait_for("audit_index_rebuilding")["level"], "warning")
            found = self.events(patient="p-1", kind="decision", order="oldest")
            self.assertEqual([each["decision_id"] for each in found], ids)

    def test_metrics_say_how_far_the_index_is(self):
        self.site.config["callers"][1]["rights"] = ["metrics"]
        with self.serving():
            self.decide(asks())
            eventually(lambda: self.server.metrics(self.nobody)["wardlock_audit_indexed"] ==
                       self.server.metrics(self.nobody)["wardlock_audit_size"])


class TenantsTest(ServerTest):
    def setUp(self):
        super().setUp()
        config = self.site.config
        for name in ("policies", "entities", "callers"):
            config.pop(name)
        tenants = {"st-mary": [], "st-john": []}
        self.tokens = {}
        for name, callers in tenants.items():
            self.tokens[name] = self.site.add_caller(f"{name}-all", callers=callers, rights=[
                "audit", "disclose", "erase", "hold"])
        operators = []
        self.operator = self.site.add_caller("operator", callers=operators, scope=None,
                                             rights=["audit", "disclose"])
        config["tenants"] = {name: {"policies": "policies", "entities": "entities.json",
                                    "callers": callers} for name, callers in tenants.items()}
        config["callers"] = operators

    def ask(self, tenant):
        status, reply = self.server.ask(self.tokens[tenant], asks(), base=f"/{tenant}")
        self.assertEqual(status, 200, reply)
        return reply["context"]["decision_id"]

    def test_callers_read_of_their_own(self):
        with self.serving():
            ids = {tenant: self.ask(tenant) for tenant in self.tokens}
            for tenant, token in self.tokens.items():
                for terms in ({"kind": "decision"}, {"patient": "p-1", "kind": "decision"}):
                    status, page = self.get(token, **terms)
                    self.assertEqual([each["decision_id"] for each in page["events"]],
                                     [ids[tenant]])
                status, page = self.get(token, limit=1000)
                self.assertEqual({each["tenant"] for each in page["events"]}, {tenant})
                other = next(name for name in self.tokens if name != tenant)
                self.assertEqual(self.get(token, tenant=other)[0], 403)
                self.assertEqual(self.get(token, decision=ids[other])[1]["events"], [])
                self.assertEqual(self.get(token, "/audit/checkpoint")[0], 403)

    def test_the_servers_own_name_a_tenant(self):
        with self.serving():
            ids = {tenant: self.ask(tenant) for tenant in self.tokens}
            status, page = self.get(self.operator, kind="decision")
            self.assertEqual({each["decision_id"] for each in page["events"]}, set(ids.values()))
            self.assertEqual(self.get(self.operator, patient="p-1")[0], 400)
            status, page = self.get(self.operator, patient="p-1", tenant="st-mary", kind="decision")
            self.assertEqual([each["decision_id"] for each in page["events"]], [ids["st-mary"]])
        for tenant, decision in ids.items():
            found = run("audit", "query", self.log, "--tenant", tenant, "--patient", "p-1",
                        "--kind", "decision", "--json")
            self.assertEqual([json.loads(line)["decision_id"] for line in found.stdout.splitlines()],
                             [decision])
        found = run("audit", "query", self.log, "--patient", "p-1")
        self.assertEqual(found.stdout, "")
        self.assertIn("name one with `--tenant`", found.stderr)

    def test_one_tenants_patient_is_erased_and_not_the_others(self):
        with self.serving():
            for tenant in self.tokens:
                self.ask(tenant)
            self.assertEqual(self.post(self.tokens["st-mary"], "/audit/erasures", patient="p-1",
                                       reason="asked", tenant="st-john")[0], 403)
            status, answer = self.post(self.tokens["st-mary"], "/audit/erasures", patient="p-1",
                                       reason="asked")
            self.assertEqual(status, 200, answer)
            find = {"patient": "p-1", "kind": "decision"}
            self.assertEqual(self.get(self.tokens["st-mary"], **find)[1]["events"], [])
            self.assertEqual(len(self.get(self.tokens["st-john"], **find)[1]["events"]), 1)


class OrdersTest(ServerTest):
    def test_what_is_erased_is_nowhere_any_more(self):
        with self.serving():
            ids = self.decide(asks(), asks(resource=("Patient", "p-2")))
            status, answer = self.post(self.eraser, "/audit/erasures", patient="p-1",
                                       reason="she asked for it")
            self.assertEqual(status, 200, answer)
            status, problem = self.post(self.eraser, "/audit/erasures", patient="p-1", reason="r")
            self.assertEqual(status, 404, problem)
            self.assertIn("erased before", problem["detail"])
            self.assertEqual(self.events(patient="p-1"), [])
            event = self.events(decision=ids[0])[0]
            self.assertEqual(event["erased"], ["patient"])
            self.assertNotIn("p-1", json.dumps(event))
            self.assertEqual(len(self.events(patient="p-2")), 1)
            erasure = self.events(kind="erasure")[0]
            self.assertEqual(erasure["caller"], "eraser")
            self.assertEqual(erasure["reason"], "she asked for it")
            self.assertEqual(erasure["affected_type"], "Patient")
            self.assertNotIn("p-1", json.dumps(erasure))
        self.assertEqual(run("audit", "verify", self.log).returncode, 0)
        exported = run("audit", "export", self.log).stdout
        self.assertIn(ids[0], exported)
        for line in exported.splitlines():
            event = json.loads(line)
            if event.get("decision_id") == ids[0]:
                self.assertEqual(event["erased"], ["patient"])

    def test_who_is_held_is_not_erased(self):
        with self.serving():
            ids = self.decide(asks())
            hold = {"patient": "p-1", "name": "case 12"}
            self.assertEqual(self.post(self.lawyer, "/audit/holds", reason="court", **hold)[0], 200)
            self.assertEqual(self.post(self.lawyer, "/audit/holds", reason="court", **hold)[0], 409)
            status, looked = self.get(self.lawyer, "/audit/holds", patient="p-1")
            self.assertEqual([each["name"] for each in looked["holds"]], ["case 12"])
            status, problem = self.post(self.eraser, "/audit/erasures", patient="p-1", reason="r")
            self.assertEqual(status, 409)
            self.assertIn("`case 12`", problem["detail"])
            self.assertEqual(self.events(decision=ids[0])[0]["patient"], "p-1")
            refused = self.events(kind="erasure")[0]
            self.assertEqual((refused["outcome"], refused["cause"]), ("failure", "legal_hold"))
            release = {"reason": "settled", **hold}
            self.assertEqual(self.post(self.lawyer, "/audit/holds/release", **release)[0], 200)
            self.assertEqual(self.post(self.lawyer, "/audit/holds/release", **release)[0], 404)
            self.assertEqual(self.post(self.eraser, "/audit/erasures", patient="p-1",
                                       reason="r")[0], 200)
            kinds = [each["kind"] for each in self.events(kind="legal_hold")]
            self.assertEqual(kinds, ["legal_hold"] * 2)

    def test_each_right_is_its_own(self):
        with self.serving():
            self.decide(asks())
            for token in (self.pep, self.nobody, self.auditor, self.officer, self.lawyer):
                self.assertEqual(self.post(token, "/audit/erasures", patient="p-1",
                                           reason="r")[0], 403)
            for token in (self.pep, self.nobody, self.auditor, self.officer, self.eraser):
                for path in ("/audit/holds", "/audit/holds/release"):
                    self.assertEqual(self.post(token, path, patient="p-1", name="n",
                                               reason="r")[0], 403)
                self.assertEqual(self.get(token, "/audit/holds", patient="p-1")[0], 403)
            self.assertTrue(self.events(patient="p-1"))

    def test_orders_that_are_malformed(self):
        with self.serving():
            self.decide(asks())
            for body in ({}, {"patient": "p-1"}, {"reason": "r"}, {"patient": "", "reason": "r"},
                         {"patient": "p-1", "reason": "x" * 5000},
                         {"patient": "p-1", "reason": "r", "tenant": "other"},
                         {"person": {"type": "User"}, "reason": "r"}):
                with self.subTest(body):
                    status, problem = self.post(self.eraser, "/audit/erasures", **body)
                    self.assertIn(status, (400, 404), problem)
            status, _, _ = self.server.request("POST", "/audit/erasures", "{}", token=self.eraser)
            self.assertEqual(status, 415)
            self.assertEqual(self.get(self.eraser, "/audit/erasures")[0], 405)
            self.assertTrue(self.events(patient="p-1"), "nothing was erased")

    def test_the_command_line_sends_to_the_server(self):
        with self.serving():
            self.decide(asks())
            refused = run("audit", "erase", self.log, "--patient", "p-1", "--reason", "r")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("`POST /audit/erasures`", refused.stderr)
            self.assertTrue(self.events(patient="p-1"))


class OnePersonTest(ServerTest):
    """Whom decisions name in one way, and changes of the directory in another."""

    def setUp(self):
        super().setUp()
        self.site.config["directory"] = {
            "database": f"sqlite:{self.site.folder}/directory.db",
            "known_by": {"person": "userName"}}
        self.config = self.site.save()
        made = run("init", "--config", self.config, "--user", "hale", "--json",
                   cwd=self.site.folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.first = json.loads(made.stdout)["token"]

    def changes_of(self, person):
        return [each for each in self.events(kind="user_change")
                if each.get("affected_id") == person]

    def enter_and_decide(self):
        """A person who changes their name, decided about under both."""
        administrator = Administrator(self.server, self.first)
        ann = administrator.create("people", "active", userName="ann")
        before = self.decide(asks("ann"))
        administrator.must("PATCH", f"people/{ann}", {"attributes": {"userName": "anna"}})
        after = self.decide(asks("anna"), asks("bob"))
        eventually(lambda: len(self.changes_of(ann)) == 2)
        return ann, before[0], after[0], after[1]

    def test_is_erased_once(self):
        with self.serving():
            ann, before, after, bobs = self.enter_and_decide()
            status, answer = self.post(self.eraser, "/audit/erasures", reason="asked",
                                       person={"type": "User", "id": "anna"})
            self.assertEqual(status, 200, answer)
            for decision in (before, after):
                self.assertEqual(self.events(decision=decision)[0]["erased"], ["person"])
            self.assertEqual(self.changes_of(ann), [])
            erased = [each for each in self.events(kind="user_change") if "erased" in each]
            self.assertEqual([each["erased"] for each in erased], [["affected"]] * 2)
            self.assertNotIn("erased", self.events(decision=bobs)[0])
            self.assertEqual(len(self.events(kind="erasure")), 3, "a key for each name")

    def test_is_held_by_any_name(self):
        with self.serving():
            ann, *_ = self.enter_and_decide()
            by_id = {"type": "User", "id": ann}
            self.assertEqual(self.post(self.lawyer, "/audit/holds", person=by_id, name="case",
                                       reason="court")[0], 200)
            for name in (ann, "ann", "anna"):
                status, _ = self.post(self.eraser, "/audit/erasures", reason="asked",
                                      person={"type": "User", "id": name})
                self.assertEqual(status, 409, name)
        shown = run("audit", "holds", self.log, "--person", "User::ann", "--config", self.config,
                    cwd=self.site.folder)
        self.assertIn("held: case", shown.stdout)
        released = run("audit", "release", self.log, "--person", "User::anna", "--name", "case",
                       "--reason", "settled", "--config", self.config, cwd=self.site.folder)
        self.assertEqual(released.returncode, 0, released.stderr)
        erased = run("audit", "erase", self.log, "--person", "User::ann", "--reason", "asked",
                     "--config", self.config, cwd=self.site.folder)
        self.assertEqual(erased.returncode, 0, erased.stderr)
        self.assertNotIn('"anna"', run("audit", "export", self.log).stdout)
        self.assertEqual(run("audit", "verify", self.log).returncode, 0)


if __name__ == "__main__":
    unittest.main()
