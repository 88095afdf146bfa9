#include "bench/scale_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "base/check.h"
#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::bench {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::size_t kPeople = 20'000;
constexpr std::size_t kDocuments = 20'000;

object uid(std::string_view type, std::string_view id) { return {{"type", type}, {"id", id}}; }

object entity(object named, object attributes, array parents) {
  return {
      {"uid", std::move(named)}, {"attrs", std::move(attributes)}, {"parents", std::move(parents)}};
}

object reference(std::string_view type, std::string_view id) {
  return {{"__entity", uid(type, id)}};
}

cedar::EntityStore store_of(array entities) {
  auto store = cedar::entities_from_json(Json(std::move(entities)));
  CHECK(store.has_value());
  return std::move(*store);
}

cedar::PolicySet parse(std::string_view text) {
  auto policies = cedar::parse_policies(text);
  CHECK(policies.has_value());
  return std::move(*policies);
}

/// Ten policies about the team `t{0}` and the folder `f{0}`.
constexpr std::string_view kTeamPolicies = R"(
permit (principal in Team::"t{0}", action == Action::"view", resource in Folder::"f{0}")
when {{ resource.level <= principal.clearance }};
permit (principal in Team::"t{0}", action in [Action::"view", Action::"edit"], resource is Document)
when {{ resource.owner == principal }};
permit (principal in Team::"t{0}", action, resource)
when {{ resource.site == principal.site && context.urgent }};
permit (principal is User in Team::"t{0}", action == Action::"view", resource is Document)
when {{ resource.labels.contains("shared") }};
permit (principal, action == Action::"view", resource in Folder::"f{0}")
when {{ principal.clearance > 7 }};
permit (principal is User, action, resource in Folder::"f{0}")
when {{ principal.site like "north*" && resource.level < 3 }};
permit (principal, action in [Action::"view", Action::"print"], resource is Document in Folder::"f{0}")
when {{ context.urgent }}
unless {{ resource.labels.contains("secret") }};
forbid (principal in Team::"t{0}", action == Action::"view", resource in Folder::"f{0}")
when {{ resource.level > 8 }};
forbid (principal, action == Action::"view", resource in Folder::"f{0}")
unless {{ principal has clearance }};
forbid (principal in Team::"t{0}", action, resource is Document)
when {{ resource.labels.containsAny(["secret", "sealed"]) && principal.clearance < 9 }};
)";

/// Person and document `i` are in team and folder `i % teams`.
array people_and_documents(std::size_t teams) {
  constexpr std::array kLabels = {"shared", "draft", "secret", "final"};
  array all;
  all.reserve(kPeople + kDocuments);
  for (std::size_t i = 0; i < kPeople; ++i) {
    all.push_back(entity(uid("User", fmt::format("u{}", i)),
                         {{"clearance", i % 10}, {"site", i % 3 == 0 ? "north-1" : "south-2"}},
                         {uid("Team", fmt::format("t{}", i % teams))}));
  }
  for (std::size_t i = 0; i < kDocuments; ++i) {
    const std::size_t owner = i % 4 == 0 ? i : (i + 1) % kPeople;
    all.push_back(entity(uid("Document", fmt::format("d{}", i)),
                         {{"level", (i / 7) % 10},
                          {"owner", reference("User", fmt::format("u{}", owner))},
                          {"site", i % 5 == 0 ? "north-1" : "south-2"},
                          {"labels", array{kLabels[(i / 3) % kLabels.size()]}}},
                         {uid("Folder", fmt::format("f{}", i % teams))}));
  }
  return all;
}

constexpr std::string_view kReportPolicies = R"(
permit (principal is User, action == Action::"view", resource is LabReport)
when { resource.orderedBy == principal };
permit (principal is User, action == Action::"view", resource is LabReport)
when { principal.clearance >= resource.level && resource.status == "final" };
permit (principal in Role::"physician", action in [Action::"view", Action::"export"], resource is LabReport)
when { resource in principal.hospital && context.urgent };
forbid (principal, action == Action::"view", resource is LabReport)
when { resource.status == "preliminary" }
unless { principal in Role::"laboratory" };
forbid (principal, action == Action::"export", resource) unless { principal.clearance > 8 };
)";

constexpr std::size_t kHospitals = 10;
constexpr std::size_t kPerPatient = 20;
constexpr std::size_t kPerWard = 500;

std::string hospital_of(std::size_t ward) { return fmt::format("hospital-{}", ward % kHospitals); }

std::string user_id(std::size_t i) { return fmt::format("user-{:07}", i); }
std::string report_id(std::size_t i) { return fmt::format("report-{:07}", i); }
std::string patient_id(std::size_t i) { return fmt::format("patient-{}", i); }
std::string ward_id(std::size_t i) { return fmt::format("ward-{}", i); }

