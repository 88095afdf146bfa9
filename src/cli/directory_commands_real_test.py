"""The commands over a directory, and the tutorial docs/directory-admin.md, against a running server."""
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

import program
from directory_site import DirectorySite
from program import ProgramTest, console_steps, free_port, pattern_of, run
from serving import Certificates, Serve, eventually

DOCUMENT = program.ROOT / "docs" / "directory-admin.md"


class TutorialTest(ProgramTest):
    def test_prints_what_the_document_says(self):
        text = DOCUMENT.read_text()
        [config] = re.findall(r"```yaml\n(# wardlock.yaml\n.*?)```", text, re.DOTALL)
        port = free_port()
        self.write("wardlock.yaml", config.replace("127.0.0.1:8080", f"127.0.0.1:{port}"))
        path = f"{pathlib.Path(program.WARDLOCK).resolve().parent}:{os.environ['PATH']}"
        environment = dict(os.environ, PATH=path, WARDLOCK_TOKEN_FILE="hale.token",
                           WARDLOCK_SERVER=f"http://127.0.0.1:{port}")
        server = None
        count = 0
        for command, printed in console_steps(DOCUMENT):
            if command.startswith("wardlock whoami"):
                server = subprocess.Popen(
                    [program.WARDLOCK, "serve", "--config", "wardlock.yaml"], cwd=self.folder,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.addCleanup(server.wait)
                self.addCleanup(server.terminate)
                eventually(lambda: self.is_up(port))
            with self.subTest(command):
                done = subprocess.run(command, shell=True, cwd=self.folder, text=True,
                                      timeout=program.LIMIT_S, env=environment, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.assertRegex(done.stdout, f"\\A{pattern_of(printed)}\\Z")
            count += 1
        self.assertGreater(count, 25)
        self.assertNotIn("wlk_", text)
        for name in ("hale.token", "gateway.token"):
            self.assertEqual((self.folder / name).stat().st_mode & 0o077, 0)

    @staticmethod
    def is_up(port):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0


class CommandsTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        site = DirectorySite(cls.shared.name)
        cls.server = Serve(site)
        cls.token = pathlib.Path(cls.shared.name) / "hale.token"
        cls.token.write_text(site.first[""] + "\n")
        cls.access = ["--server", cls.server.urls[0], "--token-file", str(cls.token)]

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.shared.cleanup()

    def do(self, *arguments):
        return self.json_of(*arguments, *self.access)

    def refuse(self, parts, *arguments):
        self.assert_fails(parts, *arguments, *self.access)

    def test_a_life_is_led_by_its_words(self):
        made = self.do("user", "add", "ada", "--title", "Nurse")
        self.assertEqual((made["state"], made["version"]), ("invited", 1))
        for verb, state in [("activate", "active"), ("suspend", "suspended"), ("leave", "left"),
                            ("invite", "invited")]:
            self.assertEqual(self.do("user", verb, "ada", "--reason", "so it is")["state"], state)
        self.refuse(["`invited`", "`suspended`"], "user", "suspend", "ada")
        tried = self.run_here("user", "activate", "ada", "--dry-run", *self.access)
        self.assertTrue(tried.stdout.startswith("user ada would be active; nothing was changed\n"), tried)
        self.assertEqual(self.do("user", "show", "ada")["state"], "invited")
        self.assertEqual(self.do("user", "change", "ada", "--unset", "title")["attributes"],
                         {"userName": "ada"})
        self.refuse("nothing is to be changed", "user", "change", "ada")
        self.do("user", "remove", "ada")
        self.refuse("no user `ada`", "user", "show", "ada")
        self.refuse("userName", "user", "add", "ada")  # nobody gets the name again

    def test_a_change_tells_the_revision_since(self):
        first = self.do("user", "add", "rev")["revision"]
        self.assertNotIn("revision", self.do("user", "change", "rev", "--title", "x", "--dry-run"))
        self.assertNotIn("revision", self.do("user", "show", "rev"))
        changed = self.run_here("user", "change", "rev", "--title", "Nurse", *self.access)
        self.assertRegex(changed.stdout, f"(?m)^  revision +{first + 1}$")
        self.do("role", "add", "Revisor")
        given = self.run_here("assign", "rev", "Revisor", *self.access)
        self.assertEqual(given.stdout, f"rev roleAssignment Revisor\nrevision: {first + 3}\n")
        taken = self.do("unassign", "rev", "Revisor")
        self.assertEqual([each["revision"] for each in taken["ended"]], [first + 4])
        self.assertEqual(self.do("user", "remove", "rev")["revision"], first + 5)

    def test_values_are_of_their_types(self):
        for parts, arguments in [
                ("`--nickname`", ["--nickname", "x"]),
                ("whole number", ["--set", "facts=[]", "--set", "facts.integer=x"]),
                ("no time", ["--contract-until", "soon"]),
                ("have no attribute `tittle`; did you mean `title`", ["--set", "tittle=x"]),
                ("PATH=VALUE", ["--set", "title"]),
                ("--title", ["--title", "a", "--title", "b"]),
                ("has parts", ["--set", "name=Kim"]),
                ("not valid JSON", ["--set", "emails=[{"]),
                ("no user `nobody`", ["--manager", "nobody"]),
                ("`emails[0].value`", ["--set", "emails.value=nobody"])]:
            with self.subTest(arguments):
                self.refuse(parts, "user", "add", "valued", *arguments)
        made = self.do("user", "add", "valued", "--set", "name.givenName=Vi", "--set",
                       'emails=[{"value":"vi@st-mary.org","primary":true}]', "--specialties", "a",
                       "--specialties", "b", "--contract-until", "2030-01-31")
        self.assertEqual(made["attributes"]["contractUntil"], "2030-01-31T00:00:00.000Z")
        self.assertEqual(made["attributes"]["specialties"], ["a", "b"])
        self.assertEqual(made["attributes"]["name"], {"givenName": "Vi"})
        self.assertEqual(self.do("user", "show", "vi@st-mary.org")["id"], made["id"])

    def test_names_are_found_and_doubts_told(self):
        self.do("user", "add", "twin-a", "--display-name", "Twin")
        self.do("user", "add", "twin-b", "--display-name", "Twin")
        self.refuse(["could be several", "twin-a", "twin-b", "give the id"], "user", "show", "twin")
        self.do("user", "add", "chief", "--display-name", "Somebody")
        self.do("user", "add", "other", "--display-name", "chief")
        self.assertEqual(self.do("user", "show", "Chief")["attributes"]["userName"], "chief",
                         "an identifier is meant before a name")
        self.do("role", "add", "Porter")
        self.refuse("did you mean `Porter`", "assign", "twin-a", "Portr")
        self.refuse("no kind of relations", "relate", "twin-a", "likes", "twin-b")
        self.refuse("takes no `--in`", "relate", "twin-a", "membership", "x", "--in", "W")

    def test_roles_come_and_go(self):
        self.do("user", "add", "rolf", "--state", "active")
        self.do("role", "add", "Carer")
        made = self.do("assign", "rolf", "Carer", "--until", "2040-01-01", "--reason", "new")
        self.assertEqual((made["until"], made["reason"]), ("2040-01-01T00:00:00.000Z", "new"))
        self.refuse("already", "assign", "rolf", "Carer")
        self.refuse("own", "assign", "hale", "Carer")
        [ended] = self.do("unassign", "rolf", "Carer")["ended"]
        self.assertEqual(ended["id"], made["id"])
        self.refuse("could be ended", "unassign", "rolf", "Carer")

    def test_what_would_be_is_shown_and_not_done(self):
        tried = self.do("user", "add", "dry", "--dry-run")
        self.assertEqual(tried["attributes"], {"userName": "dry"})
        self.refuse("no user `dry`", "user", "show", "dry")
        self.do("user", "add", "wet")
        self.do("user", "remove", "wet", "--dry-run")
        self.do("user", "show", "wet")

    def test_lists_lead_on_from_page_to_page(self):
        for number in range(12):
            self.do("group", "add", f"Group {number:02}")
        found = self.do("group", "list", "displayName.startsWith=Group", "--sort=-displayName",
                        "--limit", "5")["items"]
        self.assertEqual([each["attributes"]["displayName"] for each in found],
                         [f"Group {number:02}" for number in (11, 10, 9, 8, 7)])
        self.refuse("is no condition", "group", "list", "displayName")
        self.refuse("cannot be asked for", "group", "list", "colour=red")

    def test_a_token_goes_nowhere_unprotected(self):
        where = ["--token-file", str(self.token)]
        for url, parts in [("http://wardlock.example", "unprotected"),
                           ("http://127.0.0.1.wardlock.example", "unprotected"),
                           ("ftp://127.0.0.1", "no `https://` URL"), ("127.0.0.1", "no `https://`")]:
            self.assert_fails(parts, "whoami", "--server", url, *where)
        self.assert_fails("name the server", "whoami", *where, env={"WARDLOCK_SERVER": ""})
        self.assert_fails("--token-file", "whoami", "--server", self.server.urls[0],
                          env={"WARDLOCK_TOKEN_FILE": ""})
        self.assert_fails("cannot be read", "whoami", "--server", self.server.urls[0],
                          "--token-file", "missing")
        self.write("two.token", "a\nb\n")
        self.assert_fails("one line", "whoami", "--server", self.server.urls[0], "--token-file",
                          "two.token")
        self.write("wrong.token", "wlk_" + "A" * 43 + "\n")
        self.assert_fails([], "whoami", "--server", self.server.urls[0], "--token-file", "wrong.token")
        self.assertNotIn("--token ", run("user", "list", "--help").stdout)

    def test_a_leaked_secret_is_answered(self):
        self.do("service", "add", "leaky", "--display-name", "Leaky", "--purpose", "Tests")
        first = self.do("service", "issue", "leaky", "--label", "a")
        self.assertRegex(first["token"], r"\Awlk_[A-Za-z0-9_-]{43}\Z")
        self.refuse("no such credentials", "service", "revoke", "leaky", "nothing")
        answer = self.do("service", "leaked", "leaky", "--issue", "--token-to",
                         str(self.folder / "new.token"), "--reason", "in a repository")
        self.assertEqual(answer["revoked"], 1)
        self.assertNotIn("token", answer["issued"])
        kept = (self.folder / "new.token")
        self.assertRegex(kept.read_text(), r"\Awlk_[A-Za-z0-9_-]{43}\n\Z")
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        states = [each["state"] for each in self.do("service", "credentials", "leaky")["items"]]
        self.assertEqual(states, ["revoked", "good"])


class TlsTest(ProgramTest):
    def test_a_server_must_prove_who_it_is(self):
        certificates = Certificates(self.folder)
        certificates.issue("server", "IP:127.0.0.1,DNS:localhost", "serverAuth")
        site = DirectorySite(self.folder)
        site.config["listeners"] = [{"address": "127.0.0.1:0", "tls": {
            "certificate": "server.pem", "key": "server.key"}}]
        self.write("hale.token", site.first[""])
        with Serve(site, certificates.context()) as server:
            url = server.urls[0]
            self.assertTrue(url.startswith("https://"))
            access = ["--server", url, "--token-file", "hale.token"]
            me = self.json_of("whoami", *access, "--ca", "ca.pem")
            self.assertEqual(me["thing"]["attributes"]["userName"], "hale")
            self.assert_fails([], "whoami", *access)


if __name__ == "__main__":
    unittest.main()
