#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "administration/errand.h"
#include "api/admin/refusal.h"
#include "codec/json.h"
#include "directory/model/schema.h"
#include "net/http.h"
#include "net/query_string.h"

namespace wardlock::admin {

struct Operation;

/// A request, with what its path and query say. Borrows from the request and the errand.
struct Asked {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  const Operation& operation;
  const directory::Schema* schema = nullptr;  ///< of the collection that the path names
  std::string_view id = {};                   ///< of the thing or relation that the path names
  std::string_view part = {};                 ///< of what is below that
  std::vector<net::QueryParameter> parameters = {};

  bool has(std::string_view name) const;
  /// Empty: it is not there, or empty.
  std::string_view parameter(std::string_view name) const;
  /// `true` or `false`; absent: false.
  Answered<bool> flag(std::string_view name) const;
  /// A whole number, from 0 to `most`.
  Answered<std::uint64_t> number(std::string_view name, std::uint64_t usual,
                                 std::uint64_t most) const;

  const std::string& tenant() const { return errand.mandate.tenant; }
};

/// What a request carries: a JSON object, whose members are among those that are known.
struct Body {
  boost::json::object members;
  std::string reason;  ///< its member `reason`: why, in words

  const codec::Json* find(std::string_view name) const { return members.if_contains(name); }
};

/// How large a body may be, in bytes: usually, and where it brings much at once (the server takes
/// no larger ones).
inline constexpr std::size_t kUsual = std::size_t{64} << 10;
inline constexpr std::size_t kMuch = std::size_t{1} << 20;

/// Reads it. `is_patch`: it may be `application/merge-patch+json`, too. A request without a body
/// has an empty one.
Answered<Body> read_body(const net::HttpRequest& request, std::vector<std::string> known,
                         bool is_patch = false, std::size_t most = kUsual);

/// That a body has members of these names alone, or `reason`.
Answered<void> check_members(const boost::json::object& members, std::vector<std::string> known);
/// Its member `reason`; empty where it is not there.
Answered<std::string> reason_in(const Body& body);

/// The refusal of a body that is larger.
std::unexpected<Refusal> too_large(std::size_t most);
/// Whether the body says to be of that type.
bool has_type(const net::HttpRequest& request, std::string_view type);

/// The text that a member must be. `is_required` false: empty where it is not there.
Answered<std::string> text_in(const Body& body, std::string_view name, bool is_required = true);
/// A time (RFC 3339), in milliseconds since the epoch; nothing where it is not there, or null.
Answered<std::optional<std::int64_t>> time_in(const Body& body, std::string_view name);
Answered<bool> flag_in(const Body& body, std::string_view name);
/// A whole number from 1.
Answered<std::uint64_t> count_in(const Body& body, std::string_view name);

/// The versions that `If-Match` allows; nothing: any (RFC 9110 §13.1.1).
std::optional<std::set<std::uint64_t>> allowed_versions(const net::HttpRequest& request);

/// `"3"`
std::string etag_of(std::uint64_t version);

/// Makes it the answer.
void write_json(const codec::Json& json, net::HttpResponse& response);

}  // namespace wardlock::admin
