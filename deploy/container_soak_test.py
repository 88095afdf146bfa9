"""The container file, built upon a bare Debian 12: the package there, installed, run and purged.

Needs root, Debian's archive and half an hour. The base image is made by mmdebstrap: no registry is
asked. Everything stays in a folder of its own.
"""
import os
import pathlib
import tempfile
import unittest

from deployment_real_test import BLOCK, DOCUMENT
from package import ROOT, output_of

BASE = "docker.io/library/debian:12-slim"


@unittest.skipUnless(os.geteuid() == 0, "only root can make a bare system")
class ContainerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(folder.name)
        # Images are left to buildah, which knows what of them is mounted.
        cls.addClassCleanup(folder.cleanup)
        cls.addClassCleanup(lambda: cls.buildah("rm", "--all"))
        output_of("mmdebstrap", "--variant=minbase", "bookworm", cls.folder / "base.tar")
        (cls.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        cls.build("-t", BASE, "-f", cls.folder / "Base", cls.folder)
        cls.build("-t", "wardlock", "-f", ROOT / "deploy/container/Containerfile", ROOT)
        cls.container = cls.buildah("from", "--pull-never", "wardlock").strip()

    @classmethod
    def buildah(cls, *words):
        # A mount namespace of its own: what is mounted for a step is gone with it.
        return output_of("unshare", "-m", "buildah", "--root", cls.folder / "images", "--runroot",
                         cls.folder / "run", "--storage-driver", "vfs", *words)

    @classmethod
    def build(cls, *words):
        return cls.buildah("build", "--isolation", "chroot", "--pull-never", "--format", "docker",
                           *words)

    def run_in(self, *words, user="10001"):
        return self.buildah("run", "--isolation", "chroot", "--user", user, self.container, "--",
                            *words)

    def test_is_set_up_to_serve_as_nobody_special(self):
        image = self.buildah("inspect", "--type", "image", "--format",
                             "{{.Docker.Config.User}} {{.Docker.Config.Entrypoint}} "
                             "{{.Docker.Config.Cmd}}", "wardlock")
        self.assertEqual(image.strip(), "10001:10001 [wardlock] "
                                        "[serve --config /etc/wardlock/wardlock.yaml]")
        self.assertEqual(self.run_in("id", "-un").strip(), "wardlock")
        self.assertEqual(self.run_in("stat", "-c", "%U:%G %a", "/etc/wardlock",
                                     "/etc/wardlock/wardlock.yaml").split("\n")[:2],
                         ["root:wardlock 750", "root:wardlock 640"])

    def test_runs_and_writes_its_audit_log_alone(self):
        self.assertRegex(self.run_in("wardlock", "--version"), r"^wardlock \d")
        self.run_in("wardlock", "config", "check", "--config", "/etc/wardlock/wardlock.yaml")
        # What it may not even look into, it does not write either.
        find = "find /etc /usr /var -writable ! -type l ! -path /var/tmp 2>/dev/null || true"
        self.assertEqual(self.run_in("bash", "-c", find).split(), ["/var/lib/wardlock"])
        self.assertIn("/tmp", self.run_in("bash", "-c", find.replace("/etc", "/etc /tmp")))

    def test_is_healthy_while_it_serves(self):
        check = self.buildah("inspect", "--type", "image", "--format",
                             "{{index .Docker.Config.Healthcheck.Test 3}}", "wardlock").strip()
        script = ('wardlock serve --config /etc/wardlock/wardlock.yaml 2>/dev/null & trap "kill $!" 0\n'
                  'for _ in {1..100}; do bash -c "$1" 2>/dev/null && exit 0; sleep 0.1; done; exit 1')
        self.run_in("bash", "-c", script, "bash", check)
        with self.assertRaises(AssertionError):
            self.run_in("bash", "-c", check)

    def another(self):
        """Runs commands as root in a container of its own, which may be changed."""
        other = self.buildah("from", "--pull-never", "wardlock").strip()

        def run(*words):
            return self.buildah("run", "--isolation", "chroot", "--user", "0", other, "--", *words)
        return run

    def test_the_document_holds_on_a_bare_system(self):
        run = self.another()
        run("apt-get", "update")
        run("apt-get", "install", "-y", "--no-install-recommends", "openssl")
        blocks = dict(BLOCK.findall(DOCUMENT.read_text()))
        run("bash", "-ec", blocks["certificates"])
        self.assertIn("sound", run("bash", "-ec", blocks["configuration"]))
        # It is asked as the user that will serve: what that user cannot read is found.
        run("chmod", "0600", "/etc/wardlock/tls/wardlock.key")
        check = blocks["configuration"].rstrip().splitlines()[-1]
        with self.assertRaisesRegex(AssertionError, "wardlock.key"):
            run("bash", "-ec", check)

    def test_goes_without_a_trace_but_for_its_user(self):
        run = self.another()
        run("apt-get", "purge", "-y", "wardlock")
        self.assertEqual(run("find", "/etc", "/usr", "/lib/systemd", "-path", "*wardlock*", "-not",
                             "-path", "/etc/sysusers.d/*"), "")
        self.assertIn("wardlock", run("getent", "passwd", "10001"))


if __name__ == "__main__":
    unittest.main()
