#include "suite/question_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace wardlock::suite {
namespace {

using codec::Yaml;
using pdp::Cause;

constexpr std::array<Cause, 8> kCauses = {
    Cause::kPermit,   Cause::kOverride,  Cause::kForbid,       Cause::kForbidError,
    Cause::kNoPermit, Cause::kStepLimit, Cause::kActorUnknown, Cause::kActorNotApplicable};

bool allows(Cause cause) { return cause == Cause::kPermit || cause == Cause::kOverride; }

void read_decision(const Given& given, Expectation& out, Span span, Findings& findings) {
  const Yaml* decision = given[Field::kDecision];
  if (decision != nullptr && !is_none(*decision)) {
    out.is_allowed = decision->text == "allow";
    if (!*out.is_allowed && decision->text != "deny") {
      findings.refuse(decision->span, fmt::format("`{}` is no decision", decision->text),
                      "a decision is `allow` or `deny`");
    }
  }
  const Yaml* cause = given[Field::kCause];
  if (cause == nullptr || is_none(*cause)) return;
  out.cause = find_cause(cause->text);
  if (!out.cause) {
    std::vector<std::string> names;
    for (const Cause each : kCauses) names.emplace_back(to_string(each));
    return refuse_unknown(cause->span, "there is no cause", cause->text, names, findings);
  }
  if (out.is_allowed && *out.is_allowed != allows(*out.cause)) {
    findings.refuse(span, fmt::format("`{}` is no cause to {}", cause->text, decision->text));
  }
  out.is_allowed = allows(*out.cause);
}

}  // namespace

std::optional<Cause> find_cause(std::string_view word) {
  const auto it = std::ranges::find(kCauses, word, [](Cause cause) { return to_string(cause); });
  return it == kCauses.end() ? std::nullopt : std::optional(*it);
}

Asked read_asked(const Given& given, Span span, ValueReader& values, Findings& findings) {
  Asked asked;
  const auto need = [&](Field field, std::string_view help) {
    const Yaml* node = given[field];
    if (node == nullptr) {
      const std::string_view name = field_keys()[static_cast<std::size_t>(field)].name;
      findings.refuse(span, fmt::format("this test says no `{}`", name), std::string(help));
    }
    return node;
  };
  if (const Yaml* node = need(Field::kPrincipal, "who asks, e.g. `User::\"alice\"`")) {
    if (auto read = values.described(*node, "principal")) asked.principal = *std::move(read);
  }
  if (const Yaml* node = need(Field::kAction, "what it wants to do, e.g. `view`")) {
    values.action(*node, asked);
  }
  if (const Yaml* node = need(Field::kResource, "to what, e.g. `Photo::\"beach\"`")) {
    if (auto read = values.described(*node, "resource")) asked.resource = *std::move(read);
  }
  if (const Yaml* node = need(Field::kAt,
                              "when; for all tests of the suite, e.g. `defaults: {at: "
                              "2026-11-23T10:00:00Z}`")) {
    asked.at = values.moment(*node).value_or(0);
  }
  if (const Yaml* node = given[Field::kContext]) asked.context = values.context(*node);
  if (const Yaml* node = given[Field::kAuthentication]) {
    asked.authentication = values.authentication(*node);
  }
  if (const Yaml* node = given[Field::kFulfils]) {
    for (Word& word : values.words(*node)) asked.fulfils.push_back(std::move(word.text));
  }
  if (const Yaml* node = given[Field::kGrant]) asked.grant = values.text(*node, "grant");
  if (const Yaml* node = given[Field::kActor]; node != nullptr && !is_none(*node)) {
    asked.actor = values.described(*node, "actor");
    if (asked.actor && !asked.actor->properties.empty()) {
      findings.refuse(node->span, "nothing is said of who acts but who it is",
                      "leave the properties out");
    }
  }
  if (const Yaml* node = given[Field::kPep]) asked.pep = values.text(*node, "pep");
  return asked;
}

Expectation read_expected(const Given& given, Span span, ValueReader& values, Findings& findings) {
  Expectation out;
  read_decision(given, out, span, findings);
  const auto words = [&](Field field, std::optional<std::vector<Word>>& place) {
    if (const Yaml* node = given[field]) place = values.words(*node);
  };
  words(Field::kPolicies, out.policies);
  words(Field::kObligations, out.obligations);
  words(Field::kErrors, out.errors);
  if (const Yaml* node = given[Field::kOverridePossible]) {
    out.is_override_possible = values.flag(*node, "override_possible");
  }
  if (const Yaml* node = given[Field::kWithheld]) {
    out.is_withheld = values.flag(*node, "withheld");
  }
  if (const Yaml* node = given[Field::kStepUp]) out.step_up = values.authentication(*node);
  const Yaml* refusal = given[Field::kRefusal];
  if (refusal != nullptr && !is_none(*refusal)) out.refusal = values.text(*refusal, "refusal");
  if (out.refusal && out.is_allowed) {
    findings.refuse(refusal->span, "a question that is refused has no decision",
                    "leave out `decision` and `cause`, or `refusal`");
  }
  const auto is_said = [&](Field field) { return given[field] && !is_none(*given[field]); };
  if (!is_said(Field::kDecision) && !is_said(Field::kCause) && !is_said(Field::kRefusal)) {
    findings.refuse(span, "this test does not say what the answer must be",
                    "e.g. `expect: allow`, or the column `decision`");
  }
  return out;
}

}  // namespace wardlock::suite
