#include "storage/sqlite_announcer.h"

#include <chrono>
#include <thread>
#include <utility>

#include "storage/sqlite.h"

namespace wardlock::storage {
namespace {

constexpr std::chrono::milliseconds kLookEvery(100);

}  // namespace

class SqliteListening : public Listening {
 public:
  SqliteListening(SqliteAnnouncer& announcer, Database database, Statement ask,
                  const std::string& channel, std::function<void()> heard)
      : announcer_(announcer),
        database_(std::move(database)),
        ask_(std::move(ask)),
        channel_(channel_of(announcer, channel)),
        heard_(std::move(heard)) {
    last_version_ = version();
    const std::lock_guard lock(announcer_.mutex_);
    last_count_ = channel_.announcements;
    thread_ = std::thread([this] { work(); });
  }

  ~SqliteListening() override {
    {
      const std::lock_guard lock(announcer_.mutex_);
      is_over_ = true;
    }
    channel_.announced.notify_all();
    thread_.join();
  }

 private:
  static SqliteAnnouncer::Channel& channel_of(SqliteAnnouncer& announcer, const std::string& name) {
    const std::lock_guard lock(announcer.mutex_);
    return announcer.channels_[name];
  }

  void work() {
    std::unique_lock lock(announcer_.mutex_);
    const std::uint64_t& count = channel_.announcements;
    while (!is_over_) {
      channel_.announced.wait_for(lock, kLookEvery,
                                  [&] { return is_over_ || count != last_count_; });
      if (is_over_) return;
      const bool is_announced = std::exchange(last_count_, count) != count;
      lock.unlock();
      // The commit that was announced shows in the version, too.
      const std::int64_t version_now = version();
      const bool is_changed = std::exchange(last_version_, version_now) != version_now;
      if (is_announced || is_changed) heard_();
      lock.lock();
    }
  }

  /// Grows when another connection writes; as it was, where it cannot be read.
  std::int64_t version() {
    const auto row = ask_.step();
    const std::int64_t version = row && *row ? ask_.integer(0) : last_version_;
    ask_.reset();
    return version;
  }

  SqliteAnnouncer& announcer_;
  Database database_;
  Statement ask_;
  SqliteAnnouncer::Channel& channel_;  // guarded by the announcer's mutex
  std::function<void()> heard_;
  std::int64_t last_version_ = 0;
  std::uint64_t last_count_ = 0;
  bool is_over_ = false;  // guarded by the announcer's mutex
  std::thread thread_;
};

void SqliteAnnouncer::announce(const std::set<std::string>& channels) {
  if (channels.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const std::string& name : channels) {
    const auto found = channels_.find(name);
    if (found == channels_.end()) continue;  // nobody has ever listened
    ++found->second.announcements;
    found->second.announced.notify_all();
  }
}

Result<std::unique_ptr<Listening>> SqliteAnnouncer::listen(const std::string& path,
                                                           const std::string& channel,
                                                           std::function<void()> heard) {
  Database database = TRY(Database::open(path, {.is_read_only = true}));
  Statement ask = TRY(database.prepare("PRAGMA data_version"));
  return std::make_unique<SqliteListening>(*this, std::move(database), std::move(ask), channel,
                                           std::move(heard));
}

}  // namespace wardlock::storage
