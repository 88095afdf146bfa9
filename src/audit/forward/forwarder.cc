#include "audit/forward/forwarder.h"

#include <poll.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "audit/forward/forward_work.h"
#include "audit/forward/transport.h"
#include "base/background.h"

namespace wardlock::audit {
namespace {

void wait_for(const net::Interruption& interruption, std::chrono::milliseconds time) {
  pollfd raised{.fd = interruption.descriptor(), .events = POLLIN, .revents = 0};
  ::poll(&raised, 1, static_cast<int>(time.count()));
}

}  // namespace

struct Forwarder::Run {
  explicit Run(ForwarderOptions asked) : options(std::move(asked)) {}

  void work_until_stopped() {
    give_way_to_others();
    while (!interruption.is_raised()) {
      const auto wait = work->step(std::chrono::steady_clock::now());
      if (wait.count() > 0) wait_for(interruption, wait);
    }
    work->save();
  }

  const ForwarderOptions options;
  net::Interruption interruption;
  std::unique_ptr<Transport> transport;
  std::optional<ForwardWork> work;
  std::thread thread;
};

std::string forward_folder(const std::string& log_folder, std::string_view name) {
  return log_folder + "/forward/" + std::string(name);
}

Result<void> check_forwarder(const ForwarderOptions& options, Files& files) {
  const net::Interruption interruption;
  TRY_VOID(check_format_options(options.format_options));
  TRY(make_transport(options, files, interruption));
  return {};
}

Forwarder::Forwarder(std::unique_ptr<Run> run) : run_(std::move(run)) {}

Result<std::unique_ptr<Forwarder>> Forwarder::start(
    ForwarderOptions options, ForwardedLog log, std::function<void(const ForwardNotice&)> tell) {
  TRY_VOID(check_format_options(options.format_options));
  TRY_VOID(log.files.make_folder(log.folder + "/forward"));
  TRY_VOID(log.files.make_folder(forward_folder(log.folder, options.name)));
  auto run = std::make_unique<Run>(std::move(options));
  run->transport = TRY(make_transport(run->options, log.files, run->interruption));
  run->work.emplace(run->options, std::move(log), *run->transport, std::move(tell));
  run->thread = std::thread([&running = *run] { running.work_until_stopped(); });
  return std::unique_ptr<Forwarder>(new Forwarder(std::move(run)));
}

Forwarder::~Forwarder() {
  stop();
  run_->thread.join();
}

void Forwarder::stop() { run_->interruption.raise(); }

ForwardStatus Forwarder::status() const { return run_->work->status(); }

}  // namespace wardlock::audit
