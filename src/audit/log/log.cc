#include "audit/log/log.h"

#include <utility>

#include "audit/log/log_thread.h"
#include "audit/log/log_writer.h"
#include "audit/log/spool.h"

namespace wardlock::audit {

Log::Log(std::unique_ptr<LogThread> thread) : thread_(std::move(thread)) {}

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(LogOptions options, Files& files) {
  std::unique_ptr<LogWriter> writer = TRY(LogWriter::open(options, files));
  if (options.before_signing) {
    writer->flush_derived();  // what the checkpoint covers can be read
    TRY_VOID(options.before_signing(writer->checkpoint()));
  }
  std::unique_ptr<Spool> spool;
  if (options.spool_bytes > 0) spool = TRY(Spool::open(options, files));
  auto thread =
      std::make_unique<LogThread>(std::move(options), std::move(writer), std::move(spool));
  return std::unique_ptr<Log>(new Log(std::move(thread)));
}

Appender& Log::add_appender(std::function<void()> on_progress) {
  return thread_->add_appender(std::move(on_progress));
}

void Log::close() { thread_->close(); }
bool Log::is_failing() const { return thread_->is_failing(); }
LogStatus Log::status() const { return thread_->status(); }
merkle::TreeHead Log::head() const { return thread_->head(); }
std::string Log::checkpoint() const { return thread_->checkpoint(); }

}  // namespace wardlock::audit
