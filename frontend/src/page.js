// What every page needs: htmx with live updates, and Alpine in the build that a strict Content-Security-Policy allows.

import Alpine from '@alpinejs/csp'
import htmx from 'htmx.org'

window.htmx = htmx
htmx.config.allowEval = false
htmx.config.includeIndicatorStyles = false
htmx.config.selfRequestsOnly = true
// What was swapped in works at once, also for somebody who presses the next key within 20 ms.
htmx.config.defaultSettleDelay = 0
// A page that was answered with an error is shown, too: our refusals are pages with words for a person.
htmx.config.responseHandling = [
  { code: '204', swap: false },
  { code: '[23]..', swap: true },
  { code: '422', swap: true },
  { code: '[45]..', swap: true, error: true }
]

// Django checks the token of every request that writes; the page carries it in its body's `data-csrf`.
document.addEventListener('htmx:configRequest', (event) => {
  const token = document.body.dataset.csrf
  if (token) event.detail.headers['X-CSRFToken'] = token
})

// Alpine starts after the page's own entry has named its components.
export function start (components = {}) {
  for (const [name, component] of Object.entries(components)) Alpine.data(name, component)
  window.Alpine = Alpine
  Alpine.start()
}
