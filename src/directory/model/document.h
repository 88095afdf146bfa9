#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/model/relation.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

/// What is wrong with one attribute.
struct Fault {
  std::string path;     ///< `emails[1].value`; empty: the document itself
  std::string message;  ///< continues a sentence that begins with it: `is missing: …`

  bool operator==(const Fault&) const = default;
};
using Faults = std::vector<Fault>;

/// All faults as one error (kInvalidArgument).
Error to_error(const Faults& faults);

template <typename T>
using Checked = std::expected<T, Faults>;

/// As canonical JSON. So that an audit event has room for a document before and after a change.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{12} << 10;

/// The attributes of a thing, as its schema has them and in their normal forms: only checking makes
/// one. A value.
class Document {
 public:
  /// Checks what somebody sent. A null, an empty list and an empty object are as if they were not
  /// there. `this_year` is for identifiers that write years with two digits.
  static Checked<Document> check(Kind kind, const codec::Json& json, std::chrono::year this_year);

  /// Reads what `text` wrote, perhaps in an earlier version. Its memory is taken from `memory`,
  /// which it shares, by default from the heap; a copy has memory of its own. Error: kDataLoss, it
  /// is no object.
  static Result<Document> read_kept(Kind kind, std::string_view text,
                                    const boost::json::storage_ptr& memory = {});

  Kind kind() const { return kind_; }
  const boost::json::object& json() const { return json_; }
  /// Leaves nothing in it.
  boost::json::object take_json() && { return std::move(json_); }
  /// Canonical JSON (RFC 8785): equal documents have equal texts.
  std::string text() const;

  friend bool operator==(const Document& a, const Document& b) {
    return a.kind_ == b.kind_ && a.json_ == b.json_;
  }

 private:
  Document(Kind kind, boost::json::object json) : kind_(kind), json_(std::move(json)) {}

  Kind kind_;
  boost::json::object json_;
};

/// The same for the attributes of a relation; the canonical text, `{}` where there are none.
Checked<std::string> check_relation(Relation relation, const codec::Json& json,
                                    std::chrono::year this_year);

/// What may not change from one to the other. Requires documents of one kind.
Faults find_forbidden_changes(const Document& before, const Document& after);

/// The attributes that differ, by name. Requires documents of one kind.
std::vector<std::string_view> changed_attributes(const Document& before, const Document& after);

}  // namespace wardlock::directory
