#include "audit/forward/set_aside.h"

#include <span>
#include <utility>

#include "codec/json.h"

namespace wardlock::audit {

SetAside::SetAside(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

Result<void> SetAside::add(std::uint64_t record, std::string_view event_id, std::string_view reason,
                           std::int64_t now) {
  boost::json::object line{{"time", now}, {"record", record}};
  if (!event_id.empty()) line["id"] = event_id;
  line["reason"] = reason;
  return append(codec::to_json_text(line) + "\n");
}

Result<void> SetAside::add_missing(std::uint64_t first, std::uint64_t end, std::int64_t now) {
  const boost::json::object line{{"time", now},
                                 {"record", first},
                                 {"last_record", end - 1},
                                 {"reason", "removed from the log before they were sent"}};
  return append(codec::to_json_text(line) + "\n");
}

Result<void> SetAside::append(const std::string& line) {
  auto file = files_.open(path_, OpenMode::kReadWrite);
  if (!file && file.error().code == ErrorCode::kNotFound) {
    file = files_.open(path_, OpenMode::kCreate);
    if (file) TRY_VOID(files_.sync_folder(folder_of(path_)));
  }
  if (!file) return std::unexpected(file.error());
  const std::uint64_t end = TRY((*file)->size());
  char last = '\n';
  if (end > 0) TRY((*file)->read(end - 1, std::span(&last, 1)));
  // What a crash tore is written again on a line of its own.
  TRY_VOID((*file)->write(end, last == '\n' ? line : "\n" + line));
  return (*file)->sync();
}

}  // namespace wardlock::audit
