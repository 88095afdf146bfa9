#include "api/scim/bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "api/scim/bulk_plan.h"
#include "api/scim/changes.h"
#include "api/scim/renderer.h"
#include "directory/registry/registry.h"

namespace wardlock::scim {
namespace {

using administration::Errand;
using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::string_view kResponseSchema = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// So that others who write wait for a moment only.
constexpr std::size_t kUnitsAtOnce = 250;

/// What came of one operation.
struct Outcome {
  int status = 0;  ///< 0: it was not done
  std::string id = {};
  std::string version = {};
  std::optional<Refusal> refusal = {};
};
using Outcomes = std::vector<Outcome>;

/// Does operations within one transaction. Refers to what was made before by its id.
class UnitWork {
 public:
  UnitWork(const Errand& errand, const BulkPlan& plan, Outcomes& outcomes, directory::Edit& edit)
      : plan_(plan), outcomes_(outcomes), changes_(errand, edit) {}

  /// `failed`: the operation that is to blame.
  Answered<void> run(const BulkUnit& unit, std::size_t& failed) {
    for (const std::size_t index : unit) outcomes_[index] = {};
    std::map<std::size_t, std::vector<PatchOperation>> put_off;
    for (const std::size_t index : unit) {
      failed = index;
      TRY_VOID(run(plan_.operations[index], outcomes_[index], put_off[index]));
    }
    for (auto& [index, operations] : put_off) {
      if (operations.empty()) continue;
      failed = index;
      TRY_VOID(complete(plan_.operations[index], outcomes_[index], std::move(operations)));
    }
    return {};
  }

 private:
  Answered<void> run(const BulkOperation& operation, Outcome& outcome,
                     std::vector<PatchOperation>& put_off) {
    if (operation.refusal) return std::unexpected(*operation.refusal);
    for (const std::size_t need : operation.needs) {
      if (outcomes_[need].refusal) {
        return refused(409, {},
                       fmt::format("it refers to the bulkId `{}`, which was refused",
                                   plan_.operations[need].bulk_id));
      }
    }
    std::string target(operation.target);
    if (const auto bulk_id = bulk_id_in(target)) target = id_of(operation, *bulk_id);
    switch (operation.method) {
      case BulkMethod::kPost: {
        const object data = resolved(operation, put_off);
        return take(201, changes_.create(*operation.type, data), outcome);
      }
      case BulkMethod::kPut: {
        const object data = resolved(operation, put_off);
        return take(200, changes_.replace(*operation.type, target, operation.version, data),
                    outcome);
      }
      case BulkMethod::kPatch: {
        const Json data = resolved(operation, put_off);
        auto operations = TRY(parse_patch(data));
        return take(
            200, changes_.patch(*operation.type, target, operation.version, std::move(operations)),
            outcome);
      }
      case BulkMethod::kDelete:
        TRY_VOID(changes_.remove(*operation.type, target, operation.version));
        outcome.status = 204;
        outcome.id = target;
        return {};
    }
    return {};
  }

  /// What was put off, because it refers to what was not made yet.
  Answered<void> complete(const BulkOperation& operation, Outcome& outcome,
                          std::vector<PatchOperation> operations) {
    for (PatchOperation& each : operations) each.value = with_ids(operation, each.value);
    return take(outcome.status,
                changes_.patch(*operation.type, outcome.id, std::nullopt, std::move(operations)),
                outcome);
  }

  static Answered<void> take(int status, Answered<directory::Thing> thing, Outcome& outcome) {
    if (!thing) return std::unexpected(std::move(thing).error());
    outcome = {.status = status, .id = thing->id, .version = etag_of(*thing), .refusal = {}};
    return {};
  }

  /// Empty: it is not made yet.
  std::string id_of(const BulkOperation& operation, std::string_view bulk_id) const {
    for (const std::size_t need : operation.needs) {
      if (plan_.operations[need].bulk_id == bulk_id) return outcomes_[need].id;
    }
    return {};
  }

  bool is_open(const BulkOperation& operation, const Json& value) const {
    if (value.is_string()) {
      const auto bulk_id = bulk_id_in(value.as_string());
      return bulk_id && id_of(operation, *bulk_id).empty();
    }
    const auto is_one = [&](const Json& each) { return is_open(operation, each); };
    if (value.is_array()) return std::ranges::any_of(value.as_array(), is_one);
    if (!value.is_object()) return false;
    return std::ranges::any_of(value.as_object(),
                               [&](const auto& member) { return is_one(member.value()); });
  }

  Json with_ids(const BulkOperation& operation, const Json& value) const {
    if (value.is_string()) {
      const auto bulk_id = bulk_id_in(value.as_string());
      return bulk_id ? Json(id_of(operation, *bulk_id)) : value;
    }
    if (value.is_array()) {
      array out;
      for (const Json& each : value.as_array()) out.push_back(with_ids(operation, each));
      return out;
    }
    if (!value.is_object()) return value;
    object out;
    for (const auto& member : value.as_object()) {
      out.emplace(member.key(), with_ids(operation, member.value()));
    }
    return out;
  }

