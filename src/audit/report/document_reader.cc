#include <fmt/format.h>

#include <utility>

#include "audit/report/document.h"
#include "codec/base64.h"
#include "merkle/proof_lines.h"

namespace wardlock::audit {
namespace {

constexpr codec::JsonLimits kLimits{
    .max_bytes = std::size_t{1} << 30, .max_depth = 8, .max_members = 256};

/// Takes a document's object apart; what is wrong is said once, by the first who finds it.
class Fields {
 public:
  Fields(const codec::Json& json, std::string_view where) : where_(where) {
    object_ = json.if_object();
    if (object_ == nullptr) complain("is not an object");
  }

  std::string text(std::string_view name) {
    const auto* const value = find(name);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    if (value != nullptr && text == nullptr) complain(name, "a text");
    return text == nullptr ? std::string() : std::string(*text);
  }
  std::string required_text(std::string_view name) {
    require(name);
    return text(name);
  }
  std::optional<std::int64_t> integer(std::string_view name) {
    const auto* const value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* const number = value->if_int64();
    if (number == nullptr) complain(name, "an integer");
    return number == nullptr ? std::nullopt : std::optional(*number);
  }
  std::int64_t required_integer(std::string_view name) {
    require(name);
    return integer(name).value_or(0);
  }
  std::uint64_t count(std::string_view name) {
    const std::int64_t number = required_integer(name);
    if (number < 0) complain(name, "a number");
    return static_cast<std::uint64_t>(number);
  }
  bool required_flag(std::string_view name) {
    require(name);
    const auto* const value = find(name);
    const bool* const flag = value == nullptr ? nullptr : value->if_bool();
    if (value != nullptr && flag == nullptr) complain(name, "`true` or `false`");
    return flag != nullptr && *flag;
  }
  const codec::Json& required(std::string_view name) {
    static const codec::Json none;
    require(name);
    const auto* const value = find(name);
    return value == nullptr ? none : *value;
  }
  /// Null: it is not there.
  const codec::Json* optional(std::string_view name) { return find(name); }
  /// After all members were asked for: there are no others.
  Result<void> finish() {
    if (object_ != nullptr && known_ < object_->size()) complain("has a member of no meaning");
    return so_far();
  }
  Result<void> so_far() const {
    if (why_.empty()) return {};
    return invalid(fmt::format("this is not a report: {}", why_));
  }
  void complain(std::string_view what) {
    if (why_.empty()) why_ = fmt::format("{} {}", where_, what);
  }
  void complain(std::string_view name, std::string_view wanted) {
    complain(fmt::format("needs {} as `{}`", wanted, name));
  }

 private:
  const codec::Json* find(std::string_view name) {
    const auto* const value = object_ == nullptr ? nullptr : object_->if_contains(name);
    if (value != nullptr) ++known_;
    return value;
  }
  void require(std::string_view name) {
    if (object_ != nullptr && !object_->contains(name)) {
      complain(fmt::format("has no `{}`", name));
    }
  }

