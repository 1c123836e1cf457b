// Diagrams in a page that is read: in a trial, and where versions are compared.

import { show } from './studio/drawing.js'

function all (root) {
  for (const place of root.querySelectorAll('[data-show]')) show(place)
}

all(document)
document.addEventListener('htmx:afterSwap', () => all(document))

// In a trial each step swaps the page: the focus goes to the refusal, stays on a button that is still there, or goes to
// the line that says how the case stands.
document.addEventListener('htmx:afterSettle', (event) => {
  if (event.target.id !== 'play') return
  const refused = document.getElementById('play-refused')
  if (refused) refused.focus()
  else if (document.activeElement === document.body) document.getElementById('play-said')?.focus({ preventScroll: true })
})