/// How many there are of each kind in a world.
struct EntityCounts {
  explicit EntityCounts(std::size_t all)
      : wards(std::max(kHospitals, all / kPerWard)),
        patients(std::max(wards, all / kPerPatient)),
        people(all / 10),
        reports(all - kHospitals - wards - patients - people) {}

  std::size_t wards;
  std::size_t patients;
  std::size_t people;
  std::size_t reports;
};

object person(std::size_t i, const EntityCounts& of) {
  const std::size_t ward = i % of.wards;
  return entity(uid("User", user_id(i)),
                {{"clearance", i % 10}, {"hospital", reference("Hospital", hospital_of(ward))}},
                {uid("Role", i % 2 == 0 ? "physician" : "laboratory"), uid("Ward", ward_id(ward))});
}

object report(std::size_t i, const EntityCounts& of) {
  const std::size_t patient = i % of.patients;
  return entity(uid("LabReport", report_id(i)),
                {{"level", i % 8},
                 {"status", i % 10 == 0 ? "preliminary" : "final"},
                 {"hospital", reference("Hospital", hospital_of(patient % of.wards))},
                 {"orderedBy", reference("User", user_id(i * 7 % of.people))}},
                {uid("Patient", patient_id(patient))});
}

/// Makes requests to view something, urgent every other time, each with uids of its own, as it is
/// with requests that come from outside.
class RequestMaker {
 public:
  RequestMaker(Arena& arena, std::uint64_t seed)
      : arena_(arena), generator_(seed), action_(cedar::make_uid(arena, "Action", "view")) {
    for (const bool is_urgent : {false, true}) {
      std::vector<cedar::Field> field = {{"urgent", cedar::Value::boolean(is_urgent)}};
      contexts_.push_back(cedar::make_record(arena, field));
    }
  }

  std::size_t below(std::size_t bound) { return generator_() % bound; }

  cedar::Request make(std::string_view user, std::string_view type, std::string_view resource) {
    return {.principal = cedar::make_uid(arena_, "User", user),
            .action = action_,
            .resource = cedar::make_uid(arena_, type, resource),
            .context = contexts_[below(2)]};
  }

 private:
  Arena& arena_;
  std::mt19937_64 generator_;
  const cedar::EntityUid* action_;
  std::vector<cedar::Value> contexts_;
};

}  // namespace

std::string policy_text(std::size_t count) {
  std::string text;
  for (std::size_t team = 0; team * kMatching < count; ++team) {
    text += fmt::format(kTeamPolicies, team);
  }
  return text;
}

ScaleWorld world_of_policies(std::size_t count, std::size_t requests, std::uint64_t seed) {
  const std::size_t teams = std::max<std::size_t>(1, count / kMatching);
  CHECK(teams <= kPeople);
  ScaleWorld world{.policies = parse(policy_text(count)),
                   .entities = store_of(people_and_documents(teams))};
  RequestMaker maker(*world.arena, seed);
  for (std::size_t i = 0; i < requests; ++i) {
    const std::size_t team = maker.below(teams);
    const auto member = [&](std::size_t all) {
      return team + teams * maker.below((all - team + teams - 1) / teams);
    };
    world.requests.push_back(maker.make(fmt::format("u{}", member(kPeople)), "Document",
                                        fmt::format("d{}", member(kDocuments))));
  }
  return world;
}

ScaleWorld world_of_entities(std::size_t count) {
  const EntityCounts of(count);
  array all;
  all.reserve(count);
  for (std::size_t i = 0; i < kHospitals; ++i) {
    all.push_back(entity(uid("Hospital", hospital_of(i)), {}, {}));
  }
  for (std::size_t i = 0; i < of.wards; ++i) {
    all.push_back(entity(uid("Ward", ward_id(i)), {}, {uid("Hospital", hospital_of(i))}));
  }
  for (std::size_t i = 0; i < of.patients; ++i) {
    all.push_back(entity(uid("Patient", patient_id(i)), {}, {uid("Ward", ward_id(i % of.wards))}));
  }
  for (std::size_t i = 0; i < of.people; ++i) all.push_back(person(i, of));
  for (std::size_t i = 0; i < of.reports; ++i) all.push_back(report(i, of));
  return {.policies = parse(kReportPolicies), .entities = store_of(std::move(all))};
}

std::vector<cedar::Request> requests_about_entities(std::size_t count, std::size_t requests,
                                                    std::uint64_t seed, Arena& arena) {
  const EntityCounts of(count);
  RequestMaker maker(arena, seed);
  std::vector<cedar::Request> made;
  for (std::size_t i = 0; i < requests; ++i) {
    made.push_back(maker.make(user_id(maker.below(of.people)), "LabReport",
                              report_id(maker.below(of.reports))));
  }
  return made;
}

}  // namespace wardlock::bench
