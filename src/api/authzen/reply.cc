#include "api/authzen/reply.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <chrono>

#include "net/http.h"

namespace wardlock::authzen {
namespace {

using boost::json::array;
using boost::json::object;

void add_list(std::string_view key, const std::vector<std::string>& texts, object& out) {
  if (!texts.empty()) out.emplace(key, array(texts.begin(), texts.end()));
}

/// RFC 3339, with milliseconds.
std::string to_date_time(std::int64_t ms) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): its literals and types
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

/// What an allow binds its caller to.
void add_obligations(const pdp::AccessDecision& decision, object& context) {
  add_list("obligations", decision.obligations, context);
  if (decision.is_withheld) context.emplace("withheld", true);
}

object full_context(const pdp::AccessDecision& decision, const Evaluation& evaluation,
                    const Surroundings& surroundings) {
  object context;
  context.emplace("decision_id", surroundings.new_id());
  context.emplace("cause", to_string(decision.cause));
  add_list("policies", decision.policies, context);
  if (evaluation.wants_reasons) {
    add_list("reasons", decision.reasons, context);
    add_list("errors", decision.errors, context);
  }
  add_obligations(decision, context);
  if (decision.grant) context.emplace("override", *decision.grant);
  if (decision.expires_at) context.emplace("expires_at", to_date_time(*decision.expires_at));
  if (decision.is_override_possible) context.emplace("override_possible", true);
  if (const auto& needed = decision.step_up) {
    object step_up{{"level", needed->level}};
    add_list("methods", needed->methods, step_up);
    context.emplace("step_up", std::move(step_up));
  }
  add_list("notes", decision.notes, context);
  context.emplace("revision", surroundings.snapshot.revision);
  context.emplace("policy_set", surroundings.snapshot.policy_set);
  return context;
}

}  // namespace

object to_reply(const pdp::AccessDecision& decision, const Evaluation& evaluation,
                const Surroundings& surroundings, Detail detail) {
  object reply{{"decision", decision.is_allowed}};
  if (detail == Detail::kFull) {
    reply.emplace("context", full_context(decision, evaluation, surroundings));
  } else if (!decision.obligations.empty()) {
    object context;
    add_obligations(decision, context);
    reply.emplace("context", std::move(context));
  }
  return reply;
}

object to_denial(const Error& error) {
  return {{"decision", false},
          {"context",
           {{"error", {{"status", net::http_status(error.code)}, {"message", error.message}}}}}};
}

}  // namespace wardlock::authzen
