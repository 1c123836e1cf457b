// The studio: rules as sentences, completed as one types; trials that come in portions.

import { keys } from './desk/keys.js'
import { house } from './house.js'
import { start } from './page.js'
import { complete } from './studio/complete.js'

start()
house()
keys()
for (const field of document.querySelectorAll('[data-sentence]')) complete(field)
document.querySelector('.summary[tabindex]')?.focus()

// The page asks for the next portion of a trial as long as its button to stop stands.
function stop () {
  const place = document.getElementById('trial-stop')
  if (place?.contains(document.activeElement)) (document.getElementById('most') ?? document.getElementById('main')).focus()
  place?.remove()
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-act=stop]')) stop()
})
document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.target.id === 'trial-next' && !document.getElementById('trial-stop')) event.preventDefault()
})
document.addEventListener('htmx:oobBeforeSwap', (event) => {
  if (event.detail.target.id === 'trial-stop') stop()
})

// What somebody has opened of a run stays open when its next portion comes.
let opened = []
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.target.id !== 'run-state') return
  opened = [...event.detail.target.querySelectorAll('details[open]')].map((one) => one.querySelector('summary').lastChild.textContent)
})
document.addEventListener('htmx:load', (event) => {
  for (const one of event.target.querySelectorAll?.('.outcomes details') ?? []) {
    if (opened.includes(one.querySelector('summary').lastChild.textContent)) one.open = true
  }
})

// Before a rule is published its definition is lived, which takes some seconds: nobody shall press twice meanwhile.
document.addEventListener('submit', (event) => {
  const button = event.submitter
  if (!button?.dataset.busy || event.defaultPrevented) return
  const said = button.lastChild.textContent
  button.lastChild.textContent = button.dataset.busy
  setTimeout(() => { button.disabled = true })
  addEventListener('pageshow', () => {
    button.disabled = false
    button.lastChild.textContent = said
  }, { once: true })
})
