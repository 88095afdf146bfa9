#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "directory/model/document.h"
#include "directory/model/relation.h"

namespace wardlock::directory {

/// Who makes a change, for which tenant, and why: what its audit event says.
struct Mandate {
  std::string tenant;
  std::string actor_type;  ///< as policies have it, e.g. `User`
  std::string actor_id;
  std::string caller = {};  ///< the program through which it came
  std::string source_address = {};
  std::string reason = {};  ///< in the person's words
};

/// Something in the directory, as it was at one moment.
struct Thing {
  std::string id;
  Kind kind;
  std::string state;
  std::uint64_t version = 0;  ///< 1 when it is entered, and one more with each change
  std::int64_t created_ms = 0;
  std::int64_t changed_ms = 0;
  Document document;
};

/// What people call it, with its kind, for messages: `person `grey``. Of a patient the kind alone:
/// who may not see a patient is told no name.
std::string called(const Thing& thing);

/// A relation to be made. Times are milliseconds since the epoch.
struct NewRelation {
  Relation relation;
  std::string subject;
  std::string object;
  std::optional<std::string> scope = {};
  std::optional<std::int64_t> from_ms = {};   ///< nothing: from now on
  std::optional<std::int64_t> until_ms = {};  ///< nothing: until it is ended
  codec::Json attributes = boost::json::object();
};

/// A relation, as it was at one moment.
struct KeptRelation {
  std::string id;
  Relation relation;
  std::string subject;
  std::string object;
  std::optional<std::string> scope;
  std::int64_t from_ms = 0;
  std::optional<std::int64_t> until_ms;
  std::string made_by_type;
  std::string made_by_id;
  std::string reason;
  std::string attributes;  ///< canonical JSON
  /// It was ended, and counts no more, whatever the clock says.
  bool is_ended = false;

  bool is_over_at(std::int64_t time_ms) const {
    return is_ended || (until_ms && *until_ms <= time_ms);
  }
  bool is_valid_at(std::int64_t time_ms) const {
    return from_ms <= time_ms && !is_over_at(time_ms);
  }
};

}  // namespace wardlock::directory
