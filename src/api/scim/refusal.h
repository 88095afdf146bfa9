#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "api/scim/error.h"
#include "base/error.h"
#include "codec/json.h"
#include "net/http.h"

namespace wardlock::scim {

/// Why a request is not answered as was asked: what SCIM's error message says (RFC 7644, 3.12).
struct Refusal {
  Refusal(int status_in, std::string_view type_in, std::string detail_in)
      : status(status_in), type(type_in), detail(std::move(detail_in)) {}
  // What the languages of SCIM and the directory say is passed on by `TRY`.
  Refusal(const ScimError& error);  // NOLINT(google-explicit-constructor)
  Refusal(const Error& error);      // NOLINT(google-explicit-constructor)

  int status;
  std::string_view type;  ///< `scimType`, a constant; empty: none fits
  std::string detail;
};

template <typename T>
using Answered = std::expected<T, Refusal>;

std::unexpected<Refusal> refused(int status, std::string_view type, std::string detail);

/// The message.
codec::Json to_json(const Refusal& refusal);

/// The answer to who does not get as far as SCIM. What it has besides stays.
void write_error(int status, std::string_view detail, net::HttpResponse& response);

}  // namespace wardlock::scim
