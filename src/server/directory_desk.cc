#include "server/directory_desk.h"

#include <chrono>
#include <utility>

#include "api/admin/endpoints.h"
#include "api/authzen/metadata.h"
#include "api/scim/endpoints.h"
#include "server/directory_job.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

/// What is asked is answered within that time, or not at all. Imports take their time.
constexpr std::chrono::minutes kMostTime{5};
constexpr std::string_view kClass = "administration";

void refuse_busy(std::string_view why, HttpResponse& response) {
  net::write_problem(503, why, response);
  response.headers.add("Retry-After", "1");
}

}  // namespace

struct DirectoryDesk::Job final : net::Unfinished {
  explicit Job(DirectoryJob what) : work(std::move(what)) {}

  SteadyClock::time_point end = SteadyClock::now() + kMostTime;
  DirectoryJob work;
  std::atomic<bool> is_begun = false;
  std::atomic<bool> is_given_up = false;  ///< nobody waits for it any more
  std::atomic<bool> is_done = false;      ///< what `work` has made is there
};

DirectoryDesk::DirectoryDesk(Directory& directory, Recorder* recorder, std::function<void()> ring)
    : directory_(directory), recorder_(recorder), ring_(std::move(ring)) {}

bool DirectoryDesk::is_here(std::string_view path) {
  if (path.starts_with(admin::kPrefix)) return true;
  if (!path.starts_with(scim::kBasePath)) return false;
  path.remove_prefix(scim::kBasePath.size());
  return path.empty() || path.starts_with('/');
}

std::string_view DirectoryDesk::caller_of(const net::Unfinished& unfinished) {
  return static_cast<const Job&>(unfinished).work.credential->id;
}

std::string_view DirectoryDesk::begin(const HttpRequest& request, const DirectoryAsker& asker,
                                      HttpResponse& response) {
  auto base_url = authzen::base_url(request, asker.public_url, asker.base_path);
  if (!base_url) {
    net::write_problem(400, base_url.error().message, response);
    return {};
  }
  const auto job = std::make_shared<Job>(
      DirectoryJob{.request = CopiedRequest(request, request.path.substr(asker.base_path.size())),
                   .credential = asker.credential,
                   .base_url = *std::move(base_url),
                   .now = asker.now});
  const bool is_asked = directory_.office->ask(asker.credential->id, job->work.request.size(),
                                               [job, &directory = directory_, ring = ring_] {
                                                 // Nobody waits any more: its connection ended
                                                 // before it was begun.
                                                 if (job->is_given_up || job.use_count() == 1)
                                                   return;
                                                 job->is_begun = true;
                                                 job->work.work_on(directory);
                                                 job->is_done = true;
                                                 ring();
                                               });
  if (!is_asked) {
    refuse_busy("too much is asked of the directory at once; try again", response);
    return {};
  }
  response.unfinished = job;
  return {};
}

std::string_view DirectoryDesk::go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                                      HttpResponse& response) {
  const auto job = std::static_pointer_cast<Job>(unfinished);
  if (!job->is_done) {
    if (SteadyClock::now() < job->end) {
      response.unfinished = unfinished;
      return {};
    }
    job->is_given_up = true;
    refuse_busy(job->is_begun ? "the directory takes too long to answer; whether it was done is "
                                "not known: look before you ask again"
                              : "the directory has not come to it in time, and it was not done; "
                                "try again",
                response);
    return {};
  }
  if (const auto recorded = record(*job, response); !recorded) {
    refuse_busy(recorded.error().message, response);
    return {};
  }
  const net::Tickets tickets = response.tickets;
  response = std::move(job->work.response);
  response.tickets = tickets;
  return job->work.refusal;
}

/// The answer waits until they are on disk.
Result<void> DirectoryDesk::record(const Job& job, HttpResponse& response) {
  if (recorder_ == nullptr) return {};
  for (const std::string& draft : job.work.drafts) {
    response.tickets.add(
        TRY(recorder_->record_draft(draft, directory::event_tenant(job.work.credential->tenant),
                                    kClass, job.work.credential->id)));
  }
  return {};
}

}  // namespace wardlock::server
