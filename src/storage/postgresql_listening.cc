#include "storage/postgresql_listening.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/descriptor.h"
#include "storage/postgresql_connection.h"

namespace wardlock::storage {
namespace {

constexpr std::chrono::milliseconds kPauseBetweenConnections(200);

class PostgresqlListening : public Listening {
 public:
  PostgresqlListening(std::string url, std::chrono::milliseconds timeout,
                      const std::string& channel, std::function<void()> heard)
      : url_(std::move(url)),
        timeout_(timeout),
        sql_(fmt::format("LISTEN {}", channel)),
        heard_(std::move(heard)),
        end_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    CHECK(end_.number() >= 0);  // else the process has no descriptors left
  }

  ~PostgresqlListening() override {
    if (!thread_.joinable()) return;
    is_over_ = true;
    const std::uint64_t one = 1;
    CHECK(::write(end_.number(), &one, sizeof one) == sizeof one);
    thread_.join();
  }

  /// From its return on nothing is missed.
  Result<void> start() {
    connection_ = TRY(connected());
    thread_ = std::thread([this] { work(); });
    return {};
  }

 private:
  Result<PostgresqlConnection> connected() const {
    PostgresqlConnection connection = TRY(PostgresqlConnection::open(url_, timeout_));
    TRY(connection.run_script(sql_));
    return connection;
  }

  void work() {
    while (!is_over_) {
      if (!connection_) {
        auto made = connected();
        if (!made) {
          pause();
          continue;
        }
        connection_ = *std::move(made);
        heard_();  // what came meanwhile
      }
      if (!connection_->wait_for_notification(end_.number())) {
        connection_.reset();
      } else if (!is_over_) {
        heard_();
      }
    }
  }

  void pause() const {
    pollfd end = {end_.number(), POLLIN, 0};
    ::poll(&end, 1, static_cast<int>(kPauseBetweenConnections.count()));
  }

  std::string url_;
  std::chrono::milliseconds timeout_;
  std::string sql_;
  std::function<void()> heard_;
  std::optional<PostgresqlConnection> connection_;
  std::atomic<bool> is_over_ = false;
  Descriptor end_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Listening>> listen_to_postgresql(const std::string& url,
                                                        std::chrono::milliseconds timeout,
                                                        const std::string& channel,
                                                        std::function<void()> heard) {
  auto listening = std::make_unique<PostgresqlListening>(url, timeout, channel, std::move(heard));
  TRY_VOID(listening->start());
  return listening;
}

}  // namespace wardlock::storage
