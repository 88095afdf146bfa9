#include "net/transfer.h"

#include <pthread.h>

#include <ctime>
#include <mutex>

namespace wardlock::net {
namespace {

Result<CURLcode> wait_for_end(CURLM* multi, const Interruption& interruption) {
  while (true) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      return fail(ErrorCode::kInternal, "the request can't be carried out");
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    constexpr int kAtMostMs = 1000;
    curl_waitfd raised{.fd = interruption.descriptor(), .events = CURL_WAIT_POLLIN, .revents = 0};
    if (curl_multi_poll(multi, &raised, 1, kAtMostMs, nullptr) != CURLM_OK) {
      return fail(ErrorCode::kInternal, "the request can't be waited for");
    }
    if (raised.revents != 0) return interrupted();
  }
}

}  // namespace

QuietPipes::QuietPipes() {
  sigset_t pending;
  sigpending(&pending);
  was_pending_ = sigismember(&pending, SIGPIPE) == 1;
  sigemptyset(&pipe_);
  sigaddset(&pipe_, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
}

QuietPipes::~QuietPipes() {
  constexpr timespec kNow{};
  if (!was_pending_) {
    while (sigtimedwait(&pipe_, nullptr, &kNow) == SIGPIPE) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void begin_transfers() {
  static std::once_flag begun;
  std::call_once(begun, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Result<CURLcode> transfer(CURLM* multi, CURL* easy, const Interruption& interruption) {
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
    return fail(ErrorCode::kInternal, "the request can't be begun");
  }
  auto ended = wait_for_end(multi, interruption);
  curl_multi_remove_handle(multi, easy);
  return ended;
}

ErrorCode code_of(CURLcode error) {
  switch (error) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return ErrorCode::kInvalidArgument;
    case CURLE_OPERATION_TIMEDOUT: return ErrorCode::kDeadlineExceeded;
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR: return ErrorCode::kUnauthenticated;
    case CURLE_WRITE_ERROR: return ErrorCode::kResourceExhausted;
    default: return ErrorCode::kUnavailable;
  }
}

}  // namespace wardlock::net
