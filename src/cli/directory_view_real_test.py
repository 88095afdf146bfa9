"""Decisions from the directory: the hospital in a database is the hospital of entities.json, and what
changes in the directory changes decisions, on every node."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest

from program import HOSPITAL, ROOT, Pdp, question, run
from serving import Serve, Site, eventually

sys.path.insert(0, str(HOSPITAL))
sys.path.insert(0, str(ROOT / "conformance" / "plan-sql"))

import casebook
import census
from databases import PostgresServer

RIGHTS = ["attest", "override", "explain", "metrics"]
GREY_READS = question(("User", "dr-grey"), "view", ("LabReport", "lab-100-1"))
SOON_S = 10  # generous: what is to be soon is measured by ./dev bench directory
PAST = "2020-01-01T00:00:00Z"


class HospitalInADirectory(unittest.TestCase):
    """A server whose entities are the directory's, but for the patients' records."""
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.url = f"sqlite:{self.folder / 'directory.db'}"

    def enter(self, *files, **relation):
        """Imports files, or one relation."""
        if relation:
            path = self.folder / "changes.json"
            path.write_text(json.dumps({"relations": [relation]}))
            files = [path]
        done = run("import", *files, "--yes", "--directory", self.url, "--reason", "a test")
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def site(self, name="node", **directory):
        path = self.folder / name
        path.mkdir()
        site = Site(path)
        site.config.update(policies=str(HOSPITAL), entities=str(HOSPITAL / "records.json"),
                           directory={"database": self.url, **directory})
        token = site.add_caller("ward-app", rights=RIGHTS)
        return site, token

    def start(self, name="node"):
        return self.serve(*self.site(name))

    def serve(self, site, token):
        server = Serve(site)
        server.token = token
        self.addCleanup(server.stop)
        return server

    def decision(self, server, asked=None, headers=None):
        status, reply = server.ask(server.token, asked or GREY_READS, headers=headers)
        self.assertEqual(status, 200, reply)
        return reply["decision"]

    def directory_of(self, server):
        return json.loads(server.request("GET", "/readyz")[2])["directory"]


class SameDecisionsTest(HospitalInADirectory):
    def test_its_files_are_what_their_generator_makes(self):
        done = subprocess.run([sys.executable, HOSPITAL / "directory.py", "--check"], text=True,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_case_is_decided_as_from_entities(self):
        self.enter(HOSPITAL / "directory.json")
        server = self.start()
        asked = 0
        for section in casebook.read_sections():
            if section.more_entities:
                continue  # records that lack what a schema wants: no directory shows such
            for case in section.cases:
                if case.at:
                    continue
                with self.subTest(case.name):
                    status, reply = server.ask(server.token, case.question)
                    self.assertEqual(status, 200, reply)
                    said = casebook.said_over_http(reply)
                    expected = {key: value for key, value in case.expected.items()
                                if key != "errors"}
                    self.assertEqual({key: said.get(key) for key in expected}, expected)
                    asked += 1
        self.assertGreater(asked, 400)
        self.assertEqual(self.directory_of(server)["hidden"], 0)

    def test_questions_at_random_are_decided_as_from_entities(self):
        self.enter(HOSPITAL / "directory.json")
        server = self.start()
        world, draw = census.World(), random.Random(7)
        with Pdp("--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json") as pdp:
            for _ in range(1500):
                action = draw.choice(list(census.ACTIONS))
                principals, resources = census.ACTIONS[action]
                principal = draw.choice(world.of_types(principals))
                resource = draw.choice(world.of_types(resources))
                context = census.favourable_context(world, principal, action, resource)
                asked = question(principal, action, resource, context,
                                 options={"authentication": census.AUTHENTICATION})
                replies = []
                for status, reply in (server.ask(server.token, asked), pdp.ask(asked)):
                    self.assertEqual(status, 200, (asked, reply))
                    replies.append(casebook.said_over_http(reply))
                self.assertEqual(replies[0], replies[1], asked)


class FollowingTest(HospitalInADirectory):
    def end_role(self):
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Physician",
                   until=PAST)

    def give_role(self):
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Physician")

    def test_a_role_that_ends_takes_its_decisions_along(self):
        self.enter(HOSPITAL / "directory.json")
        server = self.start()
        self.assertTrue(self.decision(server))
        self.end_role()
        eventually(lambda: not self.decision(server), SOON_S)
        self.give_role()
        eventually(lambda: self.decision(server), SOON_S)

    def test_a_question_waits_for_a_revision(self):
        self.enter(HOSPITAL / "directory.json")
        server = self.start()
        revision = self.directory_of(server)["revision"]
        self.end_role()
        self.assertFalse(self.decision(server, headers={"Wardlock-Revision": str(revision + 1)}))
        for rubbish in ["", "x", "-1", "1.5", "0x10", "99999999999999999999999", "1 2"]:
            with self.subTest(rubbish):
                status, reply = server.ask(server.token, GREY_READS,
                                           headers={"Wardlock-Revision": rubbish})
                self.assertEqual(status, 400, reply)
        began = time.monotonic()
        status, reply = server.ask(server.token, GREY_READS,
                                   headers={"Wardlock-Revision": "1000000"})
        self.assertEqual(status, 503, reply)
        self.assertGreater(time.monotonic() - began, 1.5)

    def test_without_a_directory_there_is_no_revision_to_wait_for(self):
        with Pdp("--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json") as pdp:
            status, _ = pdp.ask(GREY_READS, {"Wardlock-Revision": "1"})
            self.assertEqual(status, 400)

    def test_an_end_that_was_set_comes_by_itself(self):
        self.enter(HOSPITAL / "directory.json")
        server = self.start()
        end = time.time() + 3
        until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end)) + "Z"
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Physician",
                   until=until)
        self.assertTrue(self.decision(server) or time.time() > end - 1)
        eventually(lambda: not self.decision(server), SOON_S)

    def test_the_files_are_reloaded_beside_it(self):
        self.enter(HOSPITAL / "directory.json")
        site, token = self.site()
        records = json.loads((HOSPITAL / "records.json").read_text())
        site.config.update(entities=str(site.write("records.json", records)))
        server = self.serve(site, token)
        self.assertTrue(self.decision(server))
        other = question(("User", "dr-grey"), "view", ("LabReport", "lab-new"))
        self.assertFalse(self.decision(server, other))
        patient = {"type": "Patient", "id": "p-100"}
        site.write("records.json", records + [
            {"uid": {"type": "LabReport", "id": "lab-new"}, "attrs": {"patient": patient},
             "parents": [patient]}])
        eventually(lambda: self.decision(server, other), SOON_S)
        self.end_role()
        eventually(lambda: not self.decision(server, other), SOON_S)
        self.give_role()
        eventually(lambda: self.decision(server, other), SOON_S)
        site.write("records.json", "[{")
        eventually(lambda: server.events("policies_refused"), SOON_S)
        self.end_role()
        eventually(lambda: not self.decision(server, other), SOON_S)
        self.give_role()
        eventually(lambda: self.decision(server, other), SOON_S)
        # From now on roles are the file's alone, and nobody has one of the directory's.
        site.write("records.json", records + [
            {"uid": {"type": "Role", "id": "Nobody"}, "attrs": {}, "parents": []}])
        eventually(lambda: not self.decision(server), SOON_S)

    def test_what_is_hidden_is_counted(self):
        self.enter(HOSPITAL / "directory.json")
        path = self.folder / "more.json"
        path.write_text(json.dumps({"things": [
            {"kind": "patient", "attributes": {"recordNumber": "MR-9999", "entityId": "p-9999"}}]}))
        server = self.start()
        self.enter(path)
        eventually(lambda: self.directory_of(server)["hidden"] == 1, SOON_S)
        metrics = server.metrics(server.token)
        self.assertEqual(metrics['wardlock_directory_hidden{tenant=""}'], 1)
        self.assertEqual(metrics['wardlock_directory_revision{tenant=""}'],
                         self.directory_of(server)["revision"])
        told = server.wait_for("directory_hidden")
        self.assertTrue(told["one_of_them"].startswith("patient "))

    def entities(self, *arguments):
        done = run("entities", "--policies", HOSPITAL, "--entities", HOSPITAL / "records.json",
                   "--directory", self.url, "--json", *arguments)
        return done.returncode, json.loads(done.stdout)

    def test_what_is_hidden_is_explained(self):
        self.enter(HOSPITAL / "directory.json")
        status, told = self.entities()
        self.assertEqual((status, told["hidden"], told["warnings"]), (0, 0, []))
        self.assertGreater(told["seen"], 400)
        path = self.folder / "more.json"
        path.write_text(json.dumps({"things": [
            {"kind": "patient", "attributes": {"recordNumber": "MR-9999", "entityId": "p-9999"}},
            {"kind": "group", "attributes": {"displayName": "Physician", "entityType": "Role",
                                             "entityId": "Physician"}}]}))
        self.enter(path)
        status, told = self.entities()
        self.assertEqual((status, told["hidden"]), (3, 2))
        why = {thing["kind"]: thing["why"] for thing in told["some_hidden"]}
        self.assertIn("this required attribute is missing", why["patient"])
        self.assertIn("is the type of roles", why["group"])
        ids = [thing["id"] for thing in told["some_hidden"]]
        status, told = self.entities(*ids)
        self.assertEqual((status, [thing["id"] for thing in told["things"]]), (3, ids))
        for arguments, code, says in [
                ([ids[0][:-1]], 1, "nothing has the id"), (["--known-by", "person"], 1, "KIND="),
                (["--known-by", "person=title"], 1, "may have the same"),
                (["--tenant", "other", ids[0]], 1, "nothing has the id"),
                (["--schema", self.folder / "none"], 1, "none")]:
            with self.subTest(arguments):
                status, told = self.entities(*arguments)
                self.assertEqual(status, code, told)
                self.assertIn(says, told["error"]["message"])

    def test_a_server_tells_the_same_of_what_it_sees(self):
        self.enter(HOSPITAL / "directory.json")
        path = self.folder / "more.json"
        path.write_text(json.dumps({"things": [
            {"kind": "patient", "attributes": {"recordNumber": "MR-9999", "entityId": "p-9999"}}]}))
        self.enter(path)
        site, token = self.site()
        made = run("init", "--config", site.save(), "--user", "hale", "--json")
        (self.folder / "hale.token").write_text(json.loads(made.stdout)["token"])
        server = self.serve(site, token)

        def ask(*names):
            done = run("entities", *names, "--server", server.urls[0], "--token-file",
                       self.folder / "hale.token", "--json")
            return done.returncode, json.loads(done.stdout)

        status, told = ask("user:dr-grey")
        self.assertEqual(status, 0, told)
        grey = told["things"][0]
        self.assertEqual(grey["entity"]["uid"], {"type": "User", "id": "dr-grey"})
        self.assertEqual(self.entities(grey["id"])[1]["things"], [grey])
        status, told = ask("patient:MR-9999")
        self.assertEqual(status, 3)
        self.assertIn("this required attribute is missing", told["things"][0]["hidden"])
        self.assertEqual(ask("user:nobody")[0], 1)
        status, told = ask()
        self.assertIn("say which", told["error"]["message"])
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Nurse")
        nurse = {"type": "Role", "id": "Nurse"}
        eventually(lambda: nurse in ask(grey["id"])[1]["things"][0]["entity"]["parents"], SOON_S)

    def test_what_kinds_are_known_by_is_checked(self):
        for known_by, says in [({"people": "userName"}, "no kind `people`"),
                               ({"person": "shoeSize"}, "no attribute `shoeSize`"),
                               ({"person": "displayName"}, "may have the same"),
                               ({"role": "displayName"}, "by their `displayName`")]:
            with self.subTest(known_by), tempfile.TemporaryDirectory() as folder:
                site, _ = self.site(pathlib.Path(folder) / "node", known_by=known_by)
                done = run("serve", "--config", site.save())
                self.assertEqual(done.returncode, 3, done.stdout)
                self.assertIn(says, done.stderr)


class TwoNodesTest(HospitalInADirectory):
    """Two nodes and one PostgreSQL, which goes away and comes back."""

    def setUp(self):
        super().setUp()
        self.database = self.enterContext(PostgresServer())
        self.database.psql("CREATE DATABASE directory")
        self.url = f"postgresql://wardlock@/directory?host={self.database.socket}"
        self.enter(HOSPITAL / "directory.json")

    def test_both_follow_and_go_on_while_it_is_gone(self):
        nodes = [self.start("one"), self.start("other")]
        for node in nodes:
            self.assertTrue(self.decision(node))
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Physician",
                   until=PAST)
        for node in nodes:
            eventually(lambda node=node: not self.decision(node), SOON_S)
        self.database.stop()
        nurse = question(("User", "nurse-lee"), "view", ("Patient", "p-100"))
        for node in nodes:
            node.wait_for("directory_not_followed")
            self.assertIn("stale", self.directory_of(node))
            self.assertEqual(node.request("GET", "/readyz")[0], 200)
            self.assertTrue(self.decision(node, nurse), "decided by what was known")
            self.assertFalse(self.decision(node))
        self.database.start()
        self.enter(relation="roleAssignment", subject="person:dr-grey", object="role:Physician")
        for node in nodes:
            eventually(lambda node=node: self.decision(node), SOON_S)
            node.wait_for("directory_followed")
            self.assertNotIn("stale", self.directory_of(node))


if __name__ == "__main__":
    unittest.main()
