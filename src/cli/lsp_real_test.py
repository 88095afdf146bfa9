"""`wardlock lsp` over real pipes, and from a real editor: Neovim, set up by the text of
docs/editors.md."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from program import HOSPITAL, LIMIT_S, ROOT, WARDLOCK, ProgramTest

POLICY = """\
permit (principal is User, action == Action::"view", resource is Patient)
when { resource.careTaem.contains(principal) };
"""


class Client:
    """The simplest of editors."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([WARDLOCK, "lsp", *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.last_id = 0
        self.notifications = []

    def write(self, raw):
        self.process.stdin.write(raw)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        """The answer; what comes before it is kept."""
        self.last_id += 1
        self.send({"id": self.last_id, "method": method, "params": params})
        while "id" not in (message := self.receive()):
            self.notifications.append(message)
        return message

    def open(self, path, text):
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": path.as_uri(), "languageId": "cedar", "version": 1, "text": text}})

    def diagnostics(self):
        """The next that are published."""
        message = self.notifications.pop(0) if self.notifications else self.receive()
        return message["params"]["diagnostics"]

    def kill(self):
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        self.process.wait(LIMIT_S)

    def end(self):
        """Exit status and standard error."""
        _, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, errors.decode()


class PipeTest(ProgramTest):
    def start(self, *arguments):
        client = Client(*arguments)
        self.addCleanup(client.kill)
        return client

    def running(self):
        client = self.start("--stdio")
        client.request("initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        client.notify("initialized", {})
        return client

    def test_a_session_from_initialize_to_exit(self):
        client = self.running()
        client.open(HOSPITAL / "draft.cedar", POLICY)
        found = client.diagnostics()
        self.assertTrue(any("careTeam" in each["message"] for each in found), found)
        answer = client.request("shutdown", None)
        self.assertIsNone(answer["result"])
        client.notify("exit", None)
        self.assertEqual(client.end(), (0, ""))

    def test_an_editor_that_goes_without_a_word(self):
        client = self.running()
        client.process.stdin.close()
        client.process.stdin = None
        self.assertEqual(client.end(), (1, ""))

    def test_exit_without_shutdown(self):
        client = self.running()
        client.notify("exit", None)
        self.assertEqual(client.end()[0], 1)

    def test_what_is_no_message_ends_it_with_an_error(self):
        client = self.start()
        client.write(b"GET / HTTP/1.1\r\n\r\n")
        status, errors = client.end()
        self.assertEqual(status, 1)
        self.assertIn("is this a language client?", errors)

    def test_a_message_that_is_too_large_is_answered_and_skipped(self):
        client = self.running()
        size = 65 << 20
        client.write(b"Content-Length: %d\r\n\r\n" % size)
        block = b" " * (1 << 20)
        for _ in range(size >> 20):
            client.write(block)
        self.assertEqual(client.receive()["error"]["code"], -32600)
        self.assertEqual(client.request("shutdown", None)["result"], None)

    def test_many_edits_in_one_write_are_checked_once(self):
        client = self.running()
        path = self.folder / "a.cedar"
        client.open(path, "permit")
        self.assertEqual(len(client.diagnostics()), 1)
        burst = b""
        for version in range(2, 300):
            text = "permit (principal, action, resource);" if version == 299 else "permit" * version
            body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
                "textDocument": {"uri": path.as_uri(), "version": version},
                "contentChanges": [{"text": text}]}}).encode()
            burst += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        client.write(burst)
        answer = client.request("textDocument/documentSymbol",
                                {"textDocument": {"uri": path.as_uri()}})
        self.assertEqual(len(answer["result"]), 1)
        looks = 1
        while client.diagnostics():
            looks += 1
        self.assertLess(looks, 100)

    def test_a_pipe_or_folder_named_as_a_schema_is_not_read(self):
        os.mkfifo(self.folder / "a.cedarschema")
        (self.folder / "b.cedarschema").mkdir()
        client = self.running()
        client.open(self.folder / "a.cedar", "permit (principal, action, resource);")
        self.assertEqual(client.diagnostics(), [])

    def test_a_schema_that_changes_on_disk_counts(self):
        client = self.running()
        path = self.folder / "a.cedar"
        text = "permit (principal is Visitor, action, resource);"
        self.write("s.cedarschema", "entity User;")
        client.open(path, text)
        self.assertTrue(client.diagnostics())
        self.write("s.cedarschema", "entity Visitor; action see appliesTo "
                                    "{ principal: Visitor, resource: Visitor };")
        client.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
        self.assertEqual(client.diagnostics(), [])

    def test_started_by_hand_it_says_what_it_is_for(self):
        result = self.run_here("lsp", "--json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("leave out `--json`", result.stdout)


# What a person does in Neovim, and what is then to be seen; run with the setting of the document.
STEPS = r"""
local seen = {}
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then error("waited in vain for " .. what) end
end
local function messages()
  return vim.tbl_map(function(found) return found.message end, vim.diagnostic.get(0))
end
local function ask(method, extra)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(), extra or {})
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 20000)) do
    return answer.result
  end
end
local function at(text)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(text) > 0, text)
end

vim.cmd("edit draft.cedar")
wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
seen.first = messages()

at([[\VcareTaem]])
local range = vim.lsp.util.make_range_params()
range.context = { diagnostics = {} }
for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/codeAction", range, 20000)) do
  vim.lsp.util.apply_workspace_edit(answer.result[1].edit, "utf-16")
end
wait("no diagnostics", function() return #vim.diagnostic.get(0) == 0 end)
seen.fixed = vim.api.nvim_buf_get_lines(0, 0, -1, false)

at([[\VcareTeam]])
seen.hover = ask("textDocument/hover").contents.value

vim.lsp.buf.definition()
wait("the definition", function() return vim.fn.expand("%:t") == "hospital.cedarschema" end)
seen.definition = vim.api.nvim_get_current_line()
vim.cmd("edit draft.cedar")

at([[\Vresource.careTeam]])
vim.cmd("normal! 8l")
local params = vim.lsp.util.make_position_params()
params.position.character = params.position.character + 1
seen.completion = {}
for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/completion", params, 20000)) do
  for _, item in ipairs(answer.result.items) do table.insert(seen.completion, item.label) end
end

vim.fn.setline(1, { "permit(principal,action,", "resource );" })
vim.fn.deletebufline(vim.fn.bufnr(), 3, "$")
if vim.lsp.buf.format then vim.lsp.buf.format() else vim.lsp.buf.formatting_sync() end
seen.formatted = vim.api.nvim_buf_get_lines(0, 0, -1, false)

-- What is not saved counts: the schema's buffer is broken, then the policy looked at again.
vim.cmd("edit! draft.cedar | edit hospital.cedarschema")
vim.fn.setline(1, "entity")
vim.cmd("buffer draft.cedar")
wait("the broken schema", function()
  return vim.tbl_contains(vim.tbl_map(function(d) return d.code end, vim.diagnostic.get(0)), "no_schema")
end)
seen.unsaved = true

vim.fn.writefile({ vim.json.encode(seen) }, "seen.json")
"""


@unittest.skipUnless(shutil.which("nvim"), "Neovim is not installed")
class NeovimTest(ProgramTest):
    def setting(self):
        text = (ROOT / "docs" / "editors.md").read_text()
        return re.search(r"```lua\n(.*?)```", text, re.DOTALL)[1]

    def test_the_setting_of_the_document_works_in_the_editor(self):
        for schema in HOSPITAL.glob("*.cedarschema"):
            shutil.copy(schema, self.folder / schema.name)
        self.write("draft.cedar", POLICY)
        self.write("init.lua", self.setting())
        self.write("steps.lua", STEPS)
        self.write("run.lua", """
            local done, why = pcall(dofile, "steps.lua")
            if not done then io.stderr:write(tostring(why) .. "\\n") vim.cmd("cquit") end
            vim.cmd("qall!")""")
        path = f"{pathlib.Path(WARDLOCK).parent}:{os.environ['PATH']}"
        home = {f"XDG_{name}_HOME": str(self.folder / name)
                for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        done = subprocess.run(
            ["nvim", "--headless", "-n", "-i", "NONE", "-u", "init.lua", "-c", "luafile run.lua"],
            cwd=self.folder, env={**os.environ, **home, "PATH": path, "HOME": str(self.folder)},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads((self.folder / "seen.json").read_text())
        self.assertTrue(any("did you mean `careTeam`" in each for each in seen["first"]), seen)
        self.assertEqual("\n".join(seen["fixed"]) + "\n", POLICY.replace("careTaem", "careTeam"))
        self.assertIn("careTeam: Set<User> // of Patient", seen["hover"])
        self.assertEqual(seen["definition"].strip(), "careTeam: Set<User>,")
        self.assertIn("recordNumber", seen["completion"])
        self.assertNotIn("maxRate", seen["completion"])
        self.assertEqual(seen["formatted"], ["permit (principal, action, resource);"])
        self.assertTrue(seen["unsaved"])


if __name__ == "__main__":
    unittest.main()
