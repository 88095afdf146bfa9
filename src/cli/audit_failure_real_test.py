"""A log that can't be written: each class of action does what the configuration says, nobody is
given what is not recorded, and what went to the spool comes into the log."""
import json
import shutil
import subprocess
import tempfile
import unittest

from audited import Crowd, decision_ids, exported
from program import run
from serving import POLICIES, SCHEMA, Serve, Site, eventually, question

# Enough that the log's file has grown beyond what it is then kept from growing beyond.
RECORDS = 400
LIMIT = 192 * 1024


class Failing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.site.write("policies/rules.cedarschema",
                        SCHEMA.replace("action view, stop", '@audit("care") action view')
                        + 'action stop appliesTo { principal: User, resource: Pump, '
                        'context: { rate: Long } };')
        self.token = self.site.add_caller("gateway", rights=["explain", "metrics", "audit", "search"])
        self.log = self.site.folder / "log"
        self.site.config["audit"] = {"directory": "log", "segment": "1MiB", "immutable": False,
                                     "on_failure": {"care": "spool"}}

    def serve(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        return server

    def limit_files(self, server, size):
        """As a full disk or quota: the file can't be written there."""
        subprocess.run(["prlimit", f"--pid={server.process.pid}", f"--fsize={size}:unlimited"],
                       check=True)

    def is_ready(self, server):
        return server.request("GET", "/readyz")[0] == 200

    def ask(self, server, action):
        """Status, and the decision's id where there is one."""
        status, reply = server.ask(self.token, question(action))
        return status, reply["context"]["decision_id"] if status == 200 else reply

    def test_each_class_has_its_way(self):
        server = self.serve()
        for _ in range(RECORDS):
            self.assertEqual(self.ask(server, "view")[0], 200)
        self.limit_files(server, LIMIT)
        self.assertEqual(self.ask(server, "stop")[0], 503, "it was not recorded")
        eventually(lambda: not self.is_ready(server))
        status, why = self.ask(server, "stop")
        self.assertEqual(status, 503)
        self.assertIn("this is no refusal", why)
        spooled = [self.ask(server, "view") for _ in range(20)]
        self.assertEqual({status for status, _ in spooled}, {200})
        metrics = server.metrics(self.token)
        self.assertEqual(metrics["wardlock_audit_failing"], 1)
        self.assertGreaterEqual(metrics["wardlock_audit_spooled_total"], 20)
        self.assertEqual(json.loads(server.request("GET", "/readyz")[2])["status"], "cannot record")

        self.limit_files(server, "unlimited")
        eventually(lambda: self.is_ready(server))
        status, after = self.ask(server, "stop")
        self.assertEqual(status, 200)
        server.stop()
        verified = run("audit", "verify", self.log)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        ids = decision_ids(self.log)
        self.assertEqual({id_ for _, id_ in spooled} - ids, set())
        self.assertIn(after, ids)
        told = [event for event in exported(self.log) if event["kind"] == "spooled"]
        self.assertEqual(sum(event["count"] for event in told), len(spooled))

    def test_a_spool_that_was_removed_is_told(self):
        server = self.serve()
        for _ in range(RECORDS):
            self.assertEqual(self.ask(server, "view")[0], 200)
        self.limit_files(server, LIMIT)
        eventually(lambda: self.ask(server, "stop")[0] == 503)
        for _ in range(20):
            self.assertEqual(self.ask(server, "view")[0], 200)
        spooled = server.metrics(self.token)["wardlock_audit_spooled_total"]
        server.process.kill()
        server.process.wait()
        (self.log / "spool" / "spool").unlink()
        again = self.serve()
        self.assertEqual(again.wait_for("audit_spool_missing")["records"], spooled)
        self.assertEqual(again.metrics(self.token)["wardlock_audit_spool_missing_total"], spooled)
        self.assertIn("audit_spool", json.loads(again.request("GET", "/readyz")[2]))
        again.stop()
        told, = [event for event in exported(self.log) if event["kind"] == "spooled"]
        self.assertEqual((told["cause"], told["value_before"], told["value_after"]),
                         ("data_loss", str(int(spooled)), "0"))

    def test_what_proceeds_without_a_record_is_counted(self):
        self.site.config["audit"]["on_failure"]["care"] = "proceed"
        server = self.serve()
        answers = [self.ask(server, "view") for _ in range(RECORDS)]
        self.limit_files(server, LIMIT)
        answers += [self.ask(server, "view") for _ in range(100)]
        self.assertEqual({status for status, _ in answers}, {200})
        eventually(lambda: not self.is_ready(server))
        self.limit_files(server, "unlimited")
        eventually(lambda: self.is_ready(server))
        counted = server.metrics(self.token)["wardlock_audit_unrecorded_total"]
        server.stop()
        lost = {id_ for _, id_ in answers} - decision_ids(self.log)
        self.assertGreater(len(lost), 0)
        self.assertEqual(counted, len(lost))

    def test_orders_take_in_what_the_spool_has(self):
        for elsewhere in (None, "elsewhere"):
            with self.subTest(elsewhere):
                shutil.rmtree(self.log, ignore_errors=True)
                if elsewhere:
                    self.site.config["audit"]["spool"] = {"directory": elsewhere}
                server = self.serve()
                for _ in range(RECORDS):
                    self.assertEqual(self.ask(server, "view")[0], 200)
                self.limit_files(server, LIMIT)
                self.assertEqual(self.ask(server, "stop")[0], 503)
                spooled = {self.ask(server, "view")[1] for _ in range(20)}
                server.process.kill()
                server.process.wait()
                more = ["--spool", self.site.folder / elsewhere] if elsewhere else []
                held = run("audit", "hold", self.log, "--person", "User::ann", "--name", "case",
                           "--reason", "asked", *more)
                self.assertEqual(held.returncode, 0, held.stderr)
                self.assertEqual(spooled - decision_ids(self.log), set())
                events = exported(self.log)
                self.assertEqual([each["kind"] for each in events[-2:]], ["spooled", "legal_hold"])
                self.assertEqual(run("audit", "verify", self.log).returncode, 0)

    def ask_several(self, server, actions):
        """Status of all of them at once."""
        return server.request(
            "POST", "/access/v1/evaluations",
            json.dumps({"evaluations": [question(action) for action in actions]}),
            {"Content-Type": "application/json"}, self.token)[0]

    def test_what_needs_no_record_keeps_nothing_else_from_being_answered(self):
        self.site.config["audit"]["on_failure"]["research"] = "proceed"
        rules = self.site.folder / "policies/rules.cedarschema"
        rules.write_text(rules.read_text().replace("action stop", '@audit("research") action stop'))
        server = self.serve()
        for _ in range(RECORDS):
            self.assertEqual(self.ask(server, "view")[0], 200)
        self.limit_files(server, LIMIT)
        eventually(lambda: not self.is_ready(server))
        for actions in (["view", "stop", "view"], ["view", "no such action", "view"]):
            self.assertEqual(self.ask_several(server, actions), 200, actions)

    def test_what_is_refused_takes_no_room_in_the_spool(self):
        server = self.serve()
        for _ in range(RECORDS):
            self.assertEqual(self.ask(server, "view")[0], 200)
        self.limit_files(server, LIMIT)
        self.assertEqual(self.ask(server, "stop")[0], 503)
        eventually(lambda: not self.is_ready(server))
        before = server.metrics(self.token)
        wrong = question("view")
        wrong["subject"]["type"] = "Nobody"
        for _ in range(30):
            self.assertEqual(server.ask(self.token, wrong)[0], 400)
        eventually(lambda: server.metrics(self.token)["wardlock_audit_unrecorded_total"]
                   >= before["wardlock_audit_unrecorded_total"] + 30)
        self.assertEqual(server.metrics(self.token)["wardlock_audit_spooled_total"],
                         before["wardlock_audit_spooled_total"])

    def search(self, server, action):
        body = {"subject": {"type": "User"}, "action": {"name": action},
                "resource": {"type": "Pump", "id": "p-7"}, "context": {"rate": 9}}
        return server.request("POST", "/access/v1/search/subject", json.dumps(body),
                              {"Content-Type": "application/json"}, self.token)[0]

    def test_a_search_is_of_its_actions_class(self):
        server = self.serve()
        for _ in range(RECORDS):
            self.assertEqual(self.ask(server, "view")[0], 200)
        self.limit_files(server, LIMIT)
        self.assertEqual(self.ask(server, "stop")[0], 503)
        eventually(lambda: not self.is_ready(server))
        self.assertEqual(self.search(server, "stop"), 503)
        self.assertEqual(self.search(server, "view"), 200)
        self.limit_files(server, "unlimited")
        eventually(lambda: self.is_ready(server))
        server.stop()
        searches = [event for event in exported(self.log) if event["kind"] == "search"]
        self.assertEqual([(each["action"], each["class"]) for each in searches], [("view", "care")])

    def test_a_crowd_is_given_nothing_that_is_not_recorded(self):
        server = self.serve()
        crowd = Crowd(server, self.token)
        eventually(lambda: len(crowd.answered) > RECORDS)
        self.limit_files(server, LIMIT)
        before = len(crowd.answered)
        eventually(lambda: len(crowd.answered) > before + 50)
        self.limit_files(server, "unlimited")
        eventually(lambda: self.is_ready(server))
        crowd.stop()
        server.stop()
        self.assertEqual(crowd.refused, [])
        self.assertEqual(set(crowd.answered) - decision_ids(self.log), set())

    def test_a_log_of_another_is_not_taken(self):
        self.serve().stop()
        self.site.config["audit"]["origin"] = "another.example/log"
        with self.assertRaisesRegex(AssertionError, "did not start"):
            Serve(self.site)

    def test_two_do_not_write_one_log(self):
        self.serve()
        with self.assertRaisesRegex(AssertionError, "did not start"):
            Serve(self.site)

    def test_tells_of_a_class_that_no_schema_has(self):
        self.site.config["audit"]["on_failure"] = {"caer": "spool"}
        server = self.serve()
        self.assertEqual(server.wait_for("audit_class_unknown")["class"], "caer")


if __name__ == "__main__":
    unittest.main(verbosity=2)
