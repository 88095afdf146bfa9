#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "access/grant/glass_desk.h"
#include "administration/errand.h"
#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::glass_api {

/// What is asked, as its path and body have it. Borrows, for one request.
struct Call {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::GlassDesk& desk;
  access::ReviewDesk& reviews;
  std::string_view id = {};  ///< of the grant that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
  const std::string& person() const { return errand.mandate.actor_id; }
};

/// The members of a body: a JSON object of at most 16 KiB with none but these. Without a body:
/// none.
Result<boost::json::object> read_members(const net::HttpRequest& request,
                                         std::initializer_list<std::string_view> known);
/// The text that a member is; empty: it is not there. Error: it is no text.
Result<std::string> text_in(const boost::json::object& members, std::string_view name);
/// The whole number that it is; nothing: it is not there.
Result<std::optional<std::int64_t>> number_in(const boost::json::object& members,
                                              std::string_view name);
/// The value of the query's parameter; empty: there is none.
std::string parameter_of(const net::HttpRequest& request, std::string_view name);

/// How whoever asks has signed in. Error kPermissionDenied: they have not; a program asks.
Result<access::GlassProof> proof_of(const Call& call);

/// Makes it the answer.
void write_json(const codec::Json& json, net::HttpResponse& response);

}  // namespace wardlock::glass_api
