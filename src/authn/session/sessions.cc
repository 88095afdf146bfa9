#include "authn/session/sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "authn/session/sessions_state.h"
#include "authn/session/tables.h"
#include "directory/identifier/uuid7.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::authn {
namespace {

using storage::Work;

std::int64_t ms(std::chrono::seconds time) { return std::chrono::milliseconds(time).count(); }

/// Whoever is not in force opens none, even where their leaving is heard only later.
Result<void> check_person(Work& work, const NewSession& wanted) {
  const auto person = TRY(directory::find_thing(work, wanted.tenant, wanted.person));
  if (person && person->kind == directory::Kind::kPerson && directory::is_in_force(*person)) {
    return {};
  }
  return fail(ErrorCode::kPermissionDenied, "who is not at work cannot sign in");
}

/// Those that are to end, so that there is room for one more.
Result<std::vector<SessionRecord>> make_room(Work& work, const SessionSettings& settings,
                                             const NewSession& wanted, std::int64_t now_ms) {
  auto all = TRY(find_sessions_of(work, wanted.tenant, wanted.person));
  std::erase_if(all, [&](const SessionRecord& each) {
    const auto* environment = find_environment(settings, each.session.environment);
    if (environment == nullptr) return true;
    const Standing stands = standing_of(each.session, *environment, settings, now_ms);
    return stands != Standing::kOpen && stands != Standing::kLocked;
  });
  if (all.size() < settings.most_of_a_person) return std::vector<SessionRecord>();
  if (settings.too_many == TooMany::kRefuse) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("there are {} sessions already; end one of them first", all.size()));
  }
  all.resize(all.size() - settings.most_of_a_person + 1);
  for (const SessionRecord& each : all) {
    TRY(end_session(work, wanted.tenant, each.session.id, EndReason::kTooMany, now_ms));
  }
  return all;
}

std::vector<Session> sessions_of(const std::vector<SessionRecord>& records) {
  std::vector<Session> sessions;
  sessions.reserve(records.size());
  for (const SessionRecord& each : records) sessions.push_back(each.session);
  return sessions;
}

}  // namespace

std::unexpected<Error> no_session() {
  return fail(ErrorCode::kUnauthenticated, "nobody is signed in with this");
}

bool is_database_down(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kUnknown;
}

std::int64_t steady_ms() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

