"""A canary: two running servers decide by a draft for one ward, or for one who asks, and for nobody else."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from audited import exported
from directory_site import Administrator, DirectorySite
from program import ROOT, run
from serving import Serve, eventually

sys.path.insert(0, str(ROOT / "conformance" / "plan-sql"))

from databases import PostgresServer

SCHEMA = """
entity Ward;
entity User;
@audit("patient") entity Patient in [Ward];
@audit("device") entity Pump in [Ward];
action view appliesTo { principal: User, resource: [Patient, Ward] };
@audit("safety") action stop appliesTo { principal: User, resource: Pump };
"""
OPEN = '@id("open")\npermit (principal, action, resource);\n'
CLOSED = '@id("closed")\nforbid (principal, action, resource);\n'


def entity(kind, name, ward=None):
    return {"uid": {"type": kind, "id": name}, "attrs": {},
            "parents": [{"type": "Ward", "id": ward}] if ward else []}


ENTITIES = [entity("Ward", "3"), entity("Ward", "4"), entity("User", "eve"),
            entity("Patient", "in-3", "3"), entity("Patient", "in-4", "4"),
            entity("Pump", "pump-3", "3")]
EVE = {"type": "User", "id": "eve"}


def asks(action, kind, name):
    return {"subject": EVE, "action": {"name": action}, "resource": {"type": kind, "id": name}}


IN_3, IN_4 = asks("view", "Patient", "in-3"), asks("view", "Patient", "in-4")
STOP_3 = asks("stop", "Pump", "pump-3")


class PolicyCanaryTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        database = self.enterContext(PostgresServer())
        database.psql("CREATE DATABASE directory")
        self.url = f"postgresql://wardlock@/directory?host={database.socket}"
        key = self.folder / "signer.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        self.write("first", OPEN)
        self.first = None
        self.sites = {node: self.site(node) for node in ("a", "b")}
        self.servers = {}
        for node in self.sites:
            self.serve(node)
        self.hale = Administrator(self.servers["a"], self.first)
        self.ann = self.hale.with_role("ann", "PolicyAuthor")
        path = self.folder / "ann.token"
        path.write_text(self.ann.token + "\n")
        path.chmod(0o600)
        pushed = self.policy("push", self.write("closed", CLOSED), "--environment", "production", "--title",
                             "closed", "--reason", "as agreed", "--submit")
        self.assertEqual(json.loads(pushed.stdout)["state"], "in_review")

    def site(self, node):
        folder = self.folder / node
        folder.mkdir()
        site = DirectorySite(folder, database=self.url, is_first=self.first is None)
        self.first = self.first or site.first[""]
        site.write("entities.json", ENTITIES)
        site.config["audit"] = {"directory": "log", "node": node, "immutable": False,
                                "checkpoint_interval": "20ms"}
        site.config["policies"] = {"managed": {"key": {"file": str(self.folder / "signer.pem")},
                                               "initial": str(self.folder / "first")}}
        site.gate = site.add_caller("gate", rights=["metrics", "search"])
        site.door = site.add_caller("door")
        return site

    def serve(self, node):
        self.servers[node] = Serve(self.sites[node])
        self.addCleanup(self.servers[node].stop)

    def write(self, name, policies):
        folder = self.folder / name
        folder.mkdir()
        (folder / "ward.cedar").write_text(policies)
        (folder / "ward.cedarschema").write_text(SCHEMA)
        return folder

    def policy(self, *words, status=0):
        done = run("policy", *words, "--server", self.servers["a"].urls[0], "--token-file",
                   self.folder / "ann.token", "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def canary(self, *words, status=0):
        done = self.policy("canary", *words, status=status)
        return done.stdout + done.stderr if status == 1 else json.loads(done.stdout)

    def begin(self, *words):
        begun = self.canary("start", "closed", "--single-handed", "--reason", "ward 3 first", *words)
        for server in self.servers.values():
            eventually(lambda server=server: "canary" in self.ready(server))
        return begun

    def found(self):
        return self.ann.must("GET", "policies/canaries/1")

    def ready(self, server):
        return json.loads(server.request("GET", "/readyz")[2])

    def on_all(self, asked, by="gate"):
        """What each node decides."""
        return [self.servers[node].decision(getattr(site, by), asked) for node, site in self.sites.items()]

    def test_one_ward_lives_by_it_on_every_node_and_nobody_else(self):
        self.assertIn("approvals are missing", self.canary("start", "closed", "--location", 'Ward::"3"',
                                                           status=1))
        self.assertIn("for which part", self.canary("start", "closed", status=1))
        self.assertEqual(self.on_all(IN_3), [True, True])
        begun = self.begin("--location", 'Ward::"3"')
        self.assertEqual(begun["serial"], 2)
        self.assertEqual(self.on_all(IN_3), [False, False])
        self.assertEqual(self.on_all(asks("view", "Ward", "3")), [False, False])
        self.assertEqual(self.on_all(IN_4), [True, True])
        self.assertEqual(self.on_all(STOP_3), [True, True], "what keeps patients safe stays out")
        self.each_question_of_several_is_its_own()
        self.searches_find_what_decisions_allow()
        self.replies_and_records_say_by_what_it_was_decided()
        self.a_node_that_starts_decides_by_it()
        self.who_comes_to_the_ward_is_in_it()
        eventually(lambda: all(each["lost"] > 1 for each in self.found()["nodes"]))
        seen = self.canary("status", status=2)
        self.assertEqual([each["node"] for each in seen["nodes"]], ["a", "b"])
        self.assertNotIn("eve", json.dumps(seen), "nobody is named")
        text = run("policy", "status", "--server", self.servers["a"].urls[0], "--token-file",
                   self.folder / "ann.token").stdout
        self.assertIn("canary: draft", text)
        stopped = self.canary("stop", "--reason", "nurses complain")
        self.assertEqual((stopped["end"], stopped["endedBy"]), ("stopped", self.ann.id))
        self.assertEqual(self.servers["a"].decision(self.sites["a"].gate, IN_3), True, "it waited for that")
        eventually(lambda: self.on_all(IN_3) == [True, True])
        self.assertIn("no canary runs", self.canary("stop", status=1))
        self.it_is_on_record()

    def each_question_of_several_is_its_own(self):
        body = {"subject": EVE, "action": {"name": "view"}, "evaluations": [
            {"resource": each["resource"]} for each in (IN_3, IN_4, IN_3)]}
        status, _, text = self.servers["b"].request(
            "POST", "/access/v1/evaluations", json.dumps(body), {"Content-Type": "application/json"},
            self.sites["b"].gate)
        self.assertEqual(status, 200, text)
        self.assertEqual([each["decision"] for each in json.loads(text)["evaluations"]], [False, True, False])

    def searches_find_what_decisions_allow(self):
        body = {"subject": EVE, "action": {"name": "view"}, "resource": {"type": "Patient"}}
        status, _, text = self.servers["a"].request(
            "POST", "/access/v1/search/resource", json.dumps(body), {"Content-Type": "application/json"},
            self.sites["a"].gate)
        self.assertEqual(status, 200, text)
        self.assertEqual([each["id"] for each in json.loads(text)["results"]], ["in-4"])

    def replies_and_records_say_by_what_it_was_decided(self):
        server, token = self.servers["a"], self.sites["a"].gate
        ready = self.ready(server)
        self.assertNotEqual(ready["canary"]["policy_set"], ready["policy_set"])
        self.decided = {}
        for asked, by in ((IN_3, ready["canary"]), (IN_4, ready)):
            _, reply = server.ask(token, asked)
            self.assertEqual(reply["context"]["policy_set"], by["policy_set"])
            self.decided[reply["context"]["decision_id"]] = by["policy_set"]
        self.assertEqual(server.metrics(token)['wardlock_policies_canary{tenant=""}'], 2)

    def a_node_that_starts_decides_by_it(self):
        self.servers["b"].stop()
        self.serve("b")
        self.assertEqual(self.on_all(IN_3), [False, False], "from its first answer on")

    def who_comes_to_the_ward_is_in_it(self):
        moved = [each for each in ENTITIES if each["uid"]["id"] != "in-4"] + [entity("Patient", "in-4", "3")]
        for site in self.sites.values():
            site.write("entities.json", moved)
        eventually(lambda: self.on_all(IN_4) == [False, False])
        self.assertEqual(self.on_all(IN_3), [False, False])

    def it_is_on_record(self):
        self.servers["a"].stop()
        events = exported(self.folder / "a" / "log")
        told = {event["id"]: event.get("policy_set") for event in events if event["kind"] == "decision"}
        self.assertEqual({id_: told.get(id_) for id_ in self.decided}, self.decided)
        steps = [event["action"] for event in events
                 if event["kind"] == "policy_change" and event.get("action", "").startswith("canary")]
        self.assertEqual(steps, ["canary_begin_single_handed", "canary_stopped"])

    def test_who_asks_is_a_part_and_an_action_can_be_named(self):
        self.begin("--pep", "door", "--action", "stop")
        for asked in (IN_3, IN_4, STOP_3):
            self.assertEqual(self.on_all(asked, "door"), [False, False])
            self.assertEqual(self.on_all(asked, "gate"), [True, True])

    def test_what_differs_too_much_goes_back_by_itself_everywhere(self):
        self.begin("--location", 'Ward::"3"', "--most-differences", "3")
        for _ in range(2):
            self.assertEqual(self.on_all(IN_3), [False, False])
        eventually(lambda: self.on_all(IN_3) == [True, True])
        for server in self.servers.values():
            server.wait_for("canary_ended")
        self.assertEqual(self.canary("status", status=2)["end"], "limit")

    def test_going_back_to_what_is_in_force_ends_it(self):
        self.begin("--location", 'Ward::"3"')
        self.policy("rollback", "--to", "1", "--reason", "nobody gets in")
        self.assertTrue(self.servers["a"].decision(self.sites["a"].gate, IN_3))
        eventually(lambda: self.on_all(IN_3) == [True, True])
        self.assertEqual(self.canary("status")["end"], "superseded")


if __name__ == "__main__":
    unittest.main()
