#include "authn/message/messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "authn/message/tables.h"
#include "base/check.h"
#include "codec/json.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::authn {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::size_t kBatch = 200;
/// So many people are told the same thing: an emergency does not wait for a crowd to be written to.
constexpr std::size_t kMostTold = 200;
constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kFirstRetryMs = 10 * kSecond;
constexpr std::int64_t kLongestRetryMs = 3600 * kSecond;
/// Somebody stands there and waits for it.
constexpr std::int64_t kCodeRetryMs = 5 * kSecond;
constexpr std::string_view kSealed = "message";
/// What the feed calls a message that is over.
constexpr std::string_view kMessageEntry = "message";

std::string_view cause_of(MessageFate fate) {
  static constexpr auto kCauses =
      std::to_array<std::string_view>({"", "undelivered", "refused", "no_address"});
  return kCauses.at(static_cast<std::size_t>(fate));
}

std::string to_text(const MessageDetails& details) {
  boost::json::array authenticators;
  for (const std::string& each : details.authenticators) authenticators.emplace_back(each);
  boost::json::object object{{"authenticators", std::move(authenticators)},
                             {"happened", details.happened_ms}};
  if (details.expires_ms) object["expires"] = *details.expires_ms;
  if (!details.of.empty()) object["of"] = details.of;
  return codec::to_json_text(object);
}

Result<MessageDetails> read_details(std::string_view text) {
  const auto damaged = [] {
    return fail(ErrorCode::kDataLoss, "what a message says cannot be read");
  };
  const auto json = codec::parse_json(text);
  if (!json || !json->is_object()) return damaged();
  const auto& object = json->get_object();
  const auto* authenticators = object.if_contains("authenticators");
  const auto* happened = object.if_contains("happened");
  const auto* expires = object.if_contains("expires");
  const auto* of = object.if_contains("of");
  const bool has_form = authenticators != nullptr && authenticators->is_array() &&
                        happened != nullptr && happened->is_int64() &&
                        (expires == nullptr || expires->is_int64()) &&
                        (of == nullptr || of->is_string());
  if (!has_form) return damaged();
  MessageDetails details{.happened_ms = happened->get_int64()};
  for (const codec::Json& each : authenticators->get_array()) {
    if (!each.is_string()) return damaged();
    details.authenticators.emplace_back(each.get_string());
  }
  if (expires != nullptr) details.expires_ms = expires->get_int64();
  if (of != nullptr) details.of = of->get_string();
  return details;
}

/// An address has no line's end: `Accounts` takes none.
std::string sealed_text(const Message& message) {
  return std::string(message.code.reveal()) + "\n" + std::string(message.address.reveal());
}

Result<Message> read_row(Row row) {
  const auto about = find_about(row.text(3));
  if (!about) return fail(ErrorCode::kDataLoss, "a message is about nothing that is known");
  return Message{.id = std::string(row.text(0)),
                 .tenant = std::string(row.text(1)),
                 .person = std::string(row.text(2)),
                 .about = *about,
                 .details = TRY(read_details(row.text(4))),
                 .made_ms = row.integer(5),
                 .attempts = row.integer(6),
                 .until_ms = row.integer(7)};
}

constexpr std::string_view kDueSql =
    "SELECT id, tenant, person, about, details, made_ms, attempts, until_ms FROM message WHERE "
    "is_code = $3 AND next_ms <= $1 AND until_ms > $1 ORDER BY next_ms, id LIMIT CAST($2 AS "
    "BIGINT)";
constexpr std::string_view kOverSql =
    "SELECT id, tenant, person, about, details, made_ms, attempts, until_ms FROM message WHERE "
    "until_ms <= $1 ORDER BY until_ms, id LIMIT CAST($2 AS BIGINT)";

Result<std::vector<Message>> read_rows(const Rows& rows) {
  std::vector<Message> messages;
  for (const Row row : rows) messages.push_back(TRY(read_row(row)));
  return messages;
}

}  // namespace

