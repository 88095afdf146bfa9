#pragma once

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "authn/certificate/card.h"
#include "base/check.h"
#include "x509/authority_for_test.h"

// What tests of cards have in common.
namespace wardlock::authn {

/// A little later than now: what is made in the same expression is valid already.
inline std::chrono::sys_seconds now_for_test() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
         std::chrono::seconds(10);
}

/// A card as PIV has them; `more` are further extensions.
inline std::string card_extensions(const std::string& principal, const std::string& more = "") {
  return "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
         "extendedKeyUsage=clientAuth,1.3.6.1.4.1.311.20.2.2\n"
         "certificatePolicies=2.16.840.1.101.3.2.1.3.13\n" +
         more + "\nsubjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" + principal;
}

inline net::PeerCertificate shown(const x509::Certificate& certificate,
                                  const std::vector<x509::Certificate>& others = {}) {
  net::PeerCertificate peer;
  peer.der = certificate.der();
  for (const auto& each : others) peer.others.push_back(each.der());
  return peer;
}

inline void write_file(const std::string& path, std::string_view text) {
  const std::string next = path + ".next";
  std::ofstream(next, std::ios::binary) << text;
  CHECK(std::rename(next.c_str(), path.c_str()) == 0);
}

}  // namespace wardlock::authn
