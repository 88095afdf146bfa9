#include <fmt/format.h>

#include <utility>

#include "authn/account/account_edit.h"
#include "authn/account/enrolment.h"
#include "authn/account/enrolment_rows.h"
#include "base/utf8.h"
#include "directory/model/schema.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::authn {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::int64_t kRequestMs = 60 * 60 * 1000;
constexpr std::int64_t kCollectMs = 15 * 60 * 1000;
constexpr std::int64_t kTokenMs = 15 * 60 * 1000;

RecoveryRequest read_row(Row row) {
  return {.id = std::string(row.text(0)),
          .tenant = std::string(row.text(1)),
          .person = std::string(row.text(2)),
          .asked_by = std::string(row.text(3)),
          .reason = std::string(row.text(4)),
          .asked_ms = row.integer(5),
          .until_ms = row.integer(6),
          .approved_by = row.is_null(7) ? std::string() : std::string(row.text(7))};
}

constexpr std::string_view kSelect =
    "SELECT id, tenant, person, asked_by, reason, asked_ms, until_ms, approved_by FROM "
    "recovery_request WHERE tenant = $1 AND until_ms > $2";

Result<std::optional<RecoveryRequest>> find_request(Work& work, std::string_view tenant,
                                                    std::string_view id, std::int64_t now) {
  static const std::string sql = fmt::format("{} AND id = $3", kSelect);
  const Rows rows = TRY(work.query(sql, tenant, now, id));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

Result<void> forget_request(Work& work, const RecoveryRequest& request) {
  TRY(work.run("DELETE FROM recovery_request WHERE tenant = $1 AND id = $2", request.tenant,
               request.id));
  return {};
}

/// Whoever acts is somebody in the directory, at work, and not the one it is for: a program that
/// acts has no face to be recognised by.
Result<void> check_helper(Work& work, const directory::Mandate& mandate, std::string_view person) {
  const auto helper = TRY(directory::find_thing(work, mandate.tenant, mandate.actor_id));
  const bool is_somebody =
      helper && helper->kind == directory::Kind::kPerson && directory::is_in_force(*helper);
  if (!is_somebody) {
    return fail(ErrorCode::kPermissionDenied, "a recovery is asked for and approved by people");
  }
  if (mandate.actor_id == person) {
    return fail(ErrorCode::kPermissionDenied, "nobody recovers their own account here");
  }
  return {};
}

std::unexpected<Error> no_request(std::string_view id) {
  return fail(ErrorCode::kNotFound,
              fmt::format("no recovery `{}` waits; it may be answered, or too old", printable(id)));
}

}  // namespace

Result<RecoveryRequest> RecoveryDesk::ask(const directory::Mandate& mandate,
                                          std::string_view person) {
  if (mandate.reason.empty()) return invalid("say how the person was recognised");
  RecoveryRequest request;
  const AccountChange change{.mandate = mandate, .person = std::string(person)};
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    TRY_VOID(check_helper(edit.work(), mandate, person));
    const std::int64_t now = edit.now();
    request = {.id = directory::new_id(now, surroundings_.directory),
               .tenant = mandate.tenant,
               .person = std::string(person),
               .asked_by = mandate.actor_id,
               .reason = mandate.reason,
               .asked_ms = now,
               .until_ms = now + kRequestMs};
    TRY(edit.work().run("DELETE FROM recovery_request WHERE tenant = $1 AND person = $2",
                        mandate.tenant, person));
    TRY(
        edit.work().run("INSERT INTO recovery_request (id, tenant, person, asked_by, reason, "
                        "asked_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        request.id, request.tenant, request.person, request.asked_by,
                        request.reason, request.asked_ms, request.until_ms));
    edit.note(About::kRecoveryBegun);
    return tell_enrolment(edit.work(), surroundings_, mandate, person, "ask_recovery",
                          to_string(EnrolmentPurpose::kRecovery));
  });
  TRY_VOID(written);
  return request;
}