  std::string where_;
  const boost::json::object* object_ = nullptr;
  std::size_t known_ = 0;
  std::string why_;
};

Result<Counts> read_counts(const codec::Json& json) {
  Fields fields(json, "`counts`");
  const Counts counts{.events = fields.count("events"),
                      .succeeded = fields.count("succeeded"),
                      .refused = fields.count("refused"),
                      .failed = fields.count("failed"),
                      .erased = fields.count("erased"),
                      .locked = fields.count("locked")};
  TRY_VOID(fields.finish());
  return counts;
}

Result<Gaps> read_gaps(const codec::Json& json) {
  Fields fields(json, "`gaps`");
  const Gaps gaps{.unreadable = fields.count("unreadable"),
                  .erased = fields.count("erased"),
                  .locked = fields.count("locked"),
                  .removed = fields.count("removed")};
  TRY_VOID(fields.finish());
  return gaps;
}

Result<std::string> read_base64(const codec::Json& json, std::string_view what) {
  const auto* const text = json.if_string();
  auto bytes = text == nullptr ? std::nullopt : codec::from_base64(*text);
  if (bytes) return *std::move(bytes);
  return invalid(fmt::format("this is not a report: {} is not base64", what));
}

Result<void> read_keys(const codec::Json& json, event::PartKeys& out) {
  Fields fields(json, "`keys`");
  for (const event::Part part : event::kSealedParts) {
    const codec::Json* const text = fields.optional(to_string(part));
    if (text == nullptr) continue;
    const std::string bytes = TRY(read_base64(*text, "a key"));
    if (bytes.size() != crypto::SymmetricKey::kBytes) {
      return invalid("this is not a report: a key has another length");
    }
    out.set(part, crypto::SymmetricKey(crypto::SymmetricKey::Bytes(
                      reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())));
  }
  return fields.finish();
}

Result<void> read_proof(const codec::Json& json, DocumentEvent& out) {
  Fields fields(json, "a proof");
  const codec::Json& leaf = fields.required("leaf");
  const codec::Json& inclusion = fields.required("inclusion");
  const codec::Json& keys = fields.required("keys");
  TRY_VOID(fields.finish());
  out.leaf = TRY(read_base64(leaf, "a leaf"));
  const auto* const hashes = inclusion.if_array();
  if (hashes == nullptr || hashes->size() > merkle::kMaxProofHashes) {
    return invalid("this is not a report: `inclusion` is not a list of hashes");
  }
  for (const codec::Json& each : *hashes) {
    const auto* const text = each.if_string();
    if (text == nullptr) return invalid("this is not a report: a hash is not a text");
    out.inclusion.push_back(TRY(merkle::hash_from_base64(*text)));
  }
  return read_keys(keys, out.keys);
}

Result<ReportRequest> read_request(Fields& fields) {
  ReportRequest request;
  const std::string name = fields.required_text("report");
  request.report = find_report(name);
  if (request.report == nullptr) {
    return invalid(fmt::format("this is not a report that this program knows: `{}`", name));
  }
  if (fields.required_text("title") != request.report->title ||
      fields.required_text("about") != request.report->about) {
    return invalid(fmt::format("this is not a report: its title is not that of `{}`", name));
  }
  request.tenant = fields.text("tenant");
  request.patient = fields.text("patient");
  request.device = fields.text("device");
  request.from = fields.integer("from");
  request.to = fields.integer("to");
  request.is_masked = fields.required_flag("masked");
  TRY_VOID(check_request(request));
  return request;
}

Result<DocumentEvent> read_event(const codec::Json& json) {
  Fields fields(json, "an event");
  DocumentEvent out{
      .record = fields.count("record"), .shown = {}, .leaf = {}, .keys = {}, .inclusion = {}};
  const codec::Json& shown = fields.required("event");
  const codec::Json& proof = fields.required("proof");
  TRY_VOID(fields.finish());
  if (!shown.is_object()) return invalid("this is not a report: an event is not an object");
  out.shown = shown.as_object();
  TRY_VOID(read_proof(proof, out));
  return out;
}

}  // namespace

Result<Document> read_document(std::string_view json) {
  const codec::Json root = TRY(codec::parse_json(json, kLimits));
  Fields fields(root, "the document");
  if (fields.required_integer("wardlock_report") != kDocumentVersion) {
    TRY_VOID(fields.so_far());
    return invalid("the report is of a version that this program does not know: use a newer one");
  }
  Document out;
  out.heading.request = TRY(read_request(fields));
  out.heading.made_at = fields.required_integer("made_at");
  out.heading.made_by = fields.required_text("made_by");
  out.heading.program = fields.required_text("program");
  out.heading.public_key = fields.required_text("public_key");
  out.heading.checkpoint = fields.required_text("checkpoint");
  out.heading.patient_erased_at = fields.integer("patient_erased_at");
  const codec::Json& counts = fields.required("counts");
  const codec::Json& gaps = fields.required("gaps");
  const codec::Json& events = fields.required("events");
  TRY_VOID(fields.finish());
  out.heading.counts = TRY(read_counts(counts));
  out.heading.gaps = TRY(read_gaps(gaps));
  if (!events.is_array()) return invalid("this is not a report: `events` is not a list");
  for (const codec::Json& each : events.as_array()) out.events.push_back(TRY(read_event(each)));
  return out;
}

}  // namespace wardlock::audit
