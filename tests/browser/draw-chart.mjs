// usage: node draw-chart.mjs REPORT.html TITLE PICTURE.svg (for scripts/draw-chart)
import {writeFileSync} from 'node:fs';
import {launch, open} from './browser.mjs';

const [, , report, title, picture] = process.argv;
const browser = await launch();
const {page} = await open(browser, report);
const figure = page.locator('figure', {has: page.locator('h3', {hasText: title})}).first();
await figure.locator('.chart[data-drawn]').waitFor({timeout: 20000});
const svg = await figure.locator('.chart svg').evaluate((element) => {
  element.querySelectorAll('[style=""]').forEach((part) => part.removeAttribute('style'));
  return new XMLSerializer().serializeToString(element);
});
writeFileSync(picture, svg + '\n');
await browser.close();
