#include "net/http1_session.h"

#include "net/response_writer.h"

namespace wardlock::net {
namespace {

constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

Session::Next Http1Session::advance(Clock::time_point now, std::string& out) {
  if (is_fresh_ && may_be_http2() && !is_expired_) {
    return reader_.held().size() < kHttp2Preface.size() ? wait(now) : Next::kUpgrade;
  }
  while (out.size() < kMuch) {
    switch (reader_.next()) {
      case RequestReader::Step::kComplete:
        if (!answer(out)) return Next::kAwait;
        break;
      case RequestReader::Step::kRefused: return refuse(reader_.refusal(), out);
      case RequestReader::Step::kNeedMore:
        if (is_expired_ && is_idle()) return Next::kEnd;
        if (is_expired_) return refuse({408, "the request took too long to arrive"}, out);
        if (reader_.take_continue()) out.append("HTTP/1.1 100 Continue\r\n\r\n");
        return wait(now);
    }
    if (is_closing_) return Next::kEnd;
  }
  return Next::kSend;
}

bool Http1Session::may_be_http2() const {
  const std::string_view first = reader_.held().substr(0, kHttp2Preface.size());
  return !context_.is_secure && !first.empty() && kHttp2Preface.starts_with(first);
}

bool Http1Session::answer(std::string& out) {
  const RequestHead& head = reader_.head();
  const HttpResponse& response = context_.answer(reader_.request(), unfinished_);
  if (unfinished_ != nullptr) return false;
  context_.counters.http1_requests.add();
  const bool is_last = is_stopping() && !reader_.holds_more();
  is_closing_ = !head.keep_alive || is_last;
  append_response(response,
                  {.head_request = head.request.method == "HEAD",
                   .http11 = head.http11,
                   .keep_alive = !is_closing_,
                   .is_secure = context_.is_secure},
                  out);
  reader_.consume();
  is_fresh_ = false;
  waiting_ = Waiting::kNothing;
  return true;
}

Session::Next Http1Session::refuse(const Refusal& refusal, std::string& out) {
  append_response(context_.refuse(refusal), {.keep_alive = false, .is_secure = context_.is_secure},
                  out);
  return Next::kEnd;
}

/// One refusal stands for all that were asked; who asked several at once sees that the connection
/// ended before the others were answered.
void Http1Session::withdraw(std::string& out) {
  out.clear();
  refuse({503, "the request could not be recorded, and what is not recorded is not answered"}, out);
}

/// Starts the clock when what is waited for changes, and lets it run while it is the same.
Session::Next Http1Session::wait(Clock::time_point now) {
  const RequestReader::Phase phase = reader_.phase();
  const Waiting what = phase == RequestReader::Phase::kBody   ? Waiting::kBody
                       : phase == RequestReader::Phase::kHead ? Waiting::kHead
                       : is_fresh_                            ? Waiting::kFirst
                                                              : Waiting::kIdle;
  if (what != waiting_) deadline_ = now + time_for(what);
  waiting_ = what;
  return is_idle() && is_stopping() ? Next::kReceiveRest : Next::kReceive;
}

std::chrono::milliseconds Http1Session::time_for(Waiting what) const {
  switch (what) {
    case Waiting::kIdle: return context_.options.idle_timeout;
    case Waiting::kBody: return context_.options.body_timeout;
    case Waiting::kNothing:
    case Waiting::kFirst:
    case Waiting::kHead: break;
  }
  return context_.options.header_timeout;
}

}  // namespace wardlock::net
