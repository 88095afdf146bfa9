#include "lsp/policy_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"
#include "cedar/parser/parser.h"
#include "cedar/validator/validator.h"
#include "crypto/seeded_hash.h"
#include "lsp/language.h"
#include "pdp/partition.h"

namespace wardlock::lsp {
namespace {

constexpr std::size_t kMaxFindings = 1000;
constexpr std::size_t kMaxPolicies = 100'000;
/// About a second's; what a person writes takes a hundredth.
constexpr std::uint64_t kMaxSteps = 30'000'000;

/// A policy that stops short is not the end of the text, to its author.
Finding syntax_finding(Diagnostic diagnostic, std::string_view text) {
  if (diagnostic.message == "unexpected end of the text") {
    diagnostic.message = "this policy does not end";
    const auto end = static_cast<std::uint32_t>(text.size());
    diagnostic.span = {end - std::min(end, 1U), end};
  }
  return {std::move(diagnostic), "syntax"};
}

/// Where the annotation that a message speaks of stands, or else the policy's `permit` or `forbid`.
Span annotation_span(std::string_view text, std::string_view message) {
  const auto tokens = tokens_of(text);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Span span = tokens[i].span;
    const std::string_view word = text.substr(span.begin, span.end - span.begin);
    const bool is_key = i > 0 && tokens[i - 1].kind == cedar::TokenKind::kAt;
    if (!is_key && (word == "permit" || word == "forbid")) return span;
    if (is_key && message.contains(fmt::format("`@{}`", word))) return {span.begin - 1, span.end};
  }
  return {0, static_cast<std::uint32_t>(text.size())};
}

/// What is said of the whole policy is shown at its `permit` or `forbid`, not under all of it.
Finding narrow(Finding finding, std::string_view text) {
  const Span span = finding.diagnostic.span;
  const bool is_whole = span.begin == 0 && span.end == text.size();
  if (is_whole) finding.diagnostic.span = annotation_span(text, "");
  return finding;
}

/// A name that the schema lacks is why no request fits: one of the two is enough.
void drop_consequences(std::vector<Finding>& findings) {
  const auto is_unknown = [](const Finding& f) {
    return f.code == to_string(cedar::ValidationCode::kUnknownEntityType) ||
           f.code == to_string(cedar::ValidationCode::kUnknownAction);
  };
  if (std::ranges::none_of(findings, is_unknown)) return;
  std::erase_if(findings, [](const Finding& f) {
    return f.code == to_string(cedar::ValidationCode::kNoEnvironment);
  });
}

/// The policies of a set are numbered: this is the number of one.
std::optional<std::size_t> number_of(std::string_view id, std::size_t count) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = error == std::errc() && end == id.data() + id.size();
  return is_number && number < count ? std::optional(number) : std::nullopt;
}

}  // namespace

// A text that has not been looked at has version 0, which no schema has.
void PolicyAnalysis::update(std::string_view text, const cedar::Schema* schema,
                            std::uint64_t schema_version) {
  auto policies = outline_policies(text);
  if (policies.size() > kMaxPolicies) policies.resize(kMaxPolicies);
  Texts known;
  std::vector<std::string_view> changed;
  for (const PolicyOutline& policy : policies) {
    const std::string_view body =
        text.substr(policy.span.begin, policy.span.end - policy.span.begin);
    if (known.contains(body)) continue;
    const auto old = known_.find(body);
    const auto it = old == known_.end() ? known.try_emplace(std::string(body)).first
                                        : known.insert(known_.extract(old)).position;
    if (it->second.schema_version != schema_version) changed.push_back(it->first);
  }
  known_ = std::move(known);
  check_meaning(changed, schema, schema_version);
  findings_.clear();
  collect(text, policies);
  check_ids(text, policies);
  std::ranges::stable_sort(findings_, {}, [](const Finding& f) { return f.diagnostic.span.begin; });
  if (findings_.size() > kMaxFindings) findings_.resize(kMaxFindings);
}

void PolicyAnalysis::check_meaning(const std::vector<std::string_view>& texts,
                                   const cedar::Schema* schema, std::uint64_t schema_version) {
  cedar::PolicySet policies;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Known& known = known_.find(texts[i])->second;
    known = {.syntax = {}, .meaning = {}, .schema_version = schema_version};
    auto policy = cedar::parse_policy(texts[i], fmt::format("{}", i));
    if (policy) {
      CHECK(policies.add(*std::move(policy)).has_value());  // the ids are distinct
    } else {
      for (Diagnostic& d : policy.error()) {
        known.syntax.push_back(syntax_finding(std::move(d), texts[i]));
      }
    }
  }
  const auto add = [&](std::string_view id, auto make) {
    if (const auto number = number_of(id, texts.size())) {
      known_.find(texts[*number])->second.meaning.push_back(make(texts[*number]));
    }
  };
  for (auto& finding : pdp::partition(policies, pdp::Mode::kStrict, Severity::kWarning).findings) {
    add(finding.policy, [&](std::string_view text) {
      const Span span = annotation_span(text, finding.message);
      return Finding{{finding.severity, std::move(finding.message), span, ""}, "annotation"};
    });
  }
  if (schema == nullptr) return;
  const cedar::ValidationOptions options{.max_steps = kMaxSteps, .max_diagnostics = kMaxFindings};
  for (cedar::PolicyDiagnostic& found : cedar::validate(policies, *schema, options)) {
    add(found.policy, [&](std::string_view text) {
      return narrow({std::move(found.diagnostic), to_string(found.code)}, text);
    });
  }
  for (const std::string_view text : texts) drop_consequences(known_.find(text)->second.meaning);
}

void PolicyAnalysis::collect(std::string_view text, const std::vector<PolicyOutline>& policies) {
  for (const PolicyOutline& policy : policies) {
    const Known& known =
        known_.find(text.substr(policy.span.begin, policy.span.end - policy.span.begin))->second;
    for (const auto* found : {&known.syntax, &known.meaning}) {
      for (Finding finding : *found) {
        finding.diagnostic.span.begin += policy.span.begin;
        finding.diagnostic.span.end += policy.span.begin;
        findings_.push_back(std::move(finding));
      }
    }
    if (findings_.size() > kMaxFindings) return;
  }
}

void PolicyAnalysis::check_ids(std::string_view text, const std::vector<PolicyOutline>& policies) {
  std::unordered_map<std::string, std::size_t, crypto::SeededHash> ids;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    std::string id = policy_name(text, policies[i], i);
    const auto [it, is_new] = ids.try_emplace(std::move(id), i);
    if (is_new) continue;
    const Span span = policies[i].id.value_or(policies[i].span);
    const Span first = policies[it->second].span;
    findings_.push_back(
        {{Severity::kError, fmt::format("the id `{}` occurs twice", it->first), span,
          fmt::format("the policy at line {} has it too", position_at(text, first.begin).line)},
         "duplicate_id"});
  }
}

}  // namespace wardlock::lsp
