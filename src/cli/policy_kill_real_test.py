"""Kills a server whose policies are being activated and rolled back, again and again, at any moment: what was answered is in
force after the restart and decided by, or something that came later."""
import http.client
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

from directory_site import Administrator, DirectorySite
from program import ProgramTest
from serving import Serve

SCHEMA = ("entity User; entity Ward; "
          "action enter appliesTo { principal: User, resource: Ward, context: { number: Long } };")
DRAFTS = "policies/drafts"


def files(number):
    return [{"name": "ward.cedar",
             "text": f'@id("enter") permit (principal, action == Action::"enter", resource) '
                     f'when {{ context.number == {number} }};\n'},
            {"name": "ward.cedarschema", "text": SCHEMA}]


def question(number):
    return {"subject": {"type": "User", "id": "ann"}, "action": {"name": "enter"},
            "resource": {"type": "Ward", "id": "3"}, "context": {"number": number}}


class Changes:
    """Somebody who changes policies alone, until the server is gone. `answered`: serial and content of what the server said is
    in force."""

    def __init__(self, author, first):
        self.author, self.number = author, first
        self.answered = []
        self.numbers = {}  # by content
        self.wrong = []
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        try:
            while True:
                self._activate()
                self._roll_back()
        except (OSError, http.client.HTTPException, ValueError):
            return  # the server is gone
        except AssertionError as refused:
            self.wrong.append(str(refused))

    def _activate(self):
        self.number += 1
        draft = self.author.must("POST", DRAFTS, {"title": f"number {self.number}", "reason": "a test",
                                                  "files": files(self.number)})
        self.numbers[draft["content"]] = self.number
        path = f"{DRAFTS}/{draft['id']}"
        self.author.must("POST", f"{path}/checks", {})
        self.author.must("POST", f"{path}/submit", {"edition": draft["edition"]})
        self._note(self.author.must("POST", f"{path}/activate", {"singleHanded": True, "reason": "a test"}))

    def _roll_back(self):
        history = self.author.must("GET", "policies/history?count=2")["items"]
        if len(history) == 2:
            self._note(self.author.must("POST", f"policies/history/{history[1]['serial']}/roll-back", {"reason": "a test"}))

    def _note(self, made):
        self.answered.append((made["serial"], made["content"]))


class KilledWhileItChanges(ProgramTest):
    kills = 4

    def person(self, site):
        """Who writes and approves, and is alone with that: her token."""
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            ann = hale.create("people", "active", userName="ann")
            for role in ("PolicyAuthor", "PolicyApprover"):
                hale.relate("roleAssignment", ann, hale.role("Wardlock::" + role))
            return hale.must("POST", f"people/{ann}/credentials", {})["token"]

    def test_what_was_answered_is_in_force(self):
        seed = int(os.environ.get("WARDLOCK_SEED", random.randrange(2**32)))
        print(f"seed {seed}, {self.kills} kills", file=sys.stderr)
        draw = random.Random(seed)
        folder = pathlib.Path(self.folder)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "signer.pem"], check=True,
                       capture_output=True)
        (folder / "signer.pem").chmod(0o600)
        (folder / "first").mkdir()
        for each in files(0):
            (folder / "first" / each["name"]).write_text(each["text"])
        site = DirectorySite(folder)
        site.write("nobody.json", [])
        site.config.update({
            "entities": "nobody.json",
            "policies": {"managed": {"key": {"file": "signer.pem"}, "initial": "first"}},
            "administration": {"quota": {"rate": 100000, "burst": 100000}}})
        gate = site.add_caller("gate")
        token = self.person(site)
        numbers, last = {}, (0, "")
        changed = 0
        for _ in range(self.kills):
            server = Serve(site)
            changes = Changes(Administrator(server, token), len(numbers))
            time.sleep(draw.uniform(0.3, 2.0))
            server.stop(signal.SIGKILL)
            changes.thread.join()
            self.assertEqual(changes.wrong, [])
            numbers.update(changes.numbers)
            changed += len(changes.answered)
            last = max([last, *changes.answered])
            with Serve(site) as again:
                author = Administrator(again, token)
                in_force = author.must("GET", "policies")["items"][0]["inForce"]
                ready = again.request("GET", "/readyz")
                self.assertNotIn("refused", ready[2])
                if in_force["serial"] == last[0]:
                    self.assertEqual(in_force["content"], last[1])
                self.assertGreaterEqual(in_force["serial"], last[0], "nothing that was answered is lost")
                self.assertLessEqual(in_force["serial"], last[0] + 1, "one change was under way at most")
                number = numbers.get(in_force["content"], 0)
                self.assertTrue(again.decision(gate, question(number)), "it is decided by")
                self.assertFalse(again.decision(gate, question(number + 1)), "and by nothing else")
                serials = [each["serial"] for each in author.must("GET", "policies/history?count=500")["items"]]
                self.assertEqual(serials, sorted(set(serials), reverse=True), "each serial is given once")
                last = (in_force["serial"], in_force["content"])
        self.assertGreater(changed, 0, "something was changed at all")


if __name__ == "__main__":
    import unittest
    unittest.main(verbosity=2)
