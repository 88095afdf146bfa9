#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "compare/decisions/decision_diff.h"
#include "compare/decisions/suite_questions.h"

namespace wardlock::compare {

inline constexpr char kWardSchema[] = R"(
  entity Role in [Role];
  entity User in [Role];
  entity Chart, LabReport;
  action view, edit appliesTo { principal: User, resource: [Chart, LabReport],
    context: { now: datetime, override?: { id: String, reason: String, expiresAt: datetime },
               authentication?: { level: Long, methods: Set<String> }, rate?: Long } };
)";

/// Two physicians, who are clinicians, a nurse, and somebody in no role.
inline constexpr char kWardEntities[] = R"([
  {"uid": {"type": "Role", "id": "Clinician"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Role", "id": "Physician"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Clinician"}]},
  {"uid": {"type": "Role", "id": "Nurse"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Clinician"}]},
  {"uid": {"type": "User", "id": "ada"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Physician"}]},
  {"uid": {"type": "User", "id": "bob"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Physician"}]},
  {"uid": {"type": "User", "id": "cyd"}, "attrs": {},
   "parents": [{"type": "Role", "id": "Nurse"}]},
  {"uid": {"type": "User", "id": "eve"}, "attrs": {}, "parents": []}
])";

inline std::shared_ptr<const pdp::Snapshot> ward_of(const std::string& policies,
                                                    const char* schema = kWardSchema,
                                                    const char* entities = kWardEntities,
                                                    const pdp::Snapshot* before = nullptr) {
  pdp::Sources sources;
  sources.policies = {{"test.cedar", policies}};
  if (schema != nullptr) sources.schemas = {{"test.cedarschema", schema}};
  sources.entities = pdp::Source{"entities.json", entities};
  auto snapshot = pdp::build_snapshot(sources, {.mode = pdp::Mode::kStrict}, before);
  EXPECT_TRUE(snapshot) << snapshot.error().message;
  return snapshot ? *snapshot : nullptr;
}

/// A question in short; borrows its texts.
struct ShortQuestion {
  std::string_view principal;
  std::string_view action = "view";
  std::string_view type = "LabReport";
  std::string_view id = "l1";
  std::optional<RecordedAnswer> recorded = {};
  std::int64_t level = 0;
};

inline void pose(const ShortQuestion& question, QuestionTaker& taker) {
  static const pdp::Caller caller = comparing_caller("test");
  pdp::AccessRequest access;
  access.principal = {"User", question.principal};
  access.action = question.action;
  access.resource = {question.type, question.id};
  access.caller = &caller;
  access.authentication = pdp::Authentication{.level = question.level};
  taker.take(
      {.access = access, .at = 1'800'000'000'000, .name = "a test", .recorded = question.recorded});
}

}  // namespace wardlock::compare
