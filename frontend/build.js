// Builds the bundle into Caseloom's static folder: one classic script for each page family, under a fixed name.
// Each entry is built alone, as one file without imports: Django's hashed static storage renames files, and would not
// rename the paths in an import.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const place = fileURLToPath(new URL('../src/caseloom/web/static/dist', import.meta.url))
// Built beside it and put in its place when it is whole: a product that runs meanwhile is never without its screens.
const target = `${place}-${process.pid}/`
// The modellers are large, and load on the pages that draw alone.
const scripts = ['desk', 'desk-flow', 'portal', 'board', 'studio', 'studio-text', 'studio-flow', 'studio-show', 'studio-table', 'studio-form', 'studio-chart']
const styles = ['base', 'studio-flow', 'studio-table', 'studio-form']

await mkdir(target, { recursive: true })
for (const name of scripts) await build(script(name))
for (const name of styles) await build(style(name))
await writeFile(target + 'built', '')
await rm(`${place}-old`, { recursive: true, force: true })
await rename(place, `${place}-old`).catch(() => {})
await rename(target, place)
await rm(`${place}-old`, { recursive: true, force: true })

function script (name) {
  return {
    ...shared(),
    build: {
      ...shared().build,
      lib: { entry: `${here}src/${name}.js`, formats: ['iife'], name: `caseloom_${name.replace('-', '_')}`, fileName: () => `${name}.js` }
    }
  }
}

function style (name) {
  return {
    ...shared(),
    build: {
      ...shared().build,
      rolldownOptions: {
        ...shared().build.rolldownOptions,
        input: `${here}src/styles/${name}.css`,
        output: { assetFileNames: (asset) => asset.names[0].endsWith('.css') ? `${name}.css` : 'fonts/[name][extname]' }
      }
    }
  }
}

function shared () {
  return {
    configFile: false,
    root: here,
    base: './',
    publicDir: false,
    logLevel: 'warn',
    // CodeMirror writes its styles into <style>, which our Content-Security-Policy stops; sheets that a script makes are its own.
    resolve: { alias: [{ find: /^style-mod$/, replacement: `${here}src/studio/sheets.js` }] },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: target,
      emptyOutDir: false,
      assetsInlineLimit: 0,
      sourcemap: false,
      target: 'es2022',
      // htmx holds an `eval` that allowEval=false (and our Content-Security-Policy) keeps from ever running.
      rolldownOptions: { checks: { eval: false } }
    }
  }
}
