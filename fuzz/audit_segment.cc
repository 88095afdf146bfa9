// A log's files: what is read as a segment's header, a frame or records is written back as the same
// bytes.
#include <string>

#include "audit/log/frame.h"
#include "audit/log/records.h"
#include "audit/log/segment.h"
#include "base/check.h"

using namespace wardlock;

namespace {

constexpr audit::SegmentSalt kSalt{};

void check_header(std::string_view bytes) {
  const auto header = audit::read_segment_header(bytes);
  if (!header) return;
  CHECK(audit::write_segment_header(*header) == bytes.substr(0, audit::kSegmentHeaderBytes));
}

void check_frame(std::string_view bytes) {
  const audit::FramePlace place{.salt = kSalt, .offset = 0};
  audit::ReadFrame read;
  if (!audit::read_frame(bytes, place, read)) return;
  std::string written;
  audit::write_frame(read.frame, place, read.leaves, written);
  CHECK(written == bytes.substr(0, read.bytes));
}

/// As many records as there are lengths, and in a frame they are read again.
void check_records(std::string_view bytes) {
  audit::Records records;
  if (bytes.size() > audit::kMaxPayloadBytes || !records.assign(bytes)) return;
  CHECK(records.bytes() == bytes);
  if (records.empty()) return;
  audit::Frame frame;
  frame.count = static_cast<std::uint32_t>(records.size());
  frame.payload = records.bytes();
  std::vector<merkle::Hash> leaves;
  for (std::size_t i = 0; i < records.size(); ++i) leaves.push_back(merkle::leaf_hash(records[i]));
  std::string written;
  audit::write_frame(frame, {.salt = kSalt, .offset = 0}, leaves, written);
  audit::ReadFrame read;
  CHECK(audit::read_frame(written, {.salt = kSalt, .offset = 0}, read));
  CHECK(read.leaves == leaves && read.frame.payload == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_header(bytes);
  check_frame(bytes);
  check_records(bytes);
  return 0;
}
