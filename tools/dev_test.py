"""The command line of ./dev: what it lists, explains and refuses."""
import pathlib
import socket
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERBS = "setup run build test lint fmt fuzz bench conformance docs".split()


def dev(*arguments, cwd=ROOT, env=None):
    return subprocess.run([str(ROOT / "dev"), *arguments], cwd=cwd, env=env, text=True,
                          capture_output=True)


class DevTest(unittest.TestCase):
    def test_lists_every_verb_with_a_line_each(self):
        result = dev()
        self.assertEqual(result.returncode, 0)
        listed = [line.split(None, 1) for line in result.stdout.splitlines()[2:]]
        self.assertEqual([line[0] for line in listed], VERBS)
        self.assertTrue(all(len(line) == 2 for line in listed), listed)

    def test_explains_every_verb(self):
        for verb in VERBS:
            result = dev(verb, "--help")
            self.assertEqual(result.returncode, 0, verb)
            self.assertTrue(result.stdout.startswith(f"usage: ./dev {verb}"), result.stdout)
            self.assertNotIn("shellcheck", result.stdout)

    def assert_refused(self, *arguments):
        result = dev(*arguments)
        self.assertEqual(result.returncode, 2, arguments)
        self.assertTrue(result.stderr.startswith("dev: "), result.stderr)
        return result.stderr

    def test_refuses_what_makes_no_sense(self):
        self.assertIn("the verbs are: setup run", self.assert_refused("deploy"))
        self.assertIn("`deploy`", self.assert_refused("deploy", "--help"))
        self.assertIn("no preset `fast`", self.assert_refused("build", "fast"))
        self.assert_refused("build", "")
        self.assert_refused("test", "--slow")
        self.assert_refused("test", "--quick", "--soak")
        self.assert_refused("lint", "src")
        self.assert_refused("fuzz", "all", "soon")
        self.assert_refused("docs", "--force")
        self.assert_refused("conformance")
        self.assert_refused("conformance", "sedar")
        self.assert_refused("conformance", "cedar", "/no/such/folder")
        for port in ("", "0", "65536", "http", "-1", "080"):
            self.assertIn("65535", self.assert_refused("run", "--port", port))
            self.assertIn("65535", self.assert_refused("run", "--managed", "--port", port))
        self.assert_refused("run", "8180")
        self.assert_refused("run", "--managed", "8180")
        self.assert_refused("run", "--manage")

    def test_says_that_a_missing_corpus_is_skipped(self):
        result = dev("conformance", "cedar", env={"PATH": "/usr/bin:/bin",
                                                  "WARDLOCK_CONFORMANCE": "/no/such/folder"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("skipped", result.stdout)

    def test_works_from_any_folder(self):
        self.assertEqual(dev("docs", "--help", cwd="/").returncode, 0)

    def test_says_that_the_port_is_taken_and_what_to_do(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            result = dev("run", "--port", str(port))
            managed = dev("run", "--port", str(port), "--managed")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"port {port} is taken", result.stderr)
        self.assertIn("./dev run --port", result.stderr)
        self.assertIn("./dev run --managed --port", managed.stderr)


if __name__ == "__main__":
    unittest.main()
