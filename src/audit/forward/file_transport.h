#pragma once

#include <string>

#include "audit/forward/transport.h"

namespace wardlock::audit {

/// Messages as lines of a file that others read, each durable before it counts as delivered. When
/// the file is full it gets the number of the next record at the end of its name, and another one
/// is begun; files that are full are whoever reads them's. One that was moved away is begun anew.
class FileTransport final : public Transport {
 public:
  FileTransport(const ForwarderOptions& options, Files& files);

  Result<bool> open() override;
  Delivery deliver(std::span<const Message> messages) override;
  bool is_open() override { return is_open_; }

 private:
  /// As many as have room in one file; how many they were.
  Result<std::size_t> append(std::span<const Message> messages);
  Result<std::unique_ptr<File>> open_file();
  /// A crash can leave a line that has no end: it is sent again.
  Result<void> cut_torn_line();
  Result<std::string> name_for_full(std::uint64_t next);

  const std::string path_;
  const std::uint64_t max_bytes_;
  Files& files_;
  bool is_open_ = false;
};

}  // namespace wardlock::audit
