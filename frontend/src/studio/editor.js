// A plain, good text editor (CodeMirror 6): line numbers, faults at their lines, search, undo; Esc and then Tab leaves it.

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { Annotation, EditorState } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const fromOutside = Annotation.define()
const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.lineComment, tags.comment], color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.squareBracket, tags.brace, tags.punctuation], color: 'var(--quiet)' },
  { tag: [tags.keyword, tags.labelName, tags.typeName], color: 'var(--near)' }
])
const theme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, monospace', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--quiet)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-diagnostic': { fontFamily: 'var(--face)', maxWidth: '60ch' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--late)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--near)' }
})

export function edit (field, { changed, save, readonly = false, language = yaml() }) {
  const place = document.createElement('div')
  place.className = 'code'
  field.hidden = true
  field.after(place)
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), drawSelection(), history(), indentOnInput(), bracketMatching(),
        indentUnit.of('  '), lintGutter(), language, syntaxHighlighting(colours), theme, EditorView.lineWrapping,
        EditorState.readOnly.of(readonly),
        EditorState.lineSeparator.of(field.value.includes('\r\n') ? '\r\n' : '\n'),
        EditorView.contentAttributes.of({ 'aria-label': field.getAttribute('aria-label'), id: `${field.id}-code`, tabindex: '0' }),
        keymap.of([{ key: 'Mod-s', run: () => { save(); return true } }, ...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return
          field.value = view.state.sliceDoc()
          changed(update.transactions.some((one) => one.annotation(fromOutside)))
        })
      ]
    })
  })

  // Only what differs is put in, so that the place where one writes stays.
  function replace (text) {
    const now = view.state.sliceDoc()
    if (now === text) return
    let start = 0
    while (start < Math.min(now.length, text.length) && now[start] === text[start]) start++
    let end = 0
    while (end < Math.min(now.length, text.length) - start && now[now.length - 1 - end] === text[text.length - 1 - end]) end++
    view.dispatch({ changes: { from: start, to: now.length - end, insert: text.slice(start, text.length - end) }, annotations: fromOutside.of(true) })
  }

  function mark (faults) {
    const found = faults.map((fault) => {
      const line = view.state.doc.line(Math.min(Math.max(fault.line, 1), view.state.doc.lines))
      const from = Math.min(line.from + Math.max(fault.column - 1, 0), line.to)
      return { from, to: line.to, severity: fault.fatal === false ? 'warning' : 'error', message: fault.message }
    })
    view.dispatch(setDiagnostics(view.state, found))
  }

  function goto (number) {
    const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines))
    view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) })
    view.focus()
  }

  function show (number) {
    const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines))
    view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: 'start', yMargin: 24 }) })
  }

  return { view, replace, mark, goto, show, text: () => view.state.sliceDoc() }
}
