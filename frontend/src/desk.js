// The desk: htmx, keys, what was typed kept over swaps, live updates.

import htmx from 'htmx.org'
import { drawing } from './desk/drawing.js'
import { keep } from './desk/keep.js'
import { keys } from './desk/keys.js'
import { knowledge } from './desk/knowledge.js'
import { live } from './desk/live.js'
import { sheet } from './desk/sheet.js'
import { house } from './house.js'
import { start } from './page.js'

start()
house()
sheet()
keep()
keys()
live()
knowledge()
drawing()

// A way on that a refusal offers: a button whose values stand beside it, as they come from the server. It is a command of
// its own, so that nothing of the refused form that it stands in goes with it.
document.addEventListener('htmx:configRequest', (event) => {
  const values = event.target.dataset?.values
  if (!values) return
  const sent = event.detail.parameters
  for (const name of [...sent.keys()]) sent.delete(name)
  for (const [name, value] of new URLSearchParams(values)) sent.set(name, value)
  const reason = event.target.parentElement.querySelector('[data-way]')
  if (!reason) return
  // It belongs to no form, so that the refused one may be sent without it.
  reason.required = true
  if (reason.reportValidity()) sent.set('reason', reason.value)
  else event.preventDefault()
  reason.required = false
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !event.target.matches('[data-way]')) return
  event.preventDefault()
  event.target.closest('li').querySelector('button').click()
})

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]')
  if (!button) return
  const form = button.closest('form')
  if (button.dataset.act === 'override') {
    // Needed for this button alone: the form may also be sent again without, with other values.
    const reason = button.closest('.override').querySelector('textarea')
    reason.required = true
    if (!reason.reportValidity()) event.preventDefault()
    reason.required = false
  }
  if (button.dataset.act === 'compose') document.getElementById('compose').open = true
  if (button.dataset.act === 'mine' || button.dataset.act === 'theirs') {
    const seen = form.querySelector('.seen')
    seen.value = button.dataset.now
    if (button.dataset.act === 'theirs') htmx.trigger(document.body, 'caseloom:look')
    else form.requestSubmit()
  }
})

document.addEventListener('caseloom:done', (event) => {
  const place = document.getElementById('toasts')
  const toast = document.createElement('div')
  toast.className = 'toast'
  toast.textContent = event.detail.says
  for (const old of place.querySelectorAll('.undo')) old.remove()
  if (event.detail.undo) {
    // It sends the form in the head of the case, which stays as long as there is something to undo.
    const button = document.createElement('button')
    button.className = 'link'
    button.textContent = event.detail.undo
    button.setAttribute('form', 'undo-last')
    button.title = `${event.detail.undo} (z)`
    toast.classList.add('undo')
    toast.append(' ', button)
  }
  place.append(toast)
  leave(toast, event.detail.undo ? 12000 : 4000)
})

// A message goes after a while, but not from under the hand that reaches for its button.
function leave (toast, after) {
  setTimeout(() => toast.matches(':hover, :focus-within') ? leave(toast, 2000) : toast.remove(), after)
}

// On a phone the panes are pages: the body says which one is seen.
document.addEventListener('htmx:afterSettle', () => {
  const open = document.querySelector('main.case')
  const seen = open !== null || document.querySelector('main.alone') !== null
  document.body.classList.toggle('with-case', seen && !document.body.classList.contains('one'))
  if (open) document.getElementById('work')?.removeAttribute('role')
  for (const line of document.querySelectorAll('a.line')) {
    const current = open !== null && line.parentElement.dataset.case === open.dataset.case
    if (current) line.setAttribute('aria-current', 'true')
    else line.removeAttribute('aria-current')
  }
})
document.addEventListener('htmx:afterSwap', (event) => {
  if (event.target.id === 'words') document.getElementById('co-text')?.focus()
  const summary = event.target.querySelector?.('.refused')
  summary?.closest('form')?.querySelector('input:not([type=hidden]), textarea, select')?.focus({ preventScroll: true })
  // The sentence and the ways on are what is to be read now; they must not stand behind the composer.
  summary?.scrollIntoView({ block: 'nearest' })
})
