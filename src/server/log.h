#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "config/config.h"

namespace wardlock::server {

/// A named value of a log line. Never a credential, an id of a person or resource, a body or a
/// query.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

/// Writes lines to standard error on a thread of its own. Whoever logs hands over a line and goes
/// on at once: when the reader of standard error is too slow, the oldest lines are dropped and
/// counted. Thread-safe.
class Log {
 public:
  explicit Log(const config::Log& options);
  /// Writes what was handed over.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool has_requests() const { return has_requests_; }
  /// Whether lines of that level are written.
  bool takes(config::LogLevel level) const { return level >= level_; }

  /// `event` is a word for machines, e.g. `policies_loaded`.
  void write(config::LogLevel level, std::string_view event, std::span<const LogField> fields);
  void info(std::string_view event, std::initializer_list<LogField> fields) {
    write(config::LogLevel::kInfo, event, {fields.begin(), fields.size()});
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields) {
    write(config::LogLevel::kWarning, event, {fields.begin(), fields.size()});
  }
  void error(std::string_view event, std::initializer_list<LogField> fields) {
    write(config::LogLevel::kError, event, {fields.begin(), fields.size()});
  }

  std::uint64_t dropped() const;

 private:
  struct Sink;
  std::unique_ptr<Sink> sink_;
  config::LogFormat format_;
  config::LogLevel level_;
  bool has_requests_;
};

/// A line as it is written, without its end; for tests.
std::string format_line(config::LogFormat format, std::int64_t now, config::LogLevel level,
                        std::string_view event, std::span<const LogField> fields);

}  // namespace wardlock::server
