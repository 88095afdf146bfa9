#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "event/event.h"
#include "net/http.h"
#include "server/credential_index.h"
#include "server/directory.h"
#include "server/place.h"

namespace wardlock::server {

/// A request of the directory as it was when it came, in memory of its own.
class CopiedRequest {
 public:
  /// `path`: without the tenant's base path.
  CopiedRequest(const net::HttpRequest& request, std::string_view path);

  /// Borrows from this.
  net::HttpRequest view() const;
  /// Zeroes the body, where it held secrets.
  void wipe_body();
  /// How much memory it takes, roughly.
  std::size_t size() const;

 private:
  struct Header {
    std::string name, value;
  };

  std::string method_, path_, query_, body_, remote_address_;
  std::vector<Header> headers_;
  bool is_secure_;
};

/// What is worked on for one request: by one of the directory's threads, then by the thread that
/// answers.
struct DirectoryJob {
  CopiedRequest request;
  Route route = Route::kOther;  ///< which of the directory's interfaces is asked
  std::shared_ptr<const KnownCredential> credential;
  std::string base_url;
  std::int64_t now = 0;  ///< ms since the epoch

  // Made by `work_on`:
  net::HttpResponse response = {};
  net::Tickets tickets = {};      ///< of the decisions that were made for it
  std::string_view refusal = {};  ///< see DirectoryDesk::begin

  /// Finds out who asks as of now, and has it answered. What is decided for it is given to the log
  /// there and then, whether or not anybody still waits for the answer.
  void work_on(Directory& directory);

 private:
  Result<void> record(const Directory& directory, event::Event event, std::string_view trace);
};

}  // namespace wardlock::server
