#include "audit/report/page_style.h"

namespace wardlock::audit {

std::string_view page_style() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de; --head: #f3f5f8;
  --good: #116329; --bad: #a40e26; --warn: #7a4a00; --note: #fff6df; --edge: #d9a514;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1419; --text: #e6e9ee; --faint: #a3adb8; --line: #333c47; --head: #1a2129;
    --good: #6fd08c; --bad: #ff9492; --warn: #f0c36d; --note: #2a2412; --edge: #b98a1b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 90rem; padding: 2rem clamp(1rem, 3vw, 3rem);
  background: var(--page); color: var(--text);
  font: 0.9375rem/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
header p { margin: 0.25rem 0 0; }
.over { color: var(--faint); letter-spacing: 0.06em; text-transform: uppercase; font-size: 0.8rem; }
.facts {
  display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.25rem;
  margin: 1.25rem 0 0; padding: 0.9rem 0; border-block: 1px solid var(--line);
}
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0; padding: 0; list-style: none; }
.counts b { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.note {
  margin: 0.75rem 0 0; padding: 0.5rem 0.9rem; background: var(--note);
  border-inline-start: 4px solid var(--edge);
}
.wide { overflow-x: auto; }
table { width: 100%; min-width: 64rem; border-collapse: collapse; }
caption { padding: 0 0 0.4rem; color: var(--faint); text-align: start; }
th, td {
  padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line);
  text-align: start; vertical-align: top; overflow-wrap: anywhere;
}
td:nth-child(-n + 4) { min-width: 9.5rem; }
thead th { background: var(--head); border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody th { font-weight: normal; }
td p, td ul { margin: 0; padding: 0; list-style: none; white-space: pre-wrap; }
td .faint, .faint { color: var(--faint); font-size: 0.85em; }
.number { font-variant-numeric: tabular-nums; text-align: end; }
time { font-variant-numeric: tabular-nums; }
time b { font-weight: normal; white-space: nowrap; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); font-weight: 600; }
code { overflow-wrap: anywhere; }
code, pre { font: 0.9em/1.4 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
pre { overflow-x: auto; padding: 0.7rem 0.9rem; background: var(--head); white-space: pre-wrap; overflow-wrap: anywhere; }
@page { size: A4 landscape; margin: 12mm 10mm; }
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --text: #000000; --faint: #444444; --line: #999999; --head: #eeeeee;
    --good: #0b4f20; --bad: #8a0b1f; --warn: #5f3a00; --note: #ffffff; --edge: #888888;
  }
  body { max-width: none; padding: 0; font-size: 8.5pt; }
  h1 { font-size: 16pt; }
  .wide { overflow: visible; }
  table { min-width: 0; }
  td:nth-child(-n + 4) { min-width: 6.5em; }
  thead { display: table-header-group; }
  tr, .note, .facts { break-inside: avoid; }
  h2 { break-after: avoid; }
}
)css";
}

}  // namespace wardlock::audit
