#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/event.h"

namespace wardlock::audit {

/// Somebody or something, by its type and id.
struct NamedSubject {
  std::string type;
  std::string id;
};

/// Which records are wanted: those that fit all that is said here.
struct Query {
  /// Whose records. Nothing: those of all tenants; then nobody and nothing can be named below,
  /// since each tenant has names of its own.
  std::optional<std::string> tenant = std::string();

  std::optional<NamedSubject> principal = {};  ///< who acted
  std::optional<NamedSubject> affected = {};   ///< the person it was done to
  std::optional<std::string> patient = {};
  std::optional<std::string> device = {};
  std::optional<std::string> caller = {};
  std::optional<std::string> decision_id = {};
  std::optional<std::string> grant = {};  ///< a break-glass grant, delegation, request or approval

  std::vector<event::Kind> kinds = {};  ///< any of them; none: all
  std::optional<event::Outcome> outcome = {};
  std::optional<std::int64_t> from = {};   ///< milliseconds since the epoch, inclusive
  std::optional<std::int64_t> until = {};  ///< exclusive

  bool is_newest_first = true;              ///< newest: the last in the log
  std::optional<std::uint64_t> after = {};  ///< go on behind that record: `Page::last()`
  std::size_t limit = 100;
};

/// Some of the records that were asked for, by their sequence numbers in the log.
struct Page {
  std::vector<std::uint64_t> sequences = {};
  bool has_more = false;

  /// Where the next page begins. Requires a record.
  std::uint64_t last() const { return sequences.back(); }
};

}  // namespace wardlock::audit
