"""`wardlock bundle`: policies become one signed file, and what is wrong with one is told."""
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from program import HOSPITAL, LIMIT_S, WARDLOCK, ProgramTest

SCHEMA = """entity User; entity Ward { sealed: Bool };
action view appliesTo { principal: User, resource: Ward };
"""
POLICIES = """@id("users-view")
permit (principal is User, action == Action::"view", resource);

@id("sealed-stays-sealed")
@reason("Sealed wards stay sealed.")
forbid (principal, action, resource)
when { resource.sealed };
"""
ENTITIES = [{"uid": {"type": "Ward", "id": name}, "attrs": {"sealed": name == "vault"},
             "parents": []} for name in ["open", "vault"]]
SUITE = """defaults: {at: 2026-11-23T10:00:00Z}
tests:
  - name: sealed wards
    action: view
    matrix: |
      |             | Ward::"open" | Ward::"vault" |
      | User::"ann" | allow        | forbid        |
"""
PLACE = ["--tenant", "st-mary", "--environment", "production", "--serial", "7"]
MADE = [*PLACE, "--created", "2025-01-15T10:00:00Z", "--expires", "36500d"]


def openssl(*arguments, cwd):
    return subprocess.run(["openssl", *map(str, arguments)], cwd=cwd, check=True,
                          capture_output=True, timeout=LIMIT_S).stdout


class BundleTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("wards/ward.cedarschema", SCHEMA)
        self.write("wards/ward.cedar", POLICIES)
        self.write("wards/entities.json", ENTITIES)
        self.write("wards/tests/ward.test.yaml", SUITE)

    def key(self, name="signer", algorithm=("ed25519",)):
        openssl("genpkey", "-algorithm", *algorithm, "-out", f"{name}.pem", cwd=self.folder)
        openssl("pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub", cwd=self.folder)
        os.chmod(self.folder / f"{name}.pem", 0o600)
        der = openssl("pkey", "-in", f"{name}.pem", "-pubout", "-outform", "DER", cwd=self.folder)
        return hashlib.sha256(der).hexdigest()

    def build(self, *more, folder="wards", file="wards.bundle", options=MADE):
        return self.json_of("bundle", "build", folder, "-o", file, *options, *more)

    def bytes_of(self, file="wards.bundle"):
        return (self.folder / file).read_bytes()


