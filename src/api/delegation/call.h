#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/delegation/delegation_desk.h"
#include "administration/errand.h"
#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::delegation_api {

/// What is asked, as its path and body have it. Borrows, for one request.
struct DelegationCall {
  const net::HttpRequest& request;
  const administration::Errand& errand;
  access::DelegationDesk& desk;
  std::string_view id = {};  ///< of the delegation that the path names

  const std::string& tenant() const { return errand.mandate.tenant; }
  const std::string& asker() const { return errand.mandate.actor_id; }
};

/// The members of a body: a JSON object of at most 16 KiB with none but these. Without a body:
/// none.
Result<boost::json::object> read_members(const net::HttpRequest& request,
                                         std::initializer_list<std::string_view> known);
/// The text that a member is; empty: it is not there. Error: it is no text.
Result<std::string> text_in(const boost::json::object& members, std::string_view name);
/// The texts that it lists; empty: it is not there.
Result<std::vector<std::string>> texts_in(const boost::json::object& members,
                                          std::string_view name);
/// False: it is not there.
Result<bool> flag_in(const boost::json::object& members, std::string_view name);
/// The time that it is, in ms since the epoch; nothing: it is not there.
Result<std::optional<std::int64_t>> time_in(const boost::json::object& members,
                                            std::string_view name);
/// The value of the query's parameter; empty: there is none.
std::string parameter_of(const net::HttpRequest& request, std::string_view name);

/// Makes it the answer.
void write_json(const codec::Json& json, net::HttpResponse& response);

}  // namespace wardlock::delegation_api
