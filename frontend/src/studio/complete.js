// A combobox (ARIA 1.2, list autocomplete): the words that may come next stand below the field, from the grammar. Arrow
// keys mark, Enter or Tab takes what is marked, Esc closes. Focus stays in the field.

export function complete (field) {
  const list = document.getElementById(field.getAttribute('aria-controls'))
  const said = document.getElementById('sentence-said')
  let asked = 0
  let timer = 0
  let marked = -1
  let stale = false
  // Esc holds against an answer that is still on its way.
  let shut = false

  field.addEventListener('input', () => {
    clearTimeout(timer)
    stale = true
    shut = false
    timer = setTimeout(look, 50)
  })
  field.addEventListener('keydown', pressed)
  field.addEventListener('blur', () => stale ? look() : close())
  list.addEventListener('mousedown', (event) => {
    event.preventDefault()
    const option = event.target.closest('[role=option]')
    if (option) take(option)
  })

  // Offsets of the server count characters, not units of UTF-16.
  const behind = () => field.value.slice(0, field.selectionStart)
  const options = () => list.children

  async function look () {
    const mine = ++asked
    const before = behind()
    const query = new URLSearchParams({ before, text: field.value })
    clearTimeout(timer)
    // Without an answer the field is a plain one: publishing reads the sentence again.
    const answer = await fetch(`${field.dataset.sentence}?${query}`, { headers: { 'HX-Request': 'true' } }).catch(() => null)
    if (mine !== asked || !answer?.ok) return
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (mine !== asked) return
    stale = false
    list.replaceChildren(...page.querySelectorAll('[role=option]'))
    said.replaceChildren(...page.querySelector('.said').childNodes)
    const open = !shut && list.childElementCount > 0 && document.activeElement === field
    if (!open) return close()
    show(true)
    // Words that are begun are finished by one key; where a new one begins, Tab still leaves the field.
    const first = options()[0]
    const begun = Number(first.dataset.start) < [...before].length && first.dataset.kind !== 'end'
    mark(begun ? 0 : -1)
  }

  function show (open) {
    list.hidden = !open
    field.setAttribute('aria-expanded', String(open))
    // What is wrong with half a sentence is no news while it can still go on.
    const faulty = said.querySelector('.fault-told') !== null
    said.hidden = open && faulty
    field.setAttribute('aria-invalid', String(faulty && !open))
    if (!open) mark(-1)
  }

  function close () {
    clearTimeout(timer)
    show(false)
  }

  function mark (place) {
    options()[marked]?.setAttribute('aria-selected', 'false')
    marked = place
    const option = options()[place]
    if (!option) return field.removeAttribute('aria-activedescendant')
    option.setAttribute('aria-selected', 'true')
    option.scrollIntoView({ block: 'nearest' })
    field.setAttribute('aria-activedescendant', option.id)
  }

  // What was typed since the list came may not go with its words any more. Who types on while the new ones come has
  // gone past the word.
  async function takeMarked () {
    if (!stale) return take(options()[marked])
    const begun = (option) => [...behind()].slice(Number(option.dataset.start)).join('').toLowerCase()
    const fits = [options()[marked], ...options()].find((option) => begun(option) && option.dataset.text.toLowerCase().startsWith(begun(option)))
    if (fits) return take(fits)
    const typed = field.value
    await look()
    if (marked >= 0 && field.value === typed) take(options()[marked])
  }

  function take (option) {
    shut = false
    const head = [...behind()].slice(0, Number(option.dataset.start)).join('')
    const rest = field.value.slice(field.selectionStart)
    const words = option.dataset.text + (option.dataset.kind === 'end' || rest.startsWith(' ') ? '' : ' ')
    field.value = head + words + rest
    field.setSelectionRange(head.length + words.length, head.length + words.length)
    look()
  }

  function pressed (event) {
    const open = !list.hidden
    const many = list.childElementCount
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      shut = false
      if (!open) return look()
      const step = event.key === 'ArrowDown' ? 1 : -1
      mark(marked < 0 && step < 0 ? many - 1 : (marked + step + many) % many)
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      if (open && marked >= 0) takeMarked()
      else look().then(close)
    } else if (event.key === 'Tab' && !event.shiftKey && open && marked >= 0) {
      event.preventDefault()
      takeMarked()
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      event.stopPropagation()
      shut = true
      close()
    }
  }
}
