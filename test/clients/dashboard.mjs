// The page of `make dashboard` as people see it, in Debian's Chromium.  The argument is a file
// that says where the pages are and what SQL has for their tables.  Prints a line for each check.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const { chromium } = createRequire(`${process.env.PACKAGES}/`)('playwright-core');
const { urls, expected } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const unexpected = [];
const wide = { viewport: { width: 1280, height: 900 } };

const check = (name, good, why = '') => {
  if (!good) console.error(name, why);
  console.log(`${good ? 'ok' : 'not ok'} - ${name}`);
};
const equal = (name, is, should) =>
  check(name, isDeepStrictEqual(is, should), JSON.stringify({ is, should }, null, 1));

// All that a page has to say against itself is remembered, and what it fetches from elsewhere.
async function open(browser, url, options = wide) {
  const page = await browser.newPage(options);
  const home = new URL(url).origin;

  page.on('console', (message) => unexpected.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => unexpected.push(String(error)));
  page.on('request', (request) => {
    if (!/^(data|about):/.test(request.url()) && new URL(request.url()).origin !== home)
      unexpected.push(`fetches ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector('#main section, #main .failure, #main table');
  await page.waitForFunction(() => !document.querySelector('#main [role=status]'));
  return page;
}

// A table's rows of texts, by its caption.
const rows = (page, caption) => page.locator('table').filter({
  has: page.locator('caption').getByText(caption, { exact: true }) }).first()
  .locator('tbody tr').evaluateAll((list) => list.map((row) =>
    [...row.cells].map((cell) => cell.innerText.trim())));

const go = async (page, hash, heading) => {
  await page.evaluate((to) => { window.location.hash = to; }, hash);
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
};

async function figures(browser) {
  const page = await open(browser, urls.book);
  const cards = await page.locator('.card').evaluateAll((list) => list.map((card) =>
    card.innerText.split('\n').map((line) => line.trim()).filter((line) => line)));

  equal('what is owed, and of it overdue', cards, expected.cards);
  for (const caption of ['Unpaid amounts by days late', 'Deposits', 'Available credit',
    'When credit expires'])
    equal(caption, await rows(page, caption), expected[caption]);
  for (const currency of ['USD', 'KWD']) {
    await page.locator('.choice span').getByText(currency, { exact: true }).click();
    equal(`who owes most in ${currency}`, await rows(page, 'Who owes most'),
      expected[`Who owes most in ${currency}`]);
  }
  equal('the roll-forward', await rows(page, 'What happened in each month'),
    expected['What happened in each month']);

  const bars = await page.locator('.chart').first().locator('svg rect').count();
  equal('each share that is not 0 has a bar', bars, expected.bars);

  // from a number to its customers, from there to the invoices
  await page.getByRole('link', { name: `EUR ${expected.late}: who` }).first().click();
  await page.getByText('of 2 customers').waitFor();
  equal('whose a number is', await rows(page, 'Customers'), expected.behind);
  equal('and their sum is the number', await page.locator('p.figure').innerText(), expected.late);
  await page.getByRole('link', { name: '<b>Bold</b> & "Söhne"' }).click();
  await page.getByRole('heading', { level: 1, name: '<b>Bold</b>' }).waitFor();
  equal('a name is text, whatever it says', await page.locator('#main b').count(), 0);
  equal('the invoices behind it', await rows(page, 'Unpaid invoices in EUR'), expected.invoices);
  equal('what it comes to', await rows(page, 'What it all comes to'), expected.net);
  equal('the statement', await rows(page, 'Statement in EUR'), expected.statement);
  await page.getByLabel('To', { exact: true }).fill(expected.period.finish);
  await page.getByLabel('From', { exact: true }).fill(expected.period.start);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('row', { name: /Closing balance 100\.00/ }).waitFor();
  equal('the statement of another period', await rows(page, 'Statement in EUR'),
    expected.otherStatement);
  for (const [hash, title, sum] of expected.sources) {
    await go(page, hash, title);
    equal(title, await page.locator('p.figure').innerText(), sum);
  }
  await go(page, `#customer/${encodeURIComponent('no/such "customer"')}`, 'no/such "customer"');
  check('an unknown customer', /does not exist|not found|no customer|unknown customer/
    .test(await page.locator('.failure').first().innerText()),
  await page.locator('.failure').first().innerText());
  await page.close();
}

// All by keyboard: search, open, back, another currency.
async function keyboard(browser) {
  const page = await open(browser, urls.book);
  const focused = () => page.evaluate(() => document.activeElement.innerText
    || document.activeElement.getAttribute('aria-label') || document.activeElement.id
    || document.activeElement.value);
  const tabTo = async (what) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      if (await focused() === what) return true;
    }
    return false;
  };

  await page.keyboard.press('Tab');
  equal('first comes the way to the figures', await focused(), 'Skip to the figures');
  check('the search is reached', await tabTo('search'));
  await page.keyboard.type('söhne');
  await page.getByText('1 found:').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: '<b>Bold</b>' }).waitFor();
  check('Enter opens who was found',
    await page.evaluate(() => document.activeElement.tagName === 'H1'));
  await page.goBack();
  await page.locator('.card').first().waitFor();
  check('and the way back is the browser’s', await page.locator('.card').count() > 0);
  check('a number is reached', await tabTo(expected.late));
  await page.locator('.choice input:checked').focus();
  await page.keyboard.press('ArrowRight');
  equal('an arrow chooses the next currency', await page.getByRole('heading',
    { name: 'Who owes most in' }).innerText(), 'Who owes most in GBP');
  await page.locator('#search').fill('nobody at all');
  await page.getByText('Nobody is called that.').waitFor();
  check('nobody is found, and it is said', true);
  await page.close();
}

