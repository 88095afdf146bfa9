// Where clients publish their keys.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import { jwk } from './clients.mjs';

export class KeyServer {
  asked = 0;

  /** `folder` holds its certificate; `keys` is its origin. */
  static async listen({ folder, keys }) {
    const made = new KeyServer();
    const pair = { cert: readFileSync(`${folder}/server.pem`), key: readFileSync(`${folder}/server.key`) };
    const server = createServer(pair, (request, reply) => {
      ++made.asked;
      reply.setHeader('Content-Type', 'application/jwk-set+json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise((listening) => server.listen(Number(new URL(keys).port), '127.0.0.1', listening));
    server.unref();
    return made;
  }
}
