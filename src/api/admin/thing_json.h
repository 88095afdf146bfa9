#pragma once

#include <cstdint>
#include <string>

#include "api/admin/refusal.h"
#include "codec/json.h"
#include "directory/registry/thing.h"

// Things and relations as answers and requests have them.
namespace wardlock::admin {

/// `{"id":…,"kind":…,"state":…,"version":…,"createdAt":…,"changedAt":…,"attributes":{…}}`.
/// `shows_sensitive` false: without what is shown only to who asks for it.
codec::Json to_json(const directory::Thing& thing, bool shows_sensitive);
codec::Json to_json(const directory::KeptRelation& relation);

/// A document of the kind, without what is sensitive.
void drop_sensitive(directory::Kind kind, boost::json::object& document);

/// What is wrong with attributes that somebody sent, each with its place in the body. What is for
/// nobody to say is passed over.
Answered<directory::Document> check_attributes(directory::Kind kind, const codec::Json& sent,
                                               std::int64_t now);

/// The year by which two digits are completed.
std::chrono::year year_of(std::int64_t time_ms);

/// Applies a JSON merge patch (RFC 7396).
void merge_patch(codec::Json& target, const codec::Json& patch);

}  // namespace wardlock::admin
