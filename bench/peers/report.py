"""What a run found, as tables in Markdown, and as the figures of `--json`."""
import in_process
import picture
from gates import gates
from generated_part import GeneratedPart

GENERATED = GeneratedPart("peers", "`./dev bench peers --write`")


def table(head, rows):
    marks = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in [head, marks, *rows])


def shown(value, pattern="{:.2f}"):
    return "–" if value is None else pattern.format(value)


def ns(value):
    return "–" if value is None else f"{value:.0f}" if value < 10_000 else f"{value:,.0f}"


def quotient(above, below):
    return "–" if above is None or not below else f"{above / below:.1f}"


def gate_table(found):
    return table(["what must hold", "bound", "found", ""],
                 [[gate.what, f"{'≥' if gate.is_least else '≤'} {gate.bound:g}{gate.unit}",
                   shown(gate.value, "{:.3g}" + gate.unit), gate.verdict] for gate in gates(found)])


def process_table(tasks):
    rows = [[task["name"], task["policies"], task["entities"], f"{task['allow_share']:.0%}",
             ns(task["ours_p50_ns"]), ns(task["ours_p99_ns"]), ns(task["cedar_p50_ns"]),
             ns(task["cedar_p99_ns"]), quotient(task["cedar_p50_ns"], task["ours_p50_ns"]),
             quotient(task["cedar_in_turn_ns"], task["ours_in_turn_ns"]),
             f"{shown(task['ours_kilobytes'], '{:.0f}')} / {shown(task['cedar_kilobytes'], '{:.0f}')}"]
            for task in tasks]
    means = [in_process.geometric_mean(tasks, figure) for figure in ("p50_ns", "in_turn_ns")]
    rows.append(["geometric mean", *[""] * 7, *[shown(mean, "**{:.1f}**") for mean in means], ""])
    return table(["task", "policies", "entities", "allowed", "our p50 ns", "p99", "crate's p50", "p99",
                  "ratio", "in turn", "kB"], rows)


def http_table(http):
    names = {"noop": "no-op handler", "ours": "`wardlock pdp`", "cerbos": "Cerbos"}
    ours = http["servers"]["ours"]
    rows = []
    for key, found in http["servers"].items():
        name, paced = names[key], http["paced"].get(key)
        rows.append([name, f"{found['rps']:,.0f}", f"{ours['rps'] / found['rps']:.2f}",
                     f"{found['cpu_us']:.1f}", f"{found['busy']:.0%}", f"{found['p50_us']:,.0f}",
                     f"{found['p99_us']:,.0f}", shown(paced and paced["p50_us"], "{:,.0f}"),
                     shown(paced and paced["p99_us"], "{:,.0f}"),
                     f"{found['ready_mb']:.0f} / {found['loaded_mb']:.0f}"])
    return table(["one core each", "a second", "ours by it", "CPU µs", "core used", "p50 µs", "p99",
                  "p50 at equal load", "p99", "MB ready / asked"], rows)


def scale_table(scale):
    policies, entities, counted = scale["policies"], scale["entities"], scale["instructions"]
    rows = [["100 → 100,000 policies, time", ns(policies["small_ns"]) + " ns",
             ns(policies["large_ns"]) + " ns", shown(policies["time_ratio"])],
            ["1,000 → 1,000,000 entities, time", ns(entities["small_ns"]) + " ns",
             ns(entities["large_ns"]) + " ns", shown(entities["time_ratio"])]]
    if counted:
        rows.insert(0, ["100 → 100,000 policies, instructions", ns(counted["few"]), ns(counted["many"]),
                        shown(counted["many"] / counted["few"])])
    return table(["a decision with", "few", "many", "ratio"], rows)


