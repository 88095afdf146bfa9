"""What a running server takes over of changed files, and what it does not."""
import concurrent.futures
import json
import os
import tempfile
import threading
import time
import unittest

from program import run
from serving import ENTITIES, POLICIES, SCHEMA, Serve, Site, eventually, new_token, question

DENY = POLICIES + '@id("never") forbid (principal, action, resource);\n'


class ServedSiteTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.token = self.site.add_caller("gate", rights=["metrics"])

    def serve(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        return server


class ReloadTest(ServedSiteTest):
    def ready(self, server):
        return json.loads(server.request("GET", "/readyz")[2])

    def test_changed_policies_are_taken_over(self):
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        before = self.ready(server)
        self.site.write("policies/rules.cedar", DENY)
        eventually(lambda: not server.decision(self.token))
        after = self.ready(server)
        self.assertEqual(after["revision"], before["revision"] + 1)
        self.assertNotEqual(after["policy_set"], before["policy_set"])
        self.assertEqual(server.metrics(self.token)['wardlock_reloads_total{what="policies",result="ok"}'], 1)
        # A file more, and one less.
        self.site.write("policies/rules.cedar", POLICIES)
        eventually(lambda: server.decision(self.token))
        self.site.write("policies/z.cedar", '@id("no") forbid (principal, action, resource);')
        eventually(lambda: not server.decision(self.token))
        (self.site.folder / "policies" / "z.cedar").unlink()
        eventually(lambda: server.decision(self.token))

    def test_a_change_that_stays_incomplete_is_told(self):
        server = self.serve()
        with open(self.site.folder / "policies" / "draft.cedar", "a", encoding="utf-8") as draft:
            draft.write("// being written\n")
            draft.flush()
            server.wait_for("policies_waiting")
            self.assertIn("stale", self.ready(server))
            self.assertEqual(server.metrics(self.token)["wardlock_snapshot_stale{tenant=\"\"}"], 1)
        eventually(lambda: "stale" not in self.ready(server))

    def test_a_pipe_in_place_of_a_file_holds_nothing_up(self):
        server = self.serve()
        (self.site.folder / "entities.json").unlink()
        os.mkfifo(self.site.folder / "entities.json")
        server.wait_for("policies_refused")
        self.assertTrue(server.decision(self.token))
        self.assertEqual(server.stop(), 0)

    def test_a_link_that_swings_back_mixes_nothing(self):
        folder = self.site.folder
        for name, rules in [("old", POLICIES), ("new", DENY)]:
            self.site.write(f"{name}/rules.cedar", rules)
            self.site.write(f"{name}/rules.cedarschema", SCHEMA)

        def point_to(name):
            os.symlink(folder / name, folder / "draft")
            os.replace(folder / "draft", folder / "current")

        point_to("new")
        self.site.config["policies"] = "current"
        server = self.serve()
        for _ in range(40):
            point_to("old")
            time.sleep(0.013)
            point_to("new")
            time.sleep(0.01)
        eventually(lambda: not server.decision(self.token))
        time.sleep(0.5)
        self.assertFalse(server.decision(self.token))

    def test_the_log_says_where_and_not_what(self):
        server = self.serve()
        self.site.write("policies/rules.cedar", 'permit (principal == User::"jane-doe", actio);')
        self.assertRegex(server.wait_for("policies_refused")["reason"], r"rules\.cedar:1:\d+: `")
        self.site.write("policies/rules.cedar", POLICIES)
        server.wait_for("policies_loaded", 2)
        self.site.write("entities.json", [{"uid": {"type": "Persona", "id": "jane-doe"}, "attrs": {},
                                           "parents": []}])
        server.wait_for("policies_refused", 2)
        token, _ = new_token()
        self.site.config["callers"][0]["tokens"] = [token]
        self.site.save()
        server.reload()
        server.wait_for("configuration_refused")
        seen = "".join(server.lines) + server.request("GET", "/readyz")[2]
        self.assertNotIn("jane-doe", seen)
        self.assertNotIn(token, seen)

    def test_changed_entities_and_schema_are_taken_over(self):
        server = self.serve()
        self.site.write("entities.json", [ENTITIES[0], ENTITIES[2]])
        eventually(lambda: not server.decision(self.token))
        self.site.write("entities.json", ENTITIES)
        eventually(lambda: server.decision(self.token))
        self.site.write("policies/rules.cedarschema", SCHEMA + "entity Ward;\n")
        server.wait_for("policies_loaded", 4)
        self.assertTrue(server.decision(self.token))

    def test_a_bad_set_keeps_the_last_good_one_and_says_so(self):
        server = self.serve()
        self.site.write("policies/rules.cedar", DENY + "permit (principal")
        refused = server.wait_for("policies_refused")
        self.assertIn("rules.cedar", refused["reason"])
        self.assertEqual(refused["serving_revision"], 1)
        self.assertTrue(server.decision(self.token))
        report = self.ready(server)
        self.assertEqual((report["status"], report["revision"]), ("ready", 1))
        self.assertIn("cannot be used", report["stale"])
        samples = server.metrics(self.token)
        self.assertEqual(samples['wardlock_reloads_total{what="policies",result="failed"}'], 1)
        self.assertEqual(samples['wardlock_snapshot_stale{tenant=""}'], 1)
        # It is not tried over and over; and a good set ends it.
        time.sleep(0.5)
        self.assertEqual(len(server.events("policies_refused")), 1)
        self.site.write("policies/rules.cedar", DENY)
        eventually(lambda: not server.decision(self.token))
        self.assertNotIn("stale", self.ready(server))
        self.assertEqual(server.metrics(self.token)['wardlock_snapshot_stale{tenant=""}'], 0)

    def test_what_serve_does_not_start_with_it_does_not_take_over(self):
        server = self.serve()
        for name, text in [
            ("policies/rules.cedar", POLICIES + '@colour("red") permit (principal, action, resource);'),
            ("policies/rules.cedar", ""),
            ("policies/rules.cedarschema", SCHEMA + "entity Pump;"),
            ("entities.json", "[{]"),
            ("entities.json", [{"uid": {"type": "Patient", "id": "p-secret"}, "attrs": {},
                                "parents": []}]),
        ]:
            good = (self.site.folder / name).read_text()
            self.site.write(name, text)
            server.wait_for("policies_refused", len(server.events("policies_refused")) + 1)
            self.assertTrue(server.decision(self.token))
            self.site.write(name, good)
            server.wait_for("policies_loaded", len(server.events("policies_loaded")) + 1)
        self.assertNotIn("p-secret", "".join(server.lines))

    def test_files_that_are_gone_leave_the_last_good_set(self):
        server = self.serve()
        policies = self.site.folder / "policies"
        policies.rename(self.site.folder / "away")
        server.wait_for("policies_refused")
        self.assertTrue(server.decision(self.token))
        (self.site.folder / "away").rename(policies)
        eventually(lambda: "stale" not in self.ready(server))

    def test_too_old_a_set_ends_readiness_but_not_decisions(self):
        self.site.config["reload"]["max_staleness"] = "1s"
        server = self.serve()
        self.site.write("policies/rules.cedar", "permit (")
        eventually(lambda: server.request("GET", "/readyz")[0] == 503)
        self.assertEqual(self.ready(server)["status"], "too stale")
        self.assertTrue(server.decision(self.token))

    def test_a_swapped_link_is_taken_over(self):
        """As Kubernetes changes a ConfigMap: a link to a folder is replaced in one step."""
        mount = self.site.folder / "mount"
        for name, rules in [("one", POLICIES), ("two", DENY)]:
            self.site.write(f"mount/{name}/rules.cedar", rules)
            self.site.write(f"mount/{name}/rules.cedarschema", SCHEMA)
        (mount / "data").symlink_to("one")
        for name in ["rules.cedar", "rules.cedarschema"]:
            (mount / name).symlink_to(f"data/{name}")
        self.site.config["policies"] = "mount"
        server = self.serve()
        self.assertTrue(server.decision(self.token))
        (mount / "next").symlink_to("two")
        os.replace(mount / "next", mount / "data")
        eventually(lambda: not server.decision(self.token))

    def test_a_half_written_file_is_never_taken(self):
        """Each prefix that ends with a policy would be a sound set that lacks the forbid at its
        end; the writer is slower than several looks."""
        server = self.serve()
        path = self.site.folder / "policies" / "rules.cedar"
        seen = []
        done = threading.Event()

        def ask():
            while not done.is_set():
                seen.append(server.decision(self.token))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asking = pool.submit(ask)
            with open(path, "w") as file:
                half = POLICIES.rindex("@id")
                file.write(POLICIES[:half])
                file.flush()
                time.sleep(0.6)
                self.assertEqual(len(server.events("policies_loaded")), 1)
                for rest in [POLICIES[half:], DENY[len(POLICIES):20], DENY[len(POLICIES) + 20:]]:
                    file.write(rest)
                    file.flush()
                    time.sleep(0.3)
            self.site.write("policies/rules.cedar", DENY)
            server.wait_for("policies_loaded", 2)
            time.sleep(0.2)
            done.set()
            asking.result()
        self.assertEqual(server.events("policies_loaded")[-1]["policies"], 3)
        self.assertEqual(seen, sorted(seen, reverse=True), "an answer from a part of the files")
        self.assertEqual(server.events("policies_refused"), [])

    def test_files_that_never_rest_are_not_taken_before_they_do(self):
        server = self.serve()
        for i in range(12):
            self.site.write("policies/rules.cedar", DENY + f"// {i}\n")
            time.sleep(0.05)
            self.assertTrue(server.decision(self.token))
        eventually(lambda: not server.decision(self.token))
        server.wait_for("policies_loaded", 2)  # said after it counts
        self.assertEqual(len(server.events("policies_loaded")), 2)


class SignalTest(ServedSiteTest):
    def reload(self, server, event):
        count = len(server.events(event))
        self.site.save()
        server.reload()
        return server.wait_for(event, count + 1)

    def test_a_token_is_replaced_without_a_gap(self):
        server = self.serve()
        token, hash_ = new_token()
        caller = self.site.config["callers"][0]
        caller["tokens"].append(hash_)
        self.assertEqual(server.ask(token)[0], 401)
        self.reload(server, "callers_loaded")
        self.assertTrue(server.decision(self.token))
        self.assertTrue(server.decision(token))
        del caller["tokens"][0]
        self.reload(server, "callers_loaded")
        self.assertEqual(server.ask(self.token)[0], 401)
        self.assertTrue(server.decision(token))

    def test_scope_and_rights_follow(self):
        server = self.serve()
        self.site.config["callers"][0]["scope"] = {"types": ["User", "Pump"], "actions": ["stop"],
                                                   "attributes": ["*"]}
        self.reload(server, "callers_loaded")
        self.assertEqual(server.ask(self.token)[0], 403)

    def test_a_quota_does_not_begin_anew(self):
        self.site.config["limits"] = {"batch": 1}
        self.site.config["callers"][0]["quota"] = {"rate": 1, "burst": 3}
        server = self.serve()
        for _ in range(3):
            self.assertEqual(server.ask(self.token)[0], 200)
        self.reload(server, "callers_loaded")
        self.assertEqual(server.ask(self.token)[0], 429)

    def test_a_bad_configuration_keeps_the_callers(self):
        server = self.serve()
        self.site.write("wardlock.yaml", "listeners: 7")
        server.reload()
        refused = server.wait_for("configuration_refused")
        self.assertIn("wardlock.yaml:1:1: `wardlock config check`", refused["reason"])
        self.assertTrue(server.decision(self.token))
        self.assertIn("stale_configuration", server.request("GET", "/readyz")[2])
        self.assertEqual(server.metrics(self.token)["wardlock_configuration_stale"], 1)
        self.reload(server, "callers_loaded")
        self.assertNotIn("stale_configuration", server.request("GET", "/readyz")[2])

    def test_what_needs_a_restart_is_named(self):
        server = self.serve()
        self.site.config["listeners"] = [{"address": "127.0.0.2:0"}]
        self.site.config["limits"] = {"batch": 7}
        self.reload(server, "callers_loaded")
        self.assertEqual([event["setting"] for event in server.events("needs_a_restart")],
                         ["listeners", "limits"])
        self.assertTrue(server.decision(self.token))

    def test_takes_changed_policies_at_once(self):
        self.site.config["reload"]["interval"] = "1h"
        server = self.serve()
        server.wait_for("policies_loaded")
        self.site.write("policies/rules.cedar", DENY)
        self.reload(server, "policies_loaded")
        self.assertFalse(server.decision(self.token))


class PdpReloadTest(unittest.TestCase):
    def test_the_local_decision_point_follows_its_files_too(self):
        from program import Pdp
        with tempfile.TemporaryDirectory() as folder:
            site = Site(folder)
            with Pdp("--policies", "policies", "--entities", "entities.json", cwd=folder) as pdp:
                self.assertTrue(pdp.ask(question())[1]["decision"])
                site.write("policies/rules.cedar", DENY)
                eventually(lambda: not pdp.ask(question())[1]["decision"])
                self.assertEqual(pdp.request("GET", "/metrics")[0], 200)


if __name__ == "__main__":
    unittest.main()
