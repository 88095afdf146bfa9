#include "audit/report/document.h"

#include <fmt/format.h>

#include <utility>

#include "codec/base64.h"
#include "event/canonical_json.h"

namespace wardlock::audit {
namespace {

std::string base64_of(std::string_view bytes) {
  return codec::to_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

boost::json::object to_json(const Counts& counts) {
  return {{"events", counts.events}, {"succeeded", counts.succeeded}, {"refused", counts.refused},
          {"failed", counts.failed}, {"erased", counts.erased},       {"locked", counts.locked}};
}

boost::json::object to_json(const Gaps& gaps) {
  return {{"unreadable", gaps.unreadable},
          {"erased", gaps.erased},
          {"locked", gaps.locked},
          {"removed", gaps.removed}};
}

boost::json::object to_json(const Heading& heading) {
  const ReportRequest& request = heading.request;
  boost::json::object out{{"wardlock_report", kDocumentVersion},
                          {"report", request.report->name},
                          {"title", request.report->title},
                          {"about", request.report->about}};
  const auto add = [&](std::string_view name, const auto& value) {
    if (value) out[name] = *value;
  };
  const auto add_text = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out[name] = text;
  };
  add_text("tenant", request.tenant);
  add_text("patient", request.patient);
  add_text("device", request.device);
  add("from", request.from);
  add("to", request.to);
  out["masked"] = request.is_masked;
  out["made_at"] = heading.made_at;
  out["made_by"] = heading.made_by;
  out["program"] = heading.program;
  out["public_key"] = heading.public_key;
  out["checkpoint"] = heading.checkpoint;
  out["counts"] = to_json(heading.counts);
  out["gaps"] = to_json(heading.gaps);
  add("patient_erased_at", heading.patient_erased_at);
  return out;
}

Result<void> append_row(const ProvenRow& row, std::string& out) {
  out += fmt::format("{{\"record\":{},\"event\":", row.row.record);
  TRY_VOID(event::write_event(row.row.event, out));
  boost::json::array inclusion;
  for (const merkle::Hash& hash : row.inclusion) inclusion.emplace_back(merkle::to_base64(hash));
  boost::json::object keys;
  for (const event::Part part : event::kSealedParts) {
    if (const auto* key = row.keys.find(part)) {
      keys[to_string(part)] = codec::to_base64(key->bytes());
    }
  }
  out += ",\"proof\":";
  out += codec::to_json_text(boost::json::object{{"leaf", base64_of(row.leaf)},
                                                 {"inclusion", std::move(inclusion)},
                                                 {"keys", std::move(keys)}});
  out += '}';
  return {};
}

}  // namespace

Result<void> write_document(const Heading& heading, Rows& rows, const Write& write) {
  std::string text = codec::to_json_text(to_json(heading));
  text.back() = ',';
  text += "\"events\":[\n";
  Counts counts;
  const auto write_row = [&](const ProvenRow& row) -> Result<void> {
    if (counts.events > 0) text += ",\n";
    counts.add(row.row.event);
    TRY_VOID(append_row(row, text));
    TRY_VOID(write(text));
    text.clear();
    return {};
  };
  TRY_VOID(rows.each_proven(write_row));
  if (counts != heading.counts) {
    return fail(ErrorCode::kAborted,
                "keys were erased while the report was made: make it once more");
  }
  text += "\n]}\n";
  return write(text);
}

}  // namespace wardlock::audit
