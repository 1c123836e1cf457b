// A model is saved as the definition's draft: by its button, and a moment after a change. Nothing is lost on a fault.

const PAUSE = 1500

export function saving ({ text, marked }) {
  const form = document.getElementById('model-form')
  const said = document.getElementById('model-said')
  const stale = document.getElementById('model-stale')
  const list = document.getElementById('model-faults')
  let dirty = false
  let timer = 0
  let busy = Promise.resolve()
  let theirs = null

  const say = (words) => { said.textContent = words }

  function changed () {
    dirty = true
    say(form.dataset.saysTyping)
    clearTimeout(timer)
    if (stale.hidden && document.getElementById('model-save')) timer = setTimeout(save, PAUSE)
  }

  function save () {
    clearTimeout(timer)
    busy = busy.then(send)
    return busy
  }

  async function send () {
    if (!dirty) return
    dirty = false
    say(form.dataset.saysSaving)
    const body = new FormData(form)
    body.set('text', await text())
    const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => null)
    const told = await answer?.json().catch(() => null)
    if (!answer || !told) return kept(form.dataset.saysLost)
    if (told.stale) return older(told)
    if (!answer.ok) return kept(told.says)
    form.elements.seen.value = told.seen
    show(told.faults)
  }

  function kept (words) {
    dirty = true
    say(words)
  }

  function older (told) {
    kept(told.says)
    theirs = told
    stale.hidden = false
    stale.querySelector('h3').textContent = told.says
    stale.querySelector('button').focus()
  }

  function show (faults) {
    const fatal = faults.filter((fault) => fault.fatal !== false)
    say(fatal.length ? `${form.dataset.saysFaulty} ${fatal.length}` : faults.length ? form.dataset.saysRemarks : form.dataset.saysSound)
    list.classList.toggle('mild', fatal.length === 0)
    list.querySelector('h2').textContent = fatal.length ? form.dataset.wrong : form.dataset.remarks
    list.hidden = faults.length === 0
    list.querySelector('ul').replaceChildren(...faults.map((fault) => {
      const line = document.createElement('li')
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'link'
      button.textContent = fault.at || `${fault.line}`
      button.dataset.element = fault.at
      line.append(button, ` ${fault.message}`)
      return line
    }))
    marked(faults)
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    dirty = true
    save()
  })
  document.addEventListener('click', (event) => {
    const act = event.target.closest('[data-act]')?.dataset.act
    if (act === 'model-theirs') {
      dirty = false
      location.reload()
    }
    if (act !== 'model-mine') return
    stale.hidden = true
    form.elements.seen.value = theirs.seen
    dirty = true
    save()
  })
  addEventListener('beforeunload', (event) => { if (dirty) event.preventDefault() })
  return { changed, save, show, say }
}
