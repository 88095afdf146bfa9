#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "authn/federation/foreign_sign_in.h"
#include "codec/json.h"
#include "net/server_for_test.h"

namespace wardlock::authn {

/// A hospital's provider, as far as a browser and we see it: everything it says can be changed.
class ProviderForTest {
 public:
  explicit ProviderForTest(std::string path = "");

  std::string issuer() const;
  ProviderSettings settings() const;
  net::Egress& egress() { return egress_; }

  /// What a browser does there: with the address it was sent to, somebody signs in. Returns the
  /// query with which it comes back.
  std::string sign_in(const std::string& url);

  boost::json::object claims(const std::string& nonce) const;

  boost::json::object metadata;                                    ///< what replaces its usual ones
  std::function<void(boost::json::object&)> spoil = [](auto&) {};  ///< an ID token's claims
  std::function<std::string(std::string)> rewrite = [](std::string token) { return token; };
  jose::SigningKey key;
  std::vector<jose::SigningKey> published;
  std::string type;  ///< of tokens, `typ`
  int token_status = 200;
  bool is_down = false;
  bool says_issuer = true;
  int asked_keys = 0;
  int asked_metadata = 0;
  std::string last_request;  ///< the token endpoint's, its header and body

 private:
  net::HttpResponse answer(const net::HttpRequest& request);
  net::HttpResponse tokens(const net::HttpRequest& request);

  std::string path_;
  std::mutex mutex_;
  struct Code {
    std::string nonce;
    std::string challenge;
    std::string redirect_uri;
  };
  std::map<std::string, Code> codes_;
  int next_ = 0;
  net::RunningServer server_;
  net::Egress egress_;
};

std::chrono::sys_seconds now_for_test();
/// A parameter of a query or a form, decoded.
std::string parameter(std::string_view query, std::string_view name);

}  // namespace wardlock::authn
