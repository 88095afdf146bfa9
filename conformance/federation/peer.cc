// Signs people in at a provider, as the server does: answers one JSON object a line. See README.md.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <string>

#include "authn/federation/foreign_sign_in.h"
#include "base/check.h"
#include "codec/json.h"
#include "crypto/random.h"

using namespace wardlock;

namespace {

using Members = boost::json::object;

std::string text(const Members& members, std::string_view name) {
  return std::string(members.at(name).as_string());
}

authn::ProviderSettings settings_of(const Members& question) {
  authn::ProviderSettings settings;
  settings.name = "hospital";
  settings.tenant = "st-mary";
  settings.issuer = text(question, "issuer");
  settings.client_id = text(question, "client_id");
  settings.proof = Secret(text(question, "secret"));
  settings.redirect_uri = text(question, "redirect_uri");
  settings.acr_values = {"loa2"};
  settings.max_age = std::chrono::hours(1);
  settings.assurance.by_acr = {{"loa2", authn::AssuranceLevel::kAal2}};
  return settings;
}

/// One sign-in at a time.
class Peer {
 public:
  Members answer(const Members& question) {
    const std::string what = text(question, "do");
    if (what == "settings") {
      const net::EgressRules rules{.origins = {text(question, "origin")},
                                   .networks = {*net::IpNetwork::parse("127.0.0.0/8")}};
      egress_ = std::make_unique<net::Egress>(net::Egress::create(rules).value());
      sign_in_ =
          authn::ForeignSignIn::create(settings_of(question), *egress_, key_, [](auto bytes) {
            crypto::fill_random(bytes);
          }).value();
      return {};
    }
    if (what == "begin") return begin();
    CHECK(what == "finish");
    return finish(text(question, "cookie"), text(question, "query"));
  }

 private:
  static std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  static Members fault(const Error& error) {
    return {{"error", to_string(error.code)}, {"message", error.message}};
  }
  Members begin() {
    const auto begun = sign_in_->begin({}, now(), interruption_);
    if (!begun) return fault(begun.error());
    return {{"url", begun->url}, {"cookie", begun->cookie.reveal()}};
  }
  Members finish(const std::string& cookie, const std::string& query) {
    const auto finished = sign_in_->finish(cookie, query, now(), interruption_);
    if (!finished) return fault(finished.error());
    const authn::ForeignIdentity& identity = finished->identity;
    boost::json::array methods;
    for (const std::string& each : identity.assurance.methods) methods.emplace_back(each);
    return {{"issuer", identity.issuer},
            {"subject", identity.subject},
            {"level", authn::number_of(identity.assurance.level)},
            {"methods", methods}};
  }

  crypto::SealingKey key_;
  net::Interruption interruption_;
  std::unique_ptr<net::Egress> egress_;
  std::unique_ptr<authn::ForeignSignIn> sign_in_;
};

}  // namespace

int main() {
  Peer peer;
  for (std::string line; std::getline(std::cin, line);) {
    const codec::Json question = codec::parse_json(line).value();
    std::cout << codec::to_json_text(peer.answer(question.as_object())) << std::endl;
  }
}
