#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "server/credential_index.h"
#include "server/directory.h"

namespace wardlock::server {

/// A request of the directory as it was when it came, in memory of its own.
class CopiedRequest {
 public:
  /// `path`: without the tenant's base path.
  CopiedRequest(const net::HttpRequest& request, std::string_view path);

  /// Borrows from this.
  net::HttpRequest view() const;
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
  std::shared_ptr<const KnownCredential> credential;
  std::string base_url;
  std::int64_t now = 0;  ///< ms since the epoch

  // Made by `work_on`:
  net::HttpResponse response = {};
  std::vector<std::string> drafts = {};  ///< of the decisions that were made for it
  std::string_view refusal = {};         ///< see DirectoryDesk::answer

  /// Finds out who asks as of now, and has it answered.
  void work_on(Directory& directory);
};

}  // namespace wardlock::server
