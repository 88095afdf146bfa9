#pragma once

#include <curl/curl.h>

#include <csignal>
#include <memory>

#include "base/error.h"
#include "net/interruption.h"

namespace wardlock::net {

// How libcurl is used here. Private to the room.

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using TextList = std::unique_ptr<curl_slist, FreeList>;

/// OpenSSL writes to sockets whose peer is gone: that must end the request, not the process.
class QuietPipes {
 public:
  QuietPipes();
  ~QuietPipes();
  QuietPipes(const QuietPipes&) = delete;
  QuietPipes& operator=(const QuietPipes&) = delete;

 private:
  sigset_t pipe_ = {};
  sigset_t before_ = {};
  bool was_pending_ = false;
};

/// Once for the process, before the library is used.
void begin_transfers();

/// Carries out what `easy` says. What libcurl says of its end; errors: kCancelled, it was
/// interrupted; kInternal.
Result<CURLcode> transfer(CURLM* multi, CURL* easy, const Interruption& interruption);

ErrorCode code_of(CURLcode error);

}  // namespace wardlock::net
