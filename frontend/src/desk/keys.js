// Every action has a key: whatever carries `data-key` is pressed or focused by it, and stands on the `?` sheet.

let before = ''
let timer = 0

export function keys () {
  const on = document.getElementById('keys-on')
  if (on) {
    on.checked = localStorage.getItem('keys') !== 'off'
    on.addEventListener('change', () => localStorage.setItem('keys', on.checked ? 'on' : 'off'))
  }
  document.addEventListener('keydown', pressed)
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-act=keys]')) sheet()
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false
    }
  })
}

function pressed (event) {
  if (event.key === 'Escape') return back(event)
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return event.target.form?.requestSubmit()
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return
  if (document.querySelector('dialog[open]')) return
  if (localStorage.getItem('keys') === 'off' && event.key !== '?') return
  if (event.key === 'j' || event.key === 'k') return before === 'g' ? null : move(event, event.key === 'j' ? 1 : -1)
  const pair = before ? `${before} ${event.key}` : event.key
  before = ''
  clearTimeout(timer)
  if (press(pair, event)) return
  if (event.key === 'g' || event.key === 'o' || event.key === 'e') {
    before = event.key
    timer = setTimeout(() => { before = '' }, 1200)
  }
}

function writes (target) {
  return target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')
}

function press (key, event) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)]
  const found = all.find((one) => one.checkVisibility?.() ?? true) ?? all.find((one) => one.matches('.pop a'))
  if (!found) return false
  event.preventDefault()
  if (found.matches('input, select, textarea')) found.focus()
  else found.click()
  if (found.matches('summary') && found.parentElement.open) first(found.parentElement)
  return true
}

function first (details) {
  const field = details.id === 'compose' ? details.querySelector('textarea') : details.querySelector('input:not([type=hidden]), select, textarea')
  field?.focus()
}

function move (event, step) {
  const lines = [...document.querySelectorAll('a.line, .results a')].filter((one) => one.checkVisibility?.() ?? true)
  if (!lines.length) return
  event.preventDefault()
  const current = lines.indexOf(document.activeElement)
  const from = current >= 0 ? current : lines.findIndex((one) => one.hasAttribute('aria-current'))
  const next = lines[Math.min(Math.max(from + step, 0), lines.length - 1)]
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

function back (event) {
  const menu = document.querySelector('details.menu[open]')
  const active = document.activeElement
  if (document.querySelector('dialog[open]')) return
  if (menu) {
    menu.open = false
    menu.querySelector('summary').focus()
  } else if (writes(active)) {
    const fold = active.closest('details')
    if (fold?.querySelector(':scope > summary')) fold.querySelector(':scope > summary').focus()
    else active.blur()
  } else if (active?.matches('summary') && active.parentElement.open) {
    active.parentElement.open = false
  } else {
    (document.querySelector('a.line[aria-current]') ?? document.querySelector('a.line'))?.focus()
  }
  event.preventDefault()
}

function sheet () {
  const list = document.getElementById('keys-list')
  for (const old of list.querySelectorAll('.found')) old.remove()
  const listed = new Set()
  for (const one of document.querySelectorAll('[data-key]')) {
    // What stands in two places, for two widths of the screen, is one action.
    if (listed.has(one.dataset.key)) continue
    listed.add(one.dataset.key)
    const row = document.createElement('div')
    row.className = 'found'
    const term = document.createElement('dt')
    for (const part of one.dataset.key.split(' ')) term.append(Object.assign(document.createElement('kbd'), { textContent: part }), ' ')
    const says = document.createElement('dd')
    says.textContent = one.dataset.does ?? one.title.replace(/ \([^()]*\)$/, '')
    row.append(term, says)
    list.append(row)
  }
  document.getElementById('keys').showModal()
}
