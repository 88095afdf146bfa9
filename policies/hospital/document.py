#!/usr/bin/env python3
"""Writes the generated parts of docs/hospital.md: who sees and edits what, and which policies and cases
answer which requirement.

usage: document.py [--check]

The first asks the built `wardlock` (`WARDLOCK` names another than the release build's). With --check
nothing is written; exit 1 when the document differs from what would be written.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "src" / "cli"))

import casebook
import census
from program import Pdp

DOCUMENT = ROOT / "docs" / "hospital.md"
MARKER = "<!-- {}: {} by policies/hospital/document.py; run ./dev docs -->"

ROLES = {
    "Physician": "Physician", "EmergencyPhysician": "Emergency physician",
    "Radiologist": "Radiologist", "Nurse": "Nurse", "LabTechnician": "Lab technician",
    "BiomedicalTechnician": "Biomedical technician",
    "MaintenanceContractor": "Maintenance contractor", "FieldEngineer": "Field engineer",
    "RemoteEngineer": "Remote engineer", "TeleSupport": "Tele-support",
    "ManufacturerEngineer": "Manufacturer's engineer", "Researcher": "Researcher",
    "Administrator": "Administrator", "SecurityOfficer": "Security officer",
    "PrivacyOfficer": "Privacy officer",
}
OTHERS = {"Patient": "Patient", "Caregiver": "Caregiver", "UpdateServer": "Update server",
          "RecordGateway": "Record gateway", "SoftwareModule": "Software module",
          "InfusionPump": "Infusion pump", "PatientMonitor": "Patient monitor",
          "Wearable": "Wearable"}
THINGS = {"Patient": "chart", "LabReport": "lab reports", "ImagingStudy": "images",
          "MedicationPlan": "medication plan", "DeviceReadings": "device readings",
          "ResearchDataset": "research data"}
# Columns of a table: heading, actions, and the types they are about (none: whatever they are about).
PATIENT_DATA = [(heading, ("view", "edit", "export"), (kind,)) for kind, heading in THINGS.items()]
TREATMENT = [("change the dose", ("changeDose",), ()), ("stop", ("stopInfusion", "stopScan"), ()),
             ("send readings", ("sendReadings",), ()), ("delegate", ("delegate",), ())]
DEVICES = [("view settings", ("viewSettings",), ()), ("configure", ("configure",), ()),
           ("run diagnostics", ("runDiagnostics",), ()), ("export the log", ("exportLog",), ()),
           ("calibrate", ("calibrate",), ()), ("update firmware", ("updateFirmware",), ())]
ADMINISTRATION = [("assign roles", ("assignRole",), ()), ("review rights", ("reviewRights",), ()),
                  ("read the audit log", ("viewAuditLog",), ())]
TABLES = [("Patient data", PATIENT_DATA), ("Treatment", TREATMENT), ("Devices", DEVICES),
          ("Administration", ADMINISTRATION)]


def kind_of(world, principal):
    """The row of a principal: its own role, or its type."""
    own = {parent["id"] for parent in world.entities[principal]["parents"]
           if parent["type"] in ("Role", "ServiceKind")}
    return own.pop() if own else principal[0]


class Matrix:
    """Under which conditions each kind of principal does what."""

    def __init__(self, findings, world, policies):
        self.conditions = {}  # (kind, action, type of resource): conditions
        for finding in findings:
            key = (kind_of(world, finding.principal), finding.action, finding.resource[0])
            conditions = self.conditions.setdefault(key, set())
            if not finding.policies:
                conditions.add("breaking the glass")
            for policy in finding.policies:
                conditions.add(policies[policy]["x_when"])

    def cell(self, kind, actions, types):
        lines = []
        for action in actions:
            found = set().union(*(conditions for key, conditions in self.conditions.items()
                                  if key[:2] == (kind, action) and (not types or key[2] in types)))
            if found:
                said = "; ".join(sorted(found))
                lines.append(f"**{action}** {said}" if len(actions) > 1 else said)
        return "<br>".join(dict.fromkeys(lines)) or "–"

    def table(self, columns):
        headings = [heading for heading, _, _ in columns]
        lines = [f"| | {' | '.join(headings)} |", "|---" * (len(headings) + 1) + "|"]
        for kind, name in {**ROLES, **OTHERS}.items():
            cells = [self.cell(kind, actions, types) for _, actions, types in columns]
            if any(cell != "–" for cell in cells):
                lines.append(f"| **{name}** | {' | '.join(cells)} |")
        return lines


def matrix_section(findings, world, policies):
    matrix = Matrix(findings, world, policies)
    lines = []
    for title, columns in TABLES:
        lines += [f"**{title}**", "", *matrix.table(columns), ""]
        silent = [name for kind, name in {**ROLES, **OTHERS}.items()
                  if all(matrix.cell(kind, actions, types) == "–" for _, actions, types in columns)]
        lines += [f"Nothing of this: {', '.join(silent)}.", ""]
    return lines


def read_requirements():
    """(number, text, policies) of each line of requirements.txt."""
    for line in (HERE / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            number, text, policies = line.split(" | ")
            yield number, text, [] if policies == "-" else policies.split(", ")


def requirements_section(sections, policies):
    lines = ["| | requirement | policies | cases |", "|---|---|---|---|"]
    for number, text, named in read_requirements():
        shown = [section for section in sections if number in section.requirements]
        cases = [case for section in shown for case in section.cases]
        links = ", ".join(f"[{name}](../policies/hospital/tests/{name}.test.yaml)"
                          for name in dict.fromkeys(section.file for section in shown))
        allowed = sum(case.answer == "allow" for case in cases)
        counts = f"{allowed} allowed, {len(cases) - allowed} denied: {links}" if cases else \
            "[the matrix](#who-may-do-what)"
        names = "<br>".join(f"[`{name}`](../policies/hospital/{policies[name]['file']}.cedar)"
                            for name in named)
        lines.append(f"| {number} | {text} | {names or '–'} | {counts} |")
    return lines


def policies_section(sections, policies):
    lines = ["| policy | what it says | cases |", "|---|---|---|"]
    cases = [case for section in sections for case in section.cases]
    for name, policy in policies.items():
        kind = policy["effect"]
        for annotation in ("override", "waivable", "obligation"):
            if annotation in policy:
                kind += f", `@{annotation}`"
        count = sum(name in case.policies for case in cases)
        lines.append(f"| [`{name}`](../policies/hospital/{policy['file']}.cedar) ({kind}) | "
                     f"{policy['reason']} | {count} |")
    return lines


def replace_section(text, name, lines):
    begin, end = (MARKER.format(name, word) for word in ("generated", "end of what is generated"))
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        sys.exit(f"docs/hospital.md: the markers are missing:\n{begin}\n{end}")
    return "\n".join([before + begin, "", *lines, "", end]).replace("\n\n\n", "\n\n") + after


def document(findings, world):
    """What docs/hospital.md should be."""
    policies = census.read_policies()
    sections = casebook.read_sections()
    text = DOCUMENT.read_text()
    text = replace_section(text, "matrix", matrix_section(findings, world, policies))
    text = replace_section(text, "requirements", requirements_section(sections, policies))
    return replace_section(text, "policies", policies_section(sections, policies))


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    world = census.World()
    with Pdp("--policies", HERE, "--entities", HERE / "entities.json") as pdp:
        findings, _ = census.take_census(pdp, world)
    text = document(findings, world)
    if "--check" in sys.argv and DOCUMENT.read_text() != text:
        sys.exit("docs/hospital.md: out of date; run ./dev docs")
    DOCUMENT.write_text(text)


if __name__ == "__main__":
    main()
