#!/usr/bin/env python3
"""Real tests of `wardlock ldap sync`, on a slapd of its own: over TLS alone, with people who come,
change, are disabled, go and come back, and their roles by groups."""
import base64
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

import slapd
from program import WARDLOCK, ProgramTest
from serving import Certificates, Serve, Site

NAME = "main"


@unittest.skipUnless(slapd.is_installed(), "slapd and ldap-utils are not installed")
class LdapTest(ProgramTest):
    SCHEMAS = ("core", "cosine", "inetorgperson")
    MORE = ""

    def setUp(self):
        super().setUp()
        self.certificates = Certificates(self.folder)
        self.certificates.issue("server", "IP:127.0.0.1", "serverAuth")
        self.slapd = slapd.Slapd(self.folder / "slapd", self.folder, self.SCHEMAS, self.MORE)
        self.addCleanup(self.slapd.stop)
        self.write("password", slapd.READER_PASSWORD + "\n")
        os.chmod(self.folder / "password", 0o600)
        self.write("trial/a.cedar", "permit (principal, action, resource);")
        self.write("trial/a.cedarschema", "entity User; entity Pump; action view appliesTo "
                                             "{principal: User, resource: Pump};")
        self.source = {"url": self.slapd.url, "ca": "ca.pem", "bind_dn": slapd.READER,
                       "password_file": "password", "base": slapd.PEOPLE, "groups": slapd.GROUPS,
                       "most_leaving_percent": 50}
        self.database = "sqlite:directory.db"

    def configure(self, **changes):
        self.source.update(changes)
        self.write("wardlock.yaml", {
            "listeners": [{"address": "127.0.0.1:0"}], "policies": "trial", "callers": [],
            "directory": {"database": self.database, "ldap": {NAME: self.source}}})

    def sync(self, *options, code=0, **changes):
        self.configure(**changes)
        return self.json_of("ldap", "sync", "--config", "wardlock.yaml", "--source", NAME, *options,
                            code=code)

    def refused(self, parts, code=1, **changes):
        self.configure(**changes)
        return self.assert_fails(parts, "ldap", "sync", "--config", "wardlock.yaml", "--source",
                                 NAME, code=code)

    def rows(self, sql, *values):
        database = sqlite3.connect(self.folder / "directory.db")
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def people(self):
        """States and documents of people, by user name."""
        found = self.rows("SELECT state, document FROM thing WHERE kind = 'person'")
        documents = [(state, json.loads(document)) for state, document in found]
        return {document["userName"]: (state, document) for state, document in documents}

    def states(self):
        return {name: state for name, (state, _) in self.people().items()}

    def roles(self, user_name):
        """Those that the person has now."""
        found = self.rows(
            "SELECT r.document FROM relation x JOIN thing p ON p.id = x.subject JOIN thing r ON "
            "r.id = x.object WHERE x.kind = 'roleAssignment' AND x.valid_until_ms IS NULL AND "
            "json_extract(p.document, '$.userName') = ?", user_name)
        return sorted(json.loads(document)["displayName"] for document, in found)

    def enter_role(self, name):
        database = sqlite3.connect(self.folder / "directory.db")
        id_ = f"00000000-0000-7000-8000-{abs(hash(name)) % 10**12:012}"
        document = json.dumps({"displayName": name})
        with database:
            database.execute("INSERT INTO thing VALUES (?, 'main', 'role', 'active', 1, 0, 0, ?)",
                             (id_, document))
            database.execute("INSERT INTO identifier VALUES ('main', 'role.displayName', ?, ?, 1)",
                             (name, id_))
        database.close()

    @staticmethod
    def steps(report):
        return sorted((each["step"], each["userName"]) for each in report["people"])


