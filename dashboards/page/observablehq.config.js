// One page, in nobody's frame but its own, that fetches nothing from elsewhere: no fonts, and in
// src/ no built-in of the framework that it would download (Inputs, htl, its Plot).
export default {
	root: 'src',
	title: 'Receivables',
	style: 'style.css',
	globalStylesheets: [],
	sidebar: false,
	toc: false,
	pager: false,
	header: '',
	footer: '',
	search: false,
	head: '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">',
};
