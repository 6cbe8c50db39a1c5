// Opens pages from files in Chromium for tests, and collects their errors.
import assert from 'node:assert/strict';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

// Runs txsim. It must end with one of the statuses.
export const txsim = (words, statuses = [0]) => {
  const ran = spawnSync(process.env.TXSIM, words, {encoding: 'utf8'});
  if (!statuses.includes(ran.status)) {
    throw new Error(`txsim ${words.join(' ')}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
  }
};

export const makeFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'txsim-browser-'));
  return {path, remove: () => rmSync(path, {recursive: true, force: true})};
};

export const launch = () => {
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path));
  // Chromium's sandbox does not work for root, and CI jobs often run as root.
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({executablePath, args});
};

// Returns a page and its errors: of its scripts, on the console, and requests to the network.
export const open = async (browser, file, settings = {}) => {
  const {width = 1280, height = 900, dark = false, scripts = true, hash = '', zoom = 1} = settings;
  const context = await browser.newContext({
    viewport: {width: Math.round(width / zoom), height: Math.round(height / zoom)},
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) {
      errors.push(`asks for ${request.url()}`);
    }
  });
  await page.goto(`file://${file}${hash}`);
  return {page, errors, close: () => context.close()};
};

// The distance by which the whole page can be scrolled to the right.
export const overhang = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

// Makes tests of pages. Each opens the page, waits until it is ready, examines it, checks that it has
// no errors, and closes it. The browser starts before the tests of the file and ends after them.
export const pageTests = ({prepare, ready = async () => {}, tidy}) => {
  let browser;
  before(async () => {
    prepare();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    tidy();
  });
  return (file, settings, look) => async () => {
    const {page, errors, close} = await open(browser, file, settings);
    try {
      await ready(page, settings);
      await look(page);
      assert.deepEqual(errors, []);
    } finally {
      await close();
    }
  };
};
