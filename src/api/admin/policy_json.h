#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "api/admin/refusal.h"
#include "bundle/content.h"
#include "net/http.h"
#include "pap/activation.h"
#include "pap/approval.h"
#include "pap/canary_stages.h"
#include "pap/drafts.h"
#include "pap/policy_nodes.h"
#include "pap/shadow_stages.h"

// Changes of policies as documents.
namespace wardlock::admin {

boost::json::object to_json(const pap::PolicyDraft& draft);
/// With all that is known of it, and how far it is approved.
boost::json::object to_json(const pap::DraftView& view, const pap::ApprovalStanding& standing);
boost::json::object to_json(const pap::ApprovalStanding& standing);
boost::json::object to_json(const pap::Activation& activation);
boost::json::object to_json(const pap::ShadowStage& stage);
boost::json::object to_json(const pap::CanaryStage& stage);
boost::json::object to_json(const pap::CanaryView& view);
/// With what was found.
boost::json::object to_json(const pap::ShadowView& view);
boost::json::object to_json(const pap::SeenNode& seen);
/// `{"content": NAME, "files": [{"name", "text"}]}`
boost::json::object to_json(const bundle::Content& content);

/// A draft that a request brings. What is absent is empty.
struct WrittenDraft {
  std::string title;
  std::string reason;
  std::uint64_t edition = 0;
  bundle::Content content;
};

/// Reads `title` (where `has_title`), `edition` (where not), `files` and `reason` of a body.
Answered<WrittenDraft> read_written_draft(const net::HttpRequest& request, bool has_title);

}  // namespace wardlock::admin
