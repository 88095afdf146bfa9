"""A hospital where it takes two persons to update firmware; for the real tests."""
import json

from program import run
from request_site import RequestSite

POLICIES = '''
@id("technicians") permit (principal is User, action, resource);
@id("two-persons") forbid (principal, action in [Action::"updateFirmware", Action::"stopScan"], resource)
  unless { context has approval };
@id("limits-by-ticket") forbid (principal, action == Action::"setLimits", resource)
  unless { context has approval && context.approval.ticket == "T-481" };
'''
SCHEMA = '''
namespace Wardlock {
  type Named = { type: String, id: String };
  type Approved = { id: String, approvers: Set<Named>, ticket: String, expiresAt: datetime };
  entity Approval = { principal: Named, target: Named, action: Action, approvers: Set<Named>,
    ticket: String, opensAt: datetime, expiresAt: datetime };
}
entity User;
@audit("device") entity Device = { inService: Bool };
type Work = { approval?: Wardlock::Approved };
@audit("firmware") action updateFirmware appliesTo { principal: User, resource: Device, context: Work };
@audit("device") action setLimits appliesTo { principal: User, resource: Device, context: Work };
@audit("safety") action stopScan appliesTo { principal: User, resource: Device, context: Work };
@audit("device") action look appliesTo { principal: User, resource: Device };
'''


class ApprovalSite(RequestSite):
    POLICIES = POLICIES
    SCHEMA = SCHEMA
    KNOWN_BY = {"person": "userName", "device": "assetTag"}
    SETTINGS = {"approvals": {"lasts": "30m", "at_most": "2h"}}
    RIGHTS = ["search"]

    def fill(self):
        maker = self.hale.create("organisations", code="maker", displayName="Maker",
                                 organisationType="manufacturer")
        self.model = self.hale.create("device-models", manufacturer=maker, modelNumber="P4",
                                      displayName="P4")
        self.owned = self.pump = self.device("SN-7")
        self.device("SN-8")

    def device(self, serial):
        device = self.hale.create("devices", model=self.model, serialNumber=serial, assetTag=serial)
        self.hale.must("POST", f"devices/{device}/state", {"state": "commissioned"})
        return device

    def question(self, device="SN-7", action="updateFirmware", **more):
        return {"action": {"name": action}, "resource": {"type": "Device", "id": device}, **more}

    def wish(self, **more):
        return {"action": "updateFirmware", "device": "SN-7", "reason": "recall 2026-7", **more}

    def found(self):
        """On which devices swift may update the firmware."""
        status, _, text = self.here.server.request(
            "POST", "/access/v1/search/resource", json.dumps({
                "subject": {"type": "User", "id": "swift"}, "action": {"name": "updateFirmware"},
                "resource": {"type": "Device"}}), {"Content-Type": "application/json"}, self.ehr)
        self.assertEqual(status, 200, text)
        return [each["id"] for each in json.loads(text)["results"]]

    def told(self, one):
        shown = run("audit", "query", self.folder / "log", "--json", "--grant", one)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def officer(self):
        self.signed_in("officer", "SecurityOfficer")
        return "officer"