Result<void> Messages::put(Work& work, const Message& message) const {
  TRY(work.run(
      "INSERT INTO message (id, tenant, person, about, is_code, details, made_ms, "
      "attempts, next_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7, $8)",
      message.id, message.tenant, message.person, to_string(message.about),
      is_code(message.about) ? 1 : 0, to_text(message.details), message.made_ms, message.until_ms));
  work.notify(std::string(kMessageChannel));
  return {};
}

Result<void> Messages::tell(Work& work, std::string_view tenant, std::string_view person,
                            About about, const MessageDetails& details) const {
  if (!settings_.has_notices) return {};
  const std::int64_t now = surroundings_.clock();
  return put(work, {.id = directory::new_id(now, surroundings_),
                    .tenant = std::string(tenant),
                    .person = std::string(person),
                    .about = about,
                    .details = details,
                    .made_ms = now,
                    .until_ms = now + settings_.tried_for_ms});
}

Result<void> Messages::tell_all(Work& work, std::string_view tenant,
                                const std::set<std::string>& people, About about,
                                const MessageDetails& details) const {
  if (!settings_.has_notices) return {};
  std::size_t told = 0;
  for (const std::string& each : people) {
    const auto person = TRY(directory::find_thing(work, tenant, each));
    if (!person || person->kind != directory::Kind::kPerson) continue;
    if (!directory::is_in_force(*person)) continue;
    if (++told > kMostTold) return {};
    TRY_VOID(tell(work, tenant, each, about, details));
  }
  return {};
}

Result<void> Messages::tell_once(Work& work, std::string_view tenant, std::string_view person,
                                 About about, const MessageDetails& details, std::string_view what,
                                 std::int64_t until_ms) const {
  if (!settings_.has_notices) return {};
  const std::uint64_t is_news = TRY(
      work.run("INSERT INTO message_said (tenant, what, until_ms) VALUES ($1, $2, $3) ON CONFLICT "
               "(tenant, what) DO UPDATE SET until_ms = $3 WHERE message_said.until_ms <= $4",
               tenant, said_of(about, what), until_ms, surroundings_.clock()));
  if (is_news == 0) return {};
  return tell(work, tenant, person, about, details);
}

Result<bool> Messages::send_code(Work& work, const CodeToSend& code) const {
  if (!settings_.has_codes) return false;
  CHECK(surroundings_.secrets != nullptr);
  const std::int64_t now = surroundings_.clock();
  const Rows counted = TRY(
      work.query("SELECT count(*), COALESCE(CAST(sum(1 - is_familiar) AS BIGINT), 0), "
                 "COALESCE(max(sent_ms), 0) FROM sent_code WHERE tenant = $1 AND person = $2 AND "
                 "sent_ms > $3",
                 code.tenant, code.person, now - CodeLimits::kWithinMs));
  const Row row = counted.front();
  const bool is_stranger = code.who == Familiarity::kStranger;
  const bool are_too_many = row.integer(0) >= CodeLimits::kMost ||
                            (is_stranger && row.integer(1) >= CodeLimits::kMostOfStrangers) ||
                            now - row.integer(2) < CodeLimits::kLeastBetweenMs;
  if (are_too_many) return false;
  const Message message{.id = directory::new_id(now, surroundings_),
                        .tenant = std::string(code.tenant),
                        .person = std::string(code.person),
                        .about = code.about,
                        .details = {.happened_ms = now},
                        .made_ms = now,
                        .until_ms = code.until_ms,
                        .address = code.address,
                        .code = code.code};
  TRY(
      work.run("INSERT INTO sent_code (id, tenant, person, is_familiar, sent_ms) VALUES ($1, $2, "
               "$3, $4, $5)",
               message.id, message.tenant, message.person, is_stranger ? 0 : 1, now));
  std::string sealed = sealed_text(message);
  const auto kept = surroundings_.secrets->put(work, {message.tenant, kSealed, message.id}, sealed,
                                               message.until_ms);
  wipe(sealed);
  TRY_VOID(kept);
  TRY_VOID(put(work, message));
  return true;
}

