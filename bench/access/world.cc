#include "bench/access/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "base/arena.h"
#include "cedar/entities/entity_changes.h"
#include "codec/json.h"
#include "pdp/caller.h"
#include "server/policy_files.h"

namespace wardlock::bench {
namespace {

constexpr std::size_t kMostQuestions = 10;
constexpr std::string_view kLasting = R"("opensAt":"2020-01-01","expiresAt":"2099-01-01")";

std::string uid(std::string_view type, std::string_view id) {
  return fmt::format(R"({{"type":"{}","id":"{}"}})", type, id);
}

std::string entity(std::string_view type, std::string_view id, const std::string& attributes) {
  return fmt::format(R"({{"uid":{},"attrs":{{{}}},"parents":[]}})", uid(type, id), attributes);
}

std::string grant(std::string_view id, std::string_view person, std::string_view patient) {
  return entity(
      "Wardlock::Grant", id,
      fmt::format(R"("principal":{},"target":{},"actions":[{}],{},"reason":"unconscious")",
                  uid("User", person), uid("Patient", patient), uid("Action", "view"), kLasting));
}

std::string delegation(std::string_view id, std::string_view from, std::string_view to,
                       std::string_view patient) {
  return entity(
      "Wardlock::Delegation", id,
      fmt::format(R"("delegator":{},"delegate":{},"target":{},"actions":[{}],{},"by":"person",)"
                  R"("purpose":"","ticket":"","onward":false)",
                  uid("User", from), uid("User", to), uid("Patient", patient),
                  uid("Action", "edit"), kLasting));
}

/// Nobody but those who treat the patient, and whoever breaks the glass.
std::string consent(std::string_view id, std::string_view patient) {
  return entity("Wardlock::Consent", id,
                fmt::format(R"("patient":{},"provisions":[{{"place":"1","permits":false}},)"
                            R"({{"place":"1.1","permits":true,"purposes":["BTG"]}},)"
                            R"({{"place":"1.2","permits":true,"actors":[{}]}}])",
                            uid("Patient", patient), uid("Wardlock::CareTeam", "own")));
}

std::string approval(std::string_view id, std::string_view person, std::string_view device) {
  return entity("Wardlock::Approval", id,
                fmt::format(R"("principal":{},"target":{},"action":{},"approvers":[{}],)"
                            R"("ticket":"",{})",
                            uid("User", person), uid("InfusionPump", device),
                            uid("Action", "configure"), uid("User", "security-ivers"), kLasting));
}

std::string on_which(const AccessQuestion& asked, std::size_t place) {
  const std::string id = fmt::format("asked-{}", place);
  switch (asked.standing) {
    case Standing::kRightAlone: return {};
    case Standing::kGrant: return grant(asked.grant, asked.person, asked.resource);
    case Standing::kDelegation: return delegation(id, asked.other, asked.person, asked.resource);
    case Standing::kConsent: return consent(id, asked.resource);
    case Standing::kApproval: return approval(id, asked.person, asked.resource);
  }
  return {};
}

/// Of somebody else.
std::string filling(Standing standing, std::size_t place) {
  const std::string id = fmt::format("other-{:06}", place);
  const std::string person = fmt::format("person-{:06}", place);
  const std::string patient = fmt::format("patient-{:06}", place);
  switch (standing) {
    case Standing::kRightAlone: return {};
    case Standing::kGrant: return grant(id, person, patient);
    case Standing::kDelegation: return delegation(id, "colleague", person, patient);
    case Standing::kConsent: return consent(id, patient);
    case Standing::kApproval: return approval(id, person, fmt::format("device-{:06}", place));
  }
  return {};
}

/// What is asked of the bare hospital to find questions.
class Looking {
 public:
  explicit Looking(const pdp::Snapshot& bare) : bare_(bare) {}

