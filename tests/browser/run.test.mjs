// The page of a run in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {join} from 'node:path';
import {makeFolder, overhang, pageTests, txsim} from './browser.mjs';

const scenarios = 'scenarios/order/two-phase-commit';
const folder = makeFolder();
const broken = join(folder.path, 'broken.html');
const several = join(folder.path, 'several.html');
const matrix = join(folder.path, 'matrix', 'report.html');
const walk = join(folder.path, 'walk.html');

const onPage = pageTests({
  prepare: () => {
    txsim(['run', `${scenarios}/decision-not-forced.ini`, '--html', broken]);
    txsim(['run', 'docs/examples/two-banks.ini', '--html', several]);
    txsim(['matrix', `${scenarios}/commit.ini`, '--faults', 'none', '--states', '1000',
      '--out', join(folder.path, 'matrix')], [0, 1]);
    txsim(['walk', `${scenarios}/commit.ini`, '--crash', 'any', '--html', walk]);
  },
  tidy: folder.remove,
});

for (const width of [1280, 390]) {
  for (const file of [broken, several]) {
    test(`at ${width} pixels the page does not overflow`, onPage(file, {width}, async (page) => {
      assert.equal(await overhang(page), 0);
      await page.click('#back');
      assert.equal(await overhang(page), 0);
    }));
  }
}

for (const width of [1280, 390]) {
  test(`at ${width} pixels the legend stays in its box at every scroll position`,
    onPage(broken, {width}, async (page) => {
      for (const left of [0, 10000]) {
        const [box, samples] = await page.evaluate((by) => {
          const diagram = document.getElementById('diagram');
          diagram.scrollLeft = by;
          const edges = (element) => {
            const {left, right} = element.getBoundingClientRect();
            return {left, right};
          };
          return [edges(diagram), [...diagram.querySelectorAll('.samples li')].map(edges)];
        }, left);
        assert.ok(samples.length > 5, `${samples.length} samples`);
        for (const sample of samples) {
          assert.ok(sample.left >= box.left && sample.right <= box.right, JSON.stringify(sample));
        }
      }
    }));
}

test('at 390 pixels a matrix does not overflow', onPage(matrix, {width: 390}, async (page) => {
  assert.equal(await overhang(page), 0);
  await page.evaluate(() => window.scrollTo(10000, 0));
  assert.equal(await page.evaluate(() => window.scrollX), 0);
}));

for (const width of [1280, 390]) {
  test(`at ${width} pixels a walk does not overflow, and its strip stays beside the diagram`,
    onPage(walk, {width}, async (page) => {
      assert.equal(await overhang(page), 0);
      const offset = await page.evaluate(() => {
        const diagram = document.querySelector('.diagram.walk');
        diagram.scrollLeft = 10000;
        return document.querySelector('.walk-lanes').getBoundingClientRect().left -
          diagram.getBoundingClientRect().left;
      });
      assert.ok(offset >= 0 && offset < 3, `${offset} pixels`);
    }));
}

test('the strip beside a walk has the scale of the diagram', onPage(walk, {}, async (page) => {
  const [strip, diagram] = await page.evaluate(() => ['.walk-lanes', '.walk-split > svg:last-child']
    .map((name) => document.querySelector(name).getScreenCTM()).map(({d, f}) => [d, f]));
  assert.deepEqual(strip, diagram);
}));

test('a mark of a walk leads to its row', onPage(walk, {}, async (page) => {
  await page.locator('.walk-strip a').first().click();
  assert.equal(await page.locator('.walk-table tr:target').count(), 1);
}));

test('at 200 % the page does not overflow', onPage(broken, {zoom: 2}, async (page) => {
  assert.equal(await overhang(page), 0);
}));

test('the slider shows the state of every node at a moment', onPage(broken, {}, async (page) => {
  assert.match(await page.innerText('#nodes'), /T1 committed/);
  await page.fill('#moment', '0');
  assert.match(await page.innerText('#now'), /client · submits order 1/);
  const nodes = await page.innerText('#nodes');
  assert.match(nodes, /stock: 100 available/);
  assert.doesNotMatch(nodes, /committed|down/);
  assert.equal(await page.locator('.node').count(), 5);  // four nodes and the messages under way
  const down = await page.evaluate(() => {
    const slider = document.getElementById('moment');
    for (let at = 0; at <= Number(slider.max); ++at) {
      slider.value = String(at);
      slider.dispatchEvent(new Event('input'));
      if (document.getElementById('nodes').textContent.includes('orderdown')) return true;
    }
    return false;
  });
  assert.ok(down, 'the coordinator is seen down at some moment');
}));

test('arrow keys move the moment, Escape clears it', onPage(broken, {}, async (page) => {
  await page.keyboard.press('Home');
  const first = await page.innerText('#now');
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await page.innerText('#now'), first);
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.innerText('#now'), first);
  await page.keyboard.press('Escape');
  assert.equal(await page.innerText('#now'), 'the end');
}));

