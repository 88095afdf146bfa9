"""A log whose key is exchanged: who has either key verifies all of it, and the server goes on."""
import json
import shutil
import unittest

from audited import decision_ids, exported
from program import ProgramTest, run
from serving import Serve, Site, eventually


class RotateKeyTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = Site(self.folder)
        self.token = self.site.add_caller("gateway")
        self.site.config["audit"] = {"directory": "log", "keys": "keys", "immutable": False,
                                     "checkpoint_interval": "100ms"}
        self.log = self.folder / "log"
        self.decide()
        self.first = self.public_key()

    def decide(self, count=3):
        with Serve(self.site) as server:
            for _ in range(count):
                self.assertTrue(server.decision(self.token))

    def public_key(self):
        return (self.log / "public.key").read_text().strip()

    def rotate(self, *more):
        result = self.json_of("audit", "rotate-key", "log", "--keys", "keys", *more)
        self.assertEqual(result["key"], self.public_key())
        return result["key"]

    def verify(self, *more, code=0):
        return self.json_of("audit", "verify", "log", *more, code=code)

    def test_either_key_verifies_all(self):
        shutil.copy(self.log / "checkpoint", self.folder / "kept")
        second = self.rotate("--reason", "once a year")
        self.assertNotEqual(second, self.first)
        self.decide()
        third = self.rotate()
        self.decide()
        for key in (self.first, second, third):
            said = self.verify("--key", key, "--checkpoint", "kept")
            self.assertTrue(said["whole"] and said["rollback_excluded"], said)
            self.assertEqual((said["findings"], said["key"]), ([], third))
            self.assertEqual(said["keys"], [self.first, second, third])
        text = self.run_here("audit", "verify", "log", "--key", self.first)
        self.assertIn("its key was exchanged; it is signed with `" + third, text.stdout)
        self.assertEqual(len(decision_ids(self.log)), 9)

    def test_it_is_on_record(self):
        second = self.rotate("--reason", "it was seen by others")
        event, = [each for each in exported(self.log, "--keys", self.folder / "keys")
                  if each["kind"] == "log_key_change"]
        self.assertEqual(event["reason"], "it was seen by others")
        self.assertEqual(event["principal_type"], "OperatingSystemUser")
        self.assertEqual(event["changed"].split("\n")[1:3], [self.first, second])
        self.run_here("audit", "prove", "log", "--record", str(event["record"]), "--out", "proof")
        for key in (self.first, second):
            self.assertTrue(self.json_of("audit", "verify", "--bundle", "proof", "--key",
                                         key)["proven"])

    def test_the_key_before_is_gone(self):
        secret = (self.folder / "keys/log.key").read_text()
        self.rotate()
        for path in (self.folder / "keys").iterdir():
            self.assertNotIn(secret.encode().strip(), path.read_bytes(), path)

    def test_another_log_with_its_key_put_in_place_is_found(self):
        other = Site(self.folder / "other")
        other.config["audit"] = {"directory": "log", "origin": (
            self.log / "origin").read_text().splitlines()[1]}
        with Serve(other):
            pass
        self.rotate()
        foreign = (self.folder / "other/log/public.key").read_text().strip()
        said = self.verify("--key", foreign, code=3)
        self.assertIn("is not the key that was given", said["findings"][0]["message"])
        shutil.copy(self.folder / "other/log/public.key", self.log / "public.key")
        self.verify("--key", self.first, code=3)

    def test_not_while_a_server_has_it(self):
        with Serve(self.site):
            self.assert_fails("a server has the log", "audit", "rotate-key", "log", "--keys",
                              "keys")
        self.assertEqual(self.public_key(), self.first)
        self.assert_fails("is no audit log", "audit", "rotate-key", "keys")

    def test_one_that_was_broken_off_is_ended_by_the_next_start(self):
        shutil.copytree(self.folder / "keys", self.folder / "earlier")
        second = self.rotate()
        key = (self.folder / "keys/log.key").read_text()
        shutil.rmtree(self.folder / "keys")
        shutil.copytree(self.folder / "earlier", self.folder / "keys")
        next_key = self.folder / "keys/log.key.next"
        next_key.write_text(key)
        next_key.chmod(0o600)
        (self.folder / "keys/log.checkpoint").unlink()
        (self.log / "public.key").write_text(self.first + "\n")
        (self.log / "key-changes").unlink()
        self.decide()
        self.assertEqual(self.public_key(), second)
        self.assertFalse(next_key.exists())
        for known in (self.first, second):
            self.assertTrue(self.verify("--key", known)["whole"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
