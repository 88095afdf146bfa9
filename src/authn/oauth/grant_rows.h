#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/oauth/grant.h"
#include "authn/oauth/occasion.h"
#include "storage/work.h"

namespace wardlock::oauth {

// Grants and what came of them, as they are kept. All within the transaction of `work`. Errors:
// those of the store; kDataLoss, what is kept is no grant's.

Result<void> insert_grant(storage::Work& work, std::string_view tenant, const Grant& grant);
/// What it says of the client's binding may change; whose it is, never.
Result<void> update_grant(storage::Work& work, std::string_view tenant, const Grant& grant);
/// With `is_ended`. Nothing: the tenant has none such, or it is over and was forgotten.
Result<std::optional<Grant>> find_grant(storage::Work& work, std::string_view tenant,
                                        std::string_view id);

/// Which grants are meant. What is empty demands nothing; one is given at least.
struct WhichGrants {
  std::string_view id = {};
  std::string_view client = {};
  std::string_view person = {};
  std::string_view session = {};
  std::string_view parent = {};
  bool except_offline = false;  ///< those that go on after their session stay
};
/// Ends them now, with every token that came of them, and the grants that came of those. Returns
/// how many were meant.
Result<std::uint64_t> end_grants(storage::Work& work, const Occasion& occasion,
                                 const WhichGrants& which);

/// What a ticket of a grant is.
enum class TokenKind : std::uint8_t { kCode, kRefresh, kAccess };
std::string_view to_string(TokenKind kind);

/// A ticket of a grant, as it is kept.
struct KeptToken {
  std::string hash;
  TokenKind kind = TokenKind::kCode;
  std::string grant;
  std::string document = {};  ///< of a code: the request's; of a refresh token: what replaced it
  std::int64_t made_ms = 0;
  std::int64_t until_ms = 0;
  std::optional<std::int64_t> used_ms = {};
};
/// Access tokens get a number, by which those who verify find what is new.
Result<void> insert_token(storage::Work& work, std::string_view tenant, const KeptToken& token);
/// Also one that is over. Nothing: there is none of that kind.
Result<std::optional<KeptToken>> find_token(storage::Work& work, std::string_view tenant,
                                            std::string_view hash, TokenKind kind);
Result<void> use_token(storage::Work& work, std::string_view tenant, std::string_view hash,
                       std::int64_t now_ms, std::string_view document);
Result<void> erase_token(storage::Work& work, std::string_view tenant, std::string_view hash);

/// Notes what may come once only, until then. False: it has come before.
Result<bool> note_once(storage::Work& work, std::string_view tenant, std::string_view hash,
                       std::int64_t until_ms);

/// Forgets, of all tenants, what has been over for a while. Returns how many rows there were.
Result<std::uint64_t> erase_old(storage::Work& work, std::int64_t now_ms);

}  // namespace wardlock::oauth
