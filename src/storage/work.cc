#include "storage/work.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "base/check.h"
#include "base/utf8.h"
#include "storage/session.h"

namespace wardlock::storage {

template <typename T>
Result<T> Work::kept(Result<T> result) {
  if (!result && !failure_) failure_ = result.error();
  return result;
}

Result<void> Work::check(std::span<const Parameter> parameters) {
  if (failure_) return std::unexpected(*failure_);
  for (const Parameter& parameter : parameters) {
    const auto* const text = std::get_if<std::string_view>(&parameter.value());
    if (text == nullptr) continue;
    if (text->contains('\0')) {
      return kept<void>(invalid("a text has a NUL character; a database cannot keep it"));
    }
    if (const auto offset = find_invalid_utf8(*text)) {
      return kept<void>(invalid(fmt::format("a text is not UTF-8, from its byte {} on", *offset)));
    }
  }
  return {};
}

Result<std::uint64_t> Work::run(std::string_view sql, std::span<const Parameter> parameters) {
  TRY_VOID(check(parameters));
  if (!is_writing_) {
    return kept<std::uint64_t>(
        fail(ErrorCode::kFailedPrecondition, "a call that reads may not change anything"));
  }
  return kept(session_.run(sql, parameters));
}

Result<Rows> Work::query(std::string_view sql, std::span<const Parameter> parameters) {
  TRY_VOID(check(parameters));
  return kept(session_.query(sql, parameters));
}

Result<void> Work::each(std::string_view sql, std::span<const Parameter> parameters,
                        const Visit& visit) {
  TRY_VOID(check(parameters));
  return kept(session_.each(sql, parameters, visit));
}

void Work::notify(std::string channel) {
  CHECK(is_writing_);
  notified_.insert(std::move(channel));
}

}  // namespace wardlock::storage
