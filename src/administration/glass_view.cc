#include "administration/glass_view.h"

#include <fmt/format.h>

namespace wardlock::administration {

Result<void> await_sight(GlassView* view, std::string_view id, std::uint64_t revision,
                         const std::function<Result<void>()>& withdraw, std::string_view in_vain) {
  if (view == nullptr) return {};
  const auto why = TRY(view->await(id, revision));
  if (!why || !withdraw) return {};
  TRY_VOID(withdraw());
  return fail(ErrorCode::kFailedPrecondition, fmt::format("{}, since {}", in_vain, *why));
}

Error refusal_in_sight(GlassView* view, const directory::Registry& registry, std::string_view id,
                       Error error) {
  if (view == nullptr || error.code != ErrorCode::kFailedPrecondition) return error;
  const auto revision = registry.revision();
  if (!revision) return revision.error();
  const auto seen = view->await(id, *revision);
  if (!seen) return seen.error();
  return error;
}

}  // namespace wardlock::administration