class People(LdapTest):
    def test_come_change_go_and_come_back(self):
        ada = self.slapd.add_person("ada", "Ada Grey", employeeNumber="17")
        self.slapd.add_person("bo", "Bo Lee")
        report = self.sync()
        self.assertEqual(self.steps(report), [("add", "ada"), ("add", "bo")])
        self.assertTrue(report["full"])
        state, document = self.people()["ada"]
        self.assertEqual(state, "active")
        self.assertTrue(document["externalId"].startswith("ldap:main:"))
        del document["externalId"]
        self.assertEqual(document, {
            "userName": "ada", "displayName": "Ada Grey", "employeeNumber": "17",
            "name": {"givenName": "Ada", "familyName": "Grey"},
            "emails": [{"value": "ada@example.org", "type": "work", "primary": True}]})

        report = self.sync()
        self.assertEqual((report["people"], report["full"]), ([], False))

        time.sleep(1.1)  # modifyTimestamp has seconds
        self.slapd.replace(ada, title="Senior physician", employeeNumber=None)
        report = self.sync()
        self.assertFalse(report["full"])
        self.assertEqual(self.steps(report), [("change", "ada")])
        self.assertEqual(
            sorted((each["attribute"], each["before"], each["after"])
                   for each in report["people"][0]["differences"]),
            [("employeeNumber", "17", None), ("title", None, "Senior physician")])
        self.assertEqual(self.people()["ada"][1]["title"], "Senior physician")

        self.slapd.remove(ada)
        self.assertEqual(self.steps(self.sync()), [("leave", "ada")])
        self.assertEqual(self.states(), {"ada": "left", "bo": "active"})
        self.assertEqual(self.sync()["people"], [])

    def test_who_is_disabled_is_suspended_until_enabled_again(self):
        ada = self.slapd.add_person("ada")
        self.slapd.add_person("bo")
        disabled = "(employeeType=disabled)"
        self.sync(disabled_filter=disabled)
        self.slapd.replace(ada, employeeType="disabled")
        report = self.sync("--dry-run")
        self.assertEqual(self.steps(report), [("suspend", "ada")])
        self.assertEqual(self.states()["ada"], "active", "a dry run")
        self.assertEqual(self.steps(self.sync()), [("suspend", "ada")])
        self.assertEqual(self.states(), {"ada": "suspended", "bo": "active"})
        self.assertEqual(self.sync()["people"], [])
        self.slapd.replace(ada, employeeType=None)
        self.assertEqual(self.steps(self.sync()), [("resume", "ada")])
        self.assertEqual(self.states(), {"ada": "active", "bo": "active"})

    def test_who_comes_back_is_the_same_person(self):
        ada = self.slapd.add_person("ada", employeeType="nurse")
        self.slapd.add_person("bo", employeeType="nurse")
        inside = "(&(objectClass=inetOrgPerson)(employeeType=nurse))"
        self.sync(filter=inside)
        before = self.rows("SELECT id FROM thing WHERE kind = 'person' ORDER BY id")
        self.slapd.replace(ada, employeeType="retired")
        self.assertEqual(self.steps(self.sync()), [("leave", "ada")])
        self.slapd.replace(ada, employeeType="nurse")
        self.assertEqual(self.steps(self.sync()), [("return", "ada")])
        self.assertEqual(self.states(), {"ada": "active", "bo": "active"})
        self.assertEqual(self.rows("SELECT id FROM thing WHERE kind = 'person' ORDER BY id"),
                         before)

    def test_who_is_disabled_there_is_not_entered(self):
        self.slapd.add_person("ada", employeeType="disabled")
        self.slapd.add_person("bo")
        report = self.sync(disabled_filter="(employeeType=disabled)")
        self.assertEqual(self.steps(report), [("add", "bo")])

    def test_what_is_wrong_with_one_stops_no_other(self):
        self.slapd.add_person("ada", mail="shared@example.org")
        self.slapd.add_person("bo", mail="shared@example.org")
        self.slapd.add_person("cy", mail="no address")
        self.slapd.add_person("dee")
        report = self.sync(code=1)
        self.assertEqual(len(report["faults"]), 2, report["faults"])
        self.assertEqual(report["done"], 2)
        self.assertEqual(len(self.states()), 2)
        self.assertIn("dee", self.states())
        self.assertTrue(any("cy" in fault["whom"] for fault in report["faults"]))

    def test_more_people_than_a_page_and_a_server_that_gives_no_more_at_once(self):
        ldif = "".join(
            f"dn: uid=p{i},{slapd.PEOPLE}\nobjectClass: inetOrgPerson\nuid: p{i}\ncn: P {i}\n"
            f"sn: P\n\n" for i in range(620))
        self.slapd.add(ldif)
        self.assertEqual(self.sync()["counts"]["add"], 620)
        self.assertEqual(len(self.people()), 620)
        self.assertEqual(self.sync()["people"], [])

    def test_people_of_others_are_not_touched(self):
        self.slapd.add_person("ada")
        self.sync("--dry-run")
        self.sync()
        self.slapd.add_person("eve")
        database = sqlite3.connect(self.folder / "directory.db")
        with database:
            database.execute("UPDATE thing SET document = json_remove(document, '$.externalId') "
                             "WHERE kind = 'person'")
            database.execute("DELETE FROM attribute WHERE name = 'externalId'")
        database.close()
        report = self.sync(code=1)
        self.assertEqual(self.states(), {"ada": "active", "eve": "active"})
        self.assertIn("ada", report["faults"][0]["whom"])
        self.assertNotIn("externalId", self.people()["ada"][1])

    def test_names_that_look_alike_are_flagged(self):
        self.slapd.add_person("paypal")
        self.slapd.add_person("paypa1")
        report = self.sync()
        self.assertEqual(len(report["lookAlikes"]), 1, report)
        self.assertIn("is easily taken for", report["lookAlikes"][0]["message"])

    def test_a_text_report(self):
        self.slapd.add_person("ada")
        self.configure()
        result = self.run_here("ldap", "sync", "--config", "wardlock.yaml", "--source", NAME,
                               "--dry-run")
        self.assertEqual(result.stdout,
                         f"+ add     ada  (uid=ada,{slapd.PEOPLE})\n"
                         "main: 1 accounts; add 1; a dry run: nothing was changed\n")


