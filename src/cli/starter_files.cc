#include "cli/starter_files.h"

#include <array>

namespace wardlock::cli {
namespace {

constexpr std::string_view kReadme = R"(# Policies

| file | |
|---|---|
| `ward.cedarschema` | which types of entities and actions there are |
| `pumps.cedar` | who may do what |
| `entities.json` | a few entities to try the policies with |
| `tests/pumps.test.yaml` | what the policies must answer |

    wardlock validate --policies . --schema ward.cedarschema
    wardlock format --policies . --check
    wardlock run-tests --policies .
    wardlock pdp --policies . --entities entities.json

Change a policy, and see which test notices. Give each policy an `@id` that says what it is for, and a
`@reason` for the people who ask why.
)";

constexpr std::string_view kSchema = R"(entity Ward;

entity Clinician in [Ward] = {
  role: String,
};

entity Pump = {
  ward: Ward,
  locked: Bool,
};

action view, setDose appliesTo {
  principal: Clinician,
  resource: Pump,
};
)";

constexpr std::string_view kPolicies = R"(@id("ward-views-its-pumps")
@reason("Clinicians see the pumps of their ward.")
permit (
  principal is Clinician,
  action == Action::"view",
  resource is Pump
)
when { principal in resource.ward };

@id("doctor-sets-dose")
@reason("Doctors set the dose of the pumps of their ward.")
permit (
  principal is Clinician,
  action == Action::"setDose",
  resource is Pump
)
when { principal in resource.ward && principal.role == "doctor" };

@id("locked-pump-keeps-its-dose")
@reason("This pump is locked; its dose cannot be changed.")
forbid (
  principal,
  action == Action::"setDose",
  resource is Pump
)
when { resource.locked };
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Ward", "id": "west"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Ward", "id": "east"}, "attrs": {}, "parents": []},
  {
    "uid": {"type": "Clinician", "id": "ana"},
    "attrs": {"role": "doctor"},
    "parents": [{"type": "Ward", "id": "west"}]
  },
  {
    "uid": {"type": "Clinician", "id": "ben"},
    "attrs": {"role": "nurse"},
    "parents": [{"type": "Ward", "id": "west"}]
  },
  {
    "uid": {"type": "Pump", "id": "7"},
    "attrs": {"ward": {"__entity": {"type": "Ward", "id": "west"}}, "locked": false},
    "parents": []
  },
  {
    "uid": {"type": "Pump", "id": "8"},
    "attrs": {"ward": {"__entity": {"type": "Ward", "id": "west"}}, "locked": true},
    "parents": []
  },
  {
    "uid": {"type": "Pump", "id": "9"},
    "attrs": {"ward": {"__entity": {"type": "Ward", "id": "east"}}, "locked": false},
    "parents": []
  }
]
)";

constexpr std::string_view kTests = R"(name: Pumps

defaults:
  at: 2026-11-23T10:00:00Z

tests:
  - name: A doctor sets the dose
    principal: Clinician::"ana"
    action: setDose
    resource: Pump::"7"
    expect: {decision: allow, policies: [doctor-sets-dose]}

  - name: A locked pump keeps its dose
    principal: Clinician::"ana"
    action: setDose
    resource: Pump::"8"
    expect: {decision: deny, policies: [locked-pump-keeps-its-dose]}

  - name: Who may do what
    matrix: |
      |                  | view Pump::"7" | setDose Pump::"7" | view Pump::"9" |
      |------------------|----------------|-------------------|----------------|
      | Clinician::"ana" | allow          | allow             | deny           |
      | Clinician::"ben" | allow          | deny              | deny           |

  - name: Nobody sets the dose of another ward's pump
    principal: Clinician::"ana"
    action: setDose
    resource: Pump::"9"
    expect: deny
)";

constexpr std::array<StarterFile, 5> kFiles = {{
    {"README.md", kReadme},
    {"ward.cedarschema", kSchema},
    {"pumps.cedar", kPolicies},
    {"entities.json", kEntities},
    {"tests/pumps.test.yaml", kTests},
}};

}  // namespace

std::span<const StarterFile> starter_files() { return kFiles; }

}  // namespace wardlock::cli
