"""`wardlock pdp --bundle`: it decides by what was signed, and a bad bundle changes nothing."""
import base64
import hashlib
import json
import os
import subprocess
import time
import unittest

from program import LIMIT_S, Pdp, ProgramTest, question

SCHEMA = """entity Role; entity User in [Role]; entity Ward;
action view appliesTo { principal: User, resource: Ward };
"""
OPEN = '@id("open") permit (principal, action, resource);\n'
NURSES = '@id("nurses") permit (principal in Role::"Nurse", action, resource);\n'
CLOSED = OPEN + '@id("closed") forbid (principal, action, resource);\n'
PLACE = {"--tenant": "st-mary", "--environment": "production"}
TRUST = ["--bundle-key", "signer.pub", *[word for pair in PLACE.items() for word in pair]]
ASKED = question(("User", "ann"), "view", ("Ward", "7"))


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True, timeout=LIMIT_S)


def eventually(is_so, limit_s=30):
    end = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit_s} s")
        time.sleep(0.1)


class PdpBundleTest(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ["signer", "stranger"]:
            openssl("genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem", cwd=self.folder)
            os.chmod(self.folder / f"{name}.pem", 0o600)
            openssl("pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub", cwd=self.folder)

    def put(self, data, name="wards.bundle"):
        """In one step, as it should be."""
        (self.folder / "draft").write_bytes(data)
        os.replace(self.folder / "draft", self.folder / name)

    def bundle(self, policies, serial, key="signer", expires="3650d", **place):
        """The bytes of a bundle."""
        self.write("wards/ward.cedarschema", SCHEMA)
        self.write("wards/ward.cedar", policies)
        at = {**PLACE, **{f"--{name}": value for name, value in place.items()}}
        self.json_of("bundle", "build", "wards", "-o", "new.bundle", "--serial", serial, "--expires",
                     expires, *[word for pair in at.items() for word in pair])
        return self.signed(key)

    def signed(self, key):
        if key:
            # One that has expired is signed with a warning.
            signed = self.run_here("bundle", "sign", "new.bundle", "--key", f"{key}.pem")
            self.assertEqual(signed.returncode, 0, signed.stderr)
        return (self.folder / "new.bundle").read_bytes()

    def unfit(self, policies, serial):
        """A bundle that `build` would not make, rightly signed."""
        content = b"wardlock-policies 1\n"
        for name, text in [("ward.cedar", policies), ("ward.cedarschema", SCHEMA)]:
            content += b"%s %d\n%s\n" % (name.encode(), len(text), text.encode())
        statement = {"content": "sha256:" + hashlib.sha256(content).hexdigest(),
                     "content_bytes": len(content), "created": "2025-01-15T10:00:00Z",
                     "environment": "production", "expires": "2125-01-15T10:00:00Z", "format": 1,
                     "serial": serial, "tenant": "st-mary"}
        payload = base64.b64encode(json.dumps(statement, separators=(",", ":")).encode()).decode()
        envelope = {"payload": payload, "payloadType": "application/vnd.wardlock.policy-bundle+json",
                    "signatures": []}
        (self.folder / "new.bundle").write_bytes(
            json.dumps(envelope, separators=(",", ":")).encode() + b"\n" + content)
        return self.signed("signer")

    def serve(self, *more):
        pdp = Pdp("--bundle", "wards.bundle", *TRUST, *more, cwd=self.folder)
        self.addCleanup(pdp.stop)
        return pdp

    @staticmethod
    def ready(pdp):
        return json.loads(pdp.request("GET", "/readyz")[2])

    @staticmethod
    def allows(pdp):
        return pdp.ask(ASKED)[1]["decision"]

    def test_a_newer_bundle_is_taken_over_and_a_bad_one_is_not(self):
        self.put(self.bundle(OPEN, 7))
        pdp = self.serve()
        self.assertTrue(self.allows(pdp))
        self.assertEqual(pdp.started["bundle"]["serial"], 7)

        closed = self.bundle(CLOSED, 8)
        self.put(closed)
        eventually(lambda: not self.allows(pdp))
        self.assertEqual(self.ready(pdp)["bundle"]["serial"], 8)

        reasons = []
        for reason, bad in [("is not signed", self.bundle(OPEN, 9, key=None)),
                            ("serial is 7, and 8 is in use", self.bundle(OPEN, 7)),
                            ("serial is 8, and 8 is in use with another content", self.bundle(OPEN, 8)),
                            ("tenant `st-john`", self.bundle(OPEN, 9, tenant="st-john")),
                            ("not the one that was signed",
                             self.bundle(OPEN + "// " + "x" * 80, 9).replace(b"xxx", b"xyx", 1)),
                            ("says what is wrong", self.unfit("permit (principal", 9)),
                            ("says what is wrong", self.unfit('@colour("red") ' + OPEN, 9))]:
            self.put(bad)
            eventually(lambda: "stale" in self.ready(pdp))
            self.assertFalse(self.allows(pdp), reason)
            self.assertEqual(self.ready(pdp)["bundle"]["serial"], 8)
            reasons.append(reason)
            self.put(closed)
            eventually(lambda: "stale" not in self.ready(pdp))

        # Back: the old content under a higher serial.
        self.put(self.bundle(OPEN, 9))
        eventually(lambda: self.allows(pdp))
        # A key that is taken out of its file counts no more; what is in use stays.
        self.put((self.folder / "stranger.pub").read_bytes(), "signer.pub")
        eventually(lambda: "stale" in self.ready(pdp))
        self.assertTrue(self.allows(pdp))
        _, log = pdp.stop()
        for reason in [*reasons, "no key that counts"]:
            self.assertIn(reason, log)

    def test_what_expires_in_use_stays_in_use_and_is_told(self):
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 8))
        self.put(self.bundle(NURSES, 7, expires=soon))
        ann = {"uid": {"type": "User", "id": "ann"}, "attrs": {},
               "parents": [{"type": "Role", "id": "Nurse"}]}
        self.write("entities.json", [ann])
        pdp = self.serve("--entities", "entities.json")
        self.assertNotIn("stale", self.ready(pdp))
        eventually(lambda: "expired" in self.ready(pdp).get("stale", ""))
        self.assertTrue(self.allows(pdp))
        # Who lost a role loses it all the same.
        self.put(json.dumps([{**ann, "parents": []}]).encode(), "entities.json")
        eventually(lambda: not self.allows(pdp))
        eventually(lambda: "expired" in self.ready(pdp).get("stale", ""))
        self.put(self.bundle(OPEN, 8))
        eventually(lambda: self.allows(pdp))
        self.assertNotIn("stale", self.ready(pdp))
        self.assertIn("policies_expired", pdp.stop()[1])
        # Nothing begins with what has expired.
        self.put(self.bundle(OPEN, 9, expires="1d", created="2025-01-15"))
        self.assert_fails("expired at", "pdp", "--bundle", "wards.bundle", *TRUST, code=3)

    def test_says_what_it_does_not_start_with(self):
        self.put(self.bundle(OPEN, 7))
        start = ["pdp", "--bundle", "wards.bundle"]
        self.assert_fails("not above 7", *start, *TRUST, "--serial-above", "7")
        self.assert_fails("--bundle-key", *start)
        self.assert_fails("--bundle-key", *start, "--bundle-key", "signer.pub", "--tenant", "st-mary")
        self.assert_fails("leave out `--policies`", *start, *TRUST, "--policies", "wards")
        self.assert_fails("leave out `--mode cedar`", *start, *TRUST, "--mode", "cedar")
        self.assert_fails("go with `--bundle`", "pdp", "-p", "wards", "--tenant", "st-mary")
        self.assert_fails("give `--policies`", "pdp")
        self.put(self.bundle(OPEN, 7, key="stranger"))
        self.assert_fails("no key that counts", *start, *TRUST)
        self.put(self.unfit("permit (principal", 7))
        self.assert_fails("ward.cedar", *start, *TRUST)


if __name__ == "__main__":
    unittest.main()
