#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/index/index.h"
#include "audit/index/query_text.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "base/error.h"
#include "event/event.h"

namespace wardlock::audit_api {

/// Where events are asked for.
inline constexpr std::string_view kEvents = "/audit/events";

/// What somebody who asks may see.
struct Sight {
  std::optional<std::string> tenant = {};  ///< of this tenant alone; nothing: of all
  /// Which tenant is meant where none is named; nothing: there are several.
  std::optional<std::string> usual_tenant = {};
  bool may_disclose = false;
};

/// What is asked for.
struct EventsRequest {
  audit::Query query;
  bool is_masked = true;
  std::vector<audit::QueryTerm> terms = {};  ///< as they were written
};

/// Reads the query of `GET /audit/events`: the terms of audit/index/query_text.h, and
/// `masked=true|false`. Who may not disclose gets events masked, and cannot find by person or
/// patient: who does what to whom could be found out by asking for each. Errors: kInvalidArgument;
/// kPermissionDenied, another tenant's, or what needs the right `disclose`.
Result<EventsRequest> read_events_request(std::string_view query, const Sight& sight);

/// What records are found and read with.
struct Indexed {
  audit::Index& index;
  audit::EventReader& log;
  audit::SubjectKeys& keys;
};

/// The answer, `{"events": […], "next": N}`, and how many events are in it. Not more than about
/// `most_bytes`: then the page is shorter than was asked, and `next` leads on. A record that cannot
/// be read is there with its `error`. Errors: those of `audit::find_events`.
struct EventsPage {
  std::string json;
  std::size_t count = 0;
};
Result<EventsPage> find_page(const Indexed& indexed, const EventsRequest& request,
                             std::size_t most_bytes);

/// The event that tells of the reading; `circumstances` say when, and who asked from where. Borrows
/// from all of them; lists are in `notes`.
event::Event reading_event(const EventsRequest& request, std::size_t count,
                           const event::Event& circumstances, std::vector<std::string>& notes,
                           std::vector<std::string_view>& note_views);

}  // namespace wardlock::audit_api
