// The workbench: the text in an editor beside the forms. Both are views of one draft, which the server keeps.


import { edit } from './studio/editor.js'

const { htmx } = window

const form = document.getElementById('text-form')
const field = document.getElementById('text')
const said = document.getElementById('text-said')
const stale = document.getElementById('text-stale')
const bench = document.getElementById('bench')
const PAUSE = 1200
let dirty = false
let timer = 0
let saving = null
let touched = false

const editor = edit(field, { changed, save, readonly: field.readOnly })
editor.mark(JSON.parse(document.getElementById('draft-faults').textContent))
reveal()

function changed (fromServer) {
  if (fromServer) return
  dirty = true
  say(form.dataset.saysTyping)
  clearTimeout(timer)
  if (stale.hidden) timer = setTimeout(save, PAUSE)
}

function say (words) {
  said.textContent = words
}

async function save () {
  clearTimeout(timer)
  if (saving) await saving
  if (!dirty) return
  saving = send(editor.text())
  await saving
  saving = null
}

async function send (text) {
  dirty = false
  say(form.dataset.saysSaving)
  const body = new FormData(form)
  body.set('text', text)
  const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => null)
  const told = await answer?.json().catch(() => null)
  if (!answer || !told) return kept(form.dataset.saysLost)
  if (told.stale) return older(told)
  if (!answer.ok) return kept(told.says)
  form.elements.seen.value = told.seen
  editor.mark(told.faults)
  say(told.faults.length ? `${form.dataset.saysFaulty} ${told.faults.length}` : form.dataset.saysSound)
  const at = new URLSearchParams(location.search).get('at')
  if (!touched) await htmx.ajax('GET', location.pathname + (at ? `?at=${encodeURIComponent(at)}` : ''), { target: '#bench' })
}

function kept (words) {
  dirty = true
  say(words)
}

// Somebody else has saved: what was typed stays, and one decides.
let theirs = null
function older (told) {
  dirty = true
  theirs = told
  stale.hidden = false
  stale.querySelector('h3').textContent = told.says
  say(told.says)
  stale.querySelector('button').focus()
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button) return
  if (button.dataset.act === 'text-mine' || button.dataset.act === 'text-theirs') {
    stale.hidden = true
    form.elements.seen.value = theirs.seen
    if (button.dataset.act === 'text-theirs') editor.replace(theirs.text)
    dirty = true
    save()
    editor.view.focus()
  }
  if (button.dataset.act === 'form-mine') {
    const open = document.getElementById('part-form')
    open.elements.seen.value = button.dataset.seen
    open.requestSubmit(open.querySelector('[value=change]'))
  }
  if (button.dataset.act === 'form-theirs') touched = false
  if (button.dataset.act === 'form-theirs') htmx.ajax('GET', location.pathname + location.search, { target: '#bench' })
  if (button.dataset.line) editor.goto(Number(button.dataset.line))
  if (button.dataset.put) {
    const target = document.getElementById(button.dataset.put)
    target.value = `${target.value.trimEnd()}${target.value.trim() ? '\n' : ''}${button.dataset.word}`
    target.focus()
  }
})
form.addEventListener('submit', (event) => {
  event.preventDefault()
  dirty = true
  save()
})

// A form changes the text as it stands in the editor, also what was not saved yet.
document.addEventListener('htmx:configRequest', (event) => {
  if (event.detail.verb !== 'post') return
  clearTimeout(timer)
  event.detail.parameters.set('seen', event.target.elements?.seen?.value ?? form.elements.seen.value)
  if (dirty) {
    event.detail.parameters.set('text', editor.text())
    event.detail.parameters.set('seen', form.elements.seen.value)
  }
})
// What is typed in a form is not lost: a fresh tree waits for it, and whoever opens another part saves it on the way.
bench.addEventListener('input', (event) => { touched ||= event.target.closest('#part-form') !== null })
document.addEventListener('htmx:confirm', (event) => {
  const link = event.target.closest('#bench a[hx-get]')
  if (!link || !touched) return
  event.preventDefault()
  const open = document.getElementById('part-form')
  const then = document.createElement('input')
  then.type = 'hidden'
  then.name = 'then'
  then.value = new URL(link.href).searchParams.get('at') ?? ''
  open.querySelector('[name=then]')?.remove()
  open.append(then)
  open.requestSubmit(open.querySelector('[value=change]'))
})
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.target.id === 'bench' && touched && event.detail.requestConfig.verb === 'get') event.detail.shouldSwap = false
  if (event.detail.xhr.status < 400 || event.detail.target.id !== 'bench') return
  event.detail.target = document.getElementById('bench-answer')
  event.detail.shouldSwap = true
})
document.addEventListener('htmx:afterSwap', (event) => {
  if (event.target.id === 'bench-answer') event.target.querySelector('[tabindex]')?.focus()
  if (event.target.id !== 'bench') return
  touched = false
  const now = document.getElementById('draft-text')
  const answered = event.detail.requestConfig?.verb === 'post'
  if (answered) dirty = false
  form.elements.seen.value = now.dataset.seen
  if (!dirty) editor.replace(now.value)
  const faults = JSON.parse(document.getElementById('draft-faults').textContent)
  editor.mark(faults)
  if (!dirty) say(faults.length ? `${form.dataset.saysFaulty} ${faults.length}` : form.dataset.saysSound)
  reveal(answered || event.detail.requestConfig?.triggeringEvent)
})
addEventListener('beforeunload', (event) => { if (dirty || touched) event.preventDefault() })

// The part whose form is open: its line is shown in the text, its first field has the focus.
function reveal (asked = false) {
  const open = document.getElementById('part-form')
  if (!open) return
  editor.show(Number(open.dataset.line))
  if (asked) open.querySelector('input:not([type=hidden]), textarea, select')?.focus({ preventScroll: false })
}
