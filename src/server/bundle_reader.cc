#include "server/bundle_reader.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "base/wall_clock.h"
#include "bundle/keys.h"
#include "server/policy_files.h"

namespace wardlock::server {

std::chrono::sys_seconds bundle_time() {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time(std::chrono::milliseconds(wall_clock_ms())));
}

Result<bundle::VerifiedBundle> open_bundle(const config::Tenant& tenant,
                                           std::chrono::sys_seconds now) {
  CHECK(tenant.bundle);
  bundle::Trust trust{.keys = {}};
  for (const std::string& path : tenant.bundle->keys) {
    const pdp::Source pem = TRY(read_source(path));
    auto keys = bundle::read_public_keys(pem.text);
    if (!keys) return std::unexpected(keys.error().in(pem.name));
    for (crypto::PublicKey& key : *keys) trust.keys.push_back(std::move(key));
  }
  const pdp::Source file = TRY(read_source(tenant.policies));
  auto opened = bundle::verify_bundle(file.text, trust,
                                      {.now = now,
                                       .tenant = tenant.bundle->tenant,
                                       .environment = tenant.bundle->environment,
                                       .serial_above = tenant.bundle->serial_above});
  if (!opened) return std::unexpected(opened.error().in(file.name));
  return opened;
}

Result<std::optional<ServedBundle>> look_into_bundle(const config::Tenant& tenant) {
  if (!tenant.bundle) return std::nullopt;
  const auto opened = TRY(open_bundle(tenant, bundle_time()));
  return ServedBundle{.serial = opened.statement().serial,
                      .content = opened.content().name(),
                      .expires = opened.statement().expires};
}

boost::json::object bundle_json(const ServedBundle& bundle) {
  return {{"serial", bundle.serial},
          {"content", bundle.content},
          {"expires", bundle::to_text(bundle.expires)}};
}

Result<void> check_follows(const ServedBundle& now, const ServedBundle& next) {
  if (next.serial > now.serial) return {};
  if (next.serial == now.serial && next.content == now.content) return {};
  return fail(
      ErrorCode::kAborted,
      fmt::format("the bundle's serial is {}, and {} is in use with {} content; to go back "
                  "to older policies, sign them anew under a higher serial",
                  next.serial, now.serial, next.content == now.content ? "the same" : "another"));
}

}  // namespace wardlock::server
