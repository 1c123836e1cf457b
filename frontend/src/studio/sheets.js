// CodeMirror's style modules as sheets made by script: the Content-Security-Policy allows no <style> in the page.

import { StyleModule as Module } from '../../node_modules/style-mod/src/style-mod.js'

const mounted = new WeakMap()

export class StyleModule extends Module {
  // The rules of later modules count before those of earlier ones, also when they are mounted once more.
  static mount (root, modules) {
    const known = mounted.get(root) ?? new Map()
    mounted.set(root, known)
    for (const module of [modules].flat()) {
      const sheet = known.get(module) ?? made(module)
      known.delete(module)
      known.set(module, sheet)
    }
    const ours = new Set(known.values())
    root.adoptedStyleSheets = [...[...root.adoptedStyleSheets].filter((sheet) => !ours.has(sheet)), ...ours]
  }
}

function made (module) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(module.getRules())
  return sheet
}