// Each table has a caption, and headings that say what they head; what it looks like.
async function looks(browser) {
  const narrow = await open(browser, urls.book, { viewport: { width: 375, height: 800 } });
  const tooWide = () => narrow.evaluate(() =>
    document.documentElement.scrollWidth > window.innerWidth);

  check('on a narrow screen nothing sticks out', !await tooWide());
  check('what is too wide scrolls by itself, by keyboard too', await narrow.locator('.frame')
    .evaluateAll((list) => list.some((frame) => frame.scrollWidth > frame.clientWidth)
      && list.every((frame) => frame.scrollWidth <= frame.clientWidth || frame.tabIndex === 0)));
  await go(narrow, '#customer/c1', '<b>Bold</b> & "Söhne"');
  check('nor of a customer', !await tooWide());
  await narrow.close();

  const page = await open(browser, urls.book);
  equal('tables have captions and headings', await page.evaluate(() =>
    [...document.querySelectorAll('table')].filter((table) => !table.caption?.innerText
      || [...table.tHead.rows[0].cells].some((cell) => cell.scope !== 'col' || !cell.innerText)
      || [...table.tBodies[0].rows].some((row) => row.cells[0].scope !== 'row')).length), 0);
  equal('the language is said', await page.evaluate(() => document.documentElement.lang), 'en');
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    equal(`there is enough contrast, ${scheme}`, await page.evaluate(tooFaint), []);
  }
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  equal('on paper it is black on white', await page.evaluate(() => [getComputedStyle(document.body)
    .backgroundColor, getComputedStyle(document.body).color]),
  ['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
  equal('and nothing is there to be clicked', await page.locator('input, button').evaluateAll(
    (list) => list.filter((one) => one.getClientRects().length > 0).length), 0);
  await page.close();
}

// In the page: the texts whose contrast with what is behind them is below WCAG's 4.5.
function tooFaint() {
  const parsed = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => parsed(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parsed(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (element) => {
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  return [...document.querySelectorAll('body *')].filter((element) => !element.closest('svg')
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    && contrast(element) < 4.5).map((element) => element.outerHTML.slice(0, 80));
}

async function large(browser) {
  const page = await open(browser, urls.large);

  equal('10,000 customers: what they owe', await page.locator('.card').first().locator('.figure')
    .innerText(), expected.large.owed);
  equal('the first of them are shown', (await rows(page, 'Who owes most')).length, 20);
  check('and not all are in the page', await page.evaluate(() =>
    document.querySelectorAll('*').length) < 2000);
  await page.getByRole('link', { name: 'More of them' }).click();
  await page.getByText('of 10,000 customers, of whom these are the first 100').waitFor();
  equal('a hundred behind the number, and the sum of all', [(await rows(page, 'Customers')).length,
    await page.locator('p.figure').innerText()], [100, expected.large.owed]);
  await page.locator('#search').fill('customer no. 98');
  await page.getByText('The first 20:').waitFor();
  equal('the first that fit are listed', await page.locator('#found li').count(), 20);
  await page.locator('#search').fill('Customer No. 9876');
  await page.getByText('1 found:').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Customer No. 9876' }).waitFor();
  equal('one of them', await rows(page, 'What it all comes to'), expected.large.net);
  await page.close();
}

// What cannot be had is said, where it would be, and the rest is there.
async function failures(browser) {
  const text = async (url) => {
    const page = await open(browser, url);
    const found = await page.locator('#main').innerText();
    await page.close();
    return found;
  };
  const matches = async (name, url, ...patterns) => {
    const found = await text(url);
    check(name, patterns.every((pattern) => pattern.test(found)), found);
  };

  await matches('an empty ledger', urls.empty, /Nobody owes anything/, /Nothing is unpaid/,
    /There are no deposits/, /No credit is available/, /^(?!.*(NaN|undefined|null))/s);
  await matches('no rights to some of it', urls.forbidden, /permission denied/, /SQLSTATE 42501/,
    /18,400\.00/);
  // the browser itself logs that an answer was an error; nothing else may be said there
  const before = unexpected.length;
  await matches('no connection', urls.unreachable, /The book could not be read/, /connection/,
    /Try again/);
  await matches('no such ledger', urls.nowhere, /there is no ledger "no'where" in database/);
  await matches('no extension', urls.bare, /does not have the extension balance/);
  await matches('no report views', urls.viewless, /create_report_views\('viewless'\)/);
  const said = unexpected.splice(before);
  equal('all that the console has is that', said.filter((line) =>
    !/^error: Failed to load resource: .* status of (404|502)/.test(line)), []);
}

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    for (const part of [figures, keyboard, looks, large, failures]) await part(browser);
    equal('no page complains, or fetches from elsewhere', unexpected, []);
  } finally {
    await browser.close();
  }
}

assert(urls && expected);
await main();
