"""Two persons for one action, against a running server with people signed in: asked, denied, approved by somebody else who
signs, allowed and on record with both; for this person, device and action alone, and for no longer than was said."""
import json
import sqlite3
import threading
import time
import unittest

from approval_site import ApprovalSite
from request_site import REQUESTS, SOON
from serving import Serve, eventually


class ApprovalTest(ApprovalSite):
    def test_at_the_command_line_from_the_wish_to_the_end(self):
        self.assertFalse(self.allowed(), "alone")
        made = self.here.ask("swift", "request", "action", "updateFirmware", "--device", "SN-7",
                             "--reason", "recall 2026-7", "--minutes", "60", "--ticket", "T-481")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("swift asks for updateFirmware on device SN-7, for 60 minutes", made.stdout)
        self.assertFalse(self.allowed(), "nobody has answered")
        waiting = json.loads(
            self.here.ask("chief", "request", "list", "--to-approve", "--json").stdout)["items"]
        self.assertEqual([(each["personName"], each["action"], each["targetName"])
                          for each in waiting], [("swift", "updateFirmware", "SN-7")])
        one = waiting[0]["id"]
        given = self.here.ask("chief", "request", "approve", one, "--words", "package checked")
        self.assertEqual(given.returncode, 0, given.stderr)
        self.assertIn("approved: by chief, at ", given.stdout)
        status, reply = self.ask("swift")
        self.assertEqual((status, reply["decision"]), (200, True), reply)
        used = reply["context"]
        self.assertEqual(used["approval"], {"id": one, "approver": {"type": "User", "id": "chief"}})
        self.assertEqual(used["expires_at"][:19],
                         self.must("GET", f"{REQUESTS}/{one}", None, "swift")["endsAt"][:19])
        self.assertEqual(self.found(), ["SN-7"])
        back = self.here.ask("swift", "request", "end", one)
        self.assertEqual(back.returncode, 0, back.stderr)
        self.assertFalse(self.allowed(), "given back")
        eventually(lambda: any(each["action"] == "end_action_request" for each in self.told(one)))
        events = self.told(one)
        self.assertEqual([each["action"] for each in events],
                         ["request_action", "approve_action_request", "updateFirmware",
                          "end_action_request"], "the whole story")
        self.assertEqual((events[1]["principal_id"], events[1]["affected_id"], events[1]["device"]),
                         (self.chief, self.swift, self.pump), "both are named")
        self.assertEqual(events[1]["authentication_level"], 2)
        self.assertTrue(events[1]["changed"].startswith("sha256:"), "and what was signed")
        self.assertEqual((events[2]["principal_id"], events[2]["affected_id"]), ("swift", "chief"))
        self.assertTrue(events[2]["allowed"])

    def test_for_this_person_device_and_action_alone(self):
        self.approve(self.asked())
        self.assertTrue(self.allowed())
        self.assertFalse(self.allowed("chief"), "who approves has not got it")
        self.assertFalse(self.allowed(device="SN-8"))
        self.assertFalse(self.allowed(action="setLimits"))
        self.assertFalse(self.allowed(action="stopScan"))
        self.assertTrue(self.allowed("chief", action="look"), "what needs none")
        self.approve(self.asked(action="setLimits", ticket="T-480"))
        self.assertFalse(self.allowed(action="setLimits"), "policies look at the ticket")
        self.approve(self.asked(action="setLimits", device="SN-8", ticket="T-481"), self.officer())
        self.assertTrue(self.allowed(action="setLimits", device="SN-8"))

    def test_nobody_says_that_it_was_approved(self):
        for said in ({"id": "x"}, {}, None, True):
            status, reply = self.ask("swift", context={"approval": said})
            self.assertEqual(status, 400, (said, reply))
        self.approve(self.asked())
        self.assertEqual(self.ask("swift", context={"approval": {}})[0], 400, "with one neither")

    def test_it_is_over_by_itself(self):
        one = self.asked()
        self.approve(one)
        self.assertTrue(self.allowed())
        self.here.server.stop()
        past = int(time.time() * 1000) - 1000
        database = sqlite3.connect(self.folder / "directory.db")
        with database:  # as if its half hour had gone by
            database.execute("UPDATE role_request SET ends_ms = ? WHERE id = ?", (past, one))
        database.close()
        with Serve(self.here.site) as server:
            self.here.server = server
            self.assertFalse(self.allowed())

            def state():
                with sqlite3.connect(self.folder / "directory.db") as kept:
                    return kept.execute("SELECT state FROM role_request WHERE id = ?",
                                        (one,)).fetchone()[0]
            eventually(lambda: state() == "over", SOON)
            self.assertFalse(self.allowed())

    def test_a_server_that_starts_anew_knows_it(self):
        self.approve(self.asked())
        self.here.server.stop()
        with Serve(self.here.site) as server:
            self.here.server = server
            self.assertTrue(self.allowed())
            self.assertFalse(self.allowed(device="SN-8"))

    def test_no_decision_that_begins_behind_an_end_allows(self):
        for _ in range(3):
            one = self.asked()
            self.approve(one)
            seen, is_over = [], threading.Event()

            def use():
                while not is_over.is_set():
                    begin = time.monotonic()
                    seen.append((begin, self.allowed()))

            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads:
                thread.start()
            eventually(lambda: any(allowed for _, allowed in seen))
            self.assertEqual(self.answer(one, "end", "chief")[0], 200)
            answered = time.monotonic()
            eventually(lambda: sum(begin > answered for begin, _ in seen) > 20)
            is_over.set()
            for thread in threads:
                thread.join()
            self.assertFalse(any(allowed for begin, allowed in seen if begin > answered))


if __name__ == "__main__":
    unittest.main()
