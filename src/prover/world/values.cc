#include "prover/world/values.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/json/value_json.h"

namespace wardlock::prover {
namespace {

using cedar::Kind;
using ClassId = Consistency::ClassId;

constexpr std::int64_t kDay = 86'400'000;

const cedar::ExtensionCall* call_of(const Term& term) {
  if (term.form != Term::Form::kOther || term.expr == nullptr) return nullptr;
  return std::get_if<cedar::ExtensionCall>(&term.expr->node);
}

/// An address without its prefix, e.g. of a network that conditions name.
std::string address_in(const cedar::Value& value) {
  const std::string text = cedar::to_text(value);  // ip("10.0.0.0/8")
  const std::size_t begin = text.find('"') + 1;
  return text.substr(begin, text.find_first_of("/\"", begin) - begin);
}

std::int64_t time_of_day(std::int64_t at) {
  const std::int64_t rest = at % kDay;
  return rest < 0 ? rest + kDay : rest;
}

std::int64_t plain(std::optional<Kind> kind, std::int64_t now) {
  return kind == Kind::kDatetime ? now : 0;
}

}  // namespace

codec::Json entity_value(std::string_view type, std::string_view id) {
  return {{"__entity", {{"type", type}, {"id", id}}}};
}

codec::Json extension_value(std::string_view function, std::string_view argument) {
  return {{"__extn", {{"fn", function}, {"arg", argument}}}};
}

codec::Json number_value(Kind kind, std::int64_t number) {
  if (kind == Kind::kLong) return number;
  const cedar::Value value = kind == Kind::kDecimal    ? cedar::Value::decimal(number)
                             : kind == Kind::kDatetime ? cedar::Value::datetime(number)
                                                       : cedar::Value::duration(number);
  return cedar::value_to_json(value).value_or(codec::Json(nullptr));
}

Texts::Texts(const Conditions& conditions, const Consistency& consistency, Choice& choice) {
  for (TermId id = 0; id < conditions.term_count(); ++id) {
    const Term& term = conditions.term(id);
    if (term.form != Term::Form::kOther || term.expr == nullptr || term.parts.empty()) continue;
    const auto* like = std::get_if<cedar::LikeExpr>(&term.expr->node);
    if (like == nullptr) continue;
    std::string wanted;
    for (const std::string_view segment : like->segments) wanted += segment;
    if (choice.among(2) == 0) texts_.emplace(consistency.class_of(term.parts[0]), wanted);
  }
}

std::string Texts::of(ClassId id) {
  const auto [it, is_new] = texts_.try_emplace(id);
  if (is_new) it->second = fmt::format("text-{}", next_++);
  return it->second;
}

Addresses::Addresses(const Conditions& conditions, const Consistency& consistency, Choice& choice) {
  std::vector<std::string> known = {"10.1.0.7", "10.1.0.0/16", "203.0.113.9"};
  for (TermId id = 0; id < conditions.term_count(); ++id) {
    const auto& value = conditions.term(id).value;
    if (value && value->is(Kind::kIp)) known.push_back(address_in(*value));
  }
  for (TermId id = 0; id < conditions.term_count(); ++id) {
    const auto* call = call_of(conditions.term(id));
    if (call == nullptr) continue;
    for (const TermId part : conditions.term(id).parts) {
      const ClassId here = consistency.class_of(part);
      const bool is_open =
          conditions.term(part).type.kind == Kind::kIp && consistency.value_of(here) == nullptr;
      if (!is_open || addresses_.contains(here)) continue;
      // What a network is asked of is one, at first.
      const bool is_range = call->function == cedar::ExtensionFunction::kIsInRange &&
                            part == conditions.term(id).parts.back();
      const std::size_t digit = choice.among(known.size());
      addresses_.emplace(here, known[is_range ? (digit + 1) % known.size() : digit]);
    }
  }
}

std::string Addresses::of(ClassId id) const {
  const auto it = addresses_.find(id);
  return it == addresses_.end() ? "192.0.2.1" : it->second;
}

std::optional<std::map<ClassId, std::int64_t>> fitting_numbers(const Conditions& conditions,
                                                               const Consistency& consistency,
                                                               std::int64_t now) {
  constexpr int kRounds = 6;
  std::map<ClassId, std::int64_t> wanted;
  for (TermId id = 0; id < conditions.term_count(); ++id) {
    wanted.try_emplace(consistency.class_of(id), plain(conditions.term(id).type.kind, now));
  }
  auto chosen = consistency.choose_numbers(wanted);
  for (int round = 0; round < kRounds && chosen; ++round) {
    bool is_agreed = true;
    for (TermId id = 0; id < conditions.term_count(); ++id) {
      const auto* call = call_of(conditions.term(id));
      if (call == nullptr || call->function != cedar::ExtensionFunction::kToTime) continue;
      const ClassId time = consistency.class_of(id);
      const ClassId moment = consistency.class_of(conditions.term(id).parts[0]);
      const auto said = chosen->find(time);
      if (said == chosen->end()) continue;
      const auto at = chosen->find(moment);
      const std::int64_t when = at == chosen->end() ? wanted[moment] : at->second;
      if (time_of_day(when) == said->second) continue;
      is_agreed = false;
      // By turns the time follows the moment, and the moment the time.
      if (round == 0) {
        wanted[time] = time_of_day(when);
      } else {
        wanted[moment] = when - time_of_day(when) + said->second + ((round / 2) * kDay);
      }
    }
    if (is_agreed) break;
    chosen = consistency.choose_numbers(wanted);
  }
  if (!chosen) return std::nullopt;
  for (const auto& [id, number] : *chosen) wanted[id] = number;
  return wanted;
}

}  // namespace wardlock::prover
