#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "api/authzen/endpoints.h"
#include "net/http.h"
#include "server/directory.h"
#include "server/directory_holder.h"
#include "server/place.h"

namespace wardlock::server {

/// Who asks for something of the directory, where, and when.
struct DirectoryAsker {
  DirectoryHolder holder;
  Place place;                  ///< where they ask
  std::string_view public_url;  ///< the configuration's; may be empty
  std::int64_t now = 0;         ///< ms since the epoch
};

/// Answers what the callers of one thread ask of the directory, over SCIM (`/scim/v2/…`) and the
/// administration's own interface (`/admin/v1/…`). It is worked on by the directory's threads,
/// which may wait for the database; answers come when they are asked for again
/// (`HttpResponse::unfinished`), and go out when it is on disk what was decided for them.
class DirectoryDesk {
 public:
  /// The directory outlives it. `ring` has the thread's requests asked again; any thread calls it,
  /// also after this is gone.
  DirectoryDesk(Directory& directory, std::function<void()> ring);

  /// Has it worked on. Returns why it was refused, a word for machines, or nothing.
  std::string_view begin(const net::HttpRequest& request, const DirectoryAsker& asker,
                         net::HttpResponse& response);
  /// Answers what was begun, when it is done. Returns as `begin`.
  std::string_view go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                         net::HttpResponse& response);
  /// Through what it was begun: the id of a credential, or of an application.
  static std::string_view caller_of(const net::Unfinished& unfinished);

 private:
  struct Job;

  /// What became of the records of what was decided for it.
  net::AnswerGate::State recorded(const Job& job) const;

  Directory& directory_;
  const std::function<void()> ring_;
};

}  // namespace wardlock::server
