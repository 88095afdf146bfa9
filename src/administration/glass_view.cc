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

}  // namespace wardlock::administration
