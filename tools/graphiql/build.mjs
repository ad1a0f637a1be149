// Builds web/static/graphiql: `npm ci && npm run build` in this folder.
import { build } from 'esbuild';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const OUT = join(import.meta.dirname, '../../web/static/graphiql');
const SERVED = '/static/graphiql/';
const KEPT = 'examples.graphql';

const shared = {
  bundle: true,
  format: 'esm',
  metafile: true,
  minify: true,
  legalComments: 'linked',
  outdir: OUT,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.ttf': 'file', '.graphql': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
};

/** The served name of each entry's output, by the entry's name. */
function served({ outputs }) {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, { entryPoint }]) => entryPoint)
      .map(([path]) => [basename(path).replace(/-[A-Z0-9]+\.js$/, ''), SERVED + basename(path)]),
  );
}

for (const name of await readdir(OUT)) {
  if (name !== KEPT) await rm(join(OUT, name));
}

const workers = await build({
  ...shared,
  entryPoints: {
    editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
    json: 'monaco-editor/esm/vs/language/json/json.worker.js',
    graphql: 'monaco-graphql/esm/graphql.worker.js',
  },
});
const page = await build({
  ...shared,
  entryPoints: { graphiql: 'main.jsx' },
  jsx: 'automatic',
  define: { ...shared.define, __WORKERS__: JSON.stringify(served(workers.metafile)) },
});

const style = Object.keys(page.metafile.outputs).find((path) => path.endsWith('.css'));
const html = (await readFile('page.html', 'utf8'))
  .replace('__STYLE__', SERVED + basename(style))
  .replace('__SCRIPT__', served(page.metafile).graphiql);
await writeFile(join(OUT, 'index.html'), html);
