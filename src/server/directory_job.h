#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "administration/asker_sign_in.h"
#include "base/error.h"
#include "directory/registry/registry.h"
#include "event/event.h"
#include "net/http.h"
#include "server/directory.h"
#include "server/directory_holder.h"
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
  DirectoryHolder holder;
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
  /// Somebody who asks, as the directory has them now.
  struct FoundAsker {
    directory::Thing thing;
    std::vector<std::string> roles;
    std::optional<administration::AskerSignIn> sign_in = {};
  };
  Result<FoundAsker> find_asker(const Directory& directory) const;
  Result<FoundAsker> find_signed_in(const Directory& directory) const;
  Result<FoundAsker> find_shown(const Directory& directory, std::string_view token) const;
  void refuse_asker(const Error& error);
  void answer(Directory& directory, const FoundAsker& found, const directory::Mandate& mandate);
  void ask_for_more(std::int64_t level);
  void ask_anew();
  Result<void> record(const Directory& directory, event::Event event, std::string_view trace);
};

}  // namespace wardlock::server
