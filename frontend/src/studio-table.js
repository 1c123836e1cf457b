// Decision tables in dmn-js: each decision, and the diagram of what needs what.

import Modeler from 'dmn-js/lib/Modeler'
import { saving } from './studio/saving.js'

const told = JSON.parse(document.getElementById('model').textContent)
const place = document.getElementById('table')
const views = document.getElementById('views')
const form = document.getElementById('model-form')
const modeler = new Modeler({ container: place })
const draft = saving({ text: async () => (await modeler.saveXML({ format: true })).xml, marked: () => {} })
const heard = new WeakSet()

modeler.importXML(told.xml).then(async () => {
  const table = modeler.getViews().find((view) => view.type === 'decisionTable')
  if (table) await modeler.open(table)
  list()
  listen()
  draft.show(told.faults)
  modeler.on('views.changed', () => {
    list()
    listen()
  })
  place.dataset.ready = 'yes'
}, (fault) => draft.say(`${form.dataset.saysUnreadable} ${fault.message}`))

function list () {
  const active = modeler.getActiveView()
  views.replaceChildren(...modeler.getViews().map((view) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = view.type === 'drd' ? views.dataset.drd : view.element.name || view.element.id
    if (view.element === active?.element && view.type === active.type) button.setAttribute('aria-current', 'true')
    button.addEventListener('click', () => modeler.open(view))
    return button
  }))
}

function listen () {
  const viewer = modeler.getActiveViewer()
  if (!viewer || heard.has(viewer)) return
  heard.add(viewer)
  viewer.on('elements.changed', () => draft.changed())
}