test('the focused element is visible', onPage(broken, {}, async (page) => {
  await page.focus('#forward');
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
}));

test('a verdict links to its event, and the causes of the event are marked', onPage(broken, {},
  async (page) => {
    const link = page.locator('.violation a').first();
    const sequence = (await link.getAttribute('href')).replace('#event-', '');
    await link.click();
    assert.equal(await page.locator('tr.chosen').getAttribute('id'), `e${sequence}`);
    assert.ok(await page.locator('#diagram').evaluate((box) => {
      const {top, bottom} = box.getBoundingClientRect();
      return top >= 0 && top < window.innerHeight && bottom > 0;
    }), 'the diagram is in sight');
    assert.equal(await page.locator('.overlay circle.chosen').count(), 1);
    assert.ok(await page.locator('g.chain').count() > 3, 'messages of the chain');
    assert.ok(await page.locator('g.other').count() > 0, 'messages that had no part in it');
  }));

test('an address with an event opens the diagram at the event', onPage(broken, {hash: '#event-78'},
  async (page) => {
    await page.waitForFunction(() => {
      const {top, bottom} = document.getElementById('diagram').getBoundingClientRect();
      return top >= 0 && top < 200 && bottom > 400;
    }, undefined, {timeout: 5000});
    assert.equal(await page.locator('tr.chosen').getAttribute('id'), 'e78');
  }));

test('a click on an arrival marks exactly the events that happened before it', onPage(broken, {},
  async (page) => {
    const arrow = page.locator('g[data-event] > line').first();
    await arrow.scrollIntoViewIfNeeded();
    const {x, y, width, height} = await arrow.boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
    assert.match(await page.innerText('#now'), /gets/);
    const past = await page.evaluate(() => {
      const data = JSON.parse(document.getElementById('run-data').textContent);
      const marked = [...document.querySelectorAll('tr.past')].map((row) => Number(row.id.slice(1)));
      const chosen = Number(document.querySelector('tr.chosen').id.slice(1));
      const {cause, node} = data.events;
      const at = (sequence) => sequence - data.first;
      // By definition: closed under causes and earlier events at the same node.
      const set = new Set(marked);
      const isClosed = marked.every((event) => {
        const earlier = cause.map((_, i) => i + data.first).filter((other) =>
          other < event && node[at(other)] === node[at(event)] && node[at(event)] >= 0);
        return (cause[at(event)] === 0 || set.has(cause[at(event)])) &&
          earlier.every((other) => set.has(other));
      });
      return {isClosed, chosen, last: Math.max(...marked), count: marked.length};
    });
    assert.ok(past.isClosed);
    assert.equal(past.last, past.chosen);
    assert.ok(past.count > 1);
  }));

test('the filter shows one transaction only', onPage(several, {}, async (page) => {
  assert.deepEqual(await page.locator('#filter option').allInnerTexts(), ['all', 'T1', 'T2', 'T3']);
  const shown = () => page.locator('tbody tr[data-transaction]:visible').evaluateAll((rows) =>
    [...new Set(rows.map((row) => row.dataset.transaction))].sort());
  assert.deepEqual(await shown(), ['T1', 'T2', 'T3']);
  await page.selectOption('#filter', {label: 'T2'});
  assert.deepEqual(await shown(), ['T2']);
  assert.ok(await page.locator('g.filtered').count() > 0);
  assert.equal(await page.locator('g[data-transaction=T2].filtered').count(), 0);
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  for (let i = 0; i < 5; ++i) {
    await page.keyboard.press('ArrowLeft');
    const transaction = await page.locator('tr.chosen').getAttribute('data-transaction');
    assert.ok(transaction === null || transaction === 'T2');
  }
}));

test('in dark mode the page and its diagram are dark', onPage(broken, {dark: true}, async (page) => {
  const lightness = (color) => color.match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3;
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const sheet = await page.evaluate(() =>
    getComputedStyle(document.querySelector('#diagram svg > rect')).fill);
  const ink = await page.evaluate(() =>
    getComputedStyle(document.querySelector('#time-space-heads text')).fill);
  assert.ok(lightness(paper) < 40 && lightness(sheet) < 40, `${paper} ${sheet}`);
  assert.ok(lightness(ink) > 180, ink);
}));

test('text is not executed as code', onPage(broken, {}, async (page) => {
  // Delayed, because code that the debugger calls directly is unrestricted.
  assert.equal(await page.evaluate(() => new Promise((done) => setTimeout(() => {
    try {
      done(new Function('return "evaluated"')());
    } catch {
      done('refused');
    }
  }))), 'refused');
}));

test('without scripts the verdicts, the diagram and the events are readable', onPage(broken, {scripts: false},
  async (page) => {
    assert.ok(await page.isVisible('.violation'));
    assert.ok(await page.isVisible('#diagram svg'));
    assert.ok(await page.isVisible('tr#e5'));
    assert.ok(!await page.isVisible('.controls'));
    assert.ok(!await page.isVisible('tr.minor'));
  }));
