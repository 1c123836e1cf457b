// The desk: htmx, keys, what was typed kept over swaps, live updates.

import htmx from 'htmx.org'
import { keep } from './desk/keep.js'
import { keys } from './desk/keys.js'
import { live } from './desk/live.js'
import { house } from './house.js'
import { start } from './page.js'

start()
house()
keep()
keys()
live()

// A way on that a refusal offers: a button whose values stand beside it, as they come from the server.
document.addEventListener('htmx:configRequest', (event) => {
  const values = event.target.dataset?.values
  if (values) for (const [name, value] of new URLSearchParams(values)) event.detail.parameters.set(name, value)
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
  place.append(toast)
  setTimeout(() => toast.remove(), 4000)
})

// On a phone the panes are pages: the body says which one is seen.
document.addEventListener('htmx:afterSettle', () => {
  const open = document.querySelector('main.case')
  document.body.classList.toggle('with-case', open !== null && !document.body.classList.contains('one'))
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
  summary?.closest('form')?.querySelector('input:not([type=hidden]), textarea, select')?.focus()
})
