#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "api/authzen/evaluation.h"
#include "api/authzen/surroundings.h"
#include "base/error.h"
#include "search/search.h"

namespace wardlock::authzen {

/// What a page's token belongs to: the search (whatever the order of its members), its caller and
/// its tenant. A digest.
std::string identify_search(const boost::json::object& request, Gap gap,
                            const Surroundings& surroundings);

/// From where a search goes on, as text that its caller can neither read nor make up: an entity
/// that was looked at last may be one that it must not know of.
std::string seal_rest(const search::Rest& rest, std::string_view search,
                      const crypto::SealingKey& key);

/// Error (kInvalidArgument): the token is none of that search, or of another process.
Result<search::Rest> open_rest(std::string_view token, std::string_view search,
                               const crypto::SealingKey& key);

}  // namespace wardlock::authzen
