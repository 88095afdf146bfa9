#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "suite/coverage.h"

namespace wardlock::suite {
namespace {

using boost::json::array;
using boost::json::object;

std::string place(const PolicyCoverage& policy, const Position& at) {
  return policy.file.empty() ? "" : fmt::format("{}:{}:{}: ", policy.file, at.line, at.column);
}

void append_part(const PolicyCoverage& policy, const PartCoverage& part, std::string& missing,
                 std::string& excused) {
  const auto line = [&](std::string_view what) {
    return fmt::format("{}`{}`: `{}` was {}", place(policy, part.place), policy.id, part.text,
                       what);
  };
  const bool is_never_true = part.when_true.is_missing();
  const bool is_never_false = part.when_false.is_missing();
  if (is_never_true || is_never_false) {
    missing += line(is_never_true && is_never_false ? "never evaluated"
                    : is_never_true                 ? "never true"
                                                    : "never false");
    if (part.errors > 0)
      missing += fmt::format(", and erred {} time{}", part.errors, part.errors == 1 ? "" : "s");
    missing += '\n';
  }
  for (auto [outcome, word] : {std::pair(&part.when_true, "true"), {&part.when_false, "false"}}) {
    if (outcome->count > 0) continue;
    if (!outcome->excuse.empty()) {
      excused += line(fmt::format("never {}; excused: {}\n", word, outcome->excuse));
    } else if (outcome->is_impossible) {
      excused += line(fmt::format("never {}: the schema rules it out\n", word));
    }
  }
}

std::string percent(const Share& share) {
  // Rounded down: 100.0 % is all.
  constexpr double kTenths = 10;
  const auto tenths = static_cast<std::size_t>(share.percent() * kTenths);
  return fmt::format("{}.{} % ({} of {})", tenths / 10, tenths % 10, share.covered, share.total);
}

object to_json(const OutcomeCoverage& outcome) {
  object out{{"count", outcome.count}};
  if (outcome.count > 0) return out;
  if (outcome.is_impossible) out["excused"] = "the schema rules it out";
  if (!outcome.excuse.empty()) out["excused"] = outcome.excuse;
  return out;
}

object to_json(const Share& share) {
  return {{"covered", share.covered}, {"total", share.total}, {"percent", share.percent()}};
}

object to_json(const PolicyCoverage& policy) {
  array parts;
  for (const PartCoverage& part : policy.parts) {
    parts.push_back({{"part", part.text},
                     {"line", part.place.line},
                     {"column", part.place.column},
                     {"true", to_json(part.when_true)},
                     {"false", to_json(part.when_false)},
                     {"errors", part.errors}});
  }
  object out{{"policy", policy.id},
             {"line", policy.place.line},
             {"matched", policy.matched},
             {"determined", policy.determined},
             {"parts", std::move(parts)}};
  if (!policy.file.empty()) out["file"] = policy.file;
  if (!policy.excuse.empty()) out["excused"] = policy.excuse;
  return out;
}

}  // namespace

std::string text_report(const Coverage& coverage) {
  std::string missing, excused;
  for (const PolicyCoverage& policy : coverage.policies()) {
    const std::string head = fmt::format("{}`{}`", place(policy, policy.place), policy.id);
    if (policy.is_missing()) {
      missing += fmt::format("{} {}\n", head,
                             policy.matched > 0 ? "never determined an answer" : "never matched");
    } else if (!policy.excuse.empty()) {
      excused += fmt::format("{} never determined an answer; excused: {}\n", head, policy.excuse);
    }
    for (const PartCoverage& part : policy.parts) append_part(policy, part, missing, excused);
  }
  std::string out;
  if (!missing.empty()) out += "Not covered:\n" + missing;
  if (!excused.empty()) out += "Need not be covered:\n" + excused;
  return fmt::format("{}coverage: policies {}, conditions {}\n", out,
                     percent(coverage.policy_share()), percent(coverage.condition_share()));
}

object json_report(const Coverage& coverage) {
  array policies;
  for (const PolicyCoverage& policy : coverage.policies()) policies.push_back(to_json(policy));
  return {{"policies", to_json(coverage.policy_share())},
          {"conditions", to_json(coverage.condition_share())},
          {"details", std::move(policies)}};
}

}  // namespace wardlock::suite
