"""`serve` with a tenant whose policies are kept in the database: what is in force is what is enforced."""
import json
import os
import sqlite3
import subprocess
import tempfile
import unittest

from serving import ENTITIES, POLICIES, SCHEMA, Serve, Site, eventually

NEVER = POLICIES + '@id("never") forbid (principal, action, resource);\n'


class PoliciesInForceTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.token = self.site.add_caller("gate", rights=["metrics"])
        self.make_key("signer")
        self.site.config["directory"] = {"database": "sqlite:wardlock.db"}
        self.site.config["policies"] = {"managed": {"key": {"file": "signer.pem"}, "initial": "policies"}}

    def make_key(self, name):
        for options in [["genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem"],
                        ["pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"]]:
            subprocess.run(["openssl", *options], cwd=self.site.folder, check=True, capture_output=True)
        os.chmod(self.site.folder / f"{name}.pem", 0o600)

    def serve(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        return server

    def ready(self, server):
        return json.loads(server.request("GET", "/readyz")[2])

    def kept(self):
        return self.site.folder / "wardlock.db.main.production.bundle"

    def change_rows(self, sql):
        with sqlite3.connect(self.site.folder / "wardlock.db", timeout=30) as database:
            database.execute(sql)
        database.close()

    def test_the_first_policies_are_those_of_the_folder_and_no_file_changes_them(self):
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        self.assertEqual(self.ready(server)["bundle"]["serial"], 1)
        self.assertTrue(self.kept().exists())
        self.site.write("policies/rules.cedar", NEVER)
        # A change of the entities goes the same way, and is taken over.
        nobody = [each for each in ENTITIES if each["uid"]["id"] != "ann"]
        self.site.write("entities.json", nobody)
        eventually(lambda: not server.decision(self.token))
        self.site.write("entities.json", ENTITIES)
        eventually(lambda: server.decision(self.token))
        server.stop()
        again = self.serve()
        self.assertTrue(again.decision(self.token))
        self.assertEqual(self.ready(again)["bundle"]["serial"], 1)
        self.assertEqual(again.metrics(self.token)['wardlock_policies_serial{tenant=""}'], 1)

    def test_a_row_that_nobody_signed_is_refused_and_shows(self):
        server = self.serve()
        columns = ("tenant, environment, {} content, draft, cause, person, reason, {}, made_ms, starts_ms, "
                   "expires_ms, approve_by_ms")
        self.change_rows(f"INSERT INTO policy_activation ({columns.format('serial,', 'envelope')}) "
                         f"SELECT {columns.format('9,', chr(39) + '{}' + chr(39))} FROM policy_activation")
        eventually(lambda: "refused" in self.ready(server))
        server.wait_for("policies_in_force_refused")
        self.assertTrue(server.decision(self.token))
        self.assertEqual(server.metrics(self.token)['wardlock_policies_refused{tenant=""}'], 1)
        server.stop()
        again = self.serve()  # with what it kept
        self.assertTrue(again.decision(self.token))
        self.assertIn("refused", self.ready(again))
        self.change_rows("DELETE FROM policy_activation WHERE serial = 9")
        eventually(lambda: "refused" not in self.ready(again))

    def test_a_node_without_what_it_kept_does_not_start_with_what_it_cannot_believe(self):
        self.serve().stop()
        self.kept().unlink()
        self.change_rows("UPDATE policy_activation SET envelope = '{}'")
        self.fails_to_start("the policies in force")

    def test_a_database_that_was_emptied_is_no_new_set_up(self):
        self.serve().stop()
        self.change_rows("DELETE FROM policy_activation")
        self.site.write("policies/rules.cedar", NEVER)
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        self.assertIn("refused", self.ready(server))

    def fails_to_start(self, why):
        with self.assertRaisesRegex(AssertionError, "(?s)did not start.*" + why):
            Serve(self.site)

    def test_another_key_takes_over_from_one_that_is_trusted_and_can_be_revoked_then(self):
        self.serve().stop()
        self.make_key("new")
        managed = self.site.config["policies"]["managed"]
        managed["key"] = {"file": "new.pem"}
        self.fails_to_start("no key that counts here has signed")
        managed["trusted_keys"] = "signer.pub"
        server = self.serve()
        self.assertEqual(self.ready(server)["bundle"]["serial"], 2)
        self.assertNotIn("refused", self.ready(server))
        server.stop()
        managed["revoked_keys"] = "signer.pub"
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        self.assertEqual(self.ready(server)["bundle"]["serial"], 2)

    def test_what_a_revoked_key_signed_starts_nothing(self):
        self.serve().stop()
        self.site.config["policies"]["managed"]["revoked_keys"] = "signer.pub"
        self.fails_to_start("has been revoked")

    def test_policies_that_are_files_are_told_to_be_unapproved(self):
        self.site.config["policies"] = "policies"
        server = self.serve()
        server.wait_for("policies_unmanaged")
        self.assertTrue(server.decision(self.token))

    def test_a_folder_that_makes_no_bundle_is_refused(self):
        self.site.write("policies/rules.cedarschema", SCHEMA)
        self.site.write("policies/rules.CEDAR", POLICIES)
        self.fails_to_start("rules.CEDAR` would not be in the bundle")


if __name__ == "__main__":
    unittest.main()
