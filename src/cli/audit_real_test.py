"""`wardlock audit …` on the log that a running PDP writes."""
import csv
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import threading
import unittest
from xml.etree import ElementTree

from program import LIMIT_S, WARDLOCK, Pdp, ProgramTest
from serving import ENTITIES, POLICIES, SCHEMA, eventually, question


class AuditTest(ProgramTest):
    """A folder with policies, and a log that tests fill."""

    def setUp(self):
        super().setUp()
        self.write("policies/rules.cedar", POLICIES)
        self.write("policies/rules.cedarschema", SCHEMA)
        self.write("entities.json", ENTITIES)

    def pdp(self):
        return Pdp("--policies", "policies", "--entities", "entities.json", "--audit", "log",
                   cwd=self.folder)

    def decide(self, count=3, pdp=None):
        """Asks so many questions; returns the ids of the decisions."""
        if pdp is None:
            with self.pdp() as own:
                return self.decide(count, own)
        ids = []
        for rate in range(count):
            status, reply = pdp.ask(question(action="stop", rate=rate))
            self.assertEqual(status, 200, reply)
            ids.append(reply["context"]["decision_id"])
        return ids

    def events(self, *arguments):
        result = self.run_here("audit", "export", "log", *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def record_of(self, decision):
        return next(each["record"] for each in self.events()
                    if each.get("decision_id") == decision)

    def flip(self, name, at):
        path = self.folder / "log" / name
        path.chmod(0o600)
        content = bytearray(path.read_bytes())
        content[at] ^= 4
        path.write_bytes(content)


class VerifyTest(AuditTest):
    def test_a_log_is_whole_while_it_is_written_and_afterwards(self):
        with self.pdp() as pdp:
            self.decide(5, pdp)
            result = self.json_of("audit", "verify", "log")
            self.assertTrue(result["whole"] and result["open"], result)
        result = self.json_of("audit", "verify", "log")
        self.assertTrue(result["whole"], result)
        self.assertFalse(result["open"])
        self.assertEqual(result["findings"], [])
        self.assertEqual(result["records"], result["covered"])
        self.assertGreaterEqual(result["records"], 5)
        self.assertFalse(result["rollback_excluded"])
        text = self.run_here("audit", "verify", "log")
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertTrue(text.stdout.startswith("whole\n"))
        self.assertIn("rollback not excluded", text.stdout)

    def test_after_a_kill_it_is_whole(self):
        with self.pdp() as pdp:
            ids = self.decide(20, pdp)
            pdp.process.kill()
            pdp.process.wait(LIMIT_S)
        result = self.json_of("audit", "verify", "log")
        self.assertTrue(result["whole"], result)
        self.assertFalse(result["open"])
        self.decide(1)
        self.assertEqual(self.json_of("audit", "verify", "log")["findings"], [])
        self.assertLessEqual(set(ids), {each.get("decision_id") for each in self.events()})

    def test_it_writes_nothing(self):
        self.decide()

        def look():
            return {path: (path.stat().st_mtime_ns, path.stat().st_size)
                    for path in (self.folder / "log").rglob("*")}
        before = look()
        self.json_of("audit", "verify", "log")
        self.assertEqual(look(), before)

    def test_a_checkpoint_from_outside_excludes_a_rollback(self):
        self.decide()
        shutil.copytree(self.folder / "log", self.folder / "earlier")
        self.decide()
        shutil.copy(self.folder / "log" / "checkpoint", self.folder / "kept")
        shutil.copy(self.folder / "log" / "public.key", self.folder / "log.pub")
        result = self.json_of("audit", "verify", "log", "--checkpoint", "kept", "--key", "log.pub")
        self.assertTrue(result["whole"] and result["rollback_excluded"], result)
        self.assertTrue(result["key_from_outside"])
        text = self.run_here("audit", "verify", "log", "--checkpoint", "kept", "--key",
                             (self.folder / "log.pub").read_text().strip())
        self.assertEqual(text.returncode, 0, text.stdout)
        self.assertNotIn("rollback not excluded", text.stdout)

        self.assertTrue(self.json_of("audit", "verify", "earlier")["whole"])
        rolled_back = self.run_here("audit", "verify", "earlier", "--checkpoint", "kept")
        self.assertEqual(rolled_back.returncode, 3)
        self.assertTrue(rolled_back.stdout.startswith("fault: `kept`: covers "))
        self.assertIn("rolled back", rolled_back.stdout)

    def test_a_flipped_bit_is_named_with_its_record(self):
        ids = self.decide(5)
        record = self.record_of(ids[2])
        segment = next((self.folder / "log" / "segments").glob("*.seg"))
        at = segment.read_bytes().index(ids[2].encode())
        self.flip(f"segments/{segment.name}", at)
        result = self.json_of("audit", "verify", "log", code=3)
        self.assertFalse(result["whole"])
        named = [each for each in result["findings"] if each.get("record") == record]
        self.assertEqual(len(named), 1, result)
        self.assertIn("was changed", named[0]["message"])
        self.assertTrue(named[0]["file"].endswith(segment.name))
        text = self.run_here("audit", "verify", "log")
        self.assertEqual(text.returncode, 3)
        self.assertIn("not whole", text.stdout)

    def test_another_logs_key_and_checkpoint(self):
        self.decide()
        (self.folder / "log").rename(self.folder / "other")
        self.decide()
        result = self.json_of("audit", "verify", "log", "--key", "other/public.key", code=3)
        self.assertIn("is not the key that was given", result["findings"][0]["message"])
        result = self.json_of("audit", "verify", "log", "--checkpoint", "other/checkpoint", code=3)
        self.assertIn("another log's", result["findings"][0]["message"])

    def test_what_was_mistyped(self):
        self.decide()
        (self.folder / "empty").mkdir()
        self.write("notes.txt", "hello\n")
        for parts, arguments in [
                ("`nowhere` is no audit log", ["nowhere"]),
                ("`empty` is no audit log", ["empty"]),
                ("either the folder", []),
                ("either the folder", ["log", "--bundle", "notes.txt", "--key", "k"]),
                ("neither a file nor a key", ["log", "--key", "wrong"]),
                ("`notes.txt`", ["log", "--key", "notes.txt"]),
                ("`notes.txt`: a note needs", ["log", "--checkpoint", "notes.txt"]),
                ("`missing`", ["log", "--checkpoint", "missing"]),
                ("needs `--key`", ["--bundle", "notes.txt"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "verify", *arguments)

    def test_the_bar_is_for_terminals(self):
        """Nothing on standard error that is no terminal; on one, what is left is the result."""
        self.decide()
        main, end = pty.openpty()
        done = subprocess.run([WARDLOCK, "audit", "verify", "log"], cwd=self.folder, stderr=end,
                              stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
        os.close(end)
        os.close(main)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("\r", done.stdout)


class ProveTest(AuditTest):
    def test_a_bundle_needs_nothing_but_the_key(self):
        ids = self.decide(4)
        proven = self.json_of("audit", "prove", "log", "--decision", ids[1], "--out", "case.proof")
        self.assertEqual(proven["event"]["decision_id"], ids[1])
        key = (self.folder / "log" / "public.key").read_text().strip()
        shutil.rmtree(self.folder / "log")
        result = self.json_of("audit", "verify", "--bundle", "case.proof", "--key", key)
        self.assertTrue(result["proven"])
        self.assertEqual(result["event"], proven["event"])
        self.assertEqual(result["event"]["decision_id"], ids[1])
        self.assertEqual(result["event"]["locked"], ["person", "patient"])
        text = self.run_here("audit", "verify", "--bundle", "case.proof", "--key", key)
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertTrue(text.stdout.startswith("proven: record "))

    def test_by_number_and_to_standard_output(self):
        ids = self.decide()
        record = self.record_of(ids[0])
        result = self.run_here("audit", "prove", "log", "--record", record, "--out", "-")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("c2sp.org/tlog-proof@v1\n"))
        self.run_here("audit", "prove", "log", "--record", record)
        self.assertEqual((self.folder / f"record-{record}.tlog-proof").read_text(), result.stdout)

    def test_a_changed_bundle_or_another_key_proves_nothing(self):
        ids = self.decide()
        self.json_of("audit", "prove", "log", "--decision", ids[0], "--out", "case.proof")
        (self.folder / "log").rename(self.folder / "first")
        self.decide()
        bundle = (self.folder / "case.proof").read_text()
        self.write("changed.proof", bundle.replace("\nindex ", "\nindex 1"))
        self.write("half.proof", bundle[:len(bundle) // 2])
        for name, key in [("case.proof", "log/public.key"), ("changed.proof", "first/public.key"),
                          ("half.proof", "first/public.key"),
                          ("entities.json", "first/public.key")]:
            with self.subTest(name=name, key=key):
                result = self.json_of("audit", "verify", "--bundle", name, "--key", key, code=3)
                self.assertFalse(result["proven"])
                self.assertTrue(result["message"])

    def test_what_was_mistyped(self):
        self.decide(1)
        for parts, arguments in [
                ("either `--record` or `--decision`", ["log"]),
                ("either `--record` or `--decision`", ["log", "--record", "1", "--decision", "x"]),
                ("there is no record 4711", ["log", "--record", "4711"]),
                ("is not the number of a record", ["log", "--record", "-1"]),
                ("is not the number of a record", ["log", "--record", "first"]),
                ("has no decision `x`", ["log", "--decision", "x"]),
                ("is no audit log", ["nowhere", "--record", "0"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "prove", *arguments)


class ExportTest(AuditTest):
    def test_every_decision_is_there_with_its_id(self):
        ids = self.decide(6)
        events = self.events()
        decisions = [each for each in events if each["kind"] == "decision"]
        self.assertEqual([each["decision_id"] for each in decisions], ids)
        self.assertEqual([each["record"] for each in events], list(range(len(events))))
        self.assertEqual(decisions[0]["principal_id"], "ann")
        self.assertEqual({each["allowed"] for each in decisions}, {True, False} & {
            each["allowed"] for each in decisions})

    def test_without_keys_what_is_sealed_is_locked(self):
        self.decide(1)
        (self.folder / "log" / "keys").rename(self.folder / "keys")
        decision = next(each for each in self.events() if each["kind"] == "decision")
        self.assertNotIn("principal_id", decision)
        self.assertIn("person", decision["locked"])
        opened = next(each for each in self.events("--keys", "keys") if each["kind"] == "decision")
        self.assertEqual(opened["principal_id"], "ann")
        self.assertFalse((self.folder / "log" / "keys").exists(), "keys are made by servers only")

    def test_masks(self):
        self.decide(1)
        decision = next(each for each in self.events("--masked") if each["kind"] == "decision")
        self.assertEqual(decision["principal_id"], "***")

    def test_as_a_table(self):
        ids = self.decide(3)
        result = self.run_here("audit", "export", "log", "--format", "csv")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        decisions = [row for row in rows if row["kind"] == "decision"]
        self.assertEqual([row["decision_id"] for row in decisions], ids)
        self.assertRegex(decisions[0]["time"], r"^20\d\d-\d\d-\d\dT[0-9:.]{12}Z$")
        for row in decisions:
            json.loads(row["policies"] or "[]")

    def test_a_formula_is_a_text(self):
        with self.pdp() as pdp:
            asked = question(principal="=HYPERLINK(\"http://evil\")")
            self.assertEqual(pdp.ask(asked)[0], 200)
        result = self.run_here("audit", "export", "log", "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        decision = next(row for row in rows if row["kind"] == "decision")
        self.assertEqual(decision["principal_id"], "'=HYPERLINK(\"http://evil\")")

    def test_from_and_to(self):
        self.decide(2)
        self.assertEqual(self.events("--to", "2026-01-01"), [])
        self.assertEqual(len(self.events("--from", "2026-01-01T00:00:00Z")), len(self.events()))

    def test_as_messages_for_others(self):
        ids = self.decide(2)
        count = len(self.events())

        def lines(name):
            result = self.run_here("audit", "export", "log", "--format", name)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(len(result.stdout.splitlines()), count, name)
            return [line for line in result.stdout.splitlines() if "decision" in line]

        for line in lines("syslog"):
            self.assertRegex(line, r"^<8\d>1 20\S+Z \S+ wardlock - \w+ \[origin ")
        for line in lines("cef"):
            self.assertRegex(line, r"^CEF:0\|Wardlock\|wardlock\|[^|]+\|\w+\|[^|]+\|\d\|\w+=")
        for line in lines("line"):
            self.assertRegex(line, r'^20\S+Z  \w+  User::"ann"  ')
        decisions = [json.loads(line) for line in lines("ocsf")]
        self.assertEqual([each["api"]["request"]["uid"] for each in decisions], ids)
        for event in map(json.loads, lines("fhir")):
            self.assertEqual(event["resourceType"], "AuditEvent")
            self.assertEqual(event["agent"][0]["who"]["identifier"]["value"], "ann")
        result = self.run_here("audit", "export", "log", "--format", "dicom")
        users = [ElementTree.fromstring(line).find("ActiveParticipant").get("UserID")
                 for line in result.stdout.splitlines()]
        self.assertEqual(users.count("ann"), len(ids))

    def test_messages_are_masked_where_that_is_wanted(self):
        self.decide(1)
        result = self.run_here("audit", "export", "log", "--format", "syslog", "--masked")
        self.assertIn('principal_id="***"', result.stdout)
        self.assertNotIn("ann", result.stdout)

    def test_what_was_mistyped(self):
        self.decide(1)
        for parts, arguments in [
                ("is no audit log", ["nowhere"]),
                ("`csv`, `line`, `ndjson`, `syslog`, `cef`, `ocsf`, `fhir`, `dicom`",
                 ["log", "--format", "hl7"]),
                ("`--from yesterday` is not a time", ["log", "--from", "yesterday"]),
                ("does not hold the keys of a log", ["log", "--keys", "policies"]),
                ("is not one of", ["log", "--format", "xml"])]:
            with self.subTest(arguments):
                result = self.run_here("audit", "export", *arguments)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertIn(parts, result.stderr)


class TailTest(AuditTest):
    def test_the_last_events_as_lines(self):
        ids = self.decide(5)
        result = self.run_here("audit", "tail", "log", "-n", "3")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        everything = self.run_here("audit", "tail", "log", "-n", "1000").stdout
        self.assertTrue(everything.endswith(result.stdout))
        for decision in ids:
            self.assertIn(f"decision {decision}", everything)
        self.assertRegex(everything, r'User::"ann"  \S*stop\S*  Pump::"p-7"')

    def test_follows(self):
        with self.pdp() as pdp:
            tail = subprocess.Popen([WARDLOCK, "audit", "tail", "log", "-f", "-n", "0", "--json"],
                                    cwd=self.folder, stdout=subprocess.PIPE, text=True)
            lines = []
            reader = threading.Thread(target=lambda: lines.extend(tail.stdout), daemon=True)
            reader.start()
            ids = []

            def comes():
                # What was there before it began is none of its business.
                ids.extend(self.decide(1, pdp))
                return any(json.loads(line).get("decision_id") in ids for line in list(lines))
            try:
                eventually(comes)
            finally:
                tail.send_signal(signal.SIGINT)
                tail.wait(LIMIT_S)
                reader.join(LIMIT_S)
                tail.stdout.close()

    def test_what_was_mistyped(self):
        self.decide(1)
        for parts, arguments in [("is no audit log", ["nowhere"]),
                                 ("is not a number", ["log", "-n", "many"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "tail", *arguments)


if __name__ == "__main__":
    unittest.main()