Sessions::Sessions(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sessions::~Sessions() { state_->listening.reset(); }

Result<std::unique_ptr<Sessions>> Sessions::start(storage::Store& store, SessionSettings settings,
                                                  SessionSurroundings surroundings) {
  std::unique_ptr<Sessions> sessions(
      new Sessions(std::make_unique<State>(store, std::move(settings), std::move(surroundings))));
  TRY_VOID(sessions->follow());
  // What cannot be read now is read when the database tells of the next change.
  sessions->state_->listening =
      TRY(store.listen(std::string(kSessionChannel), [state = sessions->state_.get()] {
        [[maybe_unused]] const auto followed = state->follow();
      }));
  return sessions;
}

Result<SessionRecord> Sessions::State::record_of(const NewSession& wanted, std::int64_t now_ms,
                                                 Secret& token) {
  const SessionEnvironment* environment = find_environment(settings, wanted.environment);
  if (environment == nullptr) {
    return invalid(fmt::format("there is no environment `{}` to sign in", wanted.environment));
  }
  if (wanted.assurance.level == AssuranceLevel::kNone) {
    return fail(ErrorCode::kPermissionDenied, "nobody was recognised");
  }
  if (!id_bytes(wanted.person)) return invalid("a session's owner has no id of the directory");
  directory::UuidEntropy entropy;
  surroundings.fill_random(entropy);
  SessionRecord record{.session = {.id = directory::make_uuid7(now_ms, entropy),
                                   .tenant = wanted.tenant,
                                   .person = wanted.person,
                                   .assurance = wanted.assurance,
                                   .environment = wanted.environment,
                                   .workstation = wanted.workstation,
                                   .authenticators = wanted.authenticators,
                                   .started_ms = now_ms},
                       .hashes = {},
                       .rotated_ms = now_ms};
  const AssuranceLevel level = wanted.assurance.level;
  record.session.ends_ms = now_ms + ms(limits_of(settings, *environment, level).overall);
  record.session.idle_until_ms =
      idle_until(settings, *environment, level, record.session.ends_ms, now_ms);
  token = new_session_token(*id_bytes(record.session.id), surroundings.fill_random, record.hashes);
  return record;
}

Result<OpenedSession> Sessions::State::open_in_memory(const NewSession& wanted,
                                                      std::int64_t now_ms) {
  const auto is_own = [&](const LiveSessions::Seen& each) {
    return each.is_without_database && each.session.tenant == wanted.tenant &&
           each.session.person == wanted.person;
  };
  if (live.select(is_own, now_ms).size() >= settings.most_of_a_person) {
    return fail(ErrorCode::kResourceExhausted, "there are too many sessions without a database");
  }
  Secret token;
  SessionRecord record = TRY(record_of(wanted, now_ms, token));
  record.session.ends_ms = std::min(record.session.ends_ms, now_ms + ms(settings.without_database));
  record.session.idle_until_ms = std::min(record.session.idle_until_ms, record.session.ends_ms);
  take_over(record, /*is_without_database=*/true);
  return OpenedSession{std::move(record.session), std::move(token)};
}

Result<OpenedSession> Sessions::open(const NewSession& wanted, std::int64_t now_ms) {
  if (wanted.is_without_database) return state_->open_in_memory(wanted, now_ms);
  Secret token;
  SessionRecord record = TRY(state_->record_of(wanted, now_ms, token));
  std::vector<Session> gone;
  const auto written = state_->store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_person(work, wanted));
    gone = sessions_of(TRY(make_room(work, state_->settings, wanted, now_ms)));
    return insert_session(work, record);
  });
  TRY_VOID(written);
  state_->drop(gone, EndReason::kTooMany);
  state_->take_over(record);
  return OpenedSession{std::move(record.session), std::move(token)};
}

std::optional<Session> Sessions::find(std::string_view token, std::int64_t now_ms) {
  const auto read = read_token(token);
  if (!read) return std::nullopt;
  auto found = state_->live.match(*read, now_ms, /*is_use=*/true);
  if (!found || found->standing != Standing::kOpen) return std::nullopt;
  if (found->match != TokenMatch::kCurrent && found->match != TokenMatch::kBefore) {
    return std::nullopt;
  }
  return std::move(found->session);
}

std::optional<Session> Sessions::find_id(std::string_view tenant, std::string_view id,
                                         std::int64_t now_ms) const {
  const auto bytes = id_bytes(id);
  if (!bytes) return std::nullopt;
  auto found = state_->live.find(*bytes, now_ms);
  if (!found || found->second != Standing::kOpen || found->first.tenant != tenant) {
    return std::nullopt;
  }
  return std::move(found->first);
}

Result<std::vector<Session>> Sessions::of_person(std::string_view tenant, std::string_view person,
                                                 std::int64_t now_ms) const {
  std::vector<Session> found;
  const auto read = state_->store.read([&](Work& work) -> Result<void> {
    found.clear();
    for (SessionRecord& each : TRY(find_sessions_of(work, tenant, person))) {
      const auto* environment = find_environment(state_->settings, each.session.environment);
      if (environment == nullptr) continue;
      const Standing stands = standing_of(each.session, *environment, state_->settings, now_ms);
      if (stands != Standing::kOpen && stands != Standing::kLocked) continue;
      each.session.is_locked = stands == Standing::kLocked;
      found.push_back(std::move(each.session));
    }
    return {};
  });
  TRY_VOID(read);
  return found;
}

std::size_t Sessions::size() const { return state_->live.size(); }
const SessionSettings& Sessions::settings() const { return state_->settings; }

}  // namespace wardlock::authn
