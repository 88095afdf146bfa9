#include "audit/keys/subject_orders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.h"

namespace wardlock::audit {
namespace {

using event::Event;
using event::Subject;

constexpr std::size_t kMaxNameBytes = 200;

Result<void> check_order(const Subject& subject, const Event& circumstances) {
  if (subject.type.empty() || subject.id.empty()) {
    return invalid("name the patient or the person by type and id");
  }
  if (circumstances.reason.empty()) {
    return invalid("say why: it is put on record with who ordered it");
  }
  return {};
}

Result<void> check_name(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxNameBytes && !find_invalid_utf8(name) &&
      !find_deceptive_character(name)) {
    return {};
  }
  return invalid(
      fmt::format("a legal hold needs a name of 1 to {} bytes, e.g. the number of its "
                  "case, without control characters",
                  kMaxNameBytes));
}

/// Whom it is on is sealed, and so is its name, which may say as much.
Event hold_event(const Subject& subject, const Event& circumstances) {
  Event event = circumstances;
  event.kind = event::Kind::kLegalHold;
  event.tenant = subject.tenant;
  event.changed = "legal_hold";
  if (subject.type == event::kPatientType) {
    event.patient = subject.id;
  } else {
    event.affected_type = subject.type;
    event.affected_id = subject.id;
  }
  return event;
}

/// Names nobody: what names the subject would be erased with the rest.
Event erasure_event(const Subject& subject, const Event& circumstances) {
  Event event = circumstances;
  event.kind = event::Kind::kErasure;
  event.tenant = subject.tenant;
  event.changed = "subject_key";
  event.affected_type = subject.type;
  return event;
}

std::unexpected<Error> nothing_held(const std::vector<Erasure>& erasures) {
  return fail(ErrorCode::kNotFound,
              erasures.empty()
                  ? "the log holds nothing of them: there is nothing to erase"
                  : "what the log held of them was erased before: there is nothing to erase");
}

bool has_hold(const std::vector<LegalHold>& holds, std::string_view name) {
  return std::ranges::find(holds, name, &LegalHold::name) != holds.end();
}

/// Passes over those with whom there is nothing to do, unless that is all.
Result<void> with_each(SubjectNames names, ErrorCode nothing_to_do,
                       const std::function<Result<void>(const Subject&)>& act) {
  std::size_t done = 0;
  std::optional<Error> first;
  for (const Subject& name : names) {
    auto each = act(name);
    if (each) {
      ++done;
    } else if (each.error().code != nothing_to_do) {
      return each;
    } else if (!first) {
      first = std::move(each).error();
    }
  }
  if (done > 0 || !first) return {};
  return std::unexpected(*std::move(first));
}

}  // namespace

Result<Erasure> erase_subject(SubjectKeys& keys, const Subject& subject, const Event& circumstances,
                              const RecordOrder& record) {
  TRY_VOID(check_order(subject, circumstances));
  Event event = erasure_event(subject, circumstances);
  if (const auto holds = TRY(keys.holds(subject)); !holds.empty()) {
    event.outcome = event::Outcome::kFailure;
    event.cause = "legal_hold";
    TRY_VOID(record(event));
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the legal hold `{}` keeps this from being erased: release it first",
                            printable(holds.front().name)));
  }
  const auto key = TRY(keys.find_subject(subject));
  if (!key) return nothing_held(TRY(keys.erasures(subject)));
  const std::string id = fmt::format("{:02x}", fmt::join(key->id, ""));
  event.value_before = id;
  TRY_VOID(record(event));
  const auto erased = TRY(keys.erase(subject, circumstances.time));
  if (!erased) return nothing_held(TRY(keys.erasures(subject)));
  return *erased;
}

Result<void> hold_subject(SubjectKeys& keys, const Subject& subject, std::string_view name,
                          const Event& circumstances, const RecordOrder& record) {
  TRY_VOID(check_order(subject, circumstances));
  TRY_VOID(check_name(name));
  if (has_hold(TRY(keys.holds(subject)), name)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("there is a legal hold `{}` on them already", printable(name)));
  }
  Event event = hold_event(subject, circumstances);
  event.value_after = name;
  TRY_VOID(record(event));
  return keys.hold(subject, name, circumstances.time);
}

Result<void> release_subject(SubjectKeys& keys, const Subject& subject, std::string_view name,
                             const Event& circumstances, const RecordOrder& record) {
  TRY_VOID(check_order(subject, circumstances));
  TRY_VOID(check_name(name));
  if (!has_hold(TRY(keys.holds(subject)), name)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no legal hold `{}` on them", printable(name)));
  }
  Event event = hold_event(subject, circumstances);
  event.value_before = name;
  TRY_VOID(record(event));
  TRY(keys.release(subject, name));
  return {};
}

Result<Erasure> erase_all(SubjectKeys& keys, SubjectNames names, const Event& circumstances,
                          const RecordOrder& record) {
  for (const Subject& name : names) {
    const auto holds = TRY(keys.holds(name));
    if (!holds.empty()) return erase_subject(keys, name, circumstances, record);  // which refuses
  }
  std::optional<Erasure> erased;
  std::optional<Error> nothing;
  for (const Subject& name : names) {
    auto each = erase_subject(keys, name, circumstances, record);
    if (each) {
      erased = *each;
    } else if (each.error().code != ErrorCode::kNotFound) {
      return each;
    } else if (!nothing) {
      nothing = std::move(each).error();
    }
  }
  if (erased) return *erased;
  return std::unexpected(*std::move(nothing));
}

Result<void> hold_all(SubjectKeys& keys, SubjectNames names, std::string_view name,
                      const Event& circumstances, const RecordOrder& record) {
  return with_each(names, ErrorCode::kAlreadyExists, [&](const Subject& each) {
    return hold_subject(keys, each, name, circumstances, record);
  });
}

Result<void> release_all(SubjectKeys& keys, SubjectNames names, std::string_view name,
                         const Event& circumstances, const RecordOrder& record) {
  return with_each(names, ErrorCode::kNotFound, [&](const Subject& each) {
    return release_subject(keys, each, name, circumstances, record);
  });
}

}  // namespace wardlock::audit
