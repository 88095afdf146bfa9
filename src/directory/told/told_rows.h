#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/told/told_value.h"
#include "storage/work.h"

namespace wardlock::directory {

// Told values as rows. All within the transaction of `work`.

/// Keeps it, unless what is there was observed later. Returns whether it did.
Result<bool> keep_told(storage::Work& work, std::string_view tenant, const ToldValue& value);

/// Those of one thing, in the order of the attributes' names.
Result<std::vector<ToldValue>> find_told(storage::Work& work, std::string_view tenant,
                                         std::string_view thing);

/// All of the tenant, those of a thing together.
Result<void> each_told(storage::Work& work, std::string_view tenant,
                       const std::function<Result<void>(ToldValue&&)>& visit);

/// All that the source told, in the order of things and attributes.
Result<std::vector<ToldValue>> find_told_by(storage::Work& work, std::string_view tenant,
                                            std::string_view source);

/// How a source stands.
struct ToldCount {
  std::string source;
  std::string attribute;
  std::uint64_t things = 0;    ///< of which it told the attribute
  std::uint64_t fresh = 0;     ///< of these, lately enough
  std::int64_t latest_ms = 0;  ///< when the latest of them was observed; 0: none was
};

/// Of what the source has told of the attribute, how much was observed after `fresh_after_ms`.
Result<ToldCount> count_told(storage::Work& work, std::string_view tenant, std::string_view source,
                             std::string_view attribute, std::int64_t fresh_after_ms);

/// Erases what the source told of the attribute by then: nothing is asked for it any more. That it
/// told something stays. How many.
Result<std::size_t> erase_told(storage::Work& work, std::string_view tenant,
                               std::string_view source, std::string_view attribute,
                               std::int64_t until_ms);

}  // namespace wardlock::directory
