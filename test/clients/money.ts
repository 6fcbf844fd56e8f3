// An amount as a report or document has it, in the way of a locale, with the decimals that its
// currency has by minor_unit, or more where the amount has more.  The whole part goes through a
// BigInt and the rest stays text, so no digit is lost, and Intl's own idea of a currency's decimals
// has no say.
export function money(amount: string, currency: string, minorUnit: number | null,
  locale?: string): string {
  const [whole = '0', rest = ''] = amount.replace(/^-/, '').split('.');
  const digits = Math.max(minorUnit ?? 0, rest.length);
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency,
    minimumFractionDigits: digits, maximumFractionDigits: digits });
  const ofWhole = format.formatToParts(BigInt(whole));
  const sign = amount.startsWith('-') ? format.formatToParts(-1n) : undefined;
  const integer = ofWhole.filter(({ type }) => type === 'integer' || type === 'group')
    .map(({ value }) => value).join('');
  const numeral = new Intl.NumberFormat(locale, { useGrouping: false });
  const fraction = [...rest.padEnd(digits, '0')].map((digit) => numeral.format(+digit)).join('');
  let shown = false;
  return (sign ?? ofWhole).map(({ type, value }) => {
    if (type === 'fraction') return fraction;
    if (type !== 'integer' && type !== 'group') return value;
    if (shown) return '';
    shown = true;
    return integer;
  }).join('');
}
