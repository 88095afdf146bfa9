// Looks at every sample page as people do: light and dark, on a phone of 320 px, at 200 % zoom, and with axe-core's
// rules of WCAG 2.2 AA. What is wrong is told, and the exit status is 1.
//
// usage: node looks.mjs SAMPLES_FOLDER [PICTURES_FOLDER]
import { readdir, readFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { serveFolder } from './served.mjs';

const [folder, pictures] = process.argv.slice(2);
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const kMinTarget = 48; // px, for gloves
const faults = [];

function findSmallTargets(least) {
  const isInText = (element) => element.tagName === 'A' && element.closest('p.hint, .top') !== null;
  return [...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
    .filter((e) => !e.closest('[hidden]') && !e.matches('.away, .skip') && !isInText(e) && e.checkVisibility())
    .filter((e) => Math.round(e.getBoundingClientRect().height) < least)
    .map((e) => `${e.tagName} ${e.textContent.trim().slice(0, 30)} ${e.getBoundingClientRect().height}`);
}

async function look(context, url, name, scheme) {
  const page = await context.newPage();
  const tell = (what) => faults.push(`${name} (${scheme}): ${what}`);
  page.on('console', (message) => { if (message.type() === 'error') tell(`console: ${message.text()}`); });
  page.on('pageerror', (error) => tell(`script: ${error.message}`));
  await page.goto(`${url}/${name}.html`);
  if (name === 'onward') await page.waitForTimeout(0);
  await page.waitForTimeout(50);
  // Its own script policy keeps axe out, as it should; the debugger gets it in.
  const session = await context.newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axeSource });
  const results = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), kTags);
  for (const each of results.violations) {
    tell(`${each.id}: ${each.help}: ${each.nodes.map((node) => node.html).join(' | ').slice(0, 300)}`);
  }
  for (const each of await page.evaluate(findSmallTargets, kMinTarget)) tell(`a small target: ${each}`);
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}-${scheme}.png`), fullPage: true });
  for (const [width, what] of [[320, 'at 320 px'], [640, 'at 200 % of 1280 px']]) {
    await page.setViewportSize({ width, height: 720 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) tell(`${what} it is ${over} px too wide`);
  }
  if (pictures && scheme === 'light') {
    await page.setViewportSize({ width: 320, height: 720 });
    await page.screenshot({ path: path.join(pictures, `${name}-small.png`), fullPage: true });
  }
  await page.close();
}

if (pictures) await mkdir(pictures, { recursive: true });
const server = await serveFolder(folder);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
let looked = 0;
try {
  for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 800, height: 720 } });
    for (const file of (await readdir(folder)).filter((each) => each.endsWith('.html')).sort()) {
      if (file === 'onward.html') continue; // it goes away by itself
      await look(context, server.url, file.slice(0, -5), scheme);
      looked += 1;
    }
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
faults.forEach((each) => console.log(each));
console.log(`${looked} pages looked at, ${faults.length} faults`);
process.exit(faults.length === 0 && looked > 30 ? 0 : 1);
