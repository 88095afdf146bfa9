#include "audit/report/verify_report.h"

#include <fmt/format.h>

#include <utility>

#include "audit/inspect/evidence.h"
#include "audit/report/document_rows.h"
#include "audit/report/page.h"
#include "audit/report/table.h"
#include "merkle/checkpoint.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kMostFaults = 20;

class ReportCheck {
 public:
  ReportCheck(const Document& document, ReportVerification& result)
      : document_(document), rows_(document), result_(result) {}

  void check_signature(const merkle::VerifierKey& key,
                       const std::optional<merkle::VerifierKey>& witness) {
    const auto opened =
        merkle::open_checkpoint(document_.heading.checkpoint, policy_of(key, witness));
    if (!opened) return add(fmt::format("the checkpoint: {}", opened.error().message));
    if (document_.heading.public_key != key.text()) {
      add("the public key that the report names is not the one that was given");
    }
    result_.origin = opened->checkpoint().origin;
    result_.head = opened->head();
  }

  void check_events() {
    Counts counts;
    std::optional<std::uint64_t> before;
    for (const DocumentEvent& each : document_.events) {
      const auto event = check_event(each);
      if (!event) {
        add(fmt::format("record {}: {}", each.record, event.error().message));
      } else {
        counts.add(*event);
      }
      if (before && each.record <= *before) {
        add(fmt::format("record {} comes after record {}", each.record, *before));
      }
      before = each.record;
    }
    result_.events = document_.events.size();
    if (is_proven() && counts != document_.heading.counts) {
      add("the events are not as many as the report says");
    }
  }

  /// What was rendered of the data must be what they give.
  void check_rendered(std::string_view text,
                      Result<void> (*render)(const Heading&, Rows&, const Write&)) {
    const auto same = render(document_.heading, rows_, [&](std::string_view piece) -> Result<void> {
      if (!text.starts_with(piece)) return fail(ErrorCode::kDataLoss, "");
      text.remove_prefix(piece.size());
      return {};
    });
    if (same && text.empty()) return;
    add(
        fmt::format("what is shown is not what the data in it give: it was changed, or not made by "
                    "this version (it says `{}`)",
                    document_.heading.program));
  }

  bool is_proven() const { return result_.is_proven(); }

 private:
  Result<event::Event> check_event(const DocumentEvent& document) {
    TRY_VOID(check_place(document, result_.head));
    const event::Event event = TRY(rows_.shown(document));
    if (!belongs(document_.heading.request, event)) {
      return fail(ErrorCode::kDataLoss, "it is not of this report");
    }
    const event::RecordView record = TRY(event::parse_record(document.leaf));
    for (const event::SealedPart& part : record.parts()) {
      if (document.keys.find(part.part) == nullptr) {
        ++result_.unopened;
        break;
      }
    }
    return event;
  }

  void add(std::string fault) {
    if (result_.faults.size() < kMostFaults) {
      result_.faults.push_back(std::move(fault));
    } else if (result_.faults.size() == kMostFaults) {
      result_.faults.emplace_back("and more");
    }
  }

  const Document& document_;
  DocumentRows rows_;
  ReportVerification& result_;
};

/// What a page has between its marks; without them, nothing.
std::string_view data_of_page(std::string_view page) {
  const std::size_t begin = page.find(kPageDataBegin);
  if (begin == std::string_view::npos) return {};
  page.remove_prefix(begin + kPageDataBegin.size());
  return page.substr(0, page.find(kPageDataEnd));
}

}  // namespace

ReportForm form_of(std::string_view text) {
  if (text.starts_with(kPageBegin)) return ReportForm::kPage;
  return text.starts_with('{') ? ReportForm::kJson : ReportForm::kTable;
}

Result<ReportVerification> verify_report(std::string_view text, std::string_view data,
                                         const merkle::VerifierKey& key,
                                         const std::optional<merkle::VerifierKey>& witness) {
  const ReportForm form = form_of(text);
  if (form == ReportForm::kJson) data = text;
  if (form == ReportForm::kPage) data = data_of_page(text);
  const Document document = TRY(read_document(data));
  ReportVerification result;
  result.heading = document.heading;
  ReportCheck check(document, result);
  check.check_signature(key, witness);
  if (check.is_proven()) check.check_events();
  if (check.is_proven() && form == ReportForm::kPage) check.check_rendered(text, write_page);
  if (check.is_proven() && form == ReportForm::kTable) check.check_rendered(text, write_table);
  return result;
}

}  // namespace wardlock::audit
