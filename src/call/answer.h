#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::call {

/// Makes it the answer, which nobody keeps.
void write_json(const codec::Json& json, net::HttpResponse& response);
/// `{"items": […]}`, and where `next` is not empty, behind which id the others come.
void write_items(boost::json::array items, std::string_view next, net::HttpResponse& response);
/// Makes the description of an interface the answer, which is no secret.
void write_description(std::string_view open_api, net::HttpResponse& response);

/// Makes the refusal the answer, and nothing else: a problem (RFC 9457). kFailedPrecondition is
/// 409: what was asked would have done at another time. kUnauthenticated says that more is to be
/// shown (RFC 9470, 3).
void refuse(const Error& error, net::HttpResponse& response);

boost::json::array array_of(const std::vector<std::string>& words);

}  // namespace wardlock::call
