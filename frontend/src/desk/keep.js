// A swap of the case keeps what a person has typed, what they have opened, and where they are.

import htmx from 'htmx.org'

let kept = null
let finished = ''
// Whether only a way on was followed: the form that was refused is still to be sent.
let way = false

export function keep () {
  document.addEventListener('caseloom:done', (event) => {
    finished = event.detail.form
    way = event.detail.way
  })
  document.addEventListener('htmx:beforeSwap', (event) => {
    if (event.detail.target.id !== 'matter') return
    const same = event.detail.serverResponse.includes(`data-case="${caseOf()}"`)
    kept = same ? remember(event.detail.target) : null
  })
  document.addEventListener('htmx:afterSwap', (event) => {
    if (event.target.id !== 'matter') return
    if (kept) restore(event.target)
    else document.getElementById('main')?.focus({ preventScroll: true })
    kept = null
    finished = ''
    way = false
  })
}

export function caseOf () {
  return document.querySelector('main.case')?.dataset.case ?? ''
}

function remember (root) {
  const fields = []
  const sent = way ? '' : finished
  for (const field of root.querySelectorAll('input:not([type=hidden]), textarea, select')) {
    if (field.form?.id !== sent && changed(field)) fields.push([place(field), field.value])
  }
  const closes = sent ? [`${sent}-fold`, sent === 'compose-form' || sent === 'composer' ? 'compose' : ''] : []
  const form = sent && document.getElementById(sent)
  // An article stays open when somebody says whether it helped.
  if (form && !form.matches('.rate')) closes.push(form.closest('details')?.id)
  const open = [...root.querySelectorAll('details[open][id]')].map((one) => one.id).filter((id) => !closes.includes(id))
  const active = root.contains(document.activeElement) ? document.activeElement : null
  const answers = [...root.querySelectorAll('.answer:not(:empty)')].filter((one) => one.id && one.id !== `answer-${finished}`)
  return {
    fields,
    answers: finished ? [] : answers.map((one) => one.cloneNode(true)),
    open,
    closes,
    scroll: root.querySelector('.scroll')?.scrollTop ?? 0,
    active: active && place(active),
    start: active?.selectionStart,
    end: active?.selectionEnd
  }
}

function changed (field) {
  if (field instanceof HTMLSelectElement) return [...field.options].some((one) => one.selected !== one.defaultSelected && one.value !== '')
  if (field.type === 'checkbox' || field.type === 'radio') return false
  return field.value !== field.defaultValue
}

function place (element) {
  if (element.id) return `#${CSS.escape(element.id)}`
  const form = element.closest('form[id]')
  if (form) return `#${CSS.escape(form.id)} ${element.tagName.toLowerCase()}${element.name ? `[name="${CSS.escape(element.name)}"]` : ''}`
  const details = element.closest('details[id]')
  return details ? `#${CSS.escape(details.id)} > ${element.tagName.toLowerCase()}` : '#main'
}

function restore (root) {
  for (const id of kept.open) {
    const details = document.getElementById(id)
    if (details) details.open = true
  }
  for (const [where, value] of kept.fields) {
    const field = root.querySelector(where)
    if (field) field.value = value
  }
  // A refusal stays where it is while others' work comes in.
  for (const answer of kept.answers) {
    const place = document.getElementById(answer.id)
    if (place?.childElementCount === 0) {
      place.replaceChildren(...answer.childNodes)
      htmx.process(place)
    }
  }
  const scroll = root.querySelector('.scroll')
  if (scroll) scroll.scrollTop = kept.scroll
  const active = (kept.active && root.querySelector(kept.active)) || document.getElementById('main')
  active?.focus({ preventScroll: true })
  if (kept.start !== undefined && kept.start !== null) {
    try { active.setSelectionRange(kept.start, kept.end) } catch { /* not every input has a selection */ }
  }
}
