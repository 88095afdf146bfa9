"""`wardlock backup` while the server is at work, and `wardlock restore`: of what it made, of nothing else,
and whole or not at all."""
import json
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from audited import exported
from directory_site import Administrator, DirectorySite
from program import WARDLOCK, ProgramTest, run
from serving import Serve, eventually

CLIENTS = 4
KILLS = 25


class BackupTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.site.config["audit"] = {"directory": "log", "segment": "1MiB", "immutable": False,
                                     "node": "a"}
        self.site.config["administration"] = {"quota": {"rate": 100000, "burst": 100000}}
        self.config = self.site.save()
        self.backup = self.folder / "backup.db"

    def start(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        return server, Administrator(server, self.site.first[""])

    def back_up(self, path=None):
        self.json_of("backup", "--config", self.config, path or self.backup)

    def restore(self):
        return self.json_of("restore", "--config", self.config, self.backup)

    def names(self, path=None):
        # What was killed may have left a journal that whoever opens it next plays back.
        database = sqlite3.connect(f"file:{path or self.folder / 'directory.db'}?mode=rw", uri=True)
        try:
            return {json.loads(document)["userName"] for document, in database.execute(
                "SELECT document FROM thing WHERE kind = 'person'")}
        finally:
            database.close()

    def prepare(self):
        """A backup with ann, and a database that has bob since."""
        server, hale = self.start()
        hale.create("people", userName="ann")
        self.back_up()
        hale.create("people", userName="bob")
        server.stop()

    def test_what_is_not_there_is_not_made(self):
        self.start()[0].stop()
        self.site.config["directory"]["database"] = "sqlite:slip.db"
        self.config = self.site.save()
        self.assert_fails(["there is no database", "slip.db"], "backup", "--config", self.config, self.backup)
        self.assertFalse((self.folder / "slip.db").exists())
        self.assertFalse(self.backup.exists())

    def test_nothing_that_waits_for_the_audit_log_is_lost_unseen(self):
        del self.site.config["audit"]["node"]  # an import without a server is this machine's
        self.config = self.site.save()
        self.prepare()
        orders = self.folder / "more.json"
        orders.write_text(json.dumps({"things": [{"kind": "person", "attributes": {"userName": "cy"}}]}))
        self.json_of("import", orders, "--directory", f"sqlite:{self.folder / 'directory.db'}", "--yes",
                     "--reason", "cy was here")
        self.assert_fails("not in the audit log yet", "restore", "--config", self.config, self.backup,
                          code=3)
        self.assertIn("cy", self.names())
        self.start()[0].stop()
        self.restore()
        self.assertNotIn("cy", self.names())
        self.assertIn("cy was here", json.dumps(exported(self.folder / "log")))
        self.assert_fails("not in the audit log yet", "restore", "--config", self.config, self.backup,
                          code=3)
        self.json_of("restore", "--lose-events", "--config", self.config, self.backup)

    def test_a_database_is_not_its_own_backup(self):
        self.prepare()
        self.assert_fails("is the database itself", "restore", "--config", self.config,
                          self.folder / "directory.db", code=3)

    def test_is_made_while_others_write_and_has_all_that_was_answered_before(self):
        server, hale = self.start()
        entered, is_over = [], threading.Event()

        def enter(clerk):
            for i in range(10**6):
                if is_over.is_set():
                    return
                name = f"p-{clerk}-{i}"
                hale.create("people", userName=name)
                entered.append(name)
        threads = [threading.Thread(target=enter, args=(i,)) for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        backups = []
        for number in range(3):
            before = set(entered)
            path = self.folder / f"backup-{number}.db"
            self.back_up(path)
            backups.append((before, path))
        eventually(lambda: len(entered) > 20)
        is_over.set()
        for thread in threads:
            thread.join()
        server.stop()
        for before, path in backups:
            self.assertLessEqual(before, self.names(path))
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            [[events], [people]] = [list(database.execute(sql))[0] for sql in (
                "SELECT count(*) FROM change WHERE kind = 'person' AND what = 'created'",
                "SELECT count(*) FROM thing WHERE kind = 'person'")]
            database.close()
            self.assertEqual(events, people, "no change without what tells of it")
        self.backup = backups[0][1]
        self.restore()
        _, hale = self.start()
        self.assertEqual(hale.must("GET", "whoami")["roles"], ["Administrator", "SecurityOfficer"])
        self.assertEqual(hale.create("people", userName="afterwards")[14], "7")

    def test_is_what_the_directory_is_again_and_goes_on_record(self):
        self.prepare()
        self.assertEqual(self.names(), {"hale", "ann", "bob"})
        self.restore()
        server, hale = self.start()
        self.assertEqual(self.names(), {"hale", "ann"})
        self.assertEqual(hale.must("GET", "people?userName=bob&total=true")["total"], 0)
        server.stop()
        restored = [event["kind"] for event in exported(self.folder / "log")
                    if event.get("action") == "restore"]
        self.assertEqual(restored, ["configuration_change"])

    def test_takes_no_file_that_is_there(self):
        self.prepare()
        content = self.backup.read_bytes()
        self.assert_fails("there already", "backup", "--config", self.config, self.backup)
        self.assertEqual(self.backup.read_bytes(), content)
        self.assert_fails("too near", "backup", "--config", self.config,
                          self.folder / "directory.db-wal")

    def test_is_not_restored_under_a_server(self):
        server, hale = self.start()
        hale.create("people", userName="ann")
        self.back_up()
        hale.create("people", userName="bob")
        # While its event waits for the log, that is what it says.
        eventually(lambda: "not in the audit log yet" not in run(
            "restore", "--config", self.config, self.backup).stderr)
        self.assert_fails("stop Wardlock", "restore", "--config", self.config, self.backup)
        self.assertEqual(hale.must("GET", "people?userName=bob&total=true")["total"], 1)
        server.stop()

    def test_nothing_else_is_restored_and_the_directory_stays(self):
        self.prepare()
        good = self.backup.read_bytes()
        newer = self.folder / "newer.db"
        shutil.copy(self.backup, newer)
        with sqlite3.connect(newer) as database:
            database.execute("INSERT INTO wardlock_migration SELECT max(number) + 1, 'of tomorrow', "
                             "'x' FROM wardlock_migration")
        database.close()
        others = self.folder / "others.db"
        with sqlite3.connect(others) as database:
            database.execute("CREATE TABLE theirs (i INTEGER)")
        database.close()
        damaged = bytearray(good)
        damaged[4096:12288] = b"\x55" * 8192
        for content, says, code in [
                (bytes(damaged), "damaged", 1), (good[:len(good) // 2], "", 1),
                (b"no database", "", 1), (newer.read_bytes(), "newer", 3),
                (others.read_bytes(), "no backup", 3), (None, "there is no file", 3)]:
            with self.subTest(says=says, bytes=content and len(content)):
                self.backup.unlink(missing_ok=True)
                if content is not None:
                    self.backup.write_bytes(content)
                self.assert_fails(says, "restore", "--config", self.config, self.backup, code=code)
                self.assertEqual(self.names(), {"hale", "ann", "bob"})
        self.backup.write_bytes(good)
        self.restore()
        self.assertEqual(self.names(), {"hale", "ann"})

    def test_is_restored_whole_with_its_event_or_not_at_all(self):
        self.prepare()
        draw = random.Random(7)
        began = time.monotonic()
        self.restore()
        takes = time.monotonic() - began
        self.assertEqual(self.names(), {"hale", "ann"})
        restored = killed = 0
        for _ in range(KILLS):
            self.put_back_bob()
            command = subprocess.Popen([WARDLOCK, "restore", "--config", self.config, self.backup],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0, 1.2 * takes))
            command.send_signal(signal.SIGKILL)
            killed += command.wait() != 0
            names = self.names()
            self.assertIn(names, [{"hale", "ann"}, {"hale", "bob"}])
            if names == {"hale", "ann"}:
                restored += 1
                self.assertEqual(self.restore_events(), 1)
        self.assertGreater(killed, 0)
        self.put_back_bob()
        self.restore()
        self.assertEqual(self.restore_events(), 1)

    def put_back_bob(self):
        """The database as it is with bob, and without ann."""
        for left in self.folder.glob("directory.db*"):
            left.unlink()
        site = self.folder / "directory.db"
        shutil.copy(self.backup, site)
        with sqlite3.connect(site) as database:
            database.execute("UPDATE thing SET document = replace(document, '\"ann\"', '\"bob\"')")
        database.close()
        self.assertEqual(self.names(), {"hale", "bob"})

    def restore_events(self):
        """How many audit events of a restore wait in the database."""
        database = sqlite3.connect(self.folder / "directory.db")
        try:
            drafts = [bytes(draft) if isinstance(draft, (bytes, memoryview)) else draft.encode()
                      for draft, in database.execute("SELECT draft FROM outbox")]
        finally:
            database.close()
        return sum(b'"restore"' in draft for draft in drafts)


class PostgresqlTest(ProgramTest):
    def test_is_backed_up_with_its_own_tools(self):
        config = self.write("wardlock.yaml", {
            "listeners": [{"address": "127.0.0.1:0"}], "policies": "p", "callers": [],
            "directory": {"database": "postgresql:///directory?host=/nowhere"}})
        self.write("p/a.cedar", "permit (principal, action, resource);")
        pathlib.Path(self.folder / "backup.db").write_bytes(b"")
        self.assert_fails("pg_restore", "restore", "--config", config, "backup.db")


if __name__ == "__main__":
    unittest.main()
