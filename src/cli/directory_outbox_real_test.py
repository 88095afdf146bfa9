"""Audit events of a node that is gone for good come into the log of one that lives."""
import sqlite3
import unittest

from audited import exported
from program import ProgramTest, run
from serving import Serve, Site, eventually

AGO = "01800000"  # the first digits of a UUID of 2022


class GoneNode(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = Site(self.folder)
        self.site.config["directory"] = {
            "database": f"sqlite:{self.folder}/directory.db", "take_over_after": "60s"}
        self.site.config["audit"] = {"directory": "log", "node": "gone", "immutable": False}
        self.site.save()
        made = run("init", "--config", self.folder / "wardlock.yaml", "--user", "hale")
        self.assertEqual(made.returncode, 0, made.stderr)  # and no server of that node ever runs
        self.waiting = self.rows("SELECT count(*) FROM outbox WHERE node = 'gone'")[0][0]
        self.assertGreater(self.waiting, 0)
        self.site.config["audit"]["node"] = "lives"

    def rows(self, sql):
        database = sqlite3.connect(self.folder / "directory.db", timeout=30)
        try:
            with database:
                return database.execute(sql).fetchall()
        finally:
            database.close()

    def waits(self):
        return self.rows("SELECT count(*) FROM outbox WHERE node = 'gone'")[0][0]

    def of_the_gone(self):
        events = exported(self.folder / "log")
        return [each for each in events if each.get("node") == "gone"]

    def test_has_its_events_taken_over(self):
        self.rows(f"UPDATE outbox SET event_id = '{AGO}' || substr(event_id, 9) "
                  "WHERE node = 'gone'")
        with Serve(self.site) as server:
            taken = server.wait_for("directory_events_taken_over")
            self.assertEqual((taken["from"], taken["events"]), ("gone", self.waiting))
            eventually(lambda: not self.rows("SELECT 1 FROM outbox WHERE event_id LIKE "
                                             f"'{AGO}%'"))
        self.assertEqual(len(self.of_the_gone()), self.waiting)

    def test_that_may_come_back_keeps_them(self):
        with Serve(self.site):  # which looks when it starts, and when it ends
            pass
        self.assertEqual(self.waits(), self.waiting)
        self.assertEqual(self.of_the_gone(), [])


if __name__ == "__main__":
    unittest.main()
