// Words of an article go into the message as they are, where the cursor stands; the form says of which articles.

import htmx from 'htmx.org'

export function knowledge () {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-insert]')
    const text = button && document.getElementById('co-text')
    if (!text) return
    document.getElementById('compose').open = true
    insert(text, button.dataset.insert.trim())
    const used = document.getElementById('co-knowledge')
    // No article's name has a `#` in it.
    used.value = [...new Set([...used.value.split('#').filter(Boolean), button.dataset.article])].join('#')
  })
  // What was found stays while the case is drawn anew. A form of it that was sent is used up, so it is asked for again.
  let again = false
  document.addEventListener('caseloom:done', (event) => { again = event.detail.form.startsWith('found-') })
  document.addEventListener('htmx:afterSettle', () => {
    if (again && document.getElementById('know-q')) htmx.trigger('#know-q', 'search')
    again = false
  })
}

function insert (text, words) {
  const before = text.value.slice(0, text.selectionStart).trimEnd()
  const after = text.value.slice(text.selectionEnd).trimStart()
  const head = before ? `${before}\n\n${words}` : words
  text.value = after ? `${head}\n\n${after}` : head
  text.focus()
  text.setSelectionRange(head.length, head.length)
  text.dispatchEvent(new Event('input', { bubbles: true }))
}