class BuildTest(BundleTest):
    def test_makes_the_bundle_that_the_format_describes(self):
        built = self.build()
        envelope, content = self.bytes_of().split(b"\n", 1)
        envelope = json.loads(envelope)
        self.assertEqual(envelope["signatures"], [])
        statement = base64.b64decode(envelope["payload"])
        self.assertEqual(statement, json.dumps(json.loads(statement), sort_keys=True,
                                               separators=(",", ":")).encode())
        statement = json.loads(statement)
        self.assertEqual(statement["content"], "sha256:" + hashlib.sha256(content).hexdigest())
        self.assertEqual((statement["tenant"], statement["environment"], statement["serial"]),
                         ("st-mary", "production", 7))
        self.assertEqual(built["content"], statement["content"])
        names = ["entities.json", "tests/ward.test.yaml", "ward.cedar", "ward.cedarschema"]
        self.assertEqual([file["name"] for file in built["files"]], names)
        self.assertEqual(built["tests_passed"], 2)
        expected = b"wardlock-policies 1\n"
        for name in names:
            text = (self.folder / "wards" / name).read_bytes()
            expected += b"%s %d\n%s\n" % (name.encode(), len(text), text)
        self.assertEqual(content, expected)

    def test_the_same_inputs_make_the_same_bytes(self):
        self.build()
        other = self.folder / "elsewhere"
        shutil.copytree(self.folder / "wards", other)
        for path in sorted(other.rglob("*"), reverse=True):
            os.utime(path, (0, 0))
        (other / "notes.txt").write_text("no part of it")
        self.build(folder="elsewhere", file="again.bundle")
        self.assertEqual(self.bytes_of("again.bundle"), self.bytes_of())
        key = self.key()
        for file in ["wards.bundle", "again.bundle"]:
            self.assertEqual(self.json_of("bundle", "sign", file, "--key", "signer.pem")["key"], key)
        self.assertEqual(self.bytes_of("again.bundle"), self.bytes_of())

    def test_a_higher_serial_has_the_same_content(self):
        first = self.build()
        later = self.build(options=["--tenant", "st-mary", "--environment", "production", "--serial",
                                    "8", "--expires", "2036-01-01"], file="later.bundle")
        self.assertEqual(first["content"], later["content"])
        self.assertNotEqual(self.bytes_of("later.bundle"), self.bytes_of())

    def test_refuses_policies_that_are_not_fit(self):
        for text, parts in [
            (POLICIES + "permit (principal", "ward.cedar:"),
            (POLICIES + "permit (principal, action, resource) when { resource.colour };", "colour"),
            (POLICIES + '@colour("red") permit (principal, action, resource);', "`@colour`"),
            (POLICIES + '@waivable("break-glass") permit (principal, action, resource);',
             "`@waivable` belongs on a forbid"),
        ]:
            self.write("wards/ward.cedar", text)
            result = self.run_here("bundle", "build", "wards", "-o", "x.bundle", *MADE)
            self.assertIn(result.returncode, (1, 3), text)
            self.assertIn(parts, result.stderr)
            self.assertFalse((self.folder / "x.bundle").exists())

    def test_tells_all_that_is_wrong_at_once(self):
        self.write("wards/ward.cedar", POLICIES + """
            @colour("red") permit (principal, action, resource);
            permit (principal, action, resource) when { resource.colour };
            permit (principal, action, resource) when { resource.sealed < 3 };""")
        self.assert_fails(["`@colour`", "`colour`", "ward.cedar:11:"], "bundle", "build", "wards", "-o",
                          "x.bundle", *MADE, code=3)

    def test_refuses_policies_whose_tests_fail(self):
        self.write("wards/tests/ward.test.yaml", SUITE.replace("forbid", "allow "))
        self.assert_fails(["FAILED sealed wards", "1 passed, 1 failed"], "bundle", "build", "wards",
                          "-o", "x.bundle", *MADE, code=3)
        self.assertFalse((self.folder / "x.bundle").exists())
        self.assertNotIn("tests_passed", self.build("--no-tests"))
        self.write("wards/tests/ward.test.yaml", "tests: 1")
        self.assert_fails("tests/ward.test.yaml", "bundle", "build", "wards", "-o", "x.bundle", *MADE)

    def test_refuses_files_that_would_be_missing(self):
        for name in ["Ward.CEDAR", "more.test.yml", "tests/more.cedar", "wärd.cedar", "two words.cedar",
                     "my.links.json", "rules.Invariants"]:
            self.write(f"wards/{name}", POLICIES)
            self.assert_fails("would not be in the bundle", "bundle", "build", "wards", "-o", "x.bundle",
                              *MADE)
            (self.folder / "wards" / name).unlink()
        os.mkfifo(self.folder / "wards" / "pipe.cedar")
        self.assert_fails("is no file", "bundle", "build", "wards", "-o", "x.bundle", *MADE)
        (self.folder / "wards" / "pipe.cedar").unlink()
        self.write("wards/empty.cedar", "")
        self.assert_fails("is empty", "bundle", "build", "wards", "-o", "x.bundle", *MADE)

    def test_refuses_statements_that_make_no_sense(self):
        for change, part in [(["--tenant", "St Mary"], "tenant"), (["--environment", ""], "environment"),
                             (["--serial", "0"], "serial"), (["--serial", "-1"], "serial"),
                             (["--serial", "9007199254740992"], "serial"),
                             (["--expires", "2025-01-15T10:00:00Z"], "expire"),
                             (["--expires", "soon"], "--expires"), (["--created", "now"], "--created")]:
            at = {option: value for option, value in zip(MADE[::2], MADE[1::2])}
            at[change[0]] = change[1]
            options = [word for pair in at.items() for word in pair]
            self.assert_fails(part, "bundle", "build", "wards", "-o", "x.bundle", *options)
        self.assert_fails("is no folder", "bundle", "build", "nowhere", "-o", "x.bundle", *MADE)
        self.assert_fails("cannot be written", "bundle", "build", "wards", "-o", "no/x.bundle", *MADE)

    def test_leaves_entities_out_where_nothing_is_tested(self):
        (self.folder / "wards" / "tests" / "ward.test.yaml").unlink()
        self.assertNotIn("entities.json", [file["name"] for file in self.build()["files"]])

    def test_a_process_that_is_killed_leaves_the_old_bundle(self):
        self.build()
        before = self.bytes_of()
        # Large enough that writing takes a moment.
        for number in range(60):
            self.write(f"wards/more{number}.cedar", "// " + "x" * 500_000 + "\n" +
                       f'@id("more-{number}") permit (principal is User, action, resource);\n')
        outcomes = set()
        for delay in [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0]:
            process = subprocess.Popen([WARDLOCK, "bundle", "build", "wards", "-o", "wards.bundle",
                                        "--no-tests", *MADE], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait(LIMIT_S)
            now = self.bytes_of()
            outcomes.add(now == before)
            self.run_here("bundle", "inspect", "wards.bundle")
            self.assertEqual(self.run_here("bundle", "inspect", "wards.bundle").returncode, 0)
        self.assertIn(True, outcomes)


class SignTest(BundleTest):
    def verify(self, *options, file="wards.bundle"):
        return self.json_of("bundle", "verify", file, *options)

    def refused(self, part, *options, file="wards.bundle"):
        return self.assert_fails(part, "bundle", "verify", file, *options, code=3)

    def test_a_signature_of_either_kind_is_verified_here_and_by_openssl(self):
        for name, algorithm in [("ed", ("ed25519",)),
                                ("ec", ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"))]:
            key = self.key(name, algorithm)
            self.build(file=f"{name}.bundle")
            signed = self.json_of("bundle", "sign", f"{name}.bundle", "--key", f"{name}.pem")
            self.assertEqual((signed["key"], signed["was_signed"]), (key, False))
            self.assertEqual(self.verify("--key", f"{name}.pub", file=f"{name}.bundle")["signers"], [key])
            envelope = json.loads(self.bytes_of(f"{name}.bundle").split(b"\n", 1)[0])
            payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
            (self.folder / "text").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload),
                                                                       payload))
            (self.folder / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
            if name == "ed":
                openssl("pkeyutl", "-verify", "-pubin", "-inkey", "ed.pub", "-rawin", "-in", "text",
                        "-sigfile", "sig", cwd=self.folder)
            else:
                openssl("dgst", "-sha256", "-verify", "ec.pub", "-signature", "sig", "text",
                        cwd=self.folder)

    def test_several_sign_and_who_signs_twice_changes_nothing(self):
        keys = sorted([self.key("one"), self.key("two")])
        self.build()
        for name in ["two", "one"]:
            self.json_of("bundle", "sign", "wards.bundle", "--key", f"{name}.pem")
        before = self.bytes_of()
        self.assertTrue(self.json_of("bundle", "sign", "wards.bundle", "--key", "one.pem")["was_signed"])
        self.assertEqual(self.bytes_of(), before)
        both = ["--key", "one.pub", "--key", "two.pub"]
        self.assertEqual(self.verify(*both, "--signatures", "2")["signers"], keys)
        self.refused("1 of the keys", "--key", "one.pub", "--signatures", "2")
        self.refused("revoked", "--key", "one.pub", "--revoked-key", "one.pub")
        self.verify(*both, "--revoked-key", "one.pub")

    def test_each_thing_that_is_wrong_is_told(self):
        self.key()
        self.key("other")
        self.build()
        key = ["--key", "signer.pub"]
        self.refused("is not signed", *key)
        self.run_here("bundle", "sign", "wards.bundle", "--key", "signer.pem")
        self.verify(*key, "--tenant", "st-mary", "--environment", "production", "--serial-above", "6")
        self.refused("no key that counts", "--key", "other.pub")
        self.refused("the tenant `st-mary`, not `st-john`", *key, "--tenant", "st-john")
        self.refused("the environment `production`, not `test`", *key, "--environment", "test")
        self.refused("not above 7", *key, "--serial-above", "7")
        self.refused("expired at", *key, "--at", "2200-01-01")
        self.refused("one of the clocks", *key, "--at", "2025-01-15T09:54:59Z")
        self.verify(*key, "--at", "2025-01-15T09:55:00Z")
        good = self.bytes_of()
        for part, changed in [("not the one that was signed", good.replace(b"is User", b"is Usur")),
                              ("has", good + b"\n"), ("has", good[:-1]),
                              ("is no policy bundle", b"PK\x03\x04" + good),
                              ("is no policy bundle", b""), ("is no policy bundle", b"\0" * 100_000)]:
            (self.folder / "bad.bundle").write_bytes(changed)
            self.refused(part, *key, file="bad.bundle")
        self.assert_fails("give `--key`", "bundle", "verify", "wards.bundle")
        self.assert_fails("cannot be opened", "bundle", "verify", "no.bundle", *key)
        self.assert_fails("no public key", "bundle", "verify", "wards.bundle", "--key",
                          "wards/ward.cedar")

    def test_the_key_is_its_owners(self):
        self.key()
        self.build()
        os.chmod(self.folder / "signer.pem", 0o644)
        before = self.bytes_of()
        self.assert_fails("chmod 600 signer.pem", "bundle", "sign", "wards.bundle", "--key", "signer.pem",
                          code=3)
        self.assert_fails("no private key", "bundle", "sign", "wards.bundle", "--key",
                          self.write_private("key.pem", "nothing"))
        self.assert_fails("Ed25519 or P-256", "bundle", "sign", "wards.bundle", "--key",
                          self.rsa_key())
        self.assertEqual(self.bytes_of(), before)

    def write_private(self, name, text):
        self.write(name, text)
        os.chmod(self.folder / name, 0o600)
        return name

    def rsa_key(self):
        openssl("genpkey", "-algorithm", "RSA", "-out", "rsa.pem", cwd=self.folder)
        os.chmod(self.folder / "rsa.pem", 0o600)
        return "rsa.pem"

    def test_a_token_signs(self):
        module = next((path for path in ["/usr/lib/softhsm/libsofthsm2.so",
                                         "/usr/lib64/pkcs11/libsofthsm2.so"] if os.path.exists(path)), None)
        if module is None or shutil.which("softhsm2-util") is None:
            self.skipTest("SoftHSM is not installed")
        (self.folder / "tokens").mkdir()
        self.write("softhsm2.conf", f"directories.tokendir = {self.folder}/tokens\n")
        env = {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}
        softhsm = lambda *words: subprocess.run(["softhsm2-util", *words], check=True, cwd=self.folder,
                                                env={**os.environ, **env}, capture_output=True)
        softhsm("--init-token", "--free", "--label", "Ward keys", "--so-pin", "87654321", "--pin", "1234")
        key = self.key("signer", ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        softhsm("--import", "signer.pem", "--token", "Ward keys", "--pin", "1234", "--label", "signer",
                "--id", "01")
        (self.folder / "signer.pem").unlink()
        self.write_private("pin", "1234\n")
        uri = (f"pkcs11:token=Ward%20keys;object=signer?module-path={module}&"
               f"pin-source={self.folder}/pin")
        self.build()
        signed = self.json_of("bundle", "sign", "wards.bundle", "--key", uri, env=env)
        self.assertEqual(signed["key"], key)
        self.assertEqual(self.verify("--key", "signer.pub")["signers"], [key])
        self.write_private("pin", "4321\n")
        failed = self.run_here("bundle", "sign", "wards.bundle", "-o", "x.bundle", "--key", uri, env=env)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("the PIN is wrong", failed.stderr)
        self.assertNotIn("4321", failed.stderr)


class InspectTest(BundleTest):
    def test_shows_what_it_says_of_itself(self):
        key = self.key()
        self.write("wards/bundle.json", {"name": "Wards", "version": "1.4", "labels": {"commit": "3c87baa"}})
        self.build()
        shown = self.json_of("bundle", "inspect", "wards.bundle")
        self.assertEqual((shown["verified"], shown["claimed_signers"], shown["labels"]),
                         (False, [], {"commit": "3c87baa"}))
        self.run_here("bundle", "sign", "wards.bundle", "--key", "signer.pem")
        text = self.run_here("bundle", "inspect", "wards.bundle").stdout
        for part in ["name         Wards", "serial       7", f"signature    {key}", "policies     ward.cedar",
                     "nothing of this is verified"]:
            self.assertIn(part, text)
        self.assert_prints(POLICIES, "bundle", "inspect", "wards.bundle", "--file", "ward.cedar")
        self.assert_fails("has no file", "bundle", "inspect", "wards.bundle", "--file", "../ward.cedar")
        self.assert_fails("is no policy bundle", "bundle", "inspect", "wards/ward.cedar")


class DiffTest(BundleTest):
    def test_tells_what_changed(self):
        self.build()
        self.assert_prints("the same content\n", "bundle", "diff", "wards.bundle", "wards")
        self.write("wards/ward.cedar", "// Everybody.\n" + POLICIES)
        self.assert_prints("~ file `ward.cedar`\nthe same policies and schema\n", "bundle", "diff",
                           "wards.bundle", "wards", code=1)
        self.write("wards/ward.cedar", POLICIES.replace("Sealed wards", "Wards").replace(
            "when { resource.sealed }", "when { resource.sealed } unless { context has key }") +
            '@id("new") permit (principal, action, resource);')
        self.write("wards/ward.cedarschema", SCHEMA.replace("sealed: Bool", "sealed: Bool, beds?: Long"))
        (self.folder / "wards" / "tests" / "ward.test.yaml").unlink()
        self.assert_prints("""- file `entities.json`
- file `tests/ward.test.yaml`
~ file `ward.cedar`
~ file `ward.cedarschema`
+ policy `new` (ward.cedar)
    @id("new")
    permit (principal, action, resource);
~ policy `sealed-stays-sealed` (ward.cedar)
    @reason
      - "Sealed wards stay sealed."
      + "Wards stay sealed."
    unless
      + context has key
~ entity type `Ward`
    attribute beds
      + optional Long
""", "bundle", "diff", "wards.bundle", "wards", code=1)
        found = self.json_of("bundle", "diff", "wards.bundle", "wards", code=1)
        self.assertEqual((found["same"], found["policies"]["added"], found["policies"]["changed"]),
                         (False, 1, 1))
        self.assert_fails("cannot be opened", "bundle", "diff", "no.bundle", "wards", code=3)


class HospitalTest(ProgramTest):
    def test_the_hospital_is_a_bundle(self):
        built = self.json_of("bundle", "build", HOSPITAL, "-o", "hospital.bundle", *MADE)
        self.assertGreater(built["tests_passed"], 400)
        self.assert_prints("the same content\n", "bundle", "diff", "hospital.bundle", HOSPITAL)


if __name__ == "__main__":
    unittest.main()
