"""The Debian package: what is in it, and that it works where it is unpacked."""
import gzip
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from package import ROOT, output_of, pack
import program

# Mode and name; what stands below a folder that ends in / is not listed one by one.
FILES = """
-rw-r--r-- ./etc/wardlock/wardlock.yaml
-rw-r--r-- ./lib/systemd/system/wardlock.service
-rw-r--r-- ./usr/lib/sysusers.d/wardlock.conf
-rwxr-xr-x ./usr/bin/wardlock
-rw-r--r-- ./usr/share/bash-completion/completions/wardlock
-rw-r--r-- ./usr/share/fish/vendor_completions.d/wardlock.fish
-rw-r--r-- ./usr/share/zsh/vendor-completions/_wardlock
-rw-r--r-- ./usr/share/lintian/overrides/wardlock
-rw-r--r-- ./usr/share/man/man1/wardlock.1.gz
-rw-r--r-- ./usr/share/doc/wardlock/NOTICE
-rw-r--r-- ./usr/share/doc/wardlock/README.md
-rw-r--r-- ./usr/share/doc/wardlock/changelog.Debian.gz
-rw-r--r-- ./usr/share/doc/wardlock/changelog.gz
-rw-r--r-- ./usr/share/doc/wardlock/copyright
""".split("\n")[1:-1]
ABOUT_THE_SOURCE = {"architecture.md", "mistakes.md", "performance.md", "testing.md"}
FILES += [f"-rw-r--r-- ./usr/share/doc/wardlock/{path.name}" for path in (ROOT / "docs").glob("*.md")
          if path.name not in ABOUT_THE_SOURCE]
FOLDERS = ("./usr/share/wardlock/policies/", "./usr/share/doc/wardlock/examples/")


class PackageTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "packed").mkdir()
        cls.package = pack(cls.folder / "packed")
        cls.root = cls.folder / "root"
        output_of("dpkg-deb", "-R", cls.package, cls.root)
        cls.binary = cls.root / "usr" / "bin" / "wardlock"

    def run_unpacked(self, *arguments):
        return output_of(self.binary, *arguments)

    def test_lintian_finds_nothing(self):
        text = output_of("lintian", "--allow-root", "--fail-on", "error,warning", self.package)
        self.assertEqual(text, "")

    def test_holds_these_files_of_root_and_no_others(self):
        files = []
        for line in output_of("dpkg-deb", "-c", self.package).splitlines():
            mode, owner, _, day, _, name = line.split(None, 5)
            self.assertEqual(owner, "root/root", line)
            self.assertEqual(day, "2026-09-21", line)
            if mode.startswith("d"):
                self.assertEqual(mode, "drwxr-xr-x", line)
            elif name.startswith(FOLDERS):
                self.assertIn(mode, ["-rw-r--r--", "lrwxrwxrwx"], line)
            else:
                files.append(f"{mode} {name}")
        self.assertCountEqual(files, FILES)

    def test_holds_every_example_unchanged(self):
        for source, place in [(ROOT / "policies", "usr/share/wardlock/policies"),
                              (ROOT / "deploy" / "nginx", "usr/share/doc/wardlock/examples/nginx")]:
            result = output_of("diff", "-r", "--no-dereference", source, self.root / place)
            self.assertEqual(result, "")
            self.assertTrue(any((self.root / place).iterdir()), place)

    def test_control_says_what_it_needs(self):
        def field(name):
            return output_of("dpkg-deb", "-f", self.package, name).strip()
        self.assertEqual(field("Package"), "wardlock")
        self.assertRegex(field("Version"), r"^\d+\.\d+\.\d+-1$")
        needed = re.findall(r"NEEDED.*\[(\w+)", output_of("readelf", "-d", self.binary))
        depends = field("Depends")
        for library, package in [("libcrypto", "libssl3"), ("libfmt", "libfmt9"),
                                 ("libre2", "libre2-9"), ("libc", "libc6")]:
            self.assertIn(library, needed)
            self.assertIn(package, depends)
        self.assertIn("systemd-sysusers", depends)
        conffiles = (self.root / "DEBIAN" / "conffiles").read_text()
        self.assertEqual(conffiles, "/etc/wardlock/wardlock.yaml\n")

    def test_packed_again_it_is_the_same(self):
        def pack_in(name):
            (self.folder / name).mkdir()
            return pack(self.folder / name)

        def contents(package):
            return [subprocess.check_output(["dpkg-deb", part, package])
                    for part in ["--ctrl-tarfile", "--fsys-tarfile"]]
        self.assertEqual(self.package.read_bytes(), pack_in("again").read_bytes())
        old = os.umask(0o077)
        try:
            private = pack_in("private")
        finally:
            os.umask(old)
        self.assertEqual(contents(self.package), contents(private))

    def test_the_unpacked_program_works(self):
        version = output_of("dpkg-deb", "-f", self.package, "Version").split("-")[0]
        self.assertEqual(self.run_unpacked("--version"), f"wardlock {version}\n")
        hospital = self.root / "usr/share/wardlock/policies/hospital"
        self.run_unpacked("check-parse", "--policies", hospital)
        with program.Pdp("--policies", hospital, "--entities", hospital / "entities.json") as pdp:
            self.assertEqual(pdp.request("GET", "/healthz")[0], 200)

    def test_completions_and_page_are_those_of_the_program(self):
        share = self.root / "usr/share"
        for shell, place in [("bash", "bash-completion/completions/wardlock"),
                             ("zsh", "zsh/vendor-completions/_wardlock"),
                             ("fish", "fish/vendor_completions.d/wardlock.fish")]:
            self.assertEqual((share / place).read_text(), self.run_unpacked("completion", shell))
        page = gzip.decompress((share / "man/man1/wardlock.1.gz").read_bytes()).decode()
        day = r"\.Dd .*\n"
        self.assertEqual(re.sub(day, "", page), re.sub(day, "", self.run_unpacked("man")))

    def test_the_program_is_hardened_and_says_nothing_of_where_it_was_built(self):
        headers = output_of("readelf", "-h", "-d", "-l", "-W", self.binary)
        self.assertRegex(headers, r"Type: +DYN \(Position-Independent")
        self.assertRegex(headers, r"\(FLAGS_1\).*NOW.*PIE")
        self.assertRegex(headers, r"GNU_STACK.* RW +0x")
        self.assertRegex(headers, "GNU_RELRO")
        self.assertNotRegex(headers, "RPATH|RUNPATH")
        symbols = output_of("readelf", "--dyn-syms", "-W", self.binary)
        self.assertRegex(symbols, "__stack_chk_fail@")
        self.assertRegex(symbols, "__mem(cpy|move|set)_chk@")
        self.assertNotIn(str(ROOT).encode(), self.binary.read_bytes())

    def test_nothing_starts_by_itself(self):
        for name in ["postinst", "prerm", "postrm"]:
            script = (self.root / "DEBIAN" / name).read_text()
            output_of("dash", "-n", self.root / "DEBIAN" / name)
            self.assertTrue(script.startswith("#!/bin/sh\n"))
            self.assertNotRegex(script, r"\b(enable|preset|start)\b")
        self.assertFalse(list(self.root.rglob("*.wants")))

    def test_an_installation_without_a_package_stays_below_its_prefix(self):
        prefix = self.folder / "prefix"
        text = output_of("cmake", "--install", pathlib.Path(program.WARDLOCK).parents[1],
                         "--prefix", prefix)
        for line in re.findall("-- (?:Installing|Up-to-date): (.*)", text):
            self.assertTrue(line.startswith(f"{prefix}/"), line)
        self.assertTrue((prefix / "bin" / "wardlock").exists())


