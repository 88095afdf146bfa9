#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/scim/refusal.h"
#include "api/scim/resource_type.h"
#include "directory/registry/thing.h"

namespace wardlock::scim {

// A thing as a SCIM resource, and back.

/// `W/"3"` (RFC 7644, 3.14).
std::string etag_of(const directory::Thing& thing);

/// All that the thing has itself, sensitive or not, with `schemas` and `id`: without links and
/// `meta`. References have their `value` alone. `document`: the thing's. What is made takes its
/// memory from `memory`; what the document has there already is not copied.
boost::json::object to_resource(const ResourceType& type, const directory::Thing& thing,
                                boost::json::object document,
                                const boost::json::storage_ptr& memory = {});

/// A resource, as somebody sent it.
struct SentResource {
  boost::json::object document = {};  ///< for the directory to check
  std::optional<bool> active = {};
  std::optional<std::string> state = {};
  struct Links {
    const LinkAttribute* attribute;
    codec::Json value;
  };
  std::vector<Links> links = {};  ///< those that may be changed here
};

/// Reads attributes; `id`, `meta`, `schemas` and what is read-only is passed over. Refused:
/// attributes that the type has not.
Answered<SentResource> read_resource(const ResourceType& type, const boost::json::object& sent);

/// Whether `schemas` is what a message or resource has to say: the core schema, and no unknown one.
Answered<void> check_schemas(const ResourceType& type, const boost::json::object& sent);

/// The id in `{"value": …}`, `{"$ref": …}`, or itself; nothing where there is none.
std::optional<std::string> id_in(const codec::Json& value);

/// Whether things may have it as their id: nothing else is worth a question to the database.
bool is_id(std::string_view text);

/// The year of a moment, for identifiers that write years with two digits.
std::chrono::year year_of(std::int64_t time_ms);

}  // namespace wardlock::scim
