#include "authn/account/account_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "authn/account/authenticator.h"
#include "authn/account/cached_authenticators.h"
#include "codec/json.h"
#include "directory/model/schema.h"
#include "directory/registry/tables.h"

namespace wardlock::authn {
namespace {

constexpr std::size_t kBatch = 1000;

std::string text_in(const codec::Json& json, std::string_view name) {
  const auto* value = json.is_object() ? json.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Result<std::unique_ptr<AccountWatch>> AccountWatch::start(AccountSurroundings surroundings,
                                                          const directory::Registry& registry) {
  const storage::Store& store = surroundings.store;
  std::unique_ptr<AccountWatch> watch(new AccountWatch(std::move(surroundings), registry));
  TRY_VOID(watch->follow());
  // What cannot be read now is read when the database tells of the next change.
  watch->listening_ =
      TRY(store.listen(std::string(directory::kChangeChannel), [watch = watch.get()] {
        [[maybe_unused]] const auto followed = watch->follow();
      }));
  return watch;
}

AccountWatch::~AccountWatch() { listening_.reset(); }

Result<void> AccountWatch::take(const directory::FeedEntry& entry) {
  CachedAuthenticators* const cached = surroundings_.cached;
  const auto& person = directory::schema_of(directory::Kind::kPerson);
  const codec::Json document = codec::parse_json(entry.document).value_or(nullptr);
  const std::string state = text_in(document, "state");
  if (entry.kind == directory::kWholeEntry && cached != nullptr) cached->forget_all();
  if (entry.kind == person.name && cached != nullptr) {
    // Also of those who are there: their name may be another.
    cached->forget_person(entry.tenant, entry.id);
  }
  const bool counts = state == to_string(AuthenticatorState::kActive) ||
                      state == to_string(AuthenticatorState::kPending);
  if (entry.kind != kAuthenticatorEntry || counts) return {};
  const std::string whose = text_in(document, "person");
  if (cached != nullptr) cached->forget(entry.tenant, whose, entry.id);
  TRY(surroundings_.sessions.end_resting_on(entry.tenant, whose, entry.id,
                                            surroundings_.directory.clock()));
  return {};
}

Result<void> AccountWatch::follow() {
  const std::scoped_lock lock(following_);
  // What is heard now is of this moment at the latest.
  const std::int64_t heard = surroundings_.directory.clock();
  while (true) {
    const std::uint64_t latest = TRY(registry_.revision());
    if (latest == revision_) break;
    const auto entries = revision_ == 0 ? std::vector<directory::FeedEntry>()
                                        : TRY(registry_.changes_after(revision_, kBatch));
    // Where what came next was forgotten, or the database is another one.
    if (entries.empty() || entries.front().revision != revision_ + 1) {
      if (surroundings_.cached != nullptr) surroundings_.cached->forget_all();
      revision_ = latest;
      break;
    }
    for (const directory::FeedEntry& entry : entries) TRY_VOID(take(entry));
    revision_ = entries.back().revision;
  }
  if (surroundings_.cached != nullptr) surroundings_.cached->note_database(heard);
  return {};
}

}  // namespace wardlock::authn
