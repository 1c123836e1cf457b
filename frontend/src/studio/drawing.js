// A diagram that is only looked at: fitted into its place, with marks on its elements. `data-show` names the JSON.

import Viewer from 'bpmn-js/lib/NavigatedViewer'

const MARKS = ['active', 'passed', 'added', 'removed', 'changed']

export async function show (place) {
  if (place.dataset.shown) return
  place.dataset.shown = 'yes'
  const told = JSON.parse(document.getElementById(place.dataset.show).textContent)
  const viewer = new Viewer({ container: place })
  const fault = await viewer.importXML(told.xml).then(() => null, (reason) => reason)
  if (fault) {
    place.textContent = fault.message
    return
  }
  const canvas = viewer.get('canvas')
  const elements = viewer.get('elementRegistry')
  for (const name of MARKS) {
    for (const id of told[name] ?? []) {
      if (elements.get(id)) canvas.addMarker(id, `mark-${name}`)
    }
  }
  fit(canvas)
  const watch = new ResizeObserver(() => place.isConnected ? fit(canvas) : watch.disconnect())
  watch.observe(place)
}

// The whole of it, never larger than it was drawn.
export function fit (canvas) {
  // A place that is gone, or folded, has no size to fit into.
  if (!canvas.getContainer().clientWidth || !canvas.getContainer().clientHeight) return
  canvas.resized()
  canvas.zoom('fit-viewport', 'auto')
  if (canvas.zoom() > 1) canvas.zoom(1, 'auto')
}
