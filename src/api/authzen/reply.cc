#include "api/authzen/reply.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>

#include "api/authzen/reply_explanation.h"
#include "net/http.h"

namespace wardlock::authzen {
namespace {

using codec::JsonWriter;

void write_list(const codec::JsonKey& key, pdp::AccessDecision::Texts texts, JsonWriter& json) {
  if (texts.empty()) return;
  json.key(key);
  json.begin_array();
  for (const std::string_view text : texts) json.string(text);
  json.end_array();
}

/// A request decides how many there are; a few show what is wrong with it.
void write_notes(pdp::AccessDecision::Texts notes, JsonWriter& json) {
  constexpr std::size_t kMost = 32;
  if (notes.size() <= kMost) return write_list("notes", notes, json);
  json.key("notes");
  json.begin_array();
  for (const std::string_view note : notes.first(kMost)) json.string(note);
  json.string(fmt::format("and {} more", notes.size() - kMost));
  json.end_array();
}

void write_true(const codec::JsonKey& key, JsonWriter& json) {
  json.key(key);
  json.boolean(true);
}

/// RFC 3339, with milliseconds.
void write_date_time(const codec::JsonKey& key, std::int64_t ms, JsonWriter& json) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): its literals and types
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text),
                 FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"),
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
  json.plain_member(key, std::string_view(text.data(), text.size()));
}

void write_term(const pdp::ObligationTerm& term, JsonWriter& json) {
  json.key_text(term.name);
  if (term.is_time()) return json.integer(term.within_ms / 1000);  // downward: the stricter
  json.begin_array();
  for (const std::string_view word : term.words) json.string(word);
  json.end_array();
}

void write_terms(const pdp::AccessDecision& decision, JsonWriter& json) {
  if (decision.terms.empty()) return;
  json.key("obligation_terms");
  json.begin_object();
  for (const std::string_view obligation : decision.obligations) {
    const auto is_of_it = [&](const pdp::ObligationTerm& term) {
      return term.obligation == obligation;
    };
    if (std::ranges::none_of(decision.terms, is_of_it)) continue;
    json.key_text(obligation);
    json.begin_object();
    for (const pdp::ObligationTerm& term : decision.terms) {
      if (is_of_it(term)) write_term(term, json);
    }
    json.end_object();
  }
  json.end_object();
}

/// What an allow binds its caller to.
void write_obligations(const pdp::AccessDecision& decision, JsonWriter& json) {
  write_list("obligations", decision.obligations, json);
  write_terms(decision, json);
  if (decision.is_withheld) write_true("withheld", json);
}

void write_step_up(const pdp::Authentication& needed, JsonWriter& json) {
  json.key("step_up");
  json.begin_object();
  json.key("level");
  json.integer(needed.level);
  write_list("methods", needed.methods, json);
  json.end_object();
}

/// With whose right it was allowed.
void write_delegation(const pdp::UsedDelegation& used, JsonWriter& json) {
  json.key("delegation");
  json.begin_object();
  json.member("id", used.id);
  json.key("delegator");
  json.begin_object();
  json.member("type", used.delegator->type);
  json.member("id", used.delegator->id);
  json.end_object();
  json.end_object();
}

/// Who acts for the subject, and whether it is they who may not.
void write_actor(const pdp::UsedActor& actor, JsonWriter& json) {
  json.key("actor");
  json.begin_object();
  json.member("type", actor.type);
  json.member("id", actor.id);
  if (actor.is_denied) write_true("denied", json);
  json.end_object();
}

/// Who had approved it. It is there no longer than that.
void write_approval(const pdp::UsedApproval& used, JsonWriter& json) {
  json.key("approval");
  json.begin_object();
  json.member("id", used.id);
  json.key("approver");
  json.begin_object();
  json.member("type", used.approver.type);
  json.member("id", used.approver.id);
  json.end_object();
  json.end_object();
}

/// When the first of what an allow stands on ends.
std::optional<std::int64_t> first_end(const pdp::AccessDecision& decision) {
  if (!decision.approval) return decision.expires_at;
  const std::int64_t ends = decision.approval->expires_at;
  return std::min(decision.expires_at.value_or(ends), ends);
}

void write_full_context(const pdp::AccessDecision& decision, std::string_view id,
                        Evaluation& evaluation, const Surroundings& surroundings,
                        JsonWriter& json) {
  json.plain_member("decision_id", id);
  json.plain_member("cause", to_string(decision.cause));
  write_list("policies", decision.policies, json);
  if (evaluation.wants_reasons) {
    write_list("reasons", decision.reasons, json);
    write_list("errors", decision.errors, json);
  }
  write_obligations(decision, json);
  if (decision.grant) json.member("override", *decision.grant);
  if (decision.delegation) write_delegation(*decision.delegation, json);
  if (decision.actor) write_actor(*decision.actor, json);
  if (decision.approval) write_approval(*decision.approval, json);
  if (const auto ends = first_end(decision)) write_date_time("expires_at", *ends, json);
  if (decision.is_override_possible) write_true("override_possible", json);
  if (decision.step_up) write_step_up(*decision.step_up, json);
  write_list("stale", decision.stale, json);
  write_notes(decision.notes, json);
  const pdp::Snapshot& by = surroundings.deciding(evaluation.access, surroundings.arena);
  json.key("revision");
  json.integer(static_cast<std::int64_t>(by.revision));
  json.plain_member("policy_set", by.policy_set());
  write_explanation(evaluation, surroundings, json);
}

}  // namespace

void write_reply(const pdp::AccessDecision& decision, std::string_view id, Evaluation& evaluation,
                 const Surroundings& surroundings, Detail detail, JsonWriter& json) {
  json.begin_object();
  json.key("decision");
  json.boolean(decision.is_allowed);
  if (detail == Detail::kFull || !decision.obligations.empty()) {
    json.key("context");
    json.begin_object();
    if (detail == Detail::kFull) {
      write_full_context(decision, id, evaluation, surroundings, json);
    } else {
      write_obligations(decision, json);
    }
    json.end_object();
  }
  json.end_object();
}

void write_denial(const Error& error, JsonWriter& json) {
  json.begin_object();
  json.key("decision");
  json.boolean(false);
  json.key("context");
  json.begin_object();
  json.key("error");
  json.begin_object();
  json.key("status");
  json.integer(net::http_status(error.code));
  json.member("message", error.message);
  json.end_object();
  json.end_object();
  json.end_object();
}

}  // namespace wardlock::authzen
