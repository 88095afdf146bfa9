#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "directory/feed/feed.h"
#include "pdp/snapshot.h"
#include "storage/store.h"

namespace wardlock::server {

class DirectoryView;
/// One for each tenant; none: there is no directory.
using Views = std::span<const std::unique_ptr<DirectoryView>>;

/// How a tenant's view of the directory stands.
struct ViewStatus {
  std::uint64_t revision = 0;
  std::size_t shown = 0;
  std::size_t hidden = 0;
  std::vector<directory::HiddenThing> some_hidden = {};
  std::vector<std::string> warnings = {};
  std::string fault = {};  ///< why it cannot be followed; empty: it is
  std::size_t untold = 0;  ///< things of which a source tells something no more
};

/// What the policies of one tenant see of the directory, as this process follows it. Whoever makes
/// a snapshot of it or changes it does so in turn. Thread-safe.
class DirectoryView {
 public:
  /// `store` outlives it.
  /// `grants`: the break-glass grants; outlives it. Null: there are none.
  /// `are_told`: sources tell of things here.
  DirectoryView(const storage::Store& store, std::string tenant, directory::KnownBy known_by,
                const directory::OpenGrants* grants = nullptr, bool are_told = false)
      : store_(store),
        tenant_(std::move(tenant)),
        known_by_(std::move(known_by)),
        grants_(grants),
        are_told_(are_told) {}

  /// A snapshot in the making, of other files. From `complete` on it is this one's turn, until it
  /// goes. For one thread.
  class Change {
   public:
    explicit Change(DirectoryView& view) : view_(view) {}

    /// For pdp::SnapshotOptions. Errors: there is no schema; the directory must be read anew, since
    /// it is to be seen otherwise than before, and cannot be.
    Result<cedar::EntityStore> complete(const cedar::EntityStore& file,
                                        std::shared_ptr<const cedar::Schema> schema);
    /// What the snapshot was read from.
    void take(pdp::Sources sources);
    /// What was completed is served from here on. Its revision of the directory.
    std::uint64_t keep();

   private:
    DirectoryView& view_;
    std::unique_lock<std::mutex> turn_;
    std::unique_ptr<directory::Feed> other_;  ///< null: the one that there is takes the file
    cedar::EntityStore file_;
    cedar::EntityStore entities_;
    pdp::Sources sources_;
  };

  /// What others are to see: called in turn, with the entities if they are others than before, and
  /// what policies and schema were read from. Error: they cannot be used; it is called again.
  using Publish = std::function<Result<void>(const cedar::EntityStore* entities,
                                             std::uint64_t revision, const pdp::Sources& sources)>;

  /// Takes over what changed in the directory and by the clock, and has it published. Requires that
  /// a change was kept. Error: the database cannot be asked, or what it says cannot be used.
  Result<void> follow(std::int64_t now, const Publish& publish);

  /// When the clock changes something; nothing: not as far as is known.
  std::optional<std::int64_t> next_moment() const;

  /// How the policies see a thing now, or why not. Waits for the database. Errors: those of
  /// Feed::explain; kUnavailable, nothing was read yet.
  Result<directory::SeenThing> explain(std::string_view id, std::int64_t now) const;

  /// What sources tell of things. Error: kUnavailable, nothing was read yet.
  Result<std::vector<directory::ToldAttribute>> told_attributes() const;
  /// Errors: those of Feed::check_told; kUnavailable, nothing was read yet.
  Result<void> check_told(const directory::Thing& thing, std::string_view source,
                          std::string_view attribute, const codec::Json& value) const;

  /// The name by which a snapshot of that revision of the directory has a person. Nothing: they are
  /// not in it, or not known to be. Waits for nothing.
  std::optional<directory::SeenPeople::Name> name_of(std::string_view person,
                                                     std::uint64_t revision) const;

  /// Decisions follow the directory up to that revision.
  void note_served(std::uint64_t revision);
  /// Waits until they follow it so far. False: they do not in that time.
  bool await_served(std::uint64_t revision, std::chrono::milliseconds time) const;
  /// Whether what was read has the grant as something that opens; nothing: it has. Else why not.
  std::optional<std::string> why_not_granted(std::string_view grant) const;

  /// What the schema says of an action. Errors: those of Feed::action; kUnavailable, nothing was
  /// read yet.
  Result<directory::SeenAction> action(std::string_view name) const;

  const std::string& tenant() const { return tenant_; }
  std::shared_ptr<const ViewStatus> status() const;
  /// Until when the directory is known to have nothing newer, in ms since the epoch.
  std::int64_t as_of() const { return as_of_.load(); }

 private:
  void note(std::string fault);

  const storage::Store& store_;
  const std::string tenant_;
  const directory::KnownBy known_by_;
  const directory::OpenGrants* const grants_;
  const bool are_told_;
  mutable std::mutex turn_;
  std::unique_ptr<directory::Feed> feed_;
  pdp::Sources sources_;      ///< without the entities
  bool is_published_ = true;  ///< others see the entities of the feed
  std::atomic<std::int64_t> as_of_ = 0;
  std::atomic<std::shared_ptr<const directory::SeenPeople>> people_;  ///< null: none were read yet
  mutable std::mutex served_mutex_;
  mutable std::condition_variable served_changed_;
  std::uint64_t served_ = 0;  ///< the revision up to which decisions follow
  mutable std::mutex status_mutex_;
  std::shared_ptr<const ViewStatus> status_ = std::make_shared<const ViewStatus>();
};

}  // namespace wardlock::server
