// The form of a task in form-js: what is drawn goes to the server, which puts it into the definition's text.

import { FormEditor } from '@bpmn-io/form-js-editor'

const told = JSON.parse(document.getElementById('model').textContent)
const form = document.getElementById('model-form')
const said = document.getElementById('model-said')
const place = document.getElementById('form-editor')
const editor = new FormEditor({ container: place })

editor.importSchema(told.schema).then(() => { place.dataset.ready = 'yes' })
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = new FormData(form)
  body.set('schema', JSON.stringify(editor.saveSchema()))
  const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => null)
  const told = await answer?.json().catch(() => null)
  if (answer?.ok) location.assign(told.next)
  else said.textContent = told?.says ?? 'offline'
})
