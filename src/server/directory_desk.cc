#include "server/directory_desk.h"

#include <chrono>
#include <utility>

#include "api/authzen/metadata.h"
#include "server/directory_job.h"

namespace wardlock::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using SteadyClock = std::chrono::steady_clock;

/// What is asked is answered within that time, or not at all. Imports take their time.
constexpr std::chrono::minutes kMostTime{5};

void refuse_busy(Route route, std::string_view why, HttpResponse& response) {
  write_error(route, 503, why, response);
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

DirectoryDesk::DirectoryDesk(Directory& directory, std::function<void()> ring)
    : directory_(directory), ring_(std::move(ring)) {
  if (directory_.decisions != nullptr) directory_.decisions->on_change(ring_);
}

std::string_view DirectoryDesk::caller_of(const net::Unfinished& unfinished) {
  return static_cast<const Job&>(unfinished).work.holder.caller;
}

std::string_view DirectoryDesk::begin(const HttpRequest& request, const DirectoryAsker& asker,
                                      HttpResponse& response) {
  const Place& place = asker.place;
  auto base_url = authzen::base_url(request, asker.public_url, place.base_path);
  if (!base_url) {
    write_error(place.route, 400, base_url.error().message, response);
    return {};
  }
  const auto job = std::make_shared<Job>(
      DirectoryJob{.request = CopiedRequest(request, request.path.substr(place.base_path.size())),
                   .route = place.route,
                   .holder = asker.holder,
                   .base_url = *std::move(base_url),
                   .now = asker.now});
  const bool is_asked = directory_.office->ask(asker.holder.payer, job->work.request.size(),
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
    refuse_busy(place.route, "too much is asked of the directory at once; try again", response);
    return {};
  }
  response.unfinished = job;
  return {};
}

std::string_view DirectoryDesk::go_on(const std::shared_ptr<net::Unfinished>& unfinished,
                                      HttpResponse& response) {
  const auto job = std::static_pointer_cast<Job>(unfinished);
  const Route route = job->work.route;
  const bool is_late = SteadyClock::now() >= job->end;
  if (!job->is_done) {
    if (!is_late) {
      response.unfinished = unfinished;
      return {};
    }
    job->is_given_up = true;
    refuse_busy(route,
                job->is_begun ? "the directory takes too long to answer; whether it was done is "
                                "not known: look before you ask again"
                              : "the directory has not come to it in time, and it was not done; "
                                "try again",
                response);
    return {};
  }
  const auto state = recorded(*job);
  if (state == net::AnswerGate::State::kClosed && !is_late) {
    response.unfinished = unfinished;
    return {};
  }
  if (state != net::AnswerGate::State::kOpen) {
    refuse_busy(route,
                "the audit log can't be written now, and what is not recorded is not answered; "
                "whether it was done is not known: look before you ask again",
                response);
    return {};
  }
  response = std::move(job->work.response);
  return job->work.refusal;
}

net::AnswerGate::State DirectoryDesk::recorded(const Job& job) const {
  if (directory_.decisions == nullptr) return net::AnswerGate::State::kOpen;
  return directory_.decisions->state(job.work.tickets);
}

}  // namespace wardlock::server
