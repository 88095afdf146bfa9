#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "compare/golden/golden_request.h"
#include "net/http_client.h"

namespace wardlock::cli {

/// Where a PDP is, and how to prove to it who asks.
struct PdpClientOptions {
  std::string url;         ///< with the tenant's path where it has one
  std::string token_file;  ///< with the caller's token; empty: none is sent
  std::string ca;          ///< who vouches for the server; empty: the system's authorities
};

/// Asks a running PDP as applications do, over AuthZEN. Not thread-safe.
class PdpClient {
 public:
  /// Error: the URL or the token is none.
  static Result<std::unique_ptr<PdpClient>> open(const PdpClientOptions& options);

  using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

  /// An answer to each, in their order. A question that the PDP refuses has an answer that says so.
  /// Errors: kUnauthenticated; kUnavailable, it does not answer, or not as AuthZEN has it.
  Result<std::vector<compare::GoldenAnswer>> ask(std::span<const compare::GoldenRequest> requests,
                                                 const Progress& report);

  /// What `/readyz` says, an object, whether it is ready or not. Errors: kUnavailable, it does not
  /// answer, or not so.
  Result<codec::Json> readiness();

 private:
  PdpClient(std::string url, std::string authorization, std::unique_ptr<net::HttpClient> http)
      : url_(std::move(url)), authorization_(std::move(authorization)), http_(std::move(http)) {}

  Result<void> ask_batch(std::span<const compare::GoldenRequest> requests,
                         std::vector<compare::GoldenAnswer>& out);
  Result<net::HttpReply> post(std::string_view body);

  std::string url_;
  std::string authorization_;
  std::unique_ptr<net::HttpClient> http_;
  net::Interruption interruption_;
};

}  // namespace wardlock::cli
