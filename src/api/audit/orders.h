#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/audit/events.h"
#include "audit/index/query.h"
#include "audit/keys/subject_orders.h"
#include "base/error.h"
#include "event/event.h"

// What is ordered about a person or patient of the log:
//   POST /audit/erasures       erases what the log holds of them
//   POST /audit/holds          keeps it from being erased
//   POST /audit/holds/release  lifts that
//   GET  /audit/holds          what keeps it from being erased
namespace wardlock::audit_api {

inline constexpr std::string_view kErasures = "/audit/erasures";
inline constexpr std::string_view kHolds = "/audit/holds";
inline constexpr std::string_view kReleases = "/audit/holds/release";

enum class OrderKind : std::uint8_t { kErase, kHold, kRelease, kLook };

/// An order, and about whom.
struct Order {
  OrderKind kind = OrderKind::kLook;
  std::string tenant = {};
  std::string type = {};
  std::string id = {};
  std::vector<audit::NamedSubject> other_names = {};  ///< of the same, in the log
  std::string name = {};                              ///< of the hold
  std::string reason = {};                            ///< why, in words; not for a look
};

/// Reads the JSON of a POST: `{"patient": ID}` or `{"person": {"type": TYPE, "id": ID}}`, with
/// `reason`, for holds `name`, and `tenant` where the caller may name one. Errors:
/// kInvalidArgument; kPermissionDenied, another tenant's.
Result<Order> read_order(OrderKind kind, std::string_view body, const Sight& sight);

/// Reads the query of a look: `patient=ID` or `person=TYPE::ID`, and `tenant`. Errors: as above.
Result<Order> read_look(std::string_view query, const Sight& sight);

/// Does it with all names, and returns the answer's JSON. An erasure requires an index that has all
/// of the log. Errors: those of audit/keys/subject_orders.h.
Result<std::string> carry_out(const Order& order, audit::SubjectKeys& keys,
                              const event::Event& circumstances, const audit::RecordOrder& record);

}  // namespace wardlock::audit_api
