"""The audit log found by whom and what it is about, and what is ordered about a person or patient, by
commands that read its folder."""
import contextlib
import json
import shutil
import sqlite3
import unittest

from audited import CARE_POLICIES, CARE_SCHEMA, PATIENTS, asks
from program import Pdp, ProgramTest
from serving import eventually

class IndexTest(ProgramTest):
    """A folder with policies, and a log that tests fill."""

    def setUp(self):
        super().setUp()
        self.write("policies/rules.cedar", CARE_POLICIES)
        self.write("policies/rules.cedarschema", CARE_SCHEMA)
        self.write("entities.json", PATIENTS)

    def pdp(self):
        return Pdp("--policies", "policies", "--entities", "entities.json", "--audit", "log",
                   cwd=self.folder)

    def decide(self, pdp, *questions):
        ids = []
        for each in questions:
            status, reply = pdp.ask(each)
            self.assertEqual(status, 200, reply)
            ids.append(reply["context"]["decision_id"])
        return ids

    def fill(self):
        with self.pdp() as pdp:
            return self.decide(pdp, asks(), asks("bob"), asks("bob", resource=("Patient", "p-2")),
                               asks(action="stop", resource=("Pump", "u-1")), asks(rate=1))

    def query(self, *arguments, log="log", note=None):
        """The events, and their order."""
        result = self.run_here("audit", "query", log, *arguments, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        if note is None:
            self.assertEqual(result.stderr, "")
        else:
            self.assertIn(note, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def ids(self, *arguments, **more):
        return [each.get("decision_id") for each in self.query(*arguments, **more)]


class QueryTest(IndexTest):
    def test_finds_by_each_thing(self):
        ids = self.fill()
        one, two, three, four, five = ids
        for wanted, arguments in [
                ([five, two, one], ["--patient", "p-1"]),
                ([three], ["--patient", "p-2"]),
                ([three, two], ["--principal", "User::bob"]),
                ([three, two], ["--principal", 'User::"bob"']),
                ([two], ["--principal", "User::bob", "--patient", "p-1"]),
                ([four], ["--device", "u-1"]),
                ([four], ["--decision", four]),
                ([five], ["--outcome", "failure"]),
                ([five, four, three, two, one], ["--kind", "decision", "--kind", "login"]),
                (ids, ["--kind", "decision", "--oldest-first"]),
                (ids, ["--kind", "decision", "--oldest-first", "--from", "2026-01-01"])]:
            with self.subTest(arguments):
                self.assertEqual(self.ids(*arguments), wanted)

    def test_finds_nothing_else(self):
        self.fill()
        for arguments in (["--patient", "p-3"], ["--patient", "ann"], ["--principal", "Pump::ann"],
                          ["--device", "p-1"], ["--decision", "x"], ["--caller", "nobody"],
                          ["--affected", "User::ann"]):
            with self.subTest(arguments):
                self.assertEqual(self.query(*arguments, note="nothing was found"), [])
        self.assertEqual(self.query("--patient", "p-1", "--tenant", "other"), [])
        self.assertEqual(self.query("--to", "2026-01-01"), [])

    def test_pages_lead_to_the_end(self):
        ids = self.fill()
        found, after = [], []
        for _ in range(10):
            result = self.run_here("audit", "query", "log", "--kind", "decision", "--limit", "2",
                                   "--json", *after)
            self.assertEqual(result.returncode, 0, result.stderr)
            found += [json.loads(line)["decision_id"] for line in result.stdout.splitlines()]
            if "--after" not in result.stderr:
                break
            after = ["--after", result.stderr.split("--after ")[1].split("`")[0]]
        self.assertEqual(found, ids[::-1])

    def test_lines_for_people_are_those_of_tail(self):
        ids = self.fill()
        found = self.run_here("audit", "query", "log", "--decision", ids[3])
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        self.assertIn('User::"ann"', found.stdout)
        self.assertIn(found.stdout, self.run_here("audit", "tail", "log", "-n", "100").stdout)
        masked = self.run_here("audit", "query", "log", "--decision", ids[3], "--masked")
        self.assertNotIn("ann", masked.stdout)
        self.assertIn(ids[3], masked.stdout)

    def test_while_a_server_writes_it_follows(self):
        with self.pdp() as pdp:
            first = self.decide(pdp, asks())
            eventually(lambda: (self.folder / "log/index.db").exists())
            eventually(lambda: self.ids_or_none("--patient", "p-1") == first)
            more = self.decide(pdp, *[asks("bob") for _ in range(20)])
            eventually(lambda: self.ids_or_none("--principal", "User::bob") == more[::-1])
            self.assert_fails("stop the server first", "audit", "rebuild-index", "log")

    def ids_or_none(self, *arguments):
        result = self.run_here("audit", "query", "log", *arguments, "--json")
        if result.returncode:  # it is just being made
            return None
        return [json.loads(line)["decision_id"] for line in result.stdout.splitlines()]

    def test_a_log_without_an_index_gets_one(self):
        ids = self.fill()
        for each in (self.folder / "log").glob("index.db*"):
            each.unlink()
        self.assertEqual(self.ids("--patient", "p-2"), [ids[2]])
        self.assertTrue((self.folder / "log/index.db").exists())
        self.assertTrue(self.json_of("audit", "verify", "log")["whole"])

    def test_what_was_added_since_is_found(self):
        first = self.fill()
        self.assertEqual(self.ids("--patient", "p-2"), [first[2]])
        with self.pdp() as pdp:
            second = self.decide(pdp, asks(resource=("Patient", "p-2")))
        self.assertEqual(self.ids("--patient", "p-2"), [*second, first[2]])

    def test_keys_elsewhere(self):
        ids = self.fill()
        (self.folder / "log/keys").rename(self.folder / "keys")
        self.assert_fails("name their folder with `--keys`", "audit", "query", "log")
        self.assertEqual(self.ids("--patient", "p-2", "--keys", "keys"), [ids[2]])

    def test_another_logs_keys_find_nothing(self):
        self.fill()
        (self.folder / "log").rename(self.folder / "first")
        self.fill()
        shutil.rmtree(self.folder / "log/keys")
        shutil.copytree(self.folder / "first/keys", self.folder / "log/keys")
        self.assertEqual(self.query("--patient", "p-2", note="nothing was found"), [])

    def test_another_logs_index_is_refused(self):
        self.fill()
        self.query()
        (self.folder / "log").rename(self.folder / "first")
        ids = self.fill()
        for each in (self.folder / "log").glob("index.db*"):
            each.unlink()
        shutil.copy(self.folder / "first/index.db", self.folder / "log/index.db")
        self.assert_fails("rebuild-index log` makes it anew", "audit", "query", "log")
        self.json_of("audit", "rebuild-index", "log")
        self.assertEqual(self.ids("--patient", "p-2"), [ids[2]])

    def test_an_index_that_is_damaged_is_made_anew(self):
        ids = self.fill()
        (self.folder / "log/index.db").write_bytes(b"x" * 5000)
        self.assert_fails("rebuild-index log` makes it anew", "audit", "query", "log")
        made = self.json_of("audit", "rebuild-index", "log")
        self.assertEqual(made["unreadable"], 0)
        self.assertGreaterEqual(made["records"], len(ids))
        self.assertEqual(self.ids("--patient", "p-2"), [ids[2]])

    def test_an_older_copy_of_the_log_is_told_apart(self):
        self.fill()
        shutil.copytree(self.folder / "log", self.folder / "earlier")
        self.fill()
        self.query()
        shutil.copy(self.folder / "log/index.db", self.folder / "earlier/index.db")
        for name in ("index.db-wal", "index.db-shm"):
            (self.folder / "earlier" / name).unlink(missing_ok=True)
        self.assert_fails("are not those of the log", "audit", "query", "earlier")

    def test_an_index_that_cannot_be_written_is_used_as_far_as_it_goes(self):
        first = self.fill()
        self.query()
        records = self.json_of("audit", "verify", "log")["records"]
        with contextlib.closing(sqlite3.connect(self.folder / "log/index.db",
                                                isolation_level=None)) as other:
            other.execute("UPDATE about SET next = next - 1, mark = NULL")
            other.execute("DELETE FROM records_0 WHERE sequence = ?", (records - 1,))
            other.execute("BEGIN IMMEDIATE")
            found = self.query("--kind", "decision", note="the last 1 records")
        self.assertEqual([each["decision_id"] for each in found], first[::-1])
        self.query()

    def test_a_decision_is_proven_by_the_index(self):
        ids = self.fill()
        record = self.query("--decision", ids[1])[0]["record"]
        proven = self.json_of("audit", "prove", "log", "--decision", ids[1], "--out", "a.proof")
        self.assertEqual(proven["record"], record)
        for each in (self.folder / "log").glob("index.db*"):
            each.unlink()
        proven = self.json_of("audit", "prove", "log", "--decision", ids[1], "--out", "b.proof")
        self.assertEqual(proven["record"], record)
        self.assertEqual((self.folder / "a.proof").read_text(),
                         (self.folder / "b.proof").read_text())

    def test_the_index_holds_no_names(self):
        self.fill()
        self.query("--patient", "p-1")
        content = b"".join(each.read_bytes() for each in (self.folder / "log").glob("index.db*"))
        for name in (b"p-1", b"ann", b"bob", b"u-1"):
            self.assertNotIn(name, content)

    def test_what_was_mistyped(self):
        self.fill()
        self.query()
        for parts, arguments in [
                ("is no audit log", ["nowhere"]),
                ("did you mean `decision`?", ["log", "--kind", "decison"]),
                ("did you mean `failure`?", ["log", "--outcome", "failur"]),
                ("write `User::ann`", ["log", "--principal", "ann"]),
                ("it is no time", ["log", "--from", "yesterday"]),
                ("is not before", ["log", "--from", "2026-02-01", "--to", "2026-01-01"]),
                ("is not a number", ["log", "--limit", "0"]),
                ("`after` may not be `x`", ["log", "--after", "x"]),
                ("does not hold the keys of a log", ["log", "--keys", "policies"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "query", *arguments)
        for parts, arguments in [("is no audit log", ["nowhere"]),
                                 ("does not hold the keys", ["log", "--keys", "policies"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "rebuild-index", *arguments)
        self.assertTrue((self.folder / "log/index.db").exists(), "nothing was taken away")


class OrderCommandsTest(IndexTest):
    def test_erases_what_no_server_has_open(self):
        ids = self.fill()
        self.json_of("audit", "erase", "log", "--patient", "p-1", "--reason", "she asked")
        self.assertEqual(self.query("--patient", "p-1", note="nothing was found"), [])
        self.assertEqual(self.query("--decision", ids[0])[0]["erased"], ["patient"])
        self.assertEqual(self.ids("--patient", "p-2"), [ids[2]])
        erasure = self.query("--kind", "erasure")[0]
        self.assertEqual(erasure["reason"], "she asked")
        self.assertEqual(erasure["principal_type"], "OperatingSystemUser")
        self.assertTrue(erasure["principal_id"])
        self.assertTrue(self.json_of("audit", "verify", "log")["whole"])
        self.assert_fails("erased before", "audit", "erase", "log", "--patient", "p-1", "--reason",
                          "again")
        self.assertEqual(len(self.json_of("audit", "holds", "log", "--patient", "p-1")["erasures"]),
                         1)

    def test_erases_a_person(self):
        ids = self.fill()
        self.json_of("audit", "erase", "log", "--person", "User::bob", "--reason", "left")
        event = self.query("--decision", ids[1])[0]
        self.assertEqual(event["erased"], ["person"])
        self.assertEqual(event["patient"], "p-1")
        self.assertEqual(self.query("--decision", ids[0])[0]["principal_id"], "ann")

    def test_the_server_goes_on_afterwards(self):
        self.fill()
        self.json_of("audit", "erase", "log", "--patient", "p-1", "--reason", "r")
        with self.pdp() as pdp:
            ids = self.decide(pdp, asks())
        self.assertEqual(self.ids("--patient", "p-1"), ids, "she came again")
        self.assertTrue(self.json_of("audit", "verify", "log")["whole"])

    def test_who_is_held_is_not_erased(self):
        self.fill()
        whom = ["log", "--patient", "p-1"]
        held = [*whom, "--name", "case 12", "--reason", "court"]
        self.json_of("audit", "hold", *held)
        self.assert_fails("a legal hold `case 12` on them already", "audit", "hold", *held)
        self.assert_fails("the legal hold `case 12` keeps this", "audit", "erase", *whom,
                          "--reason", "r")
        self.assertEqual(self.json_of("audit", "holds", *whom)["holds"][0]["name"], "case 12")
        self.assertIn("held: case 12", self.run_here("audit", "holds", *whom).stdout)
        self.json_of("audit", "release", *held)
        self.assert_fails("there is no legal hold `case 12`", "audit", "release", *held)
        self.json_of("audit", "erase", *whom, "--reason", "r")
        self.assertGreaterEqual(len(self.query("--kind", "erasure")), 2)
        self.assertEqual(len(self.query("--kind", "legal_hold")), 2)

    def test_what_was_mistyped(self):
        self.fill()
        reason = ["--reason", "r"]
        for parts, arguments in [
                ("is no audit log", ["nowhere", "--patient", "p-1", *reason]),
                ("either `--patient`", ["log", *reason]),
                ("either `--patient`", ["log", "--patient", "a", "--person", "User::b", *reason]),
                ("write `User::ann`", ["log", "--person", "ann", *reason]),
                ("say why", ["log", "--patient", "p-1", "--reason", ""]),
                ("nothing to erase", ["log", "--patient", "p-3", *reason]),
                ("nothing to erase", ["log", "--patient", "p-1", "--tenant", "other", *reason]),
                ("nothing to erase", ["log", "--person", "Patient::ann", *reason]),
                ("does not hold the keys", ["log", "--patient", "p-1", "--keys", "policies",
                                            *reason])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "erase", *arguments)
        self.assertFalse((self.folder / "policies/master.key").exists())
        self.assertEqual(len(self.ids("--patient", "p-1")), 3)


if __name__ == "__main__":
    unittest.main()
