"""The plots, as SVG that is read in light and in dark."""
import math
from xml.sax.saxutils import escape

STYLE = """
  .paper { fill: #ffffff }
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 14px; font-weight: 600 }
  .quiet { fill: #59636e }
  .right { text-anchor: end }
  .middle { text-anchor: middle }
  .grid { stroke: #d1d9e0 }
  .span { stroke: #d1d9e0; stroke-width: 2 }
  .ours { fill: #0a5cad }
  .peer { fill: #bc4c00 }
  .other { fill: #818b98 }
  .bound { stroke: #1f2328; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .grid, .span { stroke: #3d444d }
    .ours { fill: #4a9eff }
    .peer { fill: #f0883e }
    .other { fill: #656c76 }
    .bound { stroke: #f0f6fc }
  }
"""
WIDTH, PADDING, ROW = 900, 16, 19
LABEL = 250
BARS = WIDTH - LABEL - 150  # room for the longest bar


class Picture:
    def __init__(self, description):
        self.description = description
        self.parts = []
        self.y = PADDING

    def text(self, x, y, words, style=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'class="{style}"/>')

    def dot(self, x, y, style):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="{style}"/>')

    def bar(self, width, style):
        self.parts.append(f'<rect x="{LABEL}" y="{self.y - 11:.1f}" width="{max(width, 1):.1f}" '
                          f'height="14" class="{style}"/>')

    def title(self, words, quiet=""):
        self.y += 14 if self.y == PADDING else 34
        self.text(PADDING, self.y, words, "title")
        if quiet:
            self.y += 17
            self.text(PADDING, self.y, quiet, "quiet")
        self.y += 8

    def svg(self):
        height = self.y + PADDING
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
            f"<title>{escape(self.description)}</title>", f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height:.0f}" rx="6"/>', *self.parts,
            "</svg>", ""])


def nanoseconds(value):
    return f"{value:.0f} ns" if value < 1000 else f"{value / 1000:.3g} µs"


def in_process(tasks, ratio, source):
    """A line for each task: our median and the reference's, on a logarithmic scale."""
    picture = Picture("Median time of one decision in process, Wardlock and cedar-policy, by task")
    versus = f"; {ratio:.1f} times as fast (geometric mean)" if ratio else ""
    picture.title(f"One decision in process, median{versus}", source)
    values = [task[name] for task in tasks for name in ("ours_p50_ns", "cedar_p50_ns") if task[name]]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x_of(value):
        return LABEL + (math.log10(value) - low) / (high - low) * (BARS + 60)

    top = picture.y + ROW
    bottom = top + ROW * len(tasks)
    for decade in range(low, high + 1):
        picture.line(x_of(10 ** decade), top - 4, x_of(10 ** decade), bottom, "grid")
        picture.text(x_of(10 ** decade), top - 8, nanoseconds(10 ** decade), "quiet middle")
    for number, task in enumerate(sorted(tasks, key=lambda task: task["ours_p50_ns"])):
        y = top + ROW * number + 12
        picture.text(LABEL - 12, y + 4, task["name"].removeprefix("generated/"), "right")
        if task["cedar_p50_ns"]:
            picture.line(x_of(task["ours_p50_ns"]), y, x_of(task["cedar_p50_ns"]), y, "span")
            picture.dot(x_of(task["cedar_p50_ns"]), y, "peer")
            picture.text(WIDTH - PADDING, y + 4,
                         f"{task['cedar_p50_ns'] / task['ours_p50_ns']:.1f}×", "right")
        picture.dot(x_of(task["ours_p50_ns"]), y, "ours")
    picture.y = bottom + 18
    legend(picture, [("ours", "Wardlock"), ("peer", "cedar-policy, native")])
    return picture.svg()


def legend(picture, entries):
    for number, (style, words) in enumerate(entries):
        x = LABEL + 170 * number
        picture.dot(x + 5, picture.y - 4, style)
        picture.text(x + 16, picture.y, words)
    picture.y += 4


def bars(picture, rows, shown):
    """(label, value, style) each, on one scale."""
    longest = max(value for _, value, _ in rows)
    for label, value, style in rows:
        picture.y += ROW + 3
        picture.text(LABEL - 12, picture.y, label, "right")
        picture.bar(value / longest * BARS, style)
        picture.text(LABEL + max(value / longest * BARS, 1) + 8, picture.y, shown(value))


def http_and_growth(http, scale, source):
    picture = Picture("Decisions a second over HTTP, and what growth costs")
    if http:
        servers = http["servers"]
        rps = [("no decision at all", servers["noop"]["rps"], "other"),
               ("Wardlock", servers["ours"]["rps"], "ours")]
        versus = ""
        if cerbos := servers.get("cerbos"):
            rps.append(("Cerbos", cerbos["rps"], "peer"))
            versus = f": {servers['ours']['rps'] / cerbos['rps']:.1f} times Cerbos"
        picture.title(f"Decisions a second over HTTP/1.1, one core{versus}",
                      f"a hospital's policies, {http['timed']} questions in turn; {source}")
        bars(picture, rps, lambda value: f"{value:,.0f}")
    if scale:
        picture.title("What growth costs a decision",
                      "ratios in one run; 1 would be nothing; the dashed line is the most it may be")
        growth(picture, scale)
    return picture.svg()


def growth(picture, scale):
    rows = [("time: 100 → 100,000 policies", scale["policies"]["time_ratio"], 2),
            ("time: 1,000 → 1,000,000 entities", scale["entities"]["time_ratio"], 3)]
    if counted := scale["instructions"]:
        rows.insert(0, ("instructions: 100 → 100,000 policies", counted["many"] / counted["few"], 1.2))
    longest = max(max(value, bound) for _, value, bound in rows)
    for label, value, bound in rows:
        picture.y += ROW + 3
        picture.text(LABEL - 12, picture.y, label, "right")
        picture.bar(value / longest * BARS, "ours")
        x = LABEL + bound / longest * BARS
        picture.line(x, picture.y - 15, x, picture.y + 7, "bound")
        picture.text(LABEL + max(value, bound) / longest * BARS + 8, picture.y, f"{value:.2f}×")
