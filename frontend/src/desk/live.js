// Live: one stream for the desk. It brings ids; what is shown is fetched anew, in place, and nothing jumps.

import htmx from 'htmx.org'
import { caseOf } from './keep.js'

const changed = new Set()
const waiting = new Set()
let timer = 0
let busy = 0
let typed = 0

export function live () {
  if (!document.body.dataset.live) return
  open()
  document.addEventListener('htmx:beforeRequest', () => { busy += 1 })
  document.addEventListener('htmx:afterRequest', () => { busy = Math.max(0, busy - 1) })
  document.body.addEventListener('caseloom:look', () => look(true))
  document.addEventListener('input', typing)
  document.addEventListener('htmx:afterSettle', (event) => { if (event.target.id === 'matter') here({}) })
  addEventListener('pagehide', () => here({ gone: 1 }))
  setInterval(() => { if (!document.hidden) here({}) }, 15000)
  here({})
}

function open () {
  const stream = new EventSource(document.body.dataset.live)
  stream.addEventListener('case', (event) => {
    changed.add(event.data)
    clearTimeout(timer)
    timer = setTimeout(catchUp, 120)
  })
  stream.addEventListener('look', () => look(false))
  stream.addEventListener('present', (event) => present(JSON.parse(event.data)))
  // A full node answers 503, which ends an EventSource for good: ask again, and look meanwhile.
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { look(false); open() }, 20000)
  })
}

function catchUp () {
  if (busy) {
    timer = setTimeout(catchUp, 150)
    return
  }
  const ids = [...changed]
  changed.clear()
  if (ids.includes(caseOf())) look(false)
  if (document.body.dataset.rows && document.getElementById('lines')) rows(ids)
}

function look (always) {
  const open = document.querySelector('main.case')
  if (!open) return
  const seen = always ? '' : `?seen=${open.dataset.version}`
  htmx.ajax('GET', open.dataset.pane + seen, { target: '#matter', swap: 'innerHTML' })
}

async function rows (ids) {
  const address = `${document.body.dataset.rows}&cases=${ids.join(',')}`
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' } })
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(`<body>${await answer.text()}</body>`, 'text/html')
  const rail = page.getElementById('rail-now')
  const nav = document.getElementById('rail')
  if (rail && nav && !nav.contains(document.activeElement)) nav.replaceChildren(...rail.content.cloneNode(true).children)
  for (const id of ids) place(id, page.getElementById(`line-${id}`))
  news()
}

function place (id, fresh) {
  const old = document.getElementById(`line-${id}`)
  if (old && fresh) {
    const focused = old.contains(document.activeElement)
    old.replaceWith(fresh)
    htmx.process(fresh)
    if (id === caseOf()) fresh.querySelector('a').setAttribute('aria-current', 'true')
    if (focused) fresh.querySelector('a').focus()
  } else if (old) {
    old.classList.add('gone')
  } else if (fresh) {
    waiting.add(id)
  }
}

function news () {
  const place = document.getElementById('news')
  if (!waiting.size || !place) return
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.key = 'g r'
  button.title = `${waiting.size} ${document.body.dataset.sent} (g r)`
  button.textContent = `${waiting.size} ${document.body.dataset.sent}`
  button.addEventListener('click', fresh)
  place.replaceChildren(button)
}

// The list anew, in place: who stands on a line stays on it, and the line at the top of the view stays there.
async function fresh () {
  const list = document.getElementById('lines')
  const pane = list.closest('.work')
  const top = pane.querySelector('.bar').getBoundingClientRect().bottom
  const scrolled = pane.scrollTop + scrollY > 0
  const anchor = scrolled && [...list.children].find((line) => line.getBoundingClientRect().bottom > top)
  const before = anchor ? anchor.getBoundingClientRect().top : 0
  const asked = document.getElementById('news').contains(document.activeElement)
  const stood = asked ? '' : document.activeElement?.closest?.('#lines > li')?.id
  const first = [...waiting]
  await htmx.ajax('GET', document.body.dataset.lines, { target: '#lines', swap: 'innerHTML' })
  waiting.clear()
  document.getElementById('news').replaceChildren()
  list.hidden = false
  pane.querySelector('.empty')?.remove()
  const line = asked ? first.map((id) => document.getElementById(`line-${id}`)).find(Boolean) ?? list.firstElementChild : document.getElementById(stood)
  line?.querySelector('a')?.focus({ preventScroll: true })
  const same = anchor && document.getElementById(anchor.id)
  if (!same) return
  // The pane scrolls on a wide screen, the page on a phone.
  pane.scrollTop += same.getBoundingClientRect().top - before
  scrollBy(0, same.getBoundingClientRect().top - before)
}

function typing (event) {
  if (!event.target.closest('#matter') || Date.now() - typed < 3000) return
  typed = Date.now()
  here({ typing: 1 })
}

function here (more) {
  const address = document.querySelector('main.case')?.dataset.here
  if (!address) return
  const body = new URLSearchParams(more)
  fetch(address, { method: 'POST', body, keepalive: true, headers: { 'X-CSRFToken': document.body.dataset.csrf } }).catch(() => {})
}

function present (who) {
  const place = document.getElementById('present')
  if (!place || String(who.case) !== caseOf()) return
  let mark = place.querySelector(`[data-actor="${CSS.escape(who.actor)}"]`)
  if (who.gone) {
    mark?.remove()
    return
  }
  if (!mark) {
    mark = document.createElement('span')
    mark.dataset.actor = who.actor
    mark.textContent = who.name.split(' ').map((word) => word[0]).join('').slice(0, 2)
    place.append(mark)
  }
  mark.title = who.name
  mark.className = `initials here${who.typing ? ' typing' : ''}`
  clearTimeout(Number(mark.dataset.timer))
  mark.dataset.timer = setTimeout(() => mark.classList.remove('typing'), 5000)
}
