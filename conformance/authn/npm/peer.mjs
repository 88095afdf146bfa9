// Our program, asked a question a line (../peer.cc). AUTHN_PEER names it.
import {spawn} from 'node:child_process';
import readline from 'node:readline';

const child = spawn(process.env.AUTHN_PEER, {stdio: ['pipe', 'pipe', 'inherit']});
const waiting = [];
readline.createInterface({input: child.stdout}).on('line', (line) => waiting.shift()(JSON.parse(line)));
child.on('exit', (code) => {
  if (waiting.length > 0) throw new Error(`the peer ended with ${code} and owes an answer`);
});

export function ask(what, question) {
  child.stdin.write(`${JSON.stringify({do: what, ...question})}\n`);
  return new Promise((resolve) => waiting.push(resolve));
}

export function close() {
  child.stdin.end();
}
