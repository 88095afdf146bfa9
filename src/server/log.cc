#include "server/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <climits>

#include "base/utf8.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

constexpr std::size_t kQueuedLines = 8192;
/// A message may quote a whole file of errors; a line is not the place for it.
constexpr std::size_t kMaxTextBytes = 4096;

std::string_view to_string(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDebug: return "debug";
    case config::LogLevel::kInfo: return "info";
    case config::LogLevel::kWarning: return "warning";
    case config::LogLevel::kError: break;
  }
  return "error";
}

std::string time_text(std::int64_t now) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(now / 1000), now % 1000);
}

std::string shown(std::string_view text) { return printable(text.substr(0, kMaxTextBytes)); }

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

/// The value as JSON; text too, so that a line stays one line.
std::string value_text(const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    return json_text(shown(*text));
  }
  if (const auto* flag = std::get_if<bool>(&field.value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.6f}", *number);
  return fmt::to_string(std::get<std::int64_t>(field.value));
}

/// Text without spaces or quotes needs none around it, for people.
std::string plain_text(const LogField& field) {
  std::string text = value_text(field);
  const bool is_plain = std::holds_alternative<std::string_view>(field.value) && text.size() > 2 &&
                        text.find_first_of(" \\=") == std::string::npos &&
                        text.find('"', 1) == text.size() - 1;
  return is_plain ? text.substr(1, text.size() - 2) : text;
}

/// Standard error, without waiting for ever for somebody to read it: what cannot be written is
/// lost, and counted. One thread writes, so there is no lock.
class StandardError final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  static constexpr int kPatienceMs = 1000;

  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    std::string_view rest(line.data(), line.size());
    while (!rest.empty()) {
      const ssize_t written = write_some(rest);
      if (written <= 0) {
        lost_.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void flush_() override {}

  /// A pipe that is said to be writable takes PIPE_BUF bytes at once. Whoever did not read once is
  /// not waited for again.
  ssize_t write_some(std::string_view text) {
    pollfd place{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    const bool is_writable = poll(&place, 1, is_stuck_ ? 0 : kPatienceMs) == 1 &&
                             (place.revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
    is_stuck_ = !is_writable;
    if (!is_writable) return -1;
    return ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
  }

  bool is_stuck_ = false;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace

struct Log::Sink {
  std::shared_ptr<StandardError> place = std::make_shared<StandardError>();
  std::shared_ptr<spdlog::details::thread_pool> writer =
      std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "wardlock", place, writer, spdlog::async_overflow_policy::overrun_oldest);
};

Log::Log(const config::Log& options)
    : sink_(std::make_unique<Sink>()),
      format_(options.format),
      level_(options.level),
      has_requests_(options.has_requests) {
  sink_->logger->set_pattern("%v");
  sink_->logger->set_level(spdlog::level::trace);
  // Where standard error cannot be written there is no place to say so.
  sink_->logger->set_error_handler([](const std::string&) {});
}

Log::~Log() = default;

void Log::write(config::LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!takes(level)) return;
  const std::string line = format_line(format_, wall_clock_ms(), level, event, fields);
  sink_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t Log::dropped() const {
  return sink_->writer->overrun_counter() + sink_->place->lost();
}

std::string format_line(config::LogFormat format, std::int64_t now, config::LogLevel level,
                        std::string_view event, std::span<const LogField> fields) {
  const bool is_json = format == config::LogFormat::kJson;
  std::string line = is_json ? fmt::format(R"({{"time":"{}","level":"{}","event":"{}")",
                                           time_text(now), to_string(level), event)
                             : fmt::format("{} {} {}", time_text(now), to_string(level), event);
  for (const LogField& field : fields) {
    line += is_json ? fmt::format(R"(,"{}":{})", field.name, value_text(field))
                    : fmt::format(" {}={}", field.name, plain_text(field));
  }
  return is_json ? line + '}' : line;
}

}  // namespace wardlock::server