class ManyWhoLeave(LdapTest):
    def test_are_taken_for_a_fault_of_the_source(self):
        people = [self.slapd.add_person(name) for name in ("ada", "bo", "cy", "dee")]
        self.sync(most_leaving_percent=40)
        for dn in people[:2]:
            self.slapd.remove(dn)
        report = self.sync(code=1)
        self.assertIn("2 of 4 people would leave", report["stopped"])
        self.assertEqual(report["done"], 0)
        self.assertEqual(set(self.states().values()), {"active"})
        report = self.sync("--allow-leaving")
        self.assertEqual(report["counts"]["leave"], 2)
        self.assertEqual(self.states(),
                         {"ada": "left", "bo": "left", "cy": "active", "dee": "active"})

    def test_as_when_the_reader_sees_nothing_any_more(self):
        for name in ("ada", "bo"):
            self.slapd.add_person(name)
        self.sync()
        report = self.sync(code=1, filter="(objectClass=device)")
        self.assertIn("2 of 2 people would leave", report["stopped"])
        self.assertEqual(set(self.states().values()), {"active"})

    def test_nobody_leaves_because_the_server_does_not_answer(self):
        self.slapd.add_person("ada")
        self.sync()
        self.slapd.stop()
        self.refused("Connection refused")
        self.assertEqual(self.states(), {"ada": "active"})

    def test_nobody_leaves_because_the_base_is_not_there(self):
        self.slapd.add_person("ada")
        self.sync()
        self.refused("No such object", base="ou=nowhere,dc=example,dc=org")
        self.assertEqual(self.states(), {"ada": "active"})


class Roles(LdapTest):
    def setUp(self):
        super().setUp()
        self.ada = self.slapd.add_person("ada")
        self.bo = self.slapd.add_person("bo")
        self.group = self.slapd.add_group("Physicians", [self.ada])
        self.source["roles"] = {f"CN=physicians, {slapd.GROUPS.upper()}": "Physician"}
        self.refused("there is no role `Physician`")
        self.enter_role("Physician")
        self.sync()

    def change_members(self, *members):
        self.slapd.set_members(self.group, members)

    def test_follow_the_group(self):
        self.assertEqual((self.roles("ada"), self.roles("bo")), (["Physician"], []))
        self.change_members(self.bo)
        report = self.sync("--dry-run")
        self.assertEqual({each["userName"]: (each["rolesGiven"], each["rolesTaken"])
                          for each in report["people"]},
                         {"ada": ([], ["Physician"]), "bo": (["Physician"], [])})
        self.assertEqual(self.roles("ada"), ["Physician"], "a dry run")
        self.sync()
        self.assertEqual((self.roles("ada"), self.roles("bo")), ([], ["Physician"]))
        self.assertEqual(self.sync()["people"], [])

    def test_reach_members_of_groups_in_groups_even_in_a_circle(self):
        inner = self.slapd.add_group("Residents", [self.bo, self.group])
        self.change_members(self.ada, inner)
        self.sync()
        self.assertEqual((self.roles("ada"), self.roles("bo")), (["Physician"], ["Physician"]))

    def test_end_when_somebody_leaves(self):
        self.slapd.remove(self.ada)
        report = self.sync()
        self.assertEqual(report["people"][0]["rolesTaken"], ["Physician"])
        self.assertEqual(self.roles("ada"), [])

    def test_stay_while_the_group_is_not_there(self):
        self.slapd.remove(self.group)
        report = self.sync(code=1)
        self.assertIn("there is no group", report["faults"][0]["message"])
        self.assertEqual(self.roles("ada"), ["Physician"])

    def test_that_somebody_else_gave_stay(self):
        database = sqlite3.connect(self.folder / "directory.db")
        with database:
            database.execute("UPDATE relation SET made_by_id = 'officer'")
        database.close()
        self.change_members(self.bo)
        self.sync()
        self.assertEqual((self.roles("ada"), self.roles("bo")), (["Physician"], ["Physician"]))

    def test_of_administration_come_from_nowhere_else(self):
        self.configure(roles={self.group: "Wardlock::Administrator"})
        result = self.run_here("ldap", "sync", "--config", "wardlock.yaml", "--source", NAME)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("Wardlock's own administration", result.stderr)