  std::vector<AccessQuestion> look() {
    for (const Standing standing : kStandings) {
      for (const cedar::Entity* thing : bare_.entities.entities(type_of(standing))) {
        if (used_.contains(thing->uid()->id)) continue;
        for (const cedar::Entity* person : bare_.entities.entities("User")) {
          AccessQuestion asked{.standing = standing,
                               .person = std::string(person->uid()->id),
                               .action = action_of(standing),
                               .type = std::string(type_of(standing)),
                               .resource = std::string(thing->uid()->id)};
          if (!take(asked, *person, *thing)) continue;
          if (standing != Standing::kApproval) used_.insert(asked.resource);
          if (standing == Standing::kGrant) asked.grant = "asked-" + asked.resource;
          found_.push_back(std::move(asked));
          break;
        }
        if (count(standing) == kMostQuestions) break;
      }
    }
    return std::move(found_);
  }

 private:
  static std::string_view type_of(Standing standing) {
    return standing == Standing::kApproval ? "InfusionPump" : "Patient";
  }
  static std::string action_of(Standing standing) {
    if (standing == Standing::kApproval) return "configure";
    return standing == Standing::kDelegation ? "edit" : "view";
  }
  std::size_t count(Standing standing) const {
    return static_cast<std::size_t>(
        std::ranges::count(found_, standing, &AccessQuestion::standing));
  }

  bool take(AccessQuestion& asked, const cedar::Entity& person, const cedar::Entity& thing) {
    Arena arena;
    const auto decided = pdp::decide(bare_, request_of(asked, caller_), kAskedAt, arena);
    if (!decided) return false;
    switch (asked.standing) {
      case Standing::kRightAlone: return decided->is_allowed && is_treating(person, thing);
      case Standing::kConsent: return decided->is_allowed && is_treating(person, thing);
      case Standing::kGrant: return !decided->is_allowed && decided->is_override_possible;
      case Standing::kDelegation:
        return decided->cause == pdp::Cause::kNoPermit && is_physician(person) &&
               find_colleague(asked);
      case Standing::kApproval: {
        return decided->policies.size() == 1 &&
               decided->policies[0] == "pump-limits-take-two-persons" &&
               may_configure(asked.person);
      }
    }
    return false;
  }

  static bool is_treating(const cedar::Entity& person, const cedar::Entity& patient) {
    const cedar::Value* team = find_field(patient.attributes(), "careTeam");
    return team != nullptr && cedar::contains(team->as_set(), cedar::Value::entity(person.uid()));
  }

  static bool is_physician(const cedar::Entity& person) {
    return std::ranges::any_of(person.ancestors(), [](const cedar::EntityUid* each) {
      return each->type == "Role" && each->id == "Physician";
    });
  }

  /// Of the technical administration: others have no right that an approval would let them use.
  static bool may_configure(std::string_view person) { return person.starts_with("admin-"); }

  /// Each delegates to one, and has from one.
  bool find_colleague(AccessQuestion& asked) {
    if (used_.contains(asked.person)) return false;
    for (const cedar::Entity* other : bare_.entities.entities("User")) {
      if (!is_physician(*other)) continue;
      AccessQuestion theirs = asked;
      theirs.person = other->uid()->id;
      Arena arena;
      const auto decided = pdp::decide(bare_, request_of(theirs, caller_), kAskedAt, arena);
      if (!decided || !decided->is_allowed) continue;
      asked.other = theirs.person;
      used_.insert(asked.person);
      return true;
    }
    return false;
  }

  const pdp::Snapshot& bare_;
  pdp::Caller caller_ = pdp::Caller::unrestricted("bench");
  std::set<std::string, std::less<>> used_;
  std::vector<AccessQuestion> found_;
};

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::kRightAlone: return "a right alone";
    case Standing::kGrant: return "a break-glass grant";
    case Standing::kDelegation: return "a delegation";
    case Standing::kConsent: return "a consent";
    case Standing::kApproval: return "an approval";
  }
  return "unknown";
}

pdp::AccessRequest request_of(const AccessQuestion& question, const pdp::Caller& caller) {
  static constexpr std::array<std::string_view, 2> kMethods = {"pwd", "otp"};
  pdp::AccessRequest access;
  access.principal = {.type = "User", .id = question.person};
  access.action = question.action;
  access.resource = {.type = question.type, .id = question.resource};
  access.grant = question.grant;
  access.caller = &caller;
  access.authentication = pdp::Authentication{.level = 2, .methods = kMethods};
  return access;
}

