#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/model/document.h"
#include "net/http.h"

namespace wardlock::admin {

/// What is wrong with one part of a request's body.
struct WrongPart {
  std::string pointer;  ///< `#/attributes/emails/1/value` (RFC 6901 §6)
  std::string detail;
};

/// Why something is not done, and where in the request that lies.
struct Refusal {
  // Implicit, so that `TRY` passes on what the rooms below return.
  Refusal(Error reason) : error(std::move(reason)) {}

  Error error;
  std::vector<WrongPart> wrong = {};
  int status = 0;  ///< 0: as `net::http_status` has it
};

template <typename T>
using Answered = std::expected<T, Refusal>;

/// A status of its own.
std::unexpected<Refusal> refuse(int status, ErrorCode code, std::string message);

/// What is wrong with a document, which is the value at the pointer.
std::unexpected<Refusal> refuse(const directory::Faults& faults, std::string_view at);

/// `#/attributes/emails/1/value` for the path `emails[1].value` of what is at `#/attributes`.
std::string pointer_to(std::string_view at, std::string_view path);

/// As a problem of RFC 9457, with `errors` where parts are at fault. Fields that were added stay.
void write_refusal(const Refusal& refusal, net::HttpResponse& response);

}  // namespace wardlock::admin
