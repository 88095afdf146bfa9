#include "secrets/secret_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wardlock::secrets {
namespace {

using storage::Row;
using storage::Rows;
using storage::Store;
using storage::Work;

constexpr std::size_t kMaxNameBytes = 512;
/// In one transaction: few enough that who waits to write does not notice.
constexpr std::int64_t kBatch = 100;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Where a pass through the table is.
struct Position {
  std::string tenant, purpose, name;
};

Result<void> update(Work& work, const Sealer& sealer, const Place& place, std::string_view text) {
  const std::string sealed = sealer.seal(place, text);
  TRY(
      work.run("UPDATE secret SET sealed_under = $4, sealed = $5 WHERE tenant = $1 AND purpose = "
               "$2 AND name = $3",
               place.tenant, place.purpose, place.name, sealer.current(), bytes_of(sealed)));
  return {};
}

/// The next few after `position`. True: there were any.
Result<bool> reseal_some(Work& work, const Sealer& sealer, Position& position, Resealed& so_far) {
  const Rows rows = TRY(work.query(
      "SELECT tenant, purpose, name, sealed FROM secret WHERE sealed_under <> $1 AND (tenant, "
      "purpose, name) > ($2, $3, $4) ORDER BY tenant, purpose, name LIMIT $5",
      sealer.current(), position.tenant, position.purpose, position.name, kBatch));
  for (const Row row : rows) {
    const Place place{row.text(0), row.text(1), row.text(2)};
    const auto text = sealer.open(place, text_of(row.bytes(3)));
    if (text) {
      TRY_VOID(update(work, sealer, place, *text));
      ++so_far.done;
    } else {
      if (so_far.failed++ == 0) so_far.first_fault = text.error().message;
    }
    position = {std::string(place.tenant), std::string(place.purpose), std::string(place.name)};
  }
  return !rows.empty();
}

}  // namespace

void SecretTable::use(Sealer sealer) {
  auto next = std::make_shared<const Sealer>(std::move(sealer));
  const std::scoped_lock lock(mutex_);
  sealer_ = std::move(next);
}

std::shared_ptr<const Sealer> SecretTable::sealer() const {
  const std::scoped_lock lock(mutex_);
  return sealer_;
}

Result<void> SecretTable::put(Work& work, const Place& place, std::string_view text,
                              std::optional<std::int64_t> until_ms) {
  if (place.tenant.empty() || place.name.size() > kMaxNameBytes) {
    return invalid(
        fmt::format("a secret is of a tenant, and its name has at most {} bytes", kMaxNameBytes));
  }
  const auto sealer = this->sealer();
  const std::string sealed = sealer->seal(place, text);
  TRY(work.run(
      "INSERT INTO secret (tenant, purpose, name, sealed_under, sealed, until_ms) VALUES "
      "($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, purpose, name) DO UPDATE SET "
      "sealed_under = excluded.sealed_under, sealed = excluded.sealed, until_ms = "
      "excluded.until_ms",
      place.tenant, place.purpose, place.name, sealer->current(), bytes_of(sealed), until_ms));
  return {};
}

Result<std::optional<std::string>> SecretTable::find(Work& work, const Place& place,
                                                     std::int64_t now_ms) const {
  const Rows rows = TRY(work.query(
      "SELECT sealed FROM secret WHERE tenant = $1 AND purpose = $2 AND name = $3 AND (until_ms "
      "IS NULL OR until_ms > $4)",
      place.tenant, place.purpose, place.name, now_ms));
  if (rows.empty()) return std::nullopt;
  return TRY(sealer()->open(place, text_of(rows.front().bytes(0))));
}

Result<bool> SecretTable::erase(Work& work, const Place& place) {
  return TRY(work.run("DELETE FROM secret WHERE tenant = $1 AND purpose = $2 AND name = $3",
                      place.tenant, place.purpose, place.name)) != 0;
}

Result<std::uint64_t> SecretTable::erase_expired(Work& work, std::int64_t now_ms) {
  return work.run("DELETE FROM secret WHERE until_ms IS NOT NULL AND until_ms <= $1", now_ms);
}

Result<std::vector<KeyUse>> SecretTable::uses(const Store& store) const {
  std::vector<KeyUse> uses;
  const auto read = store.read([&](Work& work) -> Result<void> {
    uses.clear();
    const Rows rows =
        TRY(work.query("SELECT sealed_under, count(*) FROM secret GROUP BY sealed_under ORDER BY 2 "
                       "DESC, 1"));
    for (const Row row : rows) {
      uses.push_back({std::string(row.text(0)), static_cast<std::uint64_t>(row.integer(1))});
    }
    return {};
  });
  TRY_VOID(read);
  return uses;
}

Result<void> SecretTable::check_keys(const Store& store) const {
  const auto sealer = this->sealer();
  std::vector<std::string> unknown;
  for (const KeyUse& use : TRY(uses(store))) {
    if (sealer->knows(use.key_id)) continue;
    unknown.push_back(fmt::format("{} under `{}`", use.secrets, use.key_id));
  }
  if (unknown.empty()) return {};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("secrets in the database are sealed under keys that are not known ({}); "
                          "known are `{}`: name those keys, too",
                          fmt::join(unknown, ", "), fmt::join(sealer->key_ids(), "`, `")));
}

Result<Resealed> SecretTable::reseal(Store& store, const std::stop_token& stop) const {
  const auto sealer = this->sealer();
  Resealed all;
  Position position;
  bool is_more = true;
  while (is_more && !stop.stop_requested()) {
    Resealed so_far;
    Position next;
    const auto written = store.write([&](Work& work) -> Result<void> {
      so_far = all;
      next = position;
      is_more = TRY(reseal_some(work, *sealer, next, so_far));
      return {};
    });
    TRY_VOID(written);
    all = std::move(so_far);
    position = std::move(next);
  }
  return all;
}

}  // namespace wardlock::secrets