bool stands(const pdp::AccessDecision& decision, Standing standing) {
  if (!decision.is_allowed) return false;
  switch (standing) {
    case Standing::kRightAlone: return !decision.grant && !decision.delegation;
    case Standing::kGrant: return decision.grant.has_value();
    case Standing::kDelegation: return decision.delegation.has_value();
    case Standing::kConsent: return !decision.consents.empty();
    case Standing::kApproval: return decision.approval.has_value();
  }
  return false;
}

Result<pdp::Sources> without_access(pdp::Sources sources) {
  if (!sources.entities) return sources;
  const codec::Json json = TRY(codec::parse_json(sources.entities->text));
  if (!json.is_array()) return invalid("the entities are no array");
  boost::json::array rest;
  std::error_code ignored;
  for (const codec::Json& each : json.as_array()) {
    const codec::Json* type = each.find_pointer("/uid/type", ignored);
    const bool is_access = type != nullptr && type->is_string() &&
                           std::string_view(type->as_string()).starts_with("Wardlock::");
    if (!is_access) rest.push_back(each);
  }
  sources.entities->text = codec::to_json_text(rest);
  return sources;
}

Result<AccessWorld> AccessWorld::read(const std::string& policies) {
  AccessWorld world;
  pdp::Sources sources = TRY(server::read_policies(policies));
  sources.entities = TRY(server::read_source(policies + "/entities.json"));
  world.sources_ = TRY(without_access(std::move(sources)));
  world.bare_ = TRY(pdp::build_snapshot(world.sources_, pdp::Mode::kStrict));
  TRY_VOID(world.find_questions());
  return world;
}

Result<void> AccessWorld::find_questions() {
  questions_ = Looking(*bare_).look();
  const auto there = TRY(with(0));
  const pdp::Caller caller = pdp::Caller::unrestricted("bench");
  std::vector<AccessQuestion> standing_so;
  for (AccessQuestion& asked : questions_) {
    Arena arena;
    const auto decided = TRY(pdp::decide(*there, request_of(asked, caller), kAskedAt, arena));
    if (stands(decided, asked.standing)) standing_so.push_back(std::move(asked));
  }
  questions_ = std::move(standing_so);
  for (const Standing standing : kStandings) {
    if (questions(standing).empty()) {
      return invalid(fmt::format("no question stands on {}", to_string(standing)));
    }
  }
  return {};
}

std::string AccessWorld::entities_of(Standing standing, std::size_t count) const {
  std::string text = "[";
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (questions_[i].standing != standing) continue;
    text += (text.size() > 1 ? "," : "") + on_which(questions_[i], i);
  }
  for (std::size_t i = questions(standing).size(); i < count; ++i) {
    text += (text.size() > 1 ? "," : "") + filling(standing, i);
  }
  return text + "]";
}

Result<std::shared_ptr<const pdp::Snapshot>> AccessWorld::with(std::size_t count) const {
  const auto complete =
      [&](const cedar::EntityStore& file,
          const std::shared_ptr<const cedar::Schema>& schema) -> Result<cedar::EntityStore> {
    cedar::EntityStore all = file;
    for (const Standing standing : kStandings) {
      if (standing == Standing::kRightAlone) continue;
      // One kind after the other: there is a limit to what is read at once.
      const cedar::EntityStore more = TRY(
          pdp::parse_entities(pdp::Source{"entities", entities_of(standing, count)}, schema.get()));
      cedar::EntityChanges changes;
      for (const cedar::Entity* each : more.entities()) {
        if (each->uid()->type.starts_with("Wardlock::")) {
          changes.put(cedar::draft_of(*each, changes.arena()));
        }
      }
      all = TRY(all.apply(changes));
    }
    return all;
  };
  return pdp::build_snapshot(sources_, {.mode = pdp::Mode::kStrict, .complete = complete});
}

std::vector<AccessQuestion> AccessWorld::questions(Standing standing) const {
  std::vector<AccessQuestion> out;
  std::ranges::copy_if(questions_, std::back_inserter(out),
                       [&](const AccessQuestion& each) { return each.standing == standing; });
  return out;
}

}  // namespace wardlock::bench