Result<std::vector<RecoveryRequest>> RecoveryDesk::waiting(std::string_view tenant) const {
  using Requests = std::vector<RecoveryRequest>;
  return directory::read_from<Requests>(surroundings_.store, [&](Work& work) -> Result<Requests> {
    static const std::string sql = fmt::format("{} ORDER BY asked_ms, id", kSelect);
    const Rows rows = TRY(work.query(sql, tenant, surroundings_.directory.clock()));
    Requests requests;
    for (const Row row : rows) requests.push_back(read_row(row));
    return requests;
  });
}

Result<RecoveryRequest> RecoveryDesk::find(std::string_view tenant, std::string_view id) const {
  return directory::read_from<RecoveryRequest>(
      surroundings_.store, [&](Work& work) -> Result<RecoveryRequest> {
        auto request = TRY(find_request(work, tenant, id, surroundings_.directory.clock()));
        if (!request) return no_request(id);
        return *std::move(request);
      });
}

Result<RecoveryRequest> RecoveryDesk::approve(const directory::Mandate& mandate,
                                              std::string_view id) {
  std::optional<RecoveryRequest> approved;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.directory.clock();
    approved = TRY(find_request(work, mandate.tenant, id, now));
    if (!approved || !approved->approved_by.empty()) return no_request(id);
    const AccountChange change{.mandate = mandate, .person = approved->person};
    AccountEdit edit(work, surroundings_, change);
    TRY(edit.check_person());
    TRY_VOID(check_helper(work, mandate, approved->person));
    const auto persons = TRY(directory::NaturalPersons::read(work, mandate.tenant, now));
    if (persons.are_same(mandate.actor_id, approved->asked_by)) {
      return fail(ErrorCode::kPermissionDenied, "somebody else is to approve what you asked for");
    }
    approved->approved_by = mandate.actor_id;
    approved->until_ms = now + kCollectMs;
    TRY(work.run(
        "UPDATE recovery_request SET approved_by = $3, until_ms = $4 WHERE tenant = $1 AND "
        "id = $2",
        mandate.tenant, id, approved->approved_by, approved->until_ms));
    return tell_enrolment(work, surroundings_, mandate, approved->person, "approve_recovery",
                          to_string(EnrolmentPurpose::kRecovery));
  });
  TRY_VOID(written);
  return *std::move(approved);
}

Result<EnrolmentToken> RecoveryDesk::collect(const directory::Mandate& mandate,
                                             std::string_view id) {
  EnrolmentToken collected{.token = new_enrolment_token(surroundings_)};
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.directory.clock();
    const auto request = TRY(find_request(work, mandate.tenant, id, now));
    if (!request) return no_request(id);
    const AccountChange change{.mandate = mandate, .person = request->person};
    AccountEdit edit(work, surroundings_, change);
    TRY(edit.check_person());
    TRY_VOID(check_helper(work, mandate, request->person));
    if (mandate.actor_id != request->asked_by) {
      return fail(ErrorCode::kPermissionDenied, "it is collected by whoever asked for it");
    }
    if (request->approved_by.empty()) {
      return fail(ErrorCode::kFailedPrecondition, "nobody has approved it yet");
    }
    collected.until_ms = now + kTokenMs;
    TRY_VOID(put_enrolment(work,
                           {.token = handle_hash(collected.token.reveal()),
                            .enrolment = {.tenant = mandate.tenant,
                                          .person = request->person,
                                          .purpose = EnrolmentPurpose::kRecovery},
                            .until_ms = collected.until_ms},
                           now));
    TRY_VOID(forget_request(work, *request));
    return tell_enrolment(work, surroundings_, mandate, request->person, "collect_recovery",
                          to_string(EnrolmentPurpose::kRecovery));
  });
  TRY_VOID(written);
  return collected;
}

Result<void> RecoveryDesk::refuse(const directory::Mandate& mandate, std::string_view id) {
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.directory.clock();
    const auto request = TRY(find_request(work, mandate.tenant, id, now));
    if (!request) return no_request(id);
    TRY_VOID(check_helper(work, mandate, request->person));
    TRY_VOID(forget_request(work, *request));
    return tell_enrolment(work, surroundings_, mandate, request->person, "refuse_recovery",
                          to_string(EnrolmentPurpose::kRecovery));
  });
}

}  // namespace wardlock::authn
