#pragma once

#include <string_view>

#include "net/request_reader.h"
#include "net/session.h"

namespace wardlock::net {

/// HTTP/1.1 and 1.0: requests are answered in the order they come. A plain connection may turn out,
/// by its first bytes, to be HTTP/2 (RFC 9113 §3.3).
class Http1Session final : public Session {
 public:
  explicit Http1Session(SessionContext& context)
      : context_(context), reader_(context.options.limits) {}

  std::span<char> space() override { return reader_.space(); }
  void received(std::size_t bytes) override { reader_.received(bytes); }
  Next advance(Clock::time_point now, std::string& out) override;
  Clock::time_point deadline() const override { return deadline_; }
  void expire(Clock::time_point) override { is_expired_ = true; }
  void withdraw(std::string& out) override;

  /// After kUpgrade.
  std::string_view received_so_far() const { return reader_.held(); }

 private:
  enum class Waiting : std::uint8_t { kNothing, kFirst, kIdle, kHead, kBody };

  bool may_be_http2() const;
  Next wait(Clock::time_point now);
  /// False: there is no answer yet.
  bool answer(std::string& out);
  Next refuse(const Refusal& refusal, std::string& out);
  bool is_idle() const { return reader_.phase() == RequestReader::Phase::kIdle; }
  bool is_stopping() const { return context_.stopping.load(std::memory_order_relaxed); }
  std::chrono::milliseconds time_for(Waiting what) const;

  SessionContext& context_;
  RequestReader reader_;
  bool is_fresh_ = true;  ///< nothing was answered yet
  bool is_closing_ = false;
  std::shared_ptr<Unfinished> unfinished_;
  bool is_expired_ = false;
  Waiting waiting_ = Waiting::kNothing;
  Clock::time_point deadline_;
};

}  // namespace wardlock::net