  /// The data with ids for bulkIds, without attributes that refer to what is not made yet.
  object resolved(const BulkOperation& operation, std::vector<PatchOperation>& put_off) const {
    if (operation.needs.empty()) return *operation.data;
    return resolved(operation, "", *operation.data, put_off);
  }

  object resolved(const BulkOperation& operation, std::string_view schema, const object& data,
                  std::vector<PatchOperation>& put_off) const {
    object out;
    for (const auto& member : data) {
      const std::string_view key = member.key();
      if (!is_open(operation, member.value())) {
        out.emplace(key, with_ids(operation, member.value()));
      } else if (schema.empty() && key.contains(':') && member.value().is_object()) {
        out.emplace(key, resolved(operation, key, member.value().as_object(), put_off));
      } else {
        put_off.push_back({.kind = PatchKind::kAdd,
                           .path = PatchPath{.path = {.schema = std::string(schema),
                                                      .attribute = std::string(key),
                                                      .sub_attribute = {}},
                                             .filter = nullptr,
                                             .sub_attribute = {}},
                           .value = member.value()});
      }
    }
    return out;
  }

  const BulkPlan& plan_;
  Outcomes& outcomes_;
  Changes changes_;
};

/// Has units done, as many in one transaction as succeed.
class BulkRun {
 public:
  BulkRun(const Errand& errand, const BulkPlan& plan)
      : errand_(errand), plan_(plan), outcomes_(plan.operations.size()) {}

  BulkAnswer run() {
    std::size_t next = 0;
    std::size_t end = 0;
    while (next < plan_.units.size() && errors_ < plan_.most_errors) {
      if (end <= next) end = std::min(next + kUnitsAtOnce, plan_.units.size());
      const std::size_t stopped = try_units(next, end);
      if (stopped == end) {
        next = end;
      } else if (refusal_->status >= 500) {  // it is not for the operations; the rest fails, too
        for (; next < plan_.units.size(); ++next) refuse(plan_.units[next]);
      } else if (stopped == next) {
        refuse(plan_.units[next]);
        ++next;
      } else {
        end = stopped;  // those before it, once more; then it stands alone
      }
    }
    return {.message = message(), .revision = revision_};
  }

 private:
  /// Where it stopped: nothing was done, unless it is the end.
  std::size_t try_units(std::size_t begin, std::size_t end) {
    std::size_t unit = begin;
    refusal_.reset();
    const auto written =
        errand_.registry.write(errand_.mandate, [&](directory::Edit& edit) -> Result<void> {
          UnitWork work(errand_, plan_, outcomes_, edit);
          for (unit = begin; unit < end; ++unit) {
            const auto done = work.run(plan_.units[unit], blamed_);
            if (done) continue;
            refusal_ = done.error();
            return fail(ErrorCode::kCancelled, "one of several changes is refused");
          }
          refusal_.reset();
          has_changed_ = edit.revision() != 0;
          return {};
        });
    if (written) {
      if (has_changed_) revision_ = *written;
      return end;
    }
    if (!refusal_) {  // of the database
      refusal_ = written.error();
      blamed_ = plan_.units[begin].front();
      return begin;
    }
    return unit;
  }

  void refuse(const BulkUnit& unit) {
    for (const std::size_t index : unit) {
      outcomes_[index] = {};
      if (index == blamed_ || refusal_->status >= 500) {
        outcomes_[index].refusal = refusal_;
      } else {
        outcomes_[index].refusal.emplace(
            409, std::string_view(),
            fmt::format("it stands and falls with the bulkId `{}`, which was refused",
                        plan_.operations[blamed_].bulk_id));
      }
      outcomes_[index].status = outcomes_[index].refusal->status;
      ++errors_;
    }
  }

  Json message() const {
    array results;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (outcomes_[i].status != 0) results.emplace_back(result(plan_.operations[i], outcomes_[i]));
    }
    return object{{"schemas", {kResponseSchema}}, {"Operations", std::move(results)}};
  }

  object result(const BulkOperation& operation, const Outcome& outcome) const {
    object out = {{"method", operation.method_text}};
    if (!operation.bulk_id.empty()) out["bulkId"] = operation.bulk_id;
    std::string id = outcome.id;
    if (id.empty() && !bulk_id_in(operation.target)) id = operation.target;
    if (operation.type != nullptr && !id.empty()) {
      out["location"] = location_of(errand_.base_url, *operation.type, id);
    }
    if (!outcome.version.empty()) out["version"] = outcome.version;
    out["status"] = fmt::format("{}", outcome.status);
    if (outcome.refusal) out["response"] = to_json(*outcome.refusal);
    return out;
  }

  const Errand& errand_;
  const BulkPlan& plan_;
  Outcomes outcomes_;
  std::optional<Refusal> refusal_;  // of the last attempt
  std::size_t blamed_ = 0;
  bool has_changed_ = false;
  std::size_t errors_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace

Answered<BulkAnswer> answer_bulk(const Errand& errand, const Json& body) {
  const BulkPlan plan = TRY(read_bulk(body, kMaxBulkOperations));
  return BulkRun(errand, plan).run();
}

}  // namespace wardlock::scim
