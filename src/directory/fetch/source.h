#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "directory/fetch/bundle_reader.h"
#include "directory/fetch/reading.h"
#include "net/egress.h"
#include "net/interruption.h"

namespace wardlock::directory {

/// What a source's answer looks like.
enum class AnswerForm : std::uint8_t {
  kValues,  ///< as a source would tell it: `{"values": […]}`
  kFhir,    ///< FHIR R4: a Bundle, which readings make values of
};

/// A source that is asked.
struct FetchSource {
  std::string name;        ///< as the settings name it
  std::string source;      ///< as the policies' schema names it
  std::string tenant;      ///< whose things it tells of
  std::string url;         ///< `https:`; `{now}` in it is the time, in UTC, of RFC 3339
  std::string token_file;  ///< a bearer token (RFC 6750) on its first line; empty: none is sent
  AnswerForm form = AnswerForm::kValues;
  std::vector<Reading> readings = {};  ///< of FHIR
  net::EgressRules egress = {};        ///< its origin alone
  std::chrono::milliseconds interval{60'000};
};

/// The URL as it is asked for at the moment.
std::string url_at(const FetchSource& source, std::int64_t now_ms);

/// Asks for all that the source tells now, page by page; for a thread that may wait. Errors: those
/// of net::Egress::fetch; kInvalidArgument, the answer is none; kUnavailable, its status is not
/// 200; kResourceExhausted, it is too much.
Result<FetchedValues> fetch_values(const FetchSource& source, const net::Interruption& interruption,
                                   std::int64_t now_ms);

}  // namespace wardlock::directory
