// The page of a sweep in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {makeFolder, overhang, pageTests, txsim} from './browser.mjs';

const folder = makeFolder();
const many = join(folder.path, 'many', 'report.html');
const one = join(folder.path, 'one', 'report.html');
const bare = join(folder.path, 'bare.html');

// A page is ready when its charts are drawn.
const onPage = pageTests({
  prepare: () => {
    txsim(['sweep', 'scenarios/order/order.ini', '--seeds', '1..40',
      '--out', join(folder.path, 'many'),
      '--vary', 'scenario.protocol=uncoordinated,two-phase-commit,tcc',
      '--vary', 'network.loss=0%,5%,20%', '--set', 'faults.crash_every=20s'], [0, 1]);
    txsim(['sweep', 'scenarios/order/two-phase-commit/storm.ini', '--seeds', '1..20',
      '--out', join(folder.path, 'one')]);
    const text = readFileSync(one, 'utf8');
    const library = /<script>\/\*! vega[^]*?<\/script>\n/g;
    assert.equal(text.match(library).length, 3);
    writeFileSync(bare, text.replace(library, ''));
  },
  ready: async (page, settings) => {
    if (settings.scripts === false || settings.library === false) return;
    const count = await page.locator('.chart').count();
    await page.waitForFunction((all) =>
      document.querySelectorAll('.chart[data-drawn]').length === all, count, {timeout: 20000});
  },
  tidy: folder.remove,
});

// The number of shapes and the size of each chart.
const drawings = (page) => page.locator('figure').evaluateAll((figures) => figures.map((figure) => ({
  title: figure.querySelector('h3').textContent,
  marks: figure.querySelectorAll('.chart svg .mark-rect path, .chart svg .mark-line path').length,
  width: figure.querySelector('.chart svg')?.getBoundingClientRect().width ?? 0,
})));

for (const width of [1280, 390]) {
  for (const file of [many, one]) {
    test(`at ${width} pixels charts are drawn and the page does not overflow`, onPage(file, {width},
      async (page) => {
        const charts = await drawings(page);
        assert.ok(charts.length >= (file === many ? 5 : 4), `${charts.length} charts`);
        for (const {title, marks, width: wide} of charts) {
          assert.ok(marks > 0, `${title}: no marks`);
          assert.ok(wide > 150, `${title}: ${wide} pixels wide`);
        }
        assert.equal(await overhang(page), 0);
      }));
  }
}

test('at 390 pixels tiles are in columns', onPage(one, {width: 390}, async (page) => {
  const tiles = await page.locator('.tiles li').evaluateAll((all) => all.map((tile) => {
    const {left, width} = tile.getBoundingClientRect();
    return `${Math.round(left)} ${Math.round(width)}`;
  }));
  assert.ok(tiles.length > 4);
  assert.equal(new Set(tiles).size, 2);
}));

test('each chart has its table', onPage(many, {}, async (page) => {
  for (const summary of await page.locator('figure summary').all()) await summary.click();
  for (const table of await page.locator('figure table').all()) assert.ok(await table.isVisible());
  const shares = await page.locator('figure').first().locator('tbody tr').count();
  assert.equal(shares, 9);  // three protocols, three losses
  assert.equal(await overhang(page), 0);
}));

test('dark mode redraws charts in its colours', onPage(many, {}, async (page) => {
  const paper = () => page.locator('.chart svg').first().evaluate((svg) =>
    getComputedStyle(svg).backgroundColor + svg.querySelector('.background')?.getAttribute('fill'));
  const light = await paper();
  await page.emulateMedia({colorScheme: 'dark'});
  await page.waitForFunction((before) => {
    const svg = document.querySelector('.chart svg');
    return svg !== null && getComputedStyle(svg).backgroundColor +
      svg.querySelector('.background')?.getAttribute('fill') !== before;
  }, light, {timeout: 20000});
}));

test('a first violation links to the page of its run', onPage(many, {}, async (page) => {
  const links = page.locator('.first-violations a');
  assert.ok(await links.count() > 0);
  await links.first().click();
  await page.waitForSelector('.controls');
  assert.ok(await page.locator('.violation').count() > 0);
}));

test('text is not executed as code', onPage(one, {}, async (page) => {
  assert.equal(await page.evaluate(() => new Promise((done) => setTimeout(() => {
    try {
      done(new Function('return "evaluated"')());
    } catch {
      done('refused');
    }
  }))), 'refused');
}));

test('without the chart library the tables are open', onPage(bare, {library: false}, async (page) => {
  for (const table of await page.locator('figure table').all()) assert.ok(await table.isVisible());
  assert.equal(await page.locator('.chart:visible').count(), 0);
}));

test('without scripts the tables are open', onPage(many, {scripts: false}, async (page) => {
  for (const table of await page.locator('figure table').all()) assert.ok(await table.isVisible());
}));
