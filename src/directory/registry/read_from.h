#pragma once

#include <optional>
#include <utility>

#include "base/error.h"
#include "storage/store.h"

namespace wardlock::directory {

/// What `call` reads in one snapshot.
template <typename T, typename Call>
Result<T> read_from(const storage::Store& store, Call call) {
  std::optional<T> found;
  const Result<void> done = store.read([&](storage::Work& work) -> Result<void> {
    Result<T> result = call(work);
    if (!result) return std::unexpected(std::move(result).error());
    found = std::move(*result);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return std::move(*found);
}

}  // namespace wardlock::directory
