// The reference implementation, called with JSON text instead of JavaScript values. Its binding
// passes every argument and answer through JSON.stringify and JSON.parse; both are taught here to
// let prepared text through, so that documents arrive byte for byte as Wardlock gets them.

import {createRequire} from 'node:module';
import {read, Verbatim} from './json.mjs';

const require = createRequire(import.meta.url);
const kModule = '@cedar-policy/cedar-wasm/nodejs';

const stringify = JSON.stringify;
JSON.stringify = (value, ...rest) =>
  value instanceof Verbatim ? value.text : stringify(value, ...rest);

export class Reference {
  constructor() {
    this.crashes = 0;
    this.wasm = require(kModule);
    this.calls = 0;
  }

  get version() {
    return `${this.wasm.getCedarSDKVersion()} (language ${this.wasm.getCedarLangVersion()})`;
  }

  /**
   * Calls a function of the binding; arguments are strings, or `Verbatim` JSON. The answer is
   * parsed with `read`; `{type: 'failure'}` stands for what the binding throws at malformed
   * input, `{type: 'crash'}` for a reference that ran out of its stack.
   */
  call(name, ...args) {
    this.calls++;
    const parse = JSON.parse;
    JSON.parse = (text) => text;
    try {
      const answer = this.wasm[name](...args);
      JSON.parse = parse;
      return typeof answer === 'string' ? read(answer) : answer;
    } catch (error) {
      JSON.parse = parse;
      return this.failed(error);
    } finally {
      JSON.parse = parse;
    }
  }

  failed(error) {
    const message = String(error?.message ?? error);
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      this.restart();
      return {type: 'crash', errors: [{message}]};
    }
    return {type: 'failure', errors: [{message}]};
  }

  /** A crashed instance is in an unknown state: begin with a new one. */
  restart() {
    this.crashes++;
    delete require.cache[require.resolve(kModule)];
    this.wasm = require(kModule);
  }
}

/** What the reference said, in one line. */
export function messageOf(answer) {
  return (answer.errors ?? []).map((e) => e.message).join('; ');
}