class Groups(LdapTest):
    """Groups of the source as groups of the directory."""
    SCHEMAS = ("core", "cosine", "inetorgperson", "nis")

    def setUp(self):
        super().setUp()
        self.source["enter_groups"] = True
        self.ada = self.slapd.add_person("ada")
        self.bo = self.slapd.add_person("bo")

    def members(self, name):
        """Who belongs to the group `main/NAME`."""
        found = self.rows(
            "SELECT m.document FROM relation x JOIN thing m ON m.id = x.subject JOIN thing g ON "
            "g.id = x.object WHERE x.kind = 'membership' AND x.valid_until_ms IS NULL AND "
            "json_extract(g.document, '$.entityId') = ?", f"{NAME}/{name}")
        documents = [json.loads(document) for document, in found]
        return sorted(each.get("userName") or each["displayName"] for each in documents)

    def group_steps(self, report):
        return [(each["step"], each["displayName"], each["joining"], each["leaving"])
                for each in report["groups"]]

    def test_come_change_and_go(self):
        nurses = self.slapd.add_group("Nurses", [self.ada])
        self.slapd.add_group("Staff", [nurses, self.bo])
        report = self.sync("--dry-run")
        self.assertEqual(sorted(self.group_steps(report)),
                         [("add", "Nurses", ["ada"], []), ("add", "Staff", ["bo", "Nurses"], [])])
        self.assertEqual(self.members("Nurses"), [], "a dry run")
        self.sync()
        self.assertEqual((self.members("Nurses"), self.members("Staff")),
                         (["ada"], ["Nurses", "bo"]))
        self.assertEqual(self.sync()["groups"], [])
        self.slapd.set_members(nurses, [self.bo])
        self.assertEqual(self.group_steps(self.sync()), [("change", "Nurses", ["bo"], ["ada"])])
        self.assertEqual(self.members("Nurses"), ["bo"])
        self.slapd.remove(nurses)
        self.assertEqual(self.group_steps(self.sync()),
                         [("change", "Staff", [], ["Nurses"]), ("close", "Nurses", [], [])])
        self.assertEqual((self.members("Nurses"), self.members("Staff")), ([], ["bo"]))
        self.assertEqual(self.sync()["groups"], [])

    def test_of_rfc_2307_name_people_by_their_uid(self):
        self.slapd.add_posix_group("ward", 100, ["ada", "nobody", "BO"])
        self.sync()
        self.assertEqual(self.members("ward"), ["ada"], "letter by letter")
        self.slapd.modify(f"dn: cn=ward,{slapd.GROUPS}\nchangetype: modify\n"
                          "add: memberUid\nmemberUid: bo\n")
        report = self.sync()
        self.assertFalse(report["full"], "people who did not change are known, too")
        self.assertEqual(self.members("ward"), ["ada", "bo"])
        self.slapd.modify(f"dn: {self.bo}\nchangetype: modify\nadd: uid\nuid: ada\n")
        report = self.sync()
        self.assertIn("two entries have the `uid` `ada`", report["notes"][0])
        self.assertEqual(self.members("ward"), ["bo"])

    def test_of_rfc_2307_give_roles(self):
        self.sync()
        group = self.slapd.add_posix_group("ward", 100, ["ada"])
        self.enter_role("Nurse")
        self.sync(roles={group: "Nurse"})
        self.assertEqual((self.roles("ada"), self.roles("bo")), (["Nurse"], []))

    def test_managers_come_with_people(self):
        self.slapd.replace(self.ada, manager=self.bo)
        self.slapd.add_person("kim", manager="uid=nobody,dc=example,dc=org")
        report = self.sync()
        self.assertIn("1 people have a manager who is not here", report["notes"][0])
        ids = dict((json.loads(document)["userName"], id_) for id_, document in
                   self.rows("SELECT id, document FROM thing WHERE kind = 'person'"))
        self.assertEqual(self.people()["ada"][1]["manager"], ids["bo"])
        self.assertNotIn("manager", self.people()["kim"][1])
        self.assertEqual(self.sync()["people"], [])

    def test_in_a_text_report(self):
        self.slapd.add_group("Nurses", [self.ada])
        self.configure()
        result = self.run_here("ldap", "sync", "--config", "wardlock.yaml", "--source", NAME,
                               "--dry-run")
        self.assertIn(f"+ add     group Nurses  (cn=Nurses,{slapd.GROUPS})\n    joining: ada\n"
                      "main: 2 accounts; add 2, groups 1; a dry run: nothing was changed\n",
                      result.stdout)


