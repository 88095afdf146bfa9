// A folder of sample pages over HTTP, with the headers that Wardlock gives its pages.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const kTypes = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

export async function serveFolder(folder) {
  const policy = (await readFile(path.join(folder, 'policy.txt'), 'utf8')).trim();
  const server = createServer(async (request, response) => {
    const name = path.normalize(new URL(request.url, 'http://x').pathname);
    try {
      const body = await readFile(path.join(folder, name));
      response.writeHead(200, { 'Content-Type': kTypes[path.extname(name)] ?? 'text/plain',
        'Content-Security-Policy': policy, 'Referrer-Policy': 'same-origin' });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://localhost:${server.address().port}`, close: () => server.close() };
}