def markdown(found):
    """The generated part of docs/performance.md."""
    parts = [f"{found['date']}, {found['machine']}. {found['versions']}.", gate_table(found)]
    if found["in_process"]:
        parts += ["### In process", "![Median time of one decision by task](peers-in-process.svg)",
                  process_table(found["in_process"]), wasm_words(found["in_process"])]
    if found["http"] or found["scale"]:
        parts += ["### Over HTTP, and growing",
                  "![Decisions a second over HTTP, and what growth costs](peers-http.svg)"]
    if found["http"]:
        http = found["http"]
        parts += [http_table(http),
                  f"Idle, with its threads for all cores: {http['idle_rss_mb']:.1f} MB. From the start of "
                  f"the program to its first decision: {http['start_ms']:.0f} ms. All {http['questions']} "
                  f"questions were decided alike; {http['timed']} of them were timed, "
                  f"{http['allow_share']:.0%} allowed. The equal load was "
                  f"{http['paced']['ours']['rps']:,.0f} and {http['paced']['noop']['rps']:,.0f} a second."]
    if found["scale"]:
        scale = found["scale"]
        parts += [scale_table(scale),
                  f"10,000 policies: parsed in {scale['compile']['parse_ms']:.0f} ms, compiled in "
                  f"{scale['compile']['compile_ms']:.0f} ms. 1,000,000 entities: read in "
                  f"{scale['entities']['load_ms'] / 1000:.1f} s, "
                  f"{scale['entities']['bytes_per_entity']:.0f} bytes of memory each. Of a decision among "
                  f"them {ns(scale['entities']['bare_reads_ns'])} ns are reads that none can do without "
                  "(two words of an index, and the records they lead to, read by a bare loop)."]
    return "\n\n".join(part for part in parts if part)


def wasm_words(tasks):
    mean = in_process.geometric_mean(tasks, "p50_ns", "wasm")
    return mean and (f"npm `@cedar-policy/cedar-wasm`, which reads the entities anew for each decision, "
                     f"took {mean:,.0f} times as long as Wardlock (geometric mean of p50).")


def headline(found):
    """The generated part of README.md."""
    words = []
    if mean := in_process.geometric_mean(found["in_process"] or [], "p50_ns"):
        words.append(f"{mean:.0f} times as fast as the reference implementation (crate `cedar-policy`) in "
                     "process, over its own benchmarking corpus")
    if found["http"] and "cerbos" in found["http"]["servers"]:
        servers = found["http"]["servers"]
        words.append(f"{servers['ours']['rps'] / servers['cerbos']['rps']:.0f} times Cerbos's decisions a "
                     f"second over HTTP ({servers['ours']['rps']:,.0f} on one core)")
    sentence = f"In one run on {found['machine']}: {'; '.join(words)}." if words else ""
    return "\n\n".join(["![Median time of one decision by task](docs/peers-in-process.svg)",
                        "![Decisions a second over HTTP, and what growth costs](docs/peers-http.svg)",
                        sentence])


def pictures(found):
    """File names below docs/, and what is in them."""
    made, source = {}, f"{found['machine']}, {found['date']}"
    if tasks := found["in_process"]:
        made["peers-in-process.svg"] = picture.in_process(
            tasks, in_process.geometric_mean(tasks, "p50_ns"), source)
    if found["http"] or found["scale"]:
        made["peers-http.svg"] = picture.http_and_growth(found["http"], found["scale"], source)
    return made


def figures(found):
    """For `--json`: null where a figure could not be taken."""
    http, scale, tasks = found["http"], found["scale"], found["in_process"]
    counted = scale and scale["instructions"]

    def server(name, figure):
        return http and http["servers"].get(name, {}).get(figure)

    return {
        "in_process": {
            "vs_cedar_native_geomean": in_process.geometric_mean(tasks or [], "p50_ns"),
            "tasks": [{key: task[key] for key in ("name", "ours_p50_ns", "cedar_p50_ns", "allow_share")}
                      for task in tasks or []]},
        "http": {"ours_rps": server("ours", "rps"), "cerbos_rps": server("cerbos", "rps"),
                 "noop_rps": server("noop", "rps"), "ours_p99_us": server("ours", "p99_us"),
                 "noop_p99_us": server("noop", "p99_us")},
        "scale": {
            "policies_100k_over_100_instructions": counted and counted["many"] / counted["few"],
            "policies_100k_over_100_time": scale and scale["policies"]["time_ratio"],
            "entities_1m_over_1k_time": scale and scale["entities"]["time_ratio"]},
        "idle_rss_mb": http and http["idle_rss_mb"],
        "start_ms": http and http["start_ms"]}