class AKilledSync(LdapTest):
    def test_holds_its_turn_for_half_a_minute_at_most(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.configure(url=f"ldaps://127.0.0.1:{silent.getsockname()[1]}", timeout="600s")
            process = subprocess.Popen(
                [WARDLOCK, "ldap", "sync", "--config", "wardlock.yaml", "--source", NAME],
                cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            client, _ = silent.accept()  # from here on it waits for an answer
            self.addCleanup(client.close)
            first = self.busy_until()
            self.refused("is being read already", url=self.slapd.url)
            end = time.monotonic() + 60
            while self.busy_until() == first:  # and says so, for as long as it lives
                self.assertLess(time.monotonic(), end)
                time.sleep(0.2)
            process.kill()
            process.wait()
            self.assertLessEqual(self.busy_until(), time.time() * 1000 + 30_000)

    def test_leaves_no_half_and_the_next_ends_what_it_began(self):
        names = [f"p{i:03}" for i in range(150)]
        self.source["enter_groups"] = True
        dns = [self.slapd.add_person(name) for name in names]
        self.slapd.add_group("Nurses", dns)
        self.sync("--dry-run")  # makes the tables
        killed = 0
        for step in range(200):
            self.let_another_begin()
            process = subprocess.Popen(
                [WARDLOCK, "ldap", "sync", "--config", "wardlock.yaml", "--source", NAME],
                cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.03 + 0.006 * step)
            is_over = process.poll() is not None
            process.kill()
            process.wait()
            self.expect_nothing_half()
            if is_over:
                break
            killed += 1
        self.assertGreater(killed, 3)
        self.let_another_begin()
        self.sync()
        self.assertEqual(self.states(), {name: "active" for name in names})
        members = self.rows("SELECT count(*) FROM relation WHERE kind = 'membership' AND "
                            "valid_until_ms IS NULL")
        self.assertEqual(members, [(len(names),)])
        report = self.sync()
        self.assertEqual((report["people"], report["groups"]), ([], []))

    def let_another_begin(self):
        """As if half a minute had gone by."""
        database = sqlite3.connect(self.folder / "directory.db")
        with database:
            database.execute("UPDATE task SET busy_until_ms = 0")
        database.close()

    def expect_nothing_half(self):
        """Each change with its audit event and its entry in the feed, and what is told is there."""
        self.assertEqual(self.rows("SELECT DISTINCT revision FROM change ORDER BY 1"),
                         self.rows("SELECT DISTINCT revision FROM outbox ORDER BY 1"))
        self.assertEqual(self.rows("SELECT max(revision) FROM change"),
                         self.rows("SELECT nullif(max(value), 0) FROM head"))
        told = self.rows("SELECT id FROM change WHERE what = 'created' AND kind = 'person'")
        there = self.rows("SELECT id FROM thing WHERE kind = 'person'")
        self.assertEqual(sorted(told), sorted(there))

    def busy_until(self):
        found = self.rows("SELECT busy_until_ms FROM task")
        return found[0][0] if found else 0


class Trust(LdapTest):
    """Every way in which the server could be somebody else."""

    def setUp(self):
        super().setUp()
        self.slapd.add_person("ada")

    def test_starttls(self):
        self.assertEqual(self.steps(self.sync(url=self.slapd.starttls_url)), [("add", "ada")])

    def test_a_server_that_does_not_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            for scheme in ("ldaps", "ldap"):
                begin = time.monotonic()
                self.refused("did not answer in time", url=f"{scheme}://127.0.0.1:{port}", timeout="500ms")
                self.assertLess(time.monotonic() - begin, 20)

    def test_a_server_without_tls(self):
        """One that takes a password in the clear gets none."""
        got = []

        def listen(server):
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    client.settimeout(5)
                    with client, contextlib.suppress(OSError):
                        got.append(client.recv(4096))
                        # To StartTLS: protocolError, as a server that does not know it answers.
                        client.sendall(bytes.fromhex("300c02010178070a010204000400"))
                        got.append(client.recv(4096))

        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=listen, args=(server,), daemon=True).start()
            port = server.getsockname()[1]
            self.refused("starting TLS", url=f"ldap://127.0.0.1:{port}", timeout="2s")
        self.assertTrue(got)
        self.assertIn(b"1.3.6.1.4.1.1466.20037", got[0], "StartTLS was asked for")
        for each in got:
            self.assertNotIn(slapd.READER_PASSWORD.encode(), each)

    def test_another_authority(self):
        (self.folder / "other").mkdir()
        Certificates(self.folder / "other")
        for url in (self.slapd.url, self.slapd.starttls_url):
            self.refused(url, url=url, ca="other/ca.pem")
        self.refused(self.slapd.url, url=self.slapd.url, ca="password")

    def test_another_name(self):
        self.slapd.stop()
        self.certificates.issue("server", "DNS:ldap.example.org", "serverAuth")
        self.slapd.start()
        self.refused(self.slapd.url)
        self.refused(self.slapd.starttls_url, url=self.slapd.starttls_url)

    def test_the_systems_settings_loosen_nothing(self):
        (self.folder / "other").mkdir()
        Certificates(self.folder / "other")
        self.write(".ldaprc", "TLS_REQCERT never\n")
        self.configure(ca="other/ca.pem")
        result = self.run_here("ldap", "sync", "--config", "wardlock.yaml", "--source", NAME,
                               env={"LDAPTLS_REQCERT": "never", "HOME": str(self.folder),
                                    "LDAPTLS_CACERT": str(self.folder / "ca.pem"),
                                    "LDAPTLS_CACERTDIR": str(self.folder)})
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn(self.slapd.url, result.stderr)

    def test_the_password(self):
        self.write("password", "wrong\n")
        self.refused(["binding as", "Invalid credentials"])
        self.write("password", "\n")
        self.refused("password is empty")
        self.write("password", slapd.READER_PASSWORD)
        self.sync()
        os.chmod(self.folder / "password", 0o644)
        self.refused("chmod 600", code=3)

    def test_settings_that_cannot_be(self):
        for changes, part in (({"url": "http://localhost"}, "ldaps://host"),
                              ({"filter": "objectClass=person"}, "is no filter"),
                              ({"filter": "(a=b)(c=d)"}, "is no filter"),
                              ({"base": "people"}, "no DN"),
                              ({"attributes": {"displayName": "cn"}}, "says nothing of `userName`"),
                              ({"attributes": {"userName": "uid", "shoeSize": "x"}}, "`shoeSize`"),
                              ({"attributes": {"userName": "uid)(x=*"}}, "no name of an LDAP")):
            with self.subTest(changes):
                source = dict(self.source)
                self.configure(**changes)
                result = self.run_here("ldap", "sync", "--config", "wardlock.yaml", "--source",
                                       NAME)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(part, result.stderr)
                self.source = source
        self.configure()
        self.assert_fails("there is no LDAP directory `other`", "ldap", "sync", "--config",
                          "wardlock.yaml", "--source", "other")


class AServer(LdapTest):
    """`wardlock serve`, which reads its sources by itself."""

    def serve(self, **changes):
        site = Site(self.folder)
        site.config["directory"] = {"database": self.database,
                                    "ldap": {NAME: {**self.source, **changes}}}
        return Serve(site)

    def test_reads_at_each_interval(self):
        self.slapd.add_person("ada")
        with self.serve(interval="10s") as server:
            first = server.wait_for("ldap_synced")
            self.assertEqual((first["accounts"], first["added"]), (1, 1))
            self.slapd.add_person("bo")
            # Another process that shares the database finds nothing left to do, or waits.
            second = server.wait_for("ldap_synced", 2)
            self.assertEqual(second["added"], 1)
        self.assertEqual(self.states(), {"ada": "active", "bo": "active"})
        key = self.folder / "directory.db.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600, "the key of its secrets")

    def test_says_what_is_wrong_and_nobody_leaves(self):
        self.slapd.add_person("ada")
        self.sync()
        self.write("password", "wrong\n")
        with self.serve(interval="10s") as server:
            failed = server.wait_for("ldap_failed")
            self.assertIn("Invalid credentials", failed["reason"])
            self.assertNotIn("wrong", failed["reason"])
        self.assertEqual(self.states(), {"ada": "active"})

    def test_stops_while_it_waits_for_an_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            server = self.serve(url=f"ldaps://127.0.0.1:{silent.getsockname()[1]}", timeout="60s")
            client, _ = silent.accept()
            self.addCleanup(client.close)
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 20)

    def test_refuses_to_start_without_the_key_of_its_secrets(self):
        with self.serve(interval="1h"):
            pass
        database = sqlite3.connect(self.folder / "directory.db")
        with database:
            database.execute("INSERT INTO secret VALUES ('main', 'p', 'n', 'cafecafecafecafe', "
                             "x'00', NULL)")
        database.close()
        with self.assertRaisesRegex(AssertionError, "1 under `cafecafecafecafe`"):
            self.serve()


