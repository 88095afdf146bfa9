#include "api/admin/bill.h"

#include <fmt/format.h>

#include "api/admin/import_gate.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "directory/inventory/bill.h"
#include "directory/inventory/finder.h"
#include "directory/inventory/import_file.h"
#include "directory/inventory/import_json.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using directory::BatchOutcome;
using directory::Bill;
using directory::ImportFile;
using directory::Kind;
using directory::Thing;

constexpr directory::Kinds kWholes = {Kind::kDeviceModel, Kind::kModuleVersion};

/// What the bill is of.
Answered<Thing> whole_of(const Asked& asked) {
  const std::string_view text = asked.parameter("of");
  if (text.empty())
    return invalid("say what the bill is of: `of` is a key such as `deviceModel:…`");
  const auto key = directory::read_key(text, kWholes);
  if (!key) return std::unexpected(Refusal(key.error().in("`of`")));
  auto thing = TRY(directory::find_identified(asked.errand.registry, asked.tenant(), *key));
  if (thing) return std::move(*thing);
  return std::unexpected(Refusal(
      Error{ErrorCode::kNotFound, fmt::format("`{}` names nothing that is known", to_text(*key))}));
}

Result<codec::Json> written(const Asked& asked, const Thing& whole) {
  const crypto::UuidText serial = crypto::random_uuid();
  return directory::write_bill(
      asked.errand.registry, asked.tenant(), whole,
      {.now = asked.errand.now, .serial_number = {serial.data(), serial.size()}});
}

Answered<Bill> bill_in(const Asked& asked, const Thing& whole) {
  const net::HttpRequest& request = asked.request;
  if (!has_type(request, kCycloneDxType) && !has_type(request, "application/json")) {
    return refuse(415, ErrorCode::kInvalidArgument,
                  fmt::format("send `{}`, and say so in `Content-Type`", kCycloneDxType));
  }
  if (request.body.size() > kMuch) return too_large(kMuch);
  directory::BillReading how{.root = fmt::format("{}.id:{}", to_string(whole.kind), whole.id),
                             .supplier = std::string(asked.parameter("supplier"))};
  Bill bill = TRY(directory::read_bill(request.body, how));
  const std::string now = codec::to_json_text(TRY(written(asked, whole)));
  end_what_is_gone(TRY(directory::read_bill(now, how)), bill);
  return bill;
}

Answered<void> check_faults(const ImportFile& file) {
  if (file.fault_count() == 0) return {};
  Refusal refusal(Error{ErrorCode::kInvalidArgument, ""});
  for (const directory::FileFault& wrong : file.faults()) {
    for (const directory::Fault& fault : wrong.faults) {
      refusal.wrong.push_back({.pointer = pointer_to("#", fault.path), .detail = fault.message});
      if (!refusal.error.message.empty()) continue;
      refusal.error.message =
          fmt::format("line {}: `{}` {}", wrong.place.line, printable(fault.path), fault.message);
    }
  }
  return std::unexpected(std::move(refusal));
}

/// What became of what the bill says, without what stays the same.
struct Taken {
  array lines;
  bool is_refused = false;
  std::optional<std::uint64_t> revision;
  std::size_t parts = 0;
  std::uint64_t entries = 0;  ///< of these parts

  void add(const directory::FileBatch& batch, const BatchOutcome& outcome) {
    ++parts;
    entries += batch.entries.size();
    is_refused = is_refused || outcome.is_refused;
    if (outcome.revision) revision = outcome.revision;
    codec::Json all = to_json(outcome);
    array& outcomes = all.at("outcomes").as_array();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcome.outcomes[i].effect == directory::Effect::kSame) continue;
      object line{{"line", batch.places[i].line}};
      for (const std::string_view name : {"kind", "relation"}) {
        const codec::Json* const what = batch.entries[i].as_object().if_contains(name);
        if (what != nullptr) line["what"] = *what;
      }
      for (auto& member : outcomes[i].as_object()) line[member.key()] = std::move(member.value());
      lines.push_back(std::move(line));
    }
  }
};

/// False: there are no more, or it was refused.
Answered<bool> take_next(const Asked& asked, ImportFile& file, bool is_dry_run, AskedGate& gate,
                         Taken& taken) {
  const auto part = TRY(file.next(is_dry_run));
  if (!part) return false;
  const auto batch = TRY(directory::read_batch(directory::to_json(*part), is_dry_run));
  TRY_VOID(check_import(asked, batch));
  const auto outcome =
      TRY(directory::import_batch(asked.errand.registry, asked.errand.mandate, gate, batch));
  taken.add(*part, outcome);
  return !outcome.is_refused || is_dry_run;
}

/// Says also what was taken over before it, and stays.
Refusal refusal_behind(const Taken& taken, const ImportFile& file, Refusal refusal) {
  if (!taken.revision) return refusal;
  refusal.error.message += fmt::format(
      "; {} of the {} entries that the bill comes to, in {} {}, were taken over before, up to "
      "revision {}, and stay: the same import again goes on from there",
      taken.entries, file.size(), taken.parts, taken.parts == 1 ? "part" : "parts",
      *taken.revision);
  return refusal;
}

/// Ends at the first part that is refused, unless it is a dry run.
Answered<Taken> take(const Asked& asked, ImportFile& file, bool is_dry_run) {
  Taken taken;
  AskedGate gate(asked.errand.gate);
  file.begin_again();
  for (;;) {
    auto goes_on = take_next(asked, file, is_dry_run, gate, taken);
    if (!goes_on) {
      return std::unexpected(refusal_behind(taken, file, std::move(goes_on).error()));
    }
    if (!*goes_on) return taken;
  }
}

}  // namespace

Answered<void> read_bill(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(check_export(
      asked, {Kind::kDeviceModel, Kind::kModule, Kind::kModuleVersion, Kind::kOrganisation},
      false));
  const Thing whole = TRY(whole_of(asked));
  write_json(TRY(written(asked, whole)), response);
  response.content_type = kCycloneDxType;
  return {};
}

Answered<void> replace_bill(const Asked& asked, net::HttpResponse& response) {
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  for (const Kind kind : {Kind::kDeviceModel, Kind::kModuleVersion}) {
    TRY_VOID(asked.errand.gate.check(Deed::kImport, kind));
  }
  const Thing whole = TRY(whole_of(asked));
  const auto inventory = directory::bill_inventory(TRY(bill_in(asked, whole)));
  ImportFile file = TRY(ImportFile::read({inventory.get()}));
  TRY_VOID(check_faults(file));
  Taken taken = TRY(take(asked, file, true));
  if (!taken.is_refused && !is_dry_run) taken = TRY(take(asked, file, false));
  object out{{"lines", std::move(taken.lines)}, {"refused", taken.is_refused}};
  if (taken.revision) {
    out["revision"] = *taken.revision;
    response.headers.add(administration::kRevisionHeader, fmt::format("{}", *taken.revision));
  }
  write_json(out, response);
  return {};
}

}  // namespace wardlock::admin
