// The drawing of a running flow, on demand: only who opens it loads the viewer.

import Viewer from 'bpmn-js/lib/NavigatedViewer'
import { fit } from './studio/drawing.js'

window.caseloom_drawing = async (place, xml, marks) => {
  const viewer = new Viewer({ container: place })
  await viewer.importXML(xml)
  const canvas = viewer.get('canvas')
  const elements = viewer.get('elementRegistry')
  for (const mark of marks) {
    const stuck = mark.endsWith('!')
    const id = stuck ? mark.slice(0, -1) : mark
    if (elements.get(id)) canvas.addMarker(id, stuck ? 'mark-fault' : 'mark-active')
  }
  fit(canvas)
  new ResizeObserver(() => fit(canvas)).observe(place)
}
