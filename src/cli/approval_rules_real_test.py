"""Who approves that two persons act, and who does not, against a running server with people signed in."""
import unittest

from approval_site import ApprovalSite
from request_site import REQUESTS
from serving import eventually


class ApprovalRulesTest(ApprovalSite):
    def test_nobody_approves_their_own(self):
        self.hale.relate("owner", self.pump, self.swift)
        self.signed_in("swift2", "SecurityOfficer")
        self.hale.relate("accountOf", self.swift2, self.swift)
        one = self.asked()
        for who in ("swift", "swift2"):
            status, reply = self.answer(one, "approve", who)
            self.assertEqual(status, 403, reply)
        self.assertFalse(self.allowed())
        self.approve(one)
        self.assertTrue(self.allowed(), "somebody else")
        self.assertFalse(self.allowed("swift2"), "and for the account that asked")

    def test_who_may_not_approve(self):
        self.signed_in("cole")
        one = self.asked()
        self.assertEqual(self.answer(one, "approve", "cole")[0], 403)
        self.assertEqual(self.request("GET", f"{REQUESTS}/{one}", None, "cole")[0], 404)
        safety = self.asked(action="stopScan")
        officer = self.officer()
        self.assertEqual(self.answer(safety, "approve", officer)[0], 403,
                         "what keeps patients safe is for who answers for the device")
        self.approve(safety)
        self.assertTrue(self.allowed(action="stopScan"))
        self.approve(one, officer)
        self.assertTrue(self.allowed())
        status, reply = self.answer(one, "end", "cole")
        self.assertEqual(status, 403, reply)
        self.assertTrue(self.allowed())
        self.assertEqual(self.answer(one, "end", officer)[0], 200, "who gave it")
        self.assertFalse(self.allowed())

    def test_refused_and_withdrawn(self):
        one = self.asked()
        self.assertEqual(self.answer(one, "refuse", "chief", words="not today")[0], 200)
        self.assertEqual(self.answer(one, "approve", "chief")[0], 409)
        two = self.asked()
        self.assertEqual(self.answer(two, "withdraw", "swift")[0], 200)
        self.assertEqual(self.answer(two, "approve", "chief")[0], 409)
        self.assertFalse(self.allowed())

    def test_who_leaves_has_it_no_more(self):
        one = self.asked()
        self.approve(one)
        self.assertTrue(self.allowed())
        self.hale.must("POST", f"people/{self.swift}/state", {"state": "suspended"})
        eventually(lambda: not self.allowed())

    def test_what_is_not_asked_as_it_should_be(self):
        for change, status in (({"reason": ""}, 400), ({"reason": "x" * 1_000_000}, 400),
                               ({"action": "fly"}, 400), ({"action": "look"}, 409),
                               ({"device": "SN-99"}, 404), ({"device": None}, 400),
                               ({"minutes": 121}, 400), ({"minutes": 0}, 400),
                               ({"role": "Physician"}, 400), ({"person": "chief"}, 400)):
            found, reply = self.request("POST", REQUESTS, self.wish(**change), "swift")
            self.assertEqual(found, status, (str(change)[:60], reply))
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), token="nobody")[0], 401)
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), token=self.ehr)[0], 403)
        self.asked()
        self.assertEqual(self.request("POST", REQUESTS, self.wish(), "swift")[0], 409, "twice")


if __name__ == "__main__":
    unittest.main()
