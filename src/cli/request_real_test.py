"""A role for a while, against a running server with people signed in: asked, approved by somebody else who signs, decided
accordingly, over; and all that is refused on the way."""
import json
import sqlite3
import threading
import time
import unittest

from program import run
from request_site import REQUESTS, SOON, RequestSite
from serving import Serve, eventually

POLICIES = '''
@id("physician") permit (principal is User, action == Action::"edit", resource)
  when { principal in Role::"Physician" };
'''
SCHEMA = '''
entity Role in [Role];
entity User in [Role];
@audit("patient") entity Patient;
@audit("care") action edit appliesTo { principal: User, resource: Patient };
'''


class RequestTest(RequestSite):
    POLICIES = POLICIES
    SCHEMA = SCHEMA
    SETTINGS = {"role_requests": {"at_most": "4h"}}

    def fill(self):
        self.hale.create("patients", recordNumber="MR-200")
        self.owned = self.physician = self.hale.create("roles", displayName="Physician")

    def question(self):
        return {"action": {"name": "edit"}, "resource": {"type": "Patient", "id": "MR-200"}}

    def wish(self, **more):
        return {"role": "Physician", "reason": "covering for Dr. Grey", "minutes": 60, **more}

    def test_at_the_command_line_from_the_wish_to_the_end(self):
        self.assertFalse(self.allowed())
        made = self.here.ask("swift", "request", "role", "Physician", "--minutes", "120", "--reason",
                             "covering for Dr. Grey", "--ticket", "T-481")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("swift asks for Physician, for 120 minutes", made.stdout)
        self.assertFalse(self.allowed(), "nobody has answered")
        waiting = json.loads(
            self.here.ask("chief", "request", "list", "--to-approve", "--json").stdout)["items"]
        self.assertEqual([(each["personName"], each["roleName"]) for each in waiting],
                         [("swift", "Physician")])
        one = waiting[0]["id"]
        given = self.here.ask("chief", "request", "approve", one, "--words", "until he is back")
        self.assertEqual(given.returncode, 0, given.stderr)
        self.assertIn("approved: by chief, at ", given.stdout)
        self.assertTrue(self.allowed(), "at once: the answer came when decisions saw it")
        self.assertFalse(self.allowed("chief"), "who approves has not got it")
        shown = self.here.ask("swift", "request", "show", one)
        for part in ("state: granted", "approved: by chief", "until he is back", "ticket: T-481"):
            self.assertIn(part, shown.stdout)
        standing = self.hale.server.request("GET", f"{REQUESTS}/standing", None, {},
                                            self.here.site.first[""])
        self.assertEqual([each["id"] for each in json.loads(standing[2])["items"]], [one])
        back = self.here.ask("swift", "request", "end", one)
        self.assertEqual(back.returncode, 0, back.stderr)
        self.assertFalse(self.allowed(), "given back")

        def told():
            shown = run("audit", "query", self.folder / "log", "--json")
            return [event for event in map(json.loads, shown.stdout.splitlines())
                    if event.get("grant") == one]
        eventually(lambda: any(event["action"] == "end_role_request" for event in told()))
        events = told()[::-1]  # the latest came first
        self.assertEqual([event["action"] for event in events],
                         ["request_role", "approve_role_request", "end_role_request"])
        self.assertEqual((events[1]["principal_id"], events[1]["affected_id"]),
                         (self.chief, self.swift), "both are named")
        self.assertEqual(events[1]["authentication_level"], 2)
        self.assertTrue(events[1]["changed"].startswith("sha256:"), "and what was signed")

    def test_it_is_over_by_itself(self):
        one = self.asked()
        self.approve(one)
        self.assertTrue(self.allowed())
        self.here.server.stop()
        past = int(time.time() * 1000) - 1000
        database = sqlite3.connect(self.folder / "directory.db")
        with database:  # as if its hour had gone by
            database.execute("UPDATE role_request SET ends_ms = ? WHERE id = ?", (past, one))
            database.execute("UPDATE relation SET valid_until_ms = ? WHERE id = (SELECT relation "
                             "FROM role_request WHERE id = ?)", (past, one))
        database.close()
        with Serve(self.here.site) as server:
            self.here.server = server
            self.assertFalse(self.allowed())
            kept = lambda: sqlite3.connect(self.folder / "directory.db").execute(
                "SELECT state FROM role_request WHERE id = ?", (one,)).fetchone()[0]
            eventually(lambda: kept() == "over", SOON)

    def test_nobody_answers_their_own_request(self):
        self.hale.relate("owner", self.physician, self.swift)
        self.signed_in("swift2", "SecurityOfficer")
        self.hale.relate("accountOf", self.swift2, self.swift)
        one = self.asked()
        for who in ("swift", "swift2"):
            status, reply = self.answer(one, "approve", who)
            self.assertEqual(status, 403, reply)
        self.assertFalse(self.allowed())
        self.signed_in("officer", "SecurityOfficer")
        self.approve(one, "officer")
        self.assertTrue(self.allowed(), "somebody else, whom policies let")

    def test_refused_withdrawn_and_who_may_not(self):
        self.signed_in("cole")
        one = self.asked()
        self.assertEqual(self.answer(one, "approve", "cole")[0], 403)
        self.assertEqual(self.request("GET", f"{REQUESTS}/{one}", None, "cole")[0], 404)
        self.assertEqual(self.request("GET", f"{REQUESTS}/standing", None, "cole")[0], 403)
        self.assertEqual(self.answer(one, "refuse", "chief")[0], 400, "why?")
        status, reply = self.answer(one, "refuse", "chief", words="ask your ward")
        self.assertEqual((status, reply["state"], reply["words"]), (200, "refused", "ask your ward"))
        self.assertEqual(self.answer(one, "approve", "chief")[0], 409)
        two = self.asked()
        self.assertEqual(self.answer(two, "withdraw", "swift")[0], 200)
        self.assertEqual(self.answer(two, "approve", "chief")[0], 409)
        self.assertFalse(self.allowed())

    def test_roles_of_administration_take_a_security_officer(self):
        self.hale.relate("owner", self.hale.role("Wardlock::Auditor"), self.chief)
        one = self.asked(role="Wardlock::Auditor")
        self.assertEqual(self.answer(one, "approve", "chief")[0], 403, "an owner does not do")
        self.signed_in("officer", "SecurityOfficer")
        self.assertEqual(self.approve(one, "officer")["state"], "granted")

    def test_what_is_not_asked_as_it_should_be(self):
        for change, status in (({"reason": ""}, 400), ({"reason": "x" * 1_000_000}, 400),
                               ({"reason": None}, 400), ({"role": "Wizard"}, 404),
                               ({"minutes": 241}, 400), ({"minutes": 0}, 400),
                               ({"location": "nowhere"}, 404), ({"person": "chief"}, 400)):
            found, reply = self.request("POST", REQUESTS, self.wish(**change), "swift")
            self.assertEqual(found, status, (str(change)[:60], reply))
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), token="nobody")[0], 401)
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), token=self.ehr)[0], 403)
        self.assertEqual(self.must("GET", f"{REQUESTS}/mine", who="swift")["items"], [])
        self.asked()
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), "swift")[0], 409, "twice")

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
