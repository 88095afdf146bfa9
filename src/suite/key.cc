#include "suite/key.h"

#include <algorithm>

namespace wardlock::suite {
namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kWords =
    R"({"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"string"}]})";
constexpr std::string_view kFlag = R"({"type":"boolean"})";
constexpr std::string_view kOneOrMore =
    R"({"anyOf":[{"$ref":"#/$defs/described"},{"type":"array","minItems":1,)"
    R"("items":{"$ref":"#/$defs/described"}}]})";
constexpr std::string_view kAuthenticationSchema =
    R"({"anyOf":[{"type":"string"},{"$ref":"#/$defs/authentication"}]})";

// In the order of `Field`.
constexpr std::array<Key, kFieldCount> kFields = {{
    {"request", kText, "The name of a request, which this one is but for what is said here."},
    {"principal", kOneOrMore,
     "Who asks: a name, a uid such as `User::\"alice\"`, both also followed by properties in "
     "braces, or a list of these."},
    {"action",
     R"({"anyOf":[{"$ref":"#/$defs/action"},{"type":"array","minItems":1,)"
     R"("items":{"$ref":"#/$defs/action"}}]})",
     "What it wants to do: an action's name, or a list of these."},
    {"resource", kOneOrMore, "To what, written as `principal` is."},
    {"context",
     R"({"anyOf":[{"type":["string","object"]},{"type":"array",)"
     R"("items":{"type":["string","object"]}}]})",
     "The request's context: attributes, the name of a context, or several of both, joined; what "
     "comes later counts."},
    {"authentication", kAuthenticationSchema,
     "How the principal has signed in: a name, or a level and methods, e.g. `2 pwd otp`."},
    {"fulfils", kWords, "The obligations that the application can fulfil."},
    {"grant", kText, "The break-glass grant that the request names."},
    {"actor", R"({"$ref":"#/$defs/described"})",
     "Who acts for the principal: a name, or a uid such as `Agent::\"scribe\"`; `none`: nobody."},
    {"pep", kText, "The enforcement point that asks, for `context.pep`."},
    {"at", kText, "The moment of the decision, e.g. `2026-11-23T10:00:00Z`."},
    {"decision", R"({"enum":["allow","deny"]})", "The answer."},
    {"cause",
     R"({"enum":["permit","override","forbid","forbid_error","no_permit","step_limit",)"
     R"("actor_unknown","actor_not_applicable"]})",
     "Why the answer is what it is."},
    {"policies", kWords, "The ids of the policies that determine the answer, in any order."},
    {"obligations", kWords, "The obligations that come with the answer, in any order."},
    {"override_possible", kFlag, "Whether the answer says that breaking the glass is possible."},
    {"step_up", kAuthenticationSchema,
     "The authentication that the answer asks for, e.g. `2 otp`; `none`: it asks for none."},
    {"withheld", kFlag, "Whether the answer says that something is kept back."},
    {"errors", kWords, "The ids of the policies that cannot be evaluated, in any order."},
    {"refusal", kText, "The question is refused, with a message that has this in it."},
    {"skip", kText, "Why this test is not run."},
}};

constexpr Key kName = {"name", kText, "What it shows, in a few words; no two have the same."};

