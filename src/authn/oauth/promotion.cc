#include "authn/oauth/promotion.h"

#include <algorithm>
#include <utility>

#include "authn/oauth/client_rows.h"
#include "authn/oauth/grant_rows.h"
#include "codec/json.h"

namespace wardlock::oauth {
namespace {

Result<void> stop_client(directory::Edit& edit, const Occasion& occasion,
                         const KeptClient& before) {
  const KeptClient after = TRY(withdraw_client(edit.work(), occasion, before));
  TRY_VOID(edit.drop_answers_of(after.client.id));
  const std::string was = codec::to_json_text(codec::Json(describe(before.client)));
  const std::string is = codec::to_json_text(codec::Json(describe(after.client)));
  return edit.tell_beside({.what = directory::What::kChanged,
                           .kind = kClientEntry,
                           .id = after.client.id,
                           .after = "null"},
                          {.kind = event::Kind::kConfigurationChange,
                           .action = "disable",
                           .resource_type = "OAuthClient",
                           .resource_id = after.client.id,
                           .cause = "promoted",
                           .value_before = was,
                           .value_after = is});
}

}  // namespace

Result<void> end_what_the_promoted_had(directory::Edit& edit,
                                       const std::vector<std::string>& promoted) {
  const Occasion occasion{.tenant = std::string(edit.tenant()), .issuer = {}, .now_ms = edit.now()};
  for (const std::string& each : promoted) {
    TRY(end_grants(edit.work(), occasion, {.person = each}));
  }
  for (const KeptClient& each : TRY(list_kept_clients(edit.work(), occasion.tenant))) {
    const bool is_meant = std::ranges::find(promoted, each.client.thing) != promoted.end();
    if (is_meant) TRY_VOID(stop_client(edit, occasion, each));
  }
  return {};
}

}  // namespace wardlock::oauth
