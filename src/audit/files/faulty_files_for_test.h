#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "audit/files/files.h"

namespace wardlock::audit {

/// Files in memory that break as real ones do, for tests. What was synced is kept apart from what
/// was only written; a loss of power drops, tears (at sectors of 512 bytes) and reorders the latter
/// by chance. Counted operations are those that change something or sync. Thread-safe.
class FaultyFiles final : public Files {
 public:
  enum class Fault : std::uint8_t {
    kNone,
    kNoSpace,     ///< nothing grows; what has its space can be written
    kReadOnly,    ///< nothing can be changed
    kIoError,     ///< writing and syncing fail; what a failed sync held is shown but never kept
    kFailedSync,  ///< the same, but writing works
    kShortWrite,  ///< half of what is written gets there, then there is no space
  };

  explicit FaultyFiles(std::uint64_t seed) : chance_(seed) {}

  /// The power fails during that operation, counted from now on from 1; 0: it stays on.
  void lose_power_at(std::uint64_t operation);
  /// That fault from here on.
  void break_with(Fault fault);
  /// That fault for one operation, counted from now on from 1.
  void break_at(std::uint64_t operation, Fault fault);
  /// Syncs succeed and do nothing, as some disks' do: a test that must notice can be tried with it.
  void lie_about_syncs();

  /// The disk of what is under that folder does not answer: from the operation on, counted from now
  /// on from 1, the first write or sync there waits for `answer`, and so do those that come then.
  void hang_at(std::uint64_t operation, std::string folder);
  void answer();
  bool is_hanging() const;

  bool is_without_power() const;
  /// Counted so far.
  std::uint64_t operations() const;

  /// The power is back: what was not synced is kept or not; files that were open are not any more.
  void restart();
  /// The process was killed and comes back: nothing is lost, but nothing more is synced either.
  void kill();

  /// What a file holds now, to be read or spoilt. Null where there is none.
  std::string* content(const std::string& path);
  std::set<std::string> protected_files() const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<File>> lock(const std::string& path) override;
  Result<bool> is_locked(const std::string& path) override;
  Result<void> make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<Protection> protect(const std::string& path, Protection wanted) override;
  Result<void> unprotect(const std::string& path) override;

 private:
  class OpenFile;

  /// A write, or with `is_length` a new length, that is not synced.
  struct Pending {
    std::uint64_t offset = 0;
    std::string bytes;
    bool is_length = false;
  };
  struct Node;
  using Entries = std::map<std::string, std::shared_ptr<Node>>;
  /// A file or a folder.
  struct Node {
    bool is_folder = false;
    bool is_protected = false;
    std::uint64_t claimed = 0;
    std::string shown;   // what reading gives
    std::string synced;  // what survives for sure
    std::vector<Pending> pending;
    Entries entries;
    Entries synced_entries;
    std::vector<std::function<void(Entries&)>> pending_entries;
  };
  enum class Luck : std::uint8_t { kNothing, kSome, kAll };
  enum class Operation : std::uint8_t { kWrite, kGrow, kSync, kChange };

  /// Counts the operation; an error where a fault hits it. It goes on where only the power fails
  /// during it.
  Result<void> begin(Operation operation, const std::string& path);
  Result<void> check_power(const std::string& path) const;
  void wait_while_hanging(std::unique_lock<std::mutex>& lock, const std::string& path);
  Result<void> sync_node(Node& node, const std::string& path);
  Result<std::shared_ptr<Node>> find(const std::string& path);
  Result<std::pair<std::shared_ptr<Node>, std::string>> find_place(const std::string& path);
  void change(Node& folder, std::function<void(Entries&)> change);
  void lose_unsynced(Node& node);
  Luck draw_luck();
  /// Moves what is pending to what is synced.
  void keep(Node& node, Luck luck);
  bool toss();

  mutable std::mutex mutex_;
  std::mt19937_64 chance_;
  std::shared_ptr<Node> root_ = [] {
    auto root = std::make_shared<Node>();
    root->is_folder = true;
    return root;
  }();
  Fault fault_ = Fault::kNone;
  Fault single_fault_ = Fault::kNone;
  std::uint64_t single_fault_at_ = 0;
  std::uint64_t power_fails_at_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t starts_ = 0;  // files of an earlier start are closed
  bool power_failed_ = false;
  std::uint64_t hangs_at_ = 0;
  std::string hanging_folder_;
  std::uint64_t waiting_ = 0;  // operations
  std::condition_variable answered_;
  bool syncs_lie_ = false;
  std::set<std::string> locked_;
};

}  // namespace wardlock::audit