constexpr std::array<Key, 12> kSuite = {{
    {"name", kText, "What the suite is about."},
    {"description", kText, "More about it, for people."},
    {"principals", R"({"type":"object","additionalProperties":{"$ref":"#/$defs/described"}})",
     "Principals by a name for them."},
    {"resources", R"({"type":"object","additionalProperties":{"$ref":"#/$defs/described"}})",
     "Resources by a name for them."},
    {"contexts", R"({"type":"object","additionalProperties":{"type":"object"}})",
     "Contexts by a name for them."},
    {"authentications",
     R"({"type":"object","additionalProperties":{"$ref":"#/$defs/authentication"}})",
     "Ways of having signed in by a name for them."},
    {"requests", R"({"type":"object","additionalProperties":{"$ref":"#/$defs/request"}})",
     "Requests, or parts of them, by a name for them."},
    {"entities",
     R"({"type":"object","additionalProperties":{"anyOf":[{"type":"null"},)"
     R"({"$ref":"#/$defs/entity"}]}})",
     "The entities, by uid, in place of the folder's."},
    {"more_entities",
     R"({"type":"object","additionalProperties":{"anyOf":[{"type":"null"},)"
     R"({"$ref":"#/$defs/entity"}]}})",
     "Entities, by uid, besides the folder's."},
    {"defaults", R"({"$ref":"#/$defs/defaults"})",
     "What counts for every test that says nothing else."},
    {"tests", R"({"type":"array","minItems":1,"items":{"$ref":"#/$defs/test"}})", "The tests."},
    {"excused", R"({"type":"array","items":{"$ref":"#/$defs/excuse"}})",
     "What need not be covered, and why."},
}};

constexpr std::array<Key, 7> kGroup = {{
    kName,
    {"description", kText, "More about it, for people."},
    {"tags", kWords, "Words to find it by, e.g. the numbers of requirements."},
    {"expect", R"({"$ref":"#/$defs/expect"})", "What the answer must be."},
    {"table", kText,
     "A block of text, one row a test: the columns are what a test can say, and the row is the "
     "test."},
    {"matrix", kText,
     "A block of text: the rows are principals, the columns `action resource`, the cells decisions "
     "or causes; `-` is not asked."},
    {"skip", kText, "Why this test is not run."},
}};

constexpr std::array<Key, 4> kExcuse = {{
    {"policy", kText, "The policy's id."},
    {"part", kText,
     "The part of a condition, as it is written; without it, the policy as a whole."},
    {"never", kFlag, "The outcome that the part cannot have; without it, either."},
    {"reason", kText, "Why it cannot, or need not."},
}};

constexpr std::array<Key, 3> kEntity = {{
    {"attrs", R"({"type":"object"})", "Its attributes."},
    {"parents", R"({"type":"array","items":{"type":"string"}})", "The uids of what it is in."},
    {"tags", R"({"type":"object"})", "Its tags."},
}};

constexpr std::array<Key, 3> kDescribed = {{
    {"type", kText, "Its type."},
    {"id", kText, "Its id."},
    {"properties", R"({"type":"object"})", "What the application says of it."},
}};

constexpr std::array<Key, 2> kAction = {{
    kName,
    {"properties", R"({"type":"object"})", "They become `context.action`."},
}};

constexpr std::array<Key, 2> kAuthentication = {{
    {"level", R"({"type":"integer","minimum":0,"maximum":3})", "The level of assurance, 0 to 3."},
    {"methods", kWords, "How, in the words of RFC 8176, e.g. `otp`."},
}};

}  // namespace

std::span<const Key> field_keys() { return kFields; }
std::span<const Key> asked_keys() { return field_keys().first(kFirstExpected); }
std::span<const Key> expected_keys() {
  return field_keys().subspan(kFirstExpected, kFirstOther - kFirstExpected);
}
std::optional<Field> find_field(std::string_view name) {
  const auto it = std::ranges::find(kFields, name, &Key::name);
  if (it == kFields.end()) return std::nullopt;
  return static_cast<Field>(it - kFields.begin());
}
Given Given::under(const Given& above) const {
  constexpr std::array<Field, 3> kAnswer = {Field::kDecision, Field::kCause, Field::kRefusal};
  Given out = *this;
  const bool has_answer =
      std::ranges::any_of(kAnswer, [&](Field field) { return above[field] != nullptr; });
  for (const Field field : kAnswer) {
    if (has_answer) out.set(field, nullptr);
  }
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (above.nodes_[i] != nullptr) out.nodes_[i] = above.nodes_[i];
  }
  return out;
}
std::span<const Key> suite_keys() { return kSuite; }
std::span<const Key> group_keys() { return kGroup; }
std::span<const Key> excuse_keys() { return kExcuse; }
std::span<const Key> entity_keys() { return kEntity; }
std::span<const Key> described_keys() { return kDescribed; }
std::span<const Key> action_keys() { return kAction; }
std::span<const Key> authentication_keys() { return kAuthentication; }

}  // namespace wardlock::suite
