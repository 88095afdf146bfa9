#include "pdp/approved.h"

#include <array>
#include <memory_resource>
#include <span>
#include <vector>

#include "pdp/entity_name.h"

namespace wardlock::pdp {
namespace {

using cedar::Field;
using cedar::Value;

constexpr std::string_view kKey = "approval";

bool covers(const Approval& approval, const cedar::Request& request, std::int64_t now) {
  return approval.principal == *request.principal && *approval.action == *request.action &&
         approval.target == *request.resource && approval.opens_at <= now &&
         now < approval.expires_at;
}

Value approval_value(const Approval& approval, Arena& arena) {
  std::array<Field, 4> fields = {{{"approvers", Value::set(approval.approvers)},
                                  {"expiresAt", Value::datetime(approval.expires_at)},
                                  {"id", Value::string(approval.id)},
                                  {"ticket", Value::string(approval.ticket)}}};
  return cedar::make_record(arena, fields);
}

}  // namespace

bool declares_approval(const cedar::ActionType& action) {
  return action.context->find_attribute(kKey) != nullptr;
}

bool declares_approval(const Snapshot& snapshot, const cedar::EntityUid& action) {
  if (snapshot.mode() == Mode::kCedar) return false;
  if (snapshot.schema() == nullptr) return true;
  const cedar::ActionType* const declared = snapshot.schema()->find_action(action);
  return declared != nullptr && declares_approval(*declared);
}

const Approval* find_approval(const Snapshot& snapshot, const cedar::Request& request,
                              std::int64_t now) {
  if (snapshot.approvals.empty()) return nullptr;
  const auto all = approvals_of(snapshot.approvals, *request.principal);
  if (all.empty() || !declares_approval(snapshot, *request.action)) return nullptr;
  const Approval* found = nullptr;
  for (const Approval& each : all) {
    if (!covers(each, request, now)) continue;
    if (found == nullptr || each.expires_at > found->expires_at) found = &each;
  }
  return found;
}

Value with_approval(const Value& context, const Approval& approval, Arena& arena) {
  const auto present = context.as_record();
  std::pmr::vector<Field> all(arena.resource());
  all.reserve(present.size() + 1);
  all.assign(present.begin(), present.end());
  all.push_back({kKey, approval_value(approval, arena)});
  return cedar::make_record(arena, all);
}

Value sample_approved(Arena& arena) {
  const std::array<Value, 1> approvers = {sample_name(arena)};
  const cedar::EntityUid nobody{"", "", 0};
  return approval_value({.id = "",
                         .principal = nobody,
                         .target = nobody,
                         .action = nullptr,
                         .approvers = arena.copy(approvers)},
                        arena);
}

}  // namespace wardlock::pdp
