#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "authn/oauth/refusal.h"
#include "storage/store.h"

namespace wardlock::oauth {

/// One transaction that answers. A refusal keeps what was written before it: that a token which
/// was used twice ends all that came of it goes with a refusal. Only where the store fails is all
/// of it undone. `call` may run more than once.
template <typename T>
Answer<T> transact(storage::Store& store, const std::function<Answer<T>(storage::Work&)>& call) {
  std::optional<Answer<T>> answer;
  const auto written = store.write([&](storage::Work& work) -> Result<void> {
    answer.emplace(call(work));
    if (work.failure()) return std::unexpected(*work.failure());
    return {};
  });
  if (!written) return std::unexpected(Refusal(written.error()));
  return *std::move(answer);
}

/// What was there at one moment.
template <typename T>
Answer<T> look(const storage::Store& store, const std::function<Answer<T>(storage::Work&)>& call) {
  std::optional<Answer<T>> answer;
  const auto read = store.read([&](storage::Work& work) -> Result<void> {
    answer.emplace(call(work));
    if (work.failure()) return std::unexpected(*work.failure());
    return {};
  });
  if (!read) return std::unexpected(Refusal(read.error()));
  return *std::move(answer);
}

}  // namespace wardlock::oauth
