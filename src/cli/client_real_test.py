"""`wardlock client …` against a running server: every command, who may not, and what is mistyped."""
import json
import unittest

from directory_site import Administrator, DirectorySite
from program import ProgramTest, run
from serving import Serve


class ClientTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])
        self.token = self.token_file("hale.token", self.site.first[""])

    def token_file(self, name, token):
        path = self.folder / name
        path.write_text(token + "\n")
        path.chmod(0o600)
        return path

    def ask(self, *words, token=None):
        return run("client", *words, "--server", self.server.urls[0],
                   "--token-file", token or self.token)

    def must(self, *words):
        """The JSON of what is done."""
        done = self.ask(*words, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def refused(self, *words, **more):
        """What standard error says."""
        done = self.ask(*words, **more)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def add(self, name="Ward list", *more):
        return self.must("add", name, "--redirect-uri", "https://wards.example/in",
                         "--scope", "openid", *more)


class EveryCommandTest(ClientTest):
    def test_a_client_from_its_first_day_to_its_last(self):
        secret = self.folder / "wards.secret"
        made = self.add("Ward list", "--scope", "profile", "--secret-to", secret)
        self.assertNotIn("client_secret", made)
        self.assertTrue(secret.read_text().startswith("wls_"))
        self.assertEqual(secret.stat().st_mode & 0o077, 0, "for its owner alone")
        self.assertEqual(made["scope"], "openid profile")
        listed = self.ask("list")
        self.assertIn("Ward list", listed.stdout)
        self.assertIn(made["client_id"], listed.stdout)
        self.assertNotIn("wls_", listed.stdout)
        shown = self.ask("show", "Ward list")
        self.assertIn("client Ward list is enabled", shown.stdout)
        self.assertNotIn("wls_", shown.stdout)
        changed = self.must("change", "Ward list", "--name", "Wards", "--audience",
                            "https://fhir.example")
        self.assertEqual((changed["client_name"], changed["audiences"], changed["scope"]),
                         ("Wards", ["https://fhir.example"], "openid profile"))
        before = secret.read_text()
        self.assertEqual(self.must("rotate", "Wards", "--secret-to", secret)["secrets"], 2)
        self.assertNotEqual(secret.read_text(), before)
        self.assertEqual(self.must("rotate", "Wards", "--end-others")["secrets"], 1)
        self.assertIs(self.must("disable", "Wards", "--reason", "not used")["enabled"], False)
        self.assertIn("disabled", self.ask("list").stdout)
        self.assertIs(self.must("enable", made["client_id"])["enabled"], True)
        self.must("remove", "Wards")
        self.assertEqual(self.must("list")["items"], [])

    def test_a_program_is_invited_to_register(self):
        token = self.folder / "gateway.token"
        made = self.must("invite", "--note", "pump gateway", "--scope", "openid", "--scope", "profile", "--uses", "2",
                         "--token-to", token)
        self.assertNotIn("token", made)
        self.assertTrue(token.read_text().startswith("wli_"))
        self.assertEqual(token.stat().st_mode & 0o077, 0, "for its owner alone")
        self.assertEqual((made["note"], made["scope"], made["usesLeft"]), ("pump gateway", "openid profile", 2))
        listed = self.ask("invitations")
        self.assertIn("pump gateway", listed.stdout)
        self.assertNotIn("wli_", listed.stdout)
        self.must("uninvite", made["id"])
        self.assertEqual(self.must("invitations")["items"], [])
        self.assertIn("no invitation", self.refused("uninvite", made["id"]))
        self.assertTrue(self.must("invite")["token"].startswith("wli_"))

    def test_nobody_is_invited_to_administer(self):
        self.assertIn("wardlock.admin", self.refused("invite", "--scope", "wardlock.admin"))
        self.assertEqual(self.must("invitations")["items"], [])

    def test_a_secret_is_shown_once_where_no_file_is_named(self):
        made = self.add()
        self.assertTrue(made["client_secret"].startswith("wls_"))
        self.assertNotIn("client_secret", self.must("show", "Ward list"))

    def test_what_has_no_option_comes_from_a_file(self):
        self.write("client.json", json.dumps({
            "grant_types": ["client_credentials"], "access_token_lifetime": 120,
            "token_endpoint_auth_method": "client_secret_post"}))
        made = self.must("add", "Gateway", "--from", self.folder / "client.json",
                         "--token-format", "opaque")
        self.assertEqual((made["access_token_lifetime"], made["access_token_format"]),
                         (120, "opaque"))

    def test_a_client_is_a_service_of_the_directory(self):
        gateway = self.hale.create("services", clientId="gw", displayName="Gateway", purpose="x")
        made = self.must("add", "Gateway", "--grant", "client_credentials", "--thing", "Gateway")
        self.assertEqual(made["directory_thing"], gateway)
        self.assertIn("Gatewey", self.refused("change", "Gateway", "--thing", "Gatewey"))

    def test_the_manual_and_the_completions_know_it(self):
        self.assertIn("client rotate", run("man").stdout)
        self.assertIn("rotate", run("completion", "bash").stdout)

    def test_a_dry_run_changes_nothing(self):
        self.assertIn("would be", self.ask("add", "Ward list", "--redirect-uri",
                                           "https://wards.example/in", "--dry-run").stdout)
        self.assertEqual(self.must("list")["items"], [])
        self.add()
        self.assertIn("would be removed", self.ask("remove", "Ward list", "--dry-run").stdout)
        self.assertEqual(len(self.must("list")["items"]), 1)


class RefusedTest(ClientTest):
    def test_a_name_that_is_mistyped_is_guessed(self):
        self.add()
        for command in ("show", "rotate", "enable", "disable", "remove"):
            with self.subTest(command):
                self.assertIn("Ward list", self.refused(command, "Ward lost"))
        self.assertIn("Ward list", self.refused("change", "Ward lost", "--scope", "openid"))

    def test_a_command_that_is_mistyped_is_none(self):
        done = self.ask("lst")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("lst", done.stderr)

    def test_a_name_that_two_have_means_neither(self):
        first, second = self.add(), self.add()
        said = self.refused("remove", "Ward list")
        self.assertIn(first["client_id"], said)
        self.assertIn(second["client_id"], said)
        self.assertEqual(len(self.must("list")["items"]), 2)

    def test_what_would_be_weak_is_refused(self):
        for words in (["--redirect-uri", "http://wards.example/in"],
                      ["--redirect-uri", "https://wards.example/in", "--grant", "password"],
                      ["--redirect-uri", "https://wards.example/in", "--auth", "plain"],
                      ["--grant", "client_credentials", "--auth", "none"], []):
            with self.subTest(words):
                self.refused("add", "Ward list", *words)
        self.add()
        self.assertIn("--help", self.refused("change", "Ward list"))
        self.write("list.json", "[]")
        self.assertIn("no JSON object",
                      self.refused("change", "Ward list", "--from", self.folder / "list.json"))
        self.assertEqual(len(self.must("list")["items"]), 1)

    def test_who_may_not_does_not(self):
        self.add()
        nobody = self.hale.with_role("kim")
        auditor = self.hale.with_role("audit", "Auditor")
        for name, somebody, may_look in (("kim", nobody, False), ("audit", auditor, True)):
            token = self.token_file(f"{name}.token", somebody.token)
            self.assertEqual(self.ask("list", token=token).returncode, 0 if may_look else 1)
            for words in (["change", "Ward list", "--scope", "profile"], ["rotate", "Ward list"],
                          ["disable", "Ward list"], ["remove", "Ward list"],
                          ["add", "Mine", "--redirect-uri", "https://mine.example/in"]):
                with self.subTest(name=name, words=words):
                    self.refused(*words, token=token)

    def test_an_administrator_makes_no_client_that_administers(self):
        admin = self.hale.with_role("ada", "Administrator")
        token = self.token_file("ada.token", admin.token)
        words = ["--redirect-uri", "https://wards.example/in", "--scope", "wardlock.admin"]
        self.assertIn("OAuth clients", self.refused("add", "Console", *words, token=token))
        self.add()
        self.assertIn("OAuth clients", self.refused("change", "Ward list", "--scope",
                                                    "wardlock.admin", token=token))
        self.must("add", "Console", *words)
        self.refused("rotate", "Console", token=token)

    def test_a_client_without_a_secret_gets_none(self):
        self.add("Pad", "--auth", "none", "--native")
        self.assertIn("without a secret", self.refused("rotate", "Pad"))


if __name__ == "__main__":
    unittest.main()
