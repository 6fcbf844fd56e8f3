// Builds the page in a folder that has the packages of package.json: `node build.js FOLDER` makes
// FOLDER/dist, and fetches nothing.  The framework would ask the registry for the latest versions
// of libraries that its client can load on demand, which this page never does: so it is told
// some.  What it asks for nevertheless fails, so that a closed network makes no difference.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
const never = ['@observablehq/plot', '@observablehq/sample-datasets', 'apache-arrow', 'arquero',
	'd3', 'd3-dsv', 'echarts', 'htl', 'leaflet', 'lodash', 'mapbox-gl', 'parquet-wasm', 'react',
	'react-dom', 'topojson-client'];
const noFetch = "globalThis.fetch = (what) => { throw new Error(`the build would fetch ${what}`) }";

for (const name of ['src', 'dist']) rmSync(join(folder, name), { recursive: true, force: true });
for (const name of ['src', 'observablehq.config.js'])
	cpSync(join(here, name), join(folder, name), { recursive: true });
for (const name of never)
	mkdirSync(join(folder, 'src/.observablehq/cache/_npm', `${name}@0.0.0`), { recursive: true });

const { status, error } = spawnSync(process.execPath,
	['node_modules/@observablehq/framework/dist/bin/observable.js', 'build'], {
		cwd: folder,
		stdio: 'inherit',
		env: { ...process.env, OBSERVABLE_TELEMETRY_DISABLE: 'true',
			NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} `
				+ `--import "data:text/javascript,${encodeURIComponent(noFetch)}"` },
	});
if (error) throw error;
process.exitCode = status ?? 1;
