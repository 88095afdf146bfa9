#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "administration/policy_view.h"
#include "base/error.h"
#include "codec/json.h"
#include "directory/registry/registry.h"
#include "directory/told/told_value.h"

namespace wardlock::administration {

/// Where items of a source are looked up.
struct ToldPlace {
  const directory::Registry& registry;
  PolicyView& view;
  std::string_view tenant;
  std::string_view source;   ///< as the schema names it
  std::int64_t observed_ms;  ///< when that was so which does not say when
  std::int64_t now_ms;
};

/// What a source tells at once, item by item (docs/attribute-sources.md).
struct ToldItems {
  std::vector<directory::ToldValue> values = {};
  std::vector<std::size_t> places = {};  ///< of each value among the items
  boost::json::array refused = {};       ///< `index` and `detail` of the others
  std::size_t unknown = 0;               ///< of these name what the directory has not
};

/// Reads the items and looks up what they name. An item that the source may not tell, or that is no
/// such value, is refused by itself. Errors: the directory cannot be asked.
Result<ToldItems> read_told_items(const ToldPlace& place, const boost::json::array& items);

}  // namespace wardlock::administration
