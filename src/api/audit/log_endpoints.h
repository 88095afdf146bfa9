#pragma once

#include <cstdint>
#include <string_view>

#include "audit/log/log_folder.h"
#include "net/http.h"

namespace wardlock::audit_api {

/// Where the log is read, for callers of no other's tenant with the right to.
inline constexpr std::string_view kPrefix = "/audit/";
/// The same log as far as witnesses have signed for it, for those who believe nothing else: a
/// prefix of its own, as C2SP tlog-tiles provides for.
inline constexpr std::string_view kCosignedPrefix = "/audit/cosigned/";

/// What one request is answered from, besides itself. Borrows for the call.
struct LogReading {
  audit::TileFiles& tiles;
  audit::RecordReader& records;
  std::string_view prefix;      ///< of the two above
  std::string_view checkpoint;  ///< signed; empty: there is none yet
  std::uint64_t size = 0;       ///< of the tree that it is of
};

/// Answers as C2SP tlog-tiles has it, for whoever verifies, witnesses or mirrors the log:
///   GET  <prefix>checkpoint               the signed checkpoint
///   GET  <prefix>tile/<level>/<index>     hashes; with `.p/<width>` a partial tile
///   GET  <prefix>tile/entries/<index>     records, as they are sealed
/// 404 for what is not there, or not covered by the checkpoint. The response comes as new. For one
/// thread.
void answer(const net::HttpRequest& request, const LogReading& log, net::HttpResponse& response);

}  // namespace wardlock::audit_api
