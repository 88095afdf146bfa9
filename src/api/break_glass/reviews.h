#pragma once

#include "api/break_glass/call.h"

// What can be asked of reviews. The id of a review is its grant's. Errors are answered as problems.
namespace wardlock::glass_api {

/// Those that wait for whoever asks; with `all=true`: all that wait.
Result<void> list_reviews(const Call& call, net::HttpResponse& response);
/// One with its grant, and what the audit log has that was done under it.
Result<void> show_review(const Call& call, net::HttpResponse& response);
Result<void> sign_review(const Call& call, net::HttpResponse& response);
/// By unit, of the last `days` days, and who reviewed each other.
Result<void> show_statistics(const Call& call, net::HttpResponse& response);

}  // namespace wardlock::glass_api
