#include "event/draft.h"

#include <fmt/format.h>

#include "event/big_endian.h"
#include "event/canonical_json.h"

namespace wardlock::event {
namespace {

// A draft is a version, the tenant, the clear part, and for each sealed part, there or not, its
// subject's type and id and its JSON: texts after their lengths.
constexpr char kVersion = 1;
constexpr std::size_t kLengthBytes = 4;

void append_framed(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.append(kLengthBytes, '\0');
  put_number<kLengthBytes>(text.size(), out.data() + begin);
  out += text;
}

/// Returns the size of its JSON.
Result<std::size_t> append_part(const Event& event, Part part, std::string& out) {
  const std::size_t begin = out.size();
  out.append(kLengthBytes, '\0');
  TRY_VOID(write_part(event, part, out));
  const std::size_t size = out.size() - begin - kLengthBytes;
  put_number<kLengthBytes>(size, out.data() + begin);
  return size;
}

std::unexpected<Error> too_long(std::string_view what, std::size_t size, std::size_t most) {
  return fail(
      ErrorCode::kResourceExhausted,
      fmt::format("{} {} bytes; at most {} are kept: send shorter texts", what, size, most));
}

Result<void> append_draft(const Event& event, std::string& out) {
  if (event.id.empty()) return invalid("the event has no id");
  out += kVersion;
  append_framed(out, event.tenant);
  std::size_t size = TRY(append_part(event, Part::kClear, out));
  for (const Part part : kSealedParts) {
    const Subject subject = subject_of(event, part);
    append_framed(out, subject.type);
    append_framed(out, subject.id);
    size += TRY(append_part(event, part, out));
  }
  if (size > kMaxEventBytes) return too_long("the event has", size, kMaxEventBytes);
  return {};
}

std::unexpected<Error> not_a_draft() { return invalid("not a draft of an event"); }

}  // namespace

Result<void> write_draft(const Event& event, std::string& out) {
  const std::size_t before = out.size();
  Result<void> written = append_draft(event, out);
  const std::size_t size = out.size() - before;
  if (written && size > kMaxDraftBytes) {
    written = too_long("the event and the ids it is sealed for have", size, kMaxDraftBytes);
  }
  if (!written) out.resize(before);
  return written;
}

Result<DraftView> read_draft(std::string_view draft) {
  FrameReader reader(draft);
  std::string_view version, tenant;
  DraftView view;
  if (!reader.take(1, version) || version.front() != kVersion) return not_a_draft();
  if (!reader.take_framed<kLengthBytes>(tenant)) return not_a_draft();
  if (!reader.take_framed<kLengthBytes>(view.clear_json)) return not_a_draft();
  for (const Part part : kSealedParts) {
    DraftPart next{.part = part, .subject = {.tenant = tenant}};
    if (!reader.take_framed<kLengthBytes>(next.subject.type)) return not_a_draft();
    if (!reader.take_framed<kLengthBytes>(next.subject.id)) return not_a_draft();
    if (!reader.take_framed<kLengthBytes>(next.json)) return not_a_draft();
    if (!next.json.empty()) view.add(next);
  }
  if (!reader.is_at_end()) return not_a_draft();
  return view;
}

}  // namespace wardlock::event
