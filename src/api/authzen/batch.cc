#include "api/authzen/batch.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>

#include "api/authzen/weight.h"

namespace wardlock::authzen {
namespace {

using boost::json::array;
using boost::json::object;
using Json = boost::json::value;

/// What most decisions need.
constexpr std::size_t kUsualBytes = std::size_t{16} << 10;

enum class Semantic : std::uint8_t { kExecuteAll, kDenyOnFirstDeny, kPermitOnFirstPermit };

std::optional<Semantic> parse_semantic(std::string_view name) {
  if (name == "execute_all") return Semantic::kExecuteAll;
  if (name == "deny_on_first_deny") return Semantic::kDenyOnFirstDeny;
  if (name == "permit_on_first_permit") return Semantic::kPermitOnFirstPermit;
  return std::nullopt;
}

/// Of options that `read_options` has taken.
Result<Semantic> read_semantic(const object& request) {
  const Json* options = find_member(request, "options");
  const Json* value =
      options == nullptr ? nullptr : find_member(options->get_object(), "evaluations_semantic");
  if (value == nullptr) return Semantic::kExecuteAll;
  if (value->is_string()) {
    if (const auto semantic = parse_semantic(value->get_string())) return *semantic;
  }
  return invalid(
      "`options.evaluations_semantic` must be `execute_all`, `deny_on_first_deny` or "
      "`permit_on_first_permit`");
}

/// Defaults are read for each question; a small body must not make much work of that.
Result<void> check_defaults(const object& request, std::size_t questions) {
  if (weigh_shared(request) * questions <= kMostWeight) return {};
  return invalid(
      fmt::format("the defaults are too large for {} questions; leave out what is not "
                  "needed, or ask in several requests",
                  questions));
}

Result<pdp::AccessDecision> decide(const Json& question, const object& defaults,
                                   Evaluation& evaluation, const Surroundings& surroundings,
                                   Arena& arena) {
  const object* item = question.if_object();
  if (item == nullptr) {
    forget_question(evaluation.access);
    return invalid("each of `evaluations` must be an object");
  }
  TRY_VOID(read_question(*item, defaults, evaluation.access));
  return pdp::decide(surroundings.deciding(evaluation.access, arena), evaluation.access,
                     surroundings.now, arena);
}

bool ends(Semantic semantic, const Result<pdp::AccessDecision>& decision) {
  const bool is_allowed = decision && decision->is_allowed;
  if (semantic == Semantic::kDenyOnFirstDeny) return !is_allowed;
  if (semantic == Semantic::kPermitOnFirstPermit) return is_allowed && !decision->grant;
  return false;
}

}  // namespace

Result<const array*> find_evaluations(const object& request) {
  const Json* value = find_member(request, "evaluations");
  if (value == nullptr) return nullptr;
  const array* questions = value->if_array();
  if (questions == nullptr) return invalid("`evaluations` must be a list");
  return questions->empty() ? nullptr : questions;
}

Result<void> answer_batch(const object& request, const array& questions, Evaluation& evaluation,
                          const Surroundings& surroundings, Detail detail,
                          codec::JsonWriter& json) {
  const Semantic semantic = TRY(read_semantic(request));
  TRY_VOID(check_defaults(request, questions.size()));
  json.begin_object();
  json.key("evaluations");
  json.begin_array();
  alignas(std::max_align_t) std::array<std::byte, kUsualBytes> buffer;
  Arena arena(buffer);  // of one question; the next one has it again
  for (const Json& question : questions) {
    arena.reset();
    const auto decision =
        pdp::tell_refusal(decide(question, request, evaluation, surroundings, arena),
                          evaluation.access, surroundings.observer);
    if (decision) {
      const bool has_id = detail == Detail::kFull || pdp::is_recording(surroundings.observer);
      const std::string_view id = has_id ? surroundings.new_id(arena) : std::string_view();
      if (surroundings.observer != nullptr) {
        TRY_VOID(surroundings.observer->decided(evaluation.access, *decision, id));
      }
      write_reply(*decision, id, evaluation, surroundings, detail, json);
    } else {
      write_denial(decision.error(), json);
    }
    if (ends(semantic, decision)) break;
  }
  json.end_array();
  json.end_object();
  return {};
}

}  // namespace wardlock::authzen