class MaintainerScriptsTest(unittest.TestCase):
    """The scripts with the system's tools replaced by ones that write down how they were called."""
    TOOL = '#!/bin/sh\necho "${0##*/} $*" >> "$CALLS"\n'

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for tool in ["systemd-sysusers", "chown", "chmod", "systemctl", "deb-systemd-invoke", "rm",
                     "install"]:
            (self.folder / tool).write_text(self.TOOL)
            (self.folder / tool).chmod(0o755)

    def calls(self, script, *arguments):
        calls = self.folder / "calls"
        calls.write_text("")
        subprocess.run(["sh", ROOT / "deploy" / "debian" / script, *arguments], check=True,
                       env={"PATH": f"{self.folder}:/usr/bin:/bin", "CALLS": str(calls)})
        return [line for line in calls.read_text().splitlines()
                if not line.startswith(("systemctl", "deb-systemd-invoke"))]

    def test_configures_once_unpacked(self):
        self.assertEqual(self.calls("postinst", "configure", ""), [
            "systemd-sysusers wardlock.conf",
            "chown root:wardlock /etc/wardlock /etc/wardlock/wardlock.yaml",
            "chmod 0750 /etc/wardlock", "chmod 0640 /etc/wardlock/wardlock.yaml",
            "install -d -o wardlock -g wardlock -m 0700 /var/lib/wardlock"])

    def test_does_nothing_in_between(self):
        for script, arguments in [("postinst", ["abort-upgrade", "0.1"]), ("prerm", ["upgrade", "1"]),
                                  ("prerm", ["remove"]), ("postrm", ["remove"]),
                                  ("postrm", ["upgrade", "1"])]:
            self.assertEqual(self.calls(script, *arguments), [], script)

    def test_purged_it_is_no_longer_enabled(self):
        self.assertEqual(self.calls("postrm", "purge"), [
            "rm -f /etc/systemd/system/multi-user.target.wants/wardlock.service"])


if __name__ == "__main__":
    unittest.main()
