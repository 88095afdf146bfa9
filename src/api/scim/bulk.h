#pragma once

#include <cstddef>
#include <cstdint>

#include "administration/errand.h"
#include "api/scim/refusal.h"

namespace wardlock::scim {

inline constexpr std::size_t kMaxBulkOperations = 1000;

struct BulkAnswer {
  codec::Json message;         ///< the BulkResponse
  std::uint64_t revision = 0;  ///< of the last change; 0: there was none
};

/// Does what a `POST /Bulk` says (RFC 7644, 3.7): each operation is done or refused by itself, but
/// for those that refer to each other in a circle, which are done together or not at all. Others
/// that refer to one that is refused are refused with 409. Many share one transaction.
Answered<BulkAnswer> answer_bulk(const administration::Errand& errand, const codec::Json& body);

}  // namespace wardlock::scim