Result<std::vector<Message>> Messages::due(MessageKind kind, std::size_t most) const {
  using All = std::vector<Message>;
  const std::int64_t now = surroundings_.clock();
  return directory::read_from<All>(store_, [&](Work& work) -> Result<All> {
    const Rows rows = TRY(work.query(kDueSql, now, most, kind == MessageKind::kCode ? 1 : 0));
    All all = TRY(read_rows(rows));
    for (Message& each : all) {
      if (!is_code(each.about)) continue;
      CHECK(surroundings_.secrets != nullptr);
      auto sealed = TRY(surroundings_.secrets->find(work, {each.tenant, kSealed, each.id}, now));
      if (!sealed) continue;  // its time is over, and it will be given up
      const std::size_t end = sealed->find('\n');
      each.code = Secret(std::string_view(*sealed).substr(0, end));
      each.address = Secret(std::string_view(*sealed).substr(end + 1));
      wipe(*sealed);
    }
    return all;
  });
}

Result<bool> Messages::take(const Message& message) {
  const std::int64_t doubled = kFirstRetryMs << std::min<std::int64_t>(message.attempts, 20);
  const std::int64_t wait =
      is_code(message.about) ? kCodeRetryMs : std::min(doubled, kLongestRetryMs);
  bool is_taken = false;
  const auto written = store_.write([&](Work& work) -> Result<void> {
    is_taken = TRY(work.run("UPDATE message SET attempts = attempts + 1, next_ms = $3 WHERE "
                            "tenant = $1 AND id = $2 AND attempts = $4",
                            message.tenant, message.id, surroundings_.clock() + wait,
                            message.attempts)) != 0;
    return {};
  });
  TRY_VOID(written);
  return is_taken;
}

Result<void> Messages::record(Work& work, const Message& message, MessageFate fate,
                              std::string_view way) const {
  const directory::Mandate mandate{.tenant = message.tenant,
                                   .actor_type = "Wardlock",
                                   .actor_id = "wardlock",
                                   .caller = way.empty() ? "wardlock" : std::string(way)};
  directory::Journal journal(work, mandate, surroundings_);
  const bool is_done = fate == MessageFate::kDelivered;
  event::Event event{.kind = event::Kind::kMessage,
                     .outcome = is_done ? event::Outcome::kSuccess : event::Outcome::kFailure,
                     .action = to_string(message.about),
                     .resource_type = "Message",
                     .resource_id = message.id,
                     .count = message.attempts + (way.empty() ? 0 : 1),
                     .cause = cause_of(fate)};
  const bool is_patient = message.about == About::kGlassBrokenForYou;
  directory::name_in(event, is_patient ? directory::Kind::kPatient : directory::Kind::kPerson,
                     message.person);
  return journal.add({directory::What::kEnded, kMessageEntry, message.id, "null"}, event);
}

Result<void> Messages::settle(const Message& message, MessageFate fate, std::string_view way) {
  return store_.write([&](Work& work) -> Result<void> {
    const std::uint64_t gone = TRY(
        work.run("DELETE FROM message WHERE tenant = $1 AND id = $2", message.tenant, message.id));
    if (gone == 0) return {};  // another node did
    if (is_code(message.about) && surroundings_.secrets != nullptr) {
      TRY(surroundings_.secrets->erase(work, {message.tenant, kSealed, message.id}));
    }
    return record(work, message, fate, way);
  });
}

Result<std::size_t> Messages::give_up() {
  using All = std::vector<Message>;
  const std::int64_t now = surroundings_.clock();
  const auto find_over = [&](Work& work) -> Result<All> {
    const Rows rows = TRY(work.query(kOverSql, now, kBatch));
    return read_rows(rows);
  };
  const All over = TRY(directory::read_from<All>(store_, find_over));
  for (const Message& each : over) TRY_VOID(settle(each, MessageFate::kUndelivered, {}));
  return over.size();
}

Result<void> Messages::tidy() {
  return store_.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.clock();
    TRY(work.run("DELETE FROM message_said WHERE until_ms <= $1", now));
    TRY(work.run("DELETE FROM sent_code WHERE sent_ms <= $1", now - CodeLimits::kWithinMs));
    return {};
  });
}

Result<void> forget_all_messages(storage::Store& store) {
  return store.write([](Work& work) -> Result<void> {
    TRY(work.run("DELETE FROM message"));
    return {};
  });
}

}  // namespace wardlock::authn
