#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/scim/attribute_path.h"
#include "api/scim/filter.h"
#include "api/scim/projection.h"
#include "api/scim/refusal.h"

namespace wardlock::scim {

inline constexpr std::size_t kUsualPageSize = 100;

/// What is asked for, in the query of a URL or the body of a search (RFC 7644, 3.4.2 and 3.4.3; RFC
/// 9865).
struct SearchRequest {
  std::optional<Filter> filter = {};
  std::optional<AttributePath> sort_by = {};
  bool is_descending = false;
  std::uint64_t start_index = 1;
  std::optional<std::string> cursor = {};  ///< empty: the first page, by cursor
  std::size_t count = kUsualPageSize;
  Projection projection = {};
};

/// The parameters of a URL that it knows; others are passed over.
Answered<SearchRequest> read_search_query(std::string_view query);
/// The body of a `POST …/.search`.
Answered<SearchRequest> read_search_body(const codec::Json& body);

/// `attributes` and `excludedAttributes` alone.
Answered<Projection> read_projection(std::string_view query);

}  // namespace wardlock::scim
