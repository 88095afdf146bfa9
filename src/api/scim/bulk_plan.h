#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "codec/json.h"

namespace wardlock::scim {

enum class BulkMethod : std::uint8_t { kPost, kPut, kPatch, kDelete };
std::string_view to_string(BulkMethod method);

/// One operation of a bulk request (RFC 7644, 3.7). Borrows from its body.
struct BulkOperation {
  BulkMethod method = BulkMethod::kPost;
  std::string_view method_text = {};  ///< as it was sent
  std::string_view bulk_id = {};      ///< empty: none
  const ResourceType* type = nullptr;
  std::string_view target = {};  ///< an id, or `bulkId:…`; empty for a POST
  std::optional<std::string> version = {};
  const boost::json::object* data = nullptr;  ///< not of a DELETE
  std::optional<Refusal> refusal = {};        ///< it is not one
  std::vector<std::size_t> needs = {};        ///< operations whose ids it refers to
};

/// Operations that stand or fall together: one, or several that refer to each other in a circle.
using BulkUnit = std::vector<std::size_t>;

/// What is to be done, in which order: what is referred to comes first.
struct BulkPlan {
  std::size_t most_errors = SIZE_MAX;  ///< `failOnErrors`
  std::vector<BulkOperation> operations = {};
  std::vector<BulkUnit> units = {};
};

/// Reads the body of a `POST /Bulk`. Refused: it is none, or has more than `most` operations.
Answered<BulkPlan> read_bulk(const codec::Json& body, std::size_t most);

/// `x` of `bulkId:x`; nothing of another text.
std::optional<std::string_view> bulk_id_in(std::string_view text);

}  // namespace wardlock::scim
