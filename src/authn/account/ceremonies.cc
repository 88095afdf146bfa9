#include "authn/account/ceremonies.h"

#include <array>
#include <utility>

#include "authn/account/account_edit.h"
#include "codec/base64url.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::string_view kPurpose = "ceremonies";
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kMostUsedHere = 65'536;
constexpr std::size_t kMaxHandleBytes = 8192;

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

bool is_database_down(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kUnknown;
}

/// A handle's two parts, decoded: whose it is, and what it holds.
struct Parts {
  std::string tenant;
  std::string sealed;
};
std::optional<Parts> parts_of(std::string_view handle) {
  const std::size_t dot = handle.find('.');
  if (handle.size() > kMaxHandleBytes || dot == std::string_view::npos) return std::nullopt;
  auto tenant = codec::from_base64url(handle.substr(0, dot));
  auto sealed = codec::from_base64url(handle.substr(dot + 1));
  if (!tenant || !sealed || tenant->empty()) return std::nullopt;
  return Parts{.tenant = *std::move(tenant), .sealed = *std::move(sealed)};
}

}  // namespace

bool is_handle_of(const Secret& handle, std::string_view tenant) {
  const auto parts = parts_of(handle.reveal());
  return parts && parts->tenant == tenant;
}

Result<Ceremonies::Sealer> Ceremonies::sealer(std::string_view tenant, bool may_make) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = sealers_.find(tenant);
    if (found != sealers_.end()) return found->second;
  }
  std::optional<crypto::SymmetricKey> key;
  const auto look = [&](Work& work) -> Result<void> {
    key = may_make ? TRY(account_key(work, surroundings_, tenant, kPurpose))
                   : TRY(find_account_key(work, surroundings_, tenant, kPurpose));
    return {};
  };
  const auto looked = may_make ? surroundings_.store.write(look) : surroundings_.store.read(look);
  TRY_VOID(looked);
  if (!key) return nullptr;
  const std::array keys = {*key};
  auto made = std::make_shared<const secrets::Sealer>(TRY(secrets::Sealer::make(keys)));
  const std::scoped_lock lock(mutex_);
  sealers_[std::string(tenant)] = made;
  return made;
}

Result<Secret> Ceremonies::keep(std::string_view tenant, std::string_view what,
                                const codec::Json& body, std::int64_t for_ms) {
  const Sealer sealer = TRY(this->sealer(tenant, /*may_make=*/true));
  const Secret nonce = random_text(surroundings_.directory, kNonceBytes);
  const codec::Json whole = boost::json::object{{"nonce", nonce.reveal()},
                                                {"until", surroundings_.directory.clock() + for_ms},
                                                {"body", body}};
  const std::string sealed = sealer->seal({tenant, "ceremony", what}, codec::to_json_text(whole));
  return Secret(encoded(tenant) + "." + encoded(sealed));
}

Result<bool> Ceremonies::use_here(const std::string& hash, std::int64_t until_ms) {
  const std::int64_t now = surroundings_.directory.clock();
  const std::scoped_lock lock(mutex_);
  if (used_.size() >= kMostUsedHere) {
    std::erase_if(used_, [&](const auto& each) { return each.second <= now; });
  }
  if (used_.size() >= kMostUsedHere) {
    return fail(ErrorCode::kResourceExhausted, "too many are signing in; try again soon");
  }
  return used_.emplace(hash, until_ms).second;
}

Result<bool> Ceremonies::use(const std::string& hash, std::int64_t until_ms) {
  const Result<bool> here = use_here(hash, until_ms);
  if (here && !*here) return false;
  bool is_first = false;
  const auto note = [&](Work& work) -> Result<void> {
    is_first = TRY(work.run("INSERT INTO used_handle (handle, until_ms) VALUES ($1, $2) ON "
                            "CONFLICT (handle) DO NOTHING",
                            hash, until_ms)) != 0;
    return {};
  };
  // Whatever is granted by it is written durably, and this with it.
  const auto written = surroundings_.store.write(note, storage::Durability::kNormal);
  if (written) return is_first;
  // This node has seen it once; what it lets happen while the database is down is bounded.
  // Only then is it what cannot be noted here: else a stranger who uses up many keeps nobody out.
  if (is_database_down(written.error())) return here;
  return std::unexpected(written.error());
}

Result<bool> Ceremonies::was_used(const std::string& hash) {
  {
    const std::scoped_lock lock(mutex_);
    if (used_.contains(hash)) return true;
  }
  bool was = false;
  const auto read = surroundings_.store.read([&](Work& work) -> Result<void> {
    const storage::Rows rows = TRY(work.query("SELECT 1 FROM used_handle WHERE handle = $1", hash));
    was = !rows.empty();
    return {};
  });
  if (!read && !is_database_down(read.error())) return std::unexpected(read.error());
  return was;
}

Result<std::optional<Ceremonies::Opened>> Ceremonies::open(std::string_view what,
                                                           const Secret& handle) {
  const auto parts = parts_of(handle.reveal());
  if (!parts) return std::nullopt;
  const Sealer sealer = TRY(this->sealer(parts->tenant, /*may_make=*/false));
  if (sealer == nullptr) return std::nullopt;
  const auto text = sealer->open({parts->tenant, "ceremony", what}, parts->sealed);
  if (!text) return std::nullopt;
  auto whole = TRY(codec::parse_json(*text));
  const auto& object = whole.as_object();
  const std::int64_t until = object.at("until").to_number<std::int64_t>();
  if (surroundings_.directory.clock() >= until) return std::nullopt;
  return Opened{.taken = {.tenant = parts->tenant, .body = object.at("body")}, .until_ms = until};
}

Result<std::optional<Ceremonies::Taken>> Ceremonies::take(std::string_view what,
                                                          const Secret& handle) {
  auto opened = TRY(open(what, handle));
  if (!opened || !TRY(use(handle_hash(handle.reveal()), opened->until_ms))) return std::nullopt;
  return std::move(opened->taken);
}

Result<std::optional<Ceremonies::Taken>> Ceremonies::peek(std::string_view what,
                                                          const Secret& handle) {
  auto opened = TRY(open(what, handle));
  if (!opened || TRY(was_used(handle_hash(handle.reveal())))) return std::nullopt;
  return std::move(opened->taken);
}

Result<void> Ceremonies::tidy(const AccountSurroundings& surroundings) {
  const std::int64_t now = surroundings.directory.clock();
  return surroundings.store.write([&](Work& work) -> Result<void> {
    TRY(work.run("DELETE FROM used_handle WHERE until_ms <= $1", now));
    return {};
  });
}

}  // namespace wardlock::authn