def guid(number):
    """As Active Directory has it, in LDIF."""
    return base64.b64encode(bytes([number] * 16)).decode()


# What Active Directory calls things, with its numbers; comparisons as it makes them.
AD_SCHEMA = """
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.120 NAME 'uSNChanged' EQUALITY integerMatch
  ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.141 NAME 'department' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP organizationalPerson STRUCTURAL
  MAY ( sAMAccountName $ objectGUID $ uSNChanged $ userAccountControl $ department $
  objectCategory $ displayName $ mail $ givenName $ employeeNumber ) )
"""


class ActiveDirectory(LdapTest):
    """Entries as Active Directory has them, on slapd. The numbers of changes are written by the
    test."""
    MORE = AD_SCHEMA

    def setUp(self):
        super().setUp()
        self.source["type"] = "active-directory"
        self.usn = 0

    def add_user(self, number, name, **attributes):
        self.usn += 1
        lines = [f"dn: cn={name},{slapd.PEOPLE}", "objectClass: user", f"cn: {name}",
                 f"sn: {name}", f"sAMAccountName: {name}", f"displayName: {name}",
                 f"objectGUID:: {guid(number)}", f"uSNChanged: {self.usn}",
                 "objectCategory: person", "userAccountControl: 512"]
        lines += [f"{key}: {value}" for key, value in attributes.items()]
        self.slapd.add("\n".join(lines) + "\n")
        return f"cn={name},{slapd.PEOPLE}"

    def change(self, dn, **attributes):
        self.usn += 1
        self.slapd.replace(dn, uSNChanged=self.usn, **attributes)

    def test_people(self):
        ada = self.add_user(1, "ada", department="Cardiology")
        for number in range(2, 12):
            self.add_user(number, f"p{number}")
        report = self.sync()
        self.assertEqual(report["counts"]["add"], 11, report)
        state, document = self.people()["ada"]
        self.assertEqual((state, document["department"], document["externalId"]),
                         ("active", "Cardiology",
                          "ldap:main:01010101-0101-0101-0101-010101010101"))
        self.change(ada, department="Surgery")
        report = self.sync()
        self.assertFalse(report["full"])
        self.assertEqual(self.steps(report), [("change", "ada")])
        self.change(ada, userAccountControl=514)
        self.assertEqual(self.steps(self.sync()), [("suspend", "ada")])
        self.change(ada, userAccountControl=512)
        self.assertEqual(self.steps(self.sync()), [("resume", "ada")])
        self.slapd.remove(ada)
        report = self.sync()
        self.assertEqual(self.steps(report), [("leave", "ada")])
        self.assertTrue(report["full"], "the latest change is not to be seen any more")
        self.assertFalse(self.sync()["full"])


if __name__ == "__main__":
    unittest.main()
