// Amounts are text from the database to the page, so that no digit is lost; the decimals of a
// currency are the database's, since Intl's differ from ISO 4217 in 16 of them.

// "1358.5" with 2 decimals is "1,358.50".  Digits beyond are shown, unless they are zeros.
export function amount(text, decimals) {
	if (text === null || text === undefined) return '';
	const [, sign, whole, part = ''] = text.match(/^(-?)(\d+)(?:\.(\d+))?$/) ?? [];

	if (whole === undefined) return text;
	const digits = part.replace(/0+$/, '').padEnd(decimals, '0');
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
	return `${sign && '\u2212'}${grouped}${digits && `.${digits}`}`;
}

export const count = (text) => amount(text, 0);

export const percent = (text) => (text === null ? '–' : `${text}%`);

// "invoices" of 1 is "invoice".
export const counted = (text, name) => `${count(text)} ${text === '1' ? name.slice(0, -1) : name}`;

// For the length of a bar, and for nothing else.
export const length = (text) => Number(text ?? 0);

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// "2026-11-26" is "26 Nov 2026", "2026-11" is "Nov 2026"; a year of five digits stays one.
export function day(text) {
	const [, year, month, of] = text?.match(/^(\d+)-(\d\d)(?:-(\d\d))?$/) ?? [];

	if (!year) return text ?? '';
	return `${of ? `${Number(of)} ` : ''}${months[month - 1]} ${year}`;
}

const buckets = { current: 'Not due yet', no_due_date: 'No due date' };

// A range of the ageing, as people say it.
export function bucket(name) {
	if (buckets[name]) return buckets[name];
	return name.endsWith('+') ? `Over ${name.slice(0, -1)} days late`
		: `${name.replace('-', '–')} days late`;
}

// "pending_validation" is "Pending validation".
export function word(name) {
	const text = (name ?? '').replaceAll('_', ' ');
	return text.charAt(0).toUpperCase() + text.slice(1);
}
