// Flows in bpmn-js: drawn on the canvas, or by keyboard alone in the panel beside it.

import Modeler from 'bpmn-js/lib/Modeler'
import camunda from 'camunda-bpmn-moddle/resources/camunda.json'
import { fit } from './studio/drawing.js'
import { panel } from './studio/panel.js'
import { saving } from './studio/saving.js'

const told = JSON.parse(document.getElementById('model').textContent)
const place = document.getElementById('canvas')
const form = document.getElementById('model-form')
const modeler = new Modeler({ container: place, moddleExtensions: { camunda } })
const draft = saving({ text: async () => (await modeler.saveXML({ format: true })).xml, marked })
const side = panel(modeler, told)

modeler.importXML(told.xml).then(() => {
  fit(modeler.get('canvas'))
  side.list()
  draft.show(told.faults)
  modeler.on('commandStack.changed', () => {
    draft.changed()
    side.list()
  })
  modeler.on('selection.changed', ({ newSelection }) => side.open(newSelection.length === 1 ? newSelection[0] : null))
  new ResizeObserver(() => modeler.get('canvas').resized()).observe(place)
  place.dataset.ready = 'yes'
}, (fault) => draft.say(`${form.dataset.saysUnreadable} ${fault.message}`))

// What is wrong stands at its element: a mark with the words, and a red line around it.
function marked (faults) {
  const overlays = modeler.get('overlays')
  const canvas = modeler.get('canvas')
  const elements = modeler.get('elementRegistry')
  overlays.remove({ type: 'fault' })
  for (const element of elements.getAll()) canvas.removeMarker(element, 'mark-fault')
  for (const fault of faults) {
    const element = elements.get(fault.at)
    if (!element) continue
    canvas.addMarker(element, 'mark-fault')
    if (element.waypoints) continue
    const words = document.createElement('div')
    words.className = 'fault-mark'
    words.textContent = '!'
    words.title = fault.message
    overlays.add(element, 'fault', { position: { top: -12, right: 12 }, html: words })
  }
  side.faults(faults)
}

document.addEventListener('click', (event) => {
  const id = event.target.closest('[data-element]')?.dataset.element
  const element = id && modeler.get('elementRegistry').get(id)
  if (!element) return
  modeler.get('selection').select(element)
  modeler.get('canvas').scrollToElement(element)
})
